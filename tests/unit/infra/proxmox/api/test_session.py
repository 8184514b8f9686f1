"""One session over all endpoints, against a simulated Proxmox over real HTTPS."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from infra.proxmox.api.patience import Patience
from infra.proxmox.api.session import Session
from infra.proxmox.errors import (
    BadRequest,
    Declined,
    LostAnswer,
    NotAllowed,
    NotThere,
    NotTrusted,
    Unauthorized,
    Unreachable,
)
from tests.proxmox_simulator import Host, Simulator

#: one attempt
NONE = Patience(deadline_seconds=0)
Open = Callable[..., Session]


def machine(vmid: int = 201) -> dict[str, str | int]:
    return {"vmid": vmid, "name": "one", "memory": 512}


def closed_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_reads_answer_with_the_data(session: Session) -> None:
    assert session.get("/version")["version"] == "8.4.1"


def test_booleans_are_sent_as_proxmox_reads_them_and_none_is_left_out(
    session: Session, proxmox: Simulator
) -> None:
    session.create("/nodes/pve1/qemu", **machine(), onboot=True, description=None)
    assert proxmox.requests[-1].parameters["onboot"] == "1"
    assert "description" not in proxmox.requests[-1].parameters


def test_the_same_connection_serves_many_requests(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    really_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        made.append(address)
        really_connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    for _ in range(20):
        session.get("/version")
    assert len(made) == 1


def test_threads_work_beside_each_other_over_no_more_connections_than_threads(
    session: Session, proxmox: Simulator
) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(lambda _: session.get("/version"), range(40)))) == 40
    assert 1 <= sum(len(idle) for idle in session._idle.values()) <= 4


@pytest.mark.parametrize("status", [500, 502, 503, 595, 596, 599])
def test_a_read_is_repeated_when_proxmox_fails_in_passing(
    session: Session, proxmox: Simulator, status: int
) -> None:
    proxmox.fail("GET", "/version", status=status, times=2)
    assert session.get("/version")["version"] == "8.4.1"
    assert len(proxmox.requests) == 3


def test_a_read_is_repeated_when_the_connection_breaks(session: Session, proxmox: Simulator) -> None:
    proxmox.close_connection("GET", "/version", times=3)
    assert session.get("/version")["version"] == "8.4.1"


def test_a_read_gives_up_when_its_patience_ends(open_session: Open, proxmox: Simulator) -> None:
    proxmox.fail("GET", "/version", status=596, times=1000)
    brief = Patience(deadline_seconds=0.1, first_seconds=0.01, longest_seconds=0.02)
    with pytest.raises(Unreachable, match="596"):
        open_session(patience=brief).get("/version")


def test_the_same_sentence_with_a_500_thrice_is_meant(session: Session, proxmox: Simulator) -> None:
    proxmox.fail("GET", "/version", status=500, times=1000, message="the moon is full")
    with pytest.raises(Declined, match="the moon is full"):
        session.get("/version")
    assert len(proxmox.requests) == 3


def test_what_does_not_exist_is_told_at_once_though_proxmox_answers_500(
    session: Session, proxmox: Simulator
) -> None:
    with pytest.raises(NotThere, match="999"):
        session.get("/nodes/pve1/qemu/999/config")
    assert len(proxmox.requests) == 1


def test_a_path_that_proxmox_does_not_know_is_not_there(session: Session) -> None:
    with pytest.raises(NotThere, match="unknown to this Proxmox"):
        session.get("/cluster/weather")


@pytest.mark.parametrize("status", [500, 596])
def test_a_write_is_sent_once_and_tells_that_its_effect_is_unknown(
    session: Session, proxmox: Simulator, status: int
) -> None:
    proxmox.fail("POST", "/nodes/pve1/qemu", status=status)
    with pytest.raises(LostAnswer, match="unknown"):
        session.create("/nodes/pve1/qemu", **machine())
    assert len(proxmox.requests) == 1


def test_a_write_whose_connection_broke_is_not_sent_again(session: Session, proxmox: Simulator) -> None:
    session.get("/version")
    proxmox.close_connection("POST", "/nodes/pve1/qemu", after_effect=True)
    with pytest.raises(LostAnswer, match="broke off"):
        session.create("/nodes/pve1/qemu", **machine())
    assert [request.method for request in proxmox.requests] == ["GET", "POST"]


def test_wrong_parameters_are_named_each_with_proxmoxs_reason(session: Session) -> None:
    with pytest.raises(BadRequest) as refusal:
        session.create("/nodes/pve1/qemu", vmid=201, cores=0, memory="much")
    assert set(refusal.value.mistakes) >= {"cores", "memory"}
    assert "'cores':" in str(refusal.value)


def test_a_missing_privilege_is_named_with_the_command_that_grants_it(
    open_session: Open, proxmox: Simulator
) -> None:
    secret = proxmox.create_token("homeostat@pve!platform", {"/": set()})
    with pytest.raises(NotAllowed) as refusal:
        open_session(secret).get("/nodes/pve1/status")
    assert (refusal.value.path, refusal.value.privileges) == ("/nodes/pve1", ("Sys.Audit",))
    assert "pveum acl modify /nodes/pve1" in str(refusal.value)


def test_a_wrong_secret_is_explained_without_telling_it(open_session: Open, proxmox: Simulator) -> None:
    proxmox.create_token("homeostat@pve!platform")
    wrong = "11111111-2222-3333-4444-555555555555"
    with pytest.raises(Unauthorized, match="pveum user token") as refusal:
        open_session(wrong).get("/version")
    assert wrong not in "".join(traceback.format_exception(refusal.value))


def test_the_secret_is_in_no_log_error_or_picture_of_the_session(
    open_session: Open, proxmox: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("proxmoxer.core").setLevel(logging.DEBUG)
    secret = proxmox.create_token("homeostat@pve!platform")
    session = open_session(secret)
    session.create("/nodes/pve1/qemu", **machine())
    with pytest.raises(NotThere) as refusal:
        session.get("/nodes/pve1/qemu/999/config")
    logging.getLogger("proxmoxer.core").setLevel(logging.WARNING)
    told = caplog.text + repr(session) + str(session) + "".join(traceback.format_exception(refusal.value))
    assert secret not in told


def test_an_unknown_authority_is_refused_with_how_to_get_the_right_one(
    open_session: Open, tmp_path: Path
) -> None:
    with Simulator.start() as other:
        wrong = tmp_path / "wrong.pem"
        wrong.write_bytes(other.ca_file.read_bytes())
    with pytest.raises(NotTrusted, match=r"pve-root-ca\.pem"):
        open_session(ca_file=wrong).get("/version")
    with pytest.raises(NotTrusted, match=r"proxmox\.ca_file"):
        open_session(ca_file=None).get("/version")


def test_no_environment_switches_the_check_of_the_certificate_off(
    open_session: Open, proxmox: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(proxmox.ca_file))
    with pytest.raises(NotTrusted):
        open_session(ca_file=None).get("/version")


def test_a_missing_file_of_the_authority_is_told_as_such(open_session: Open, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        open_session(ca_file=tmp_path / "nowhere.pem")


def test_the_token_goes_to_no_endpoint_without_tls(open_session: Open) -> None:
    with pytest.raises(ConfigError, match="https"):
        open_session(endpoints=["http://127.0.0.1:8006"])


@pytest.mark.parametrize("secret", [" ", "two words"])
def test_a_secret_that_can_be_none_is_refused_before_anything_is_asked(
    open_session: Open, secret: str
) -> None:
    with pytest.raises(ConfigError, match="secret"):
        open_session(secret)


def test_another_endpoint_is_asked_when_the_first_is_down(open_session: Open, proxmox: Simulator) -> None:
    session = open_session(endpoints=[f"https://127.0.0.1:{closed_port()}", proxmox.url])
    assert session.get("/version")["version"] == "8.4.1"


def test_a_read_goes_to_another_host_when_one_goes_down_in_between(open_session: Open) -> None:
    with Simulator.start(hosts=(Host("pve1"), Host("pve2"))) as two:
        secret = two.create_token("homeostat@pve!platform")
        session = open_session(secret, ca_file=two.ca_file, endpoints=list(two.urls.values()))
        session.get("/version")
        two.take_offline("pve1")
        assert session.get("/version")["version"] == "8.4.1"
        answered = len(two.requests)
        session.get("/version")
        assert len(two.requests) == answered + 1


def test_a_host_that_answers_but_is_not_well_is_left_for_another(open_session: Open) -> None:
    with Simulator.start() as ill, Simulator.start() as well:
        both = ill.ca_file.parent / "both.pem"
        both.write_bytes(ill.ca_file.read_bytes() + well.ca_file.read_bytes())
        secret = well.create_token("homeostat@pve!platform")
        ill.fail("GET", "*", status=596, times=1000)
        session = open_session(secret, ca_file=both, endpoints=[ill.url, well.url])
        assert session.get("/version")["version"] == "8.4.1"
        assert len(ill.requests) == 1


def test_a_write_goes_to_another_endpoint_when_the_first_certainly_did_not_get_it(
    open_session: Open, proxmox: Simulator
) -> None:
    session = open_session(endpoints=[f"https://127.0.0.1:{closed_port()}", proxmox.url])
    session.create("/nodes/pve1/qemu", **machine())
    assert [request.method for request in proxmox.requests] == ["POST"]


def test_no_endpoint_that_answers_is_one_sentence_with_the_reason_of_each(open_session: Open) -> None:
    ports = closed_port(), closed_port()
    with pytest.raises(Unreachable) as failure:
        open_session(patience=NONE, endpoints=[f"https://127.0.0.1:{port}" for port in ports]).get("/version")
    assert all(f":{port}: the connection is refused" in str(failure.value) for port in ports)


def test_a_name_that_is_not_known_is_told_as_such(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(Unreachable, match="not known to the DNS"):
        open_session(patience=NONE, endpoints=["https://pve.invalid:8006"]).get("/version")


def test_a_proxy_of_the_environment_is_never_between_us_and_this_machine(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    assert open_session().get("/version")["version"] == "8.4.1"


def test_a_proxy_that_refuses_is_named_as_the_reason(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:hunter22@127.0.0.1:{closed_port()}")
    with pytest.raises(Unreachable, match="HTTPS_PROXY") as failure:
        open_session(patience=NONE, endpoints=["https://pve.invalid:8006"]).get("/version")
    assert "hunter22" not in "".join(traceback.format_exception(failure.value))


def test_the_hosts_time_is_known_from_its_answers(session: Session) -> None:
    assert abs(session.server_time() - time.time()) < 30
