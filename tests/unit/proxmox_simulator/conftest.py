import pytest

from tests.proxmox_simulator import Host, Simulator, Storage
from tests.unit.proxmox_simulator.talking import Client

HOSTS = (
    Host("pve1", storages=(Storage("local"), Storage("local-lvm"), Storage("nas", "nfs", shared=True))),
    Host("pve2", storages=(Storage("local"), Storage("nas", "nfs", shared=True))),
)


@pytest.fixture
def proxmox():
    with Simulator.start(hosts=HOSTS) as simulator:
        yield simulator


@pytest.fixture
def root(proxmox):
    """root@pam itself, by ticket."""
    return Client.by_password(proxmox, "root@pam", proxmox.root_password)


@pytest.fixture
def admin(proxmox):
    """A token with all privileges; it still isn't root@pam."""
    return Client.by_token(proxmox, "root@pam!automation", proxmox.create_token("root@pam!automation"))
