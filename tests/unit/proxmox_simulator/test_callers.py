import pytest
import requests
from proxmoxer import AuthenticationError

from tests.unit.proxmox_simulator.talking import Client, refused


def test_a_token_is_let_in_and_a_wrong_secret_is_not(proxmox):
    secret = proxmox.create_token("some@pve!one", {"/": {"VM.Audit"}})
    assert Client.by_token(proxmox, "some@pve!one", secret).api.version.get()["version"] == "8.4.1"
    with refused(401, "invalid token value!"):
        Client.by_token(proxmox, "some@pve!one", "guessed").api.version.get()


def test_a_token_or_user_that_does_not_exist_is_named(proxmox):
    proxmox.create_user("some@pve", "password", {})
    with refused(401, "no such token 'other' for user 'some@pve'"):
        Client.by_token(proxmox, "some@pve!other", "x").api.version.get()
    with refused(401, "no such user ('nobody@pve')"):
        Client.by_token(proxmox, "nobody@pve!one", "x").api.version.get()


def test_a_revoked_token_is_not_let_in_any_more(proxmox):
    client = Client.with_privileges(proxmox, {"/": set()})
    client.api.version.get()
    proxmox.revoke_token("some@pve!one")
    with refused(401, "no such token"):
        client.api.version.get()


def test_a_password_makes_a_ticket_and_a_wrong_one_does_not(proxmox):
    proxmox.create_user("some@pve", "password", {"/": {"Sys.Audit"}})
    assert Client.by_password(proxmox, "some@pve", "password").api.nodes.get()
    with pytest.raises(AuthenticationError):
        Client.by_password(proxmox, "some@pve", "guessed")


def test_a_ticket_can_be_renewed_by_itself(proxmox):
    ticket, _ = Client.by_password(proxmox, "root@pam", proxmox.root_password).api.get_tokens()
    assert Client.by_password(proxmox, "root@pam", ticket).api.version.get()


def test_a_ticket_reads_without_the_csrf_token_but_does_not_write(proxmox, root):
    ticket, csrf = root.api.get_tokens()
    pools, trusted, cookies = (
        f"{proxmox.url}/api2/json/pools",
        str(proxmox.ca_file),
        {"PVEAuthCookie": ticket},
    )

    def post(headers):
        data = {"poolid": "a"}
        return requests.post(pools, data=data, headers=headers, cookies=cookies, verify=trusted, timeout=30)

    assert requests.get(pools, cookies=cookies, verify=trusted, timeout=30).status_code == 200
    refusal = post({})
    assert (refusal.status_code, refusal.reason) == (401, "Permission denied - invalid csrf token")
    assert post({"CSRFPreventionToken": csrf}).status_code == 200


def test_who_says_nothing_about_himself_is_told_so(proxmox):
    answer = requests.get(f"{proxmox.url}/api2/json/version", verify=str(proxmox.ca_file), timeout=30)
    assert (answer.status_code, answer.reason) == (401, "No ticket")


def test_the_certificate_is_trusted_only_through_the_clusters_own_authority(proxmox):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{proxmox.url}/api2/json/version", timeout=30)


def test_requests_are_kept_in_order_with_their_parameters(proxmox, admin):
    admin.api.cluster.nextid.get(vmid=100)
    assert proxmox.requests[-1] == ("GET", "/cluster/nextid", {"vmid": "100"})


def test_any_host_serves_the_whole_cluster(proxmox):
    secret = proxmox.create_token("root@pam!t")
    client = Client.by_token(proxmox, "root@pam!t", secret, proxmox.urls["pve2"])
    client.create(100)
    assert proxmox.vms[100].host == "pve1"
    assert [row["name"] for row in client.api.cluster.status.get() if row.get("local")] == ["pve2"]
