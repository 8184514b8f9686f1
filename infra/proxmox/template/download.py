"""The image, downloaded by Proxmox itself, which checks its checksum."""

from __future__ import annotations

from typing import Any

from infra.definition.document import Definition
from infra.proxmox.api import tasks
from infra.proxmox.api.calls import Calls, Reads
from infra.proxmox.api.version import read_version
from infra.proxmox.api.writing import Say
from infra.proxmox.errors import BadRequest, NotSuitable
from infra.proxmox.privileges import grant
from infra.proxmox.template.image import file_name, volume

_SECONDS = 3600.0
#: the content type "import" came with 8.2
OLDEST = (8, 2)
#: older ones import from other hypervisors only, and refuse the download
_DISK_IMAGES_SINCE = (8, 4)


def download(api: Calls, definition: Definition, say: Say) -> bool:
    """Have the image downloaded, unless it is there; whether it was.

    Raises:
        NotSuitable: the version of Proxmox or the storage does not take images to import.
        TaskFailed: such as for a checksum that is not right.
    """
    template, host = definition.proxmox.template, definition.template_host
    version = read_version(api)
    check_storage(api, definition, version)
    if has_image(api, definition) or _follow_running(api, definition, say):
        return False
    say(f"downloads {template.image} to {host}")

    def start() -> Any:
        try:
            return api.create(
                f"/nodes/{host}/storage/{template.image_storage}/download-url",
                url=str(template.image),
                content="import",
                filename=file_name(template),
                checksum=template.checksum.value,
                **{"checksum-algorithm": template.checksum.algorithm},
            )
        except BadRequest as error:
            if version < _DISK_IMAGES_SINCE and error.mistakes.keys() & {"content", "filename"}:
                raise NotSuitable(_too_old(version)) from None
            raise

    tasks.run(
        api,
        start,
        tasks.Expected(host, frozenset({"download"}), None),
        say,
        _SECONDS,
        lambda: has_image(api, definition),
    )
    return True


def has_image(api: Reads, definition: Definition) -> bool:
    """Whether the image lies in its storage; its name tells its checksum."""
    template, host = definition.proxmox.template, definition.template_host
    listed = api.get(f"/nodes/{host}/storage/{template.image_storage}/content", content="import")
    return any(entry.get("volid") == volume(template) and int(entry.get("size", 0)) > 0 for entry in listed)


def check_storage(api: Reads, definition: Definition, version: tuple[int, int]) -> None:
    """See that the image's storage takes images to import.

    Raises:
        NotSuitable: with what would help.
    """
    template, host = definition.proxmox.template, definition.template_host
    if version < OLDEST:
        raise NotSuitable(_too_old(version))
    rows: list[dict[str, Any]] = api.get(f"/nodes/{host}/storage")
    row = next((row for row in rows if row["storage"] == template.image_storage), None)
    if row is None:
        needed = {"Datastore.AllocateTemplate", "Datastore.Audit"}
        command = grant(f"/storage/{template.image_storage}", needed, definition.proxmox.token.id)
        raise NotSuitable(
            f"'proxmox.template.image_storage' is '{template.image_storage}', which {host} does not have, or "
            f"the token may not see: name another storage, or run as root on a Proxmox host: {command}"
        )
    content = {part for part in str(row.get("content", "")).split(",") if part}
    if "import" not in content:
        listed = ",".join(sorted({*content, "import"}))
        raise NotSuitable(
            f"'proxmox.template.image_storage' is '{template.image_storage}', which does not take images to "
            f"import: run as root on a Proxmox host: pvesm set {template.image_storage} --content {listed}"
        )


def _too_old(version: tuple[int, int]) -> str:
    return (
        f"Proxmox VE is {_text(version)}, which cannot download disk images to import: the content type came "
        f"with {_text(OLDEST)}, and disk images with {_text(_DISK_IMAGES_SINCE)}. Upgrade it to 8.4 or 9."
    )


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _follow_running(api: Calls, definition: Definition, say: Say) -> bool:
    """Wait for a download that a run before this one started; whether the image is there then."""
    running = tasks.running(api, definition.template_host, kind="download", user=api.user)
    for task in running:
        say("goes on with the download of a run before")
        tasks.follow(api, task, say, _SECONDS)
    return bool(running) and has_image(api, definition)
