"""Backups in a bucket: the signature is the published one, and what is put there is checked and pruned."""

from __future__ import annotations

import re
import runpy
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.unit.infra.playbooks.backup_program import PROGRAM

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# the example of AWS, "Signature Calculations for the Authorization Header"
SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"


def bucket_module() -> dict:
    return runpy.run_path(str(PROGRAM / "s3.py"))


class Store(ThreadingHTTPServer):
    """A bucket in memory that keeps to what its module asks for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.cut_off = False


class _Handler(BaseHTTPRequestHandler):
    server: Store

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["content-length"]))
        self.server.objects[self._key()] = content[:5] if self.server.cut_off else content
        self._answer(200, b"")

    def do_GET(self):
        if not re.match(
            r"AWS4-HMAC-SHA256 Credential=key/\d{8}/eu/s3/aws4_request", self.headers["authorization"]
        ):
            return self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        query = parse_qs(urlsplit(self.path).query)
        names = sorted(name for name in self.server.objects if name.startswith(query["prefix"][0]))
        # one a page, so that pages are followed
        at = int(query.get("continuation-token", ["0"])[0])
        more = f"<NextContinuationToken>{at + 1}</NextContinuationToken>" if at + 1 < len(names) else ""
        entries = "".join(
            f"<Contents><Key>{name}</Key><Size>{len(self.server.objects[name])}</Size></Contents>"
            for name in names[at : at + 1]
        )
        text = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{entries}{more}</ListBucketResult>'
        return self._answer(200, text.encode())

    def do_DELETE(self):
        del self.server.objects[self._key()]
        self._answer(204, b"")

    def log_message(self, *_):
        pass

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/backups/")

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def bucket(store: Store, access: str = "key"):
    endpoint = f"http://127.0.0.1:{store.server_port}"
    settings = {"endpoint": endpoint, "bucket": "backups", "region": "eu", "folder": "home"}
    return bucket_module()["Bucket"](settings, access, "secret")


def test_the_signature_is_that_of_the_published_example():
    canonical = (
        "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
        f"x-amz-content-sha256:{EMPTY}\nx-amz-date:20130524T000000Z\n\n"
        f"host;range;x-amz-content-sha256;x-amz-date\n{EMPTY}"
    )
    signed = bucket_module()["signature"](SECRET, "20130524", "us-east-1", canonical, "20130524T000000Z")
    assert signed == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


def test_what_was_put_is_listed_over_all_pages_and_can_be_deleted(store, tmp_path):
    there = bucket(store)
    for name in ("a b.tar.gz", "c.tar.gz"):
        (tmp_path / name).write_bytes(b"content")
        there.put(tmp_path / name)
    assert there.sizes() == {"a b.tar.gz": 7, "c.tar.gz": 7}
    there.delete("a b.tar.gz")
    assert set(store.objects) == {"home/c.tar.gz"}


def test_a_file_that_arrives_cut_off_is_noticed(store, tmp_path):
    store.cut_off = True
    (tmp_path / "x").write_bytes(b"content")
    with pytest.raises(Exception, match="has 5 bytes of x, not 7"):
        bucket(store).put(tmp_path / "x")


def test_a_refusal_is_told_with_its_reason(store):
    with pytest.raises(Exception, match="was answered 403: AccessDenied"):
        bucket(store, access="stranger").sizes()


def test_no_answer_is_told(store):
    store.server_close()
    with pytest.raises(Exception, match="had no answer"):
        bucket(store).sizes()
