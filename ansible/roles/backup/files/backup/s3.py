"""A bucket, as far as backups need one: put, list and delete, signed by Signature Version 4.

Hosts have Python and no client for S3. Of the protocol no more is here than these three
requests, in path style, which every server that speaks S3 understands.
"""

from __future__ import annotations

import hashlib
import hmac
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

_LIMIT_SECONDS = 600


class BucketError(Exception):
    """The bucket said no; the message says what was asked and what it answered."""


def signature(secret: str, date: str, region: str, canonical: str, moment: str) -> str:
    """The signature of a request in its canonical form.

    Source: AWS, "Authenticating Requests (AWS Signature Version 4)".
    """
    scope = f"{date}/{region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{secret}".encode()
    for part in (date, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


class Bucket:
    """One folder of one bucket."""

    def __init__(self, settings: dict, access_key: str, secret_key: str) -> None:
        endpoint = settings["endpoint"]
        self._base = endpoint if "://" in endpoint else f"https://{endpoint}"
        self._bucket, self._region = settings["bucket"], settings["region"]
        self._folder = settings["folder"].strip("/")
        self._access, self._secret = access_key, secret_key

    def put(self, path: Path) -> None:
        """Store the file under its own name, then ask the bucket whether it has all of it."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            self._ask("PUT", self._key(path.name), digest=digest, body=stream, size=path.stat().st_size)
        if (stored := self.sizes().get(path.name)) != path.stat().st_size:
            raise BucketError(
                f"the bucket {self._bucket} has {stored} bytes of {path.name}, not {path.stat().st_size}."
            )

    def sizes(self) -> dict:
        """Name -> bytes, of all that lies in the folder."""
        found, token = {}, None
        prefix = self._key("")
        while True:
            query = {"list-type": "2", "prefix": prefix, **({"continuation-token": token} if token else {})}
            # the owner's own bucket
            root = ET.fromstring(self._ask("GET", "", query=query))  # noqa: S314  # nosec B314
            space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
            for entry in root.iter(f"{space}Contents"):
                name = entry.findtext(f"{space}Key").removeprefix(prefix)
                found[name] = int(entry.findtext(f"{space}Size"))
            token = root.findtext(f"{space}NextContinuationToken")
            if not token:
                return found

    def delete(self, name: str) -> None:
        """Remove one file."""
        self._ask("DELETE", self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}" if self._folder else name

    def _ask(
        self,
        method: str,
        key: str,
        query: dict[str, str] | None = None,
        digest: str = "",
        body: BinaryIO | None = None,
        size: int = 0,
    ) -> bytes:
        digest = digest or hashlib.sha256(b"").hexdigest()
        path = urllib.parse.quote(f"/{self._bucket}/{key}" if key else f"/{self._bucket}")
        text = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote, safe="")
        url = f"{self._base}{path}" + (f"?{text}" if text else "")
        headers = self._signed(method, path, text, digest) | ({"content-length": str(size)} if body else {})
        # the settings admit http and https alone
        request = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_LIMIT_SECONDS) as answer:  # noqa: S310  # nosec B310
                return answer.read()
        except urllib.error.HTTPError as error:
            raise BucketError(f"{method} {url} was answered {error.code}: {_reason(error.read())}.") from None
        except OSError as error:
            raise BucketError(f"{method} {url} had no answer: {error}.") from None

    def _signed(self, method: str, path: str, query: str, digest: str) -> dict:
        now = datetime.now(UTC)
        moment, date = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        headers = {
            "host": urllib.parse.urlsplit(self._base).netloc,
            "x-amz-content-sha256": digest,
            "x-amz-date": moment,
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
        signed = signature(self._secret, date, self._region, canonical, moment)
        scope = f"{self._access}/{date}/{self._region}/s3/aws4_request"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signed}"
        )
        return headers


def _reason(answer: bytes) -> str:
    try:
        return ET.fromstring(answer).findtext("Code") or "no reason given"  # noqa: S314  # nosec B314
    except ET.ParseError:
        return "no reason given"
