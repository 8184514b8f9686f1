"""The options of a machine that are ours: when they are right, and what to set when they are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from infra.proxmox import property_strings
from infra.proxmox.found import Pending
from infra.proxmox.plan.actions import Change, Effect
from infra.proxmox.wanted import TEMPLATE_TAG, WantedMachine

MIB = 2**20

#: what Proxmox takes when an option is absent
_DEFAULTS: Mapping[str, str] = {
    "cores": "1",
    "memory": "512",
    "cpu": "kvm64",
    "onboot": "0",
    "ciupgrade": "1",
}
#: what a running machine sees at once; all else waits for its restart
_AT_ONCE = frozenset({"name", "tags", "onboot", "startup", "net0"})


@dataclass(frozen=True, slots=True)
class Option:
    """One option: how it is read from what is there, and how it is set."""

    name: str
    #: what to set, from the wanted machine and what is there; None removes it
    value: Callable[[WantedMachine, str | None], str | None]
    #: what two values must have in common to be the same
    same: Callable[[str | None], object]
    #: how people read it
    shown: Callable[[str], str] = str


def changes(wanted: WantedMachine, config: Mapping[str, str]) -> tuple[Sequence[Change], Mapping[str, str]]:
    """What differs in the options of ``config``, and the parameters that set it right."""
    found: list[Change] = []
    parameters: dict[str, str] = {}
    removed: list[str] = []
    for option in _options(wanted):
        before = config.get(option.name)
        after = option.value(wanted, before)
        if option.same(before) == option.same(after):
            continue
        found.append(_change(option, before, after))
        if after is None:
            removed.append(option.name)
        else:
            parameters[option.name] = after
    if removed:
        parameters["delete"] = ",".join(removed)
    return found, parameters


def shown_values(config: Mapping[str, str]) -> Mapping[str, str]:
    """The owned options that are set, as people read them."""
    known = (*_MACHINE, *_CLOUD_INIT, *_PCIE)
    return {option.name: option.shown(config[option.name]) for option in known if option.name in config}


def waiting_for_restart(
    wanted: WantedMachine, config: Mapping[str, str], pending: Pending
) -> Sequence[Change]:
    """What a running machine gets only at a restart: between the values that it runs with and those wanted.

    What a person changed and the plan sets back was never in effect, and needs none.
    """
    found: list[Change] = []
    for option in _options(wanted):
        stored = config.get(option.name)
        runs_with = pending.get(option.name, stored)
        after = option.value(wanted, stored)
        change = _change(option, runs_with, after)
        if option.same(runs_with) != option.same(after) and change.effect is Effect.AT_RESTART:
            found.append(change)
    return found


def _change(option: Option, before: str | None, after: str | None) -> Change:
    return Change(
        option.name,
        None if before is None else option.shown(before),
        None if after is None else option.shown(after),
        _effect(option.name, before, after),
    )


def _effect(name: str, before: str | None, after: str | None) -> Effect:
    if name == "balloon" and "0" not in {before, after}:
        # the device is there already: only its target moves
        return Effect.AT_ONCE
    return Effect.AT_ONCE if name in _AT_ONCE else Effect.AT_RESTART


def _options(wanted: WantedMachine) -> Sequence[Option]:
    """The owned options, in the order in which people read them."""
    return [*_MACHINE, *_CLOUD_INIT, *(_PCIE if wanted.passthrough and wanted.passthrough.pcie else ())]


def _plain(name: str, value: Callable[[WantedMachine], str | None]) -> Option:
    return Option(name, lambda wanted, _: value(wanted), lambda text: _text(name, text))


def _text(name: str, text: str | None) -> str:
    return _DEFAULTS.get(name, "") if text is None else text.strip()


def _properties(default_key: str) -> Callable[[str | None], object]:
    return lambda text: property_strings.parse(text or "", default_key)


def _memory_text(text: str) -> str:
    return property_strings.size_text(int(text) * MIB) if text.isdecimal() else text


def _balloon_text(text: str) -> str:
    return "off" if text == "0" else _memory_text(text)


def _balloon(wanted: WantedMachine) -> str:
    # absent, Proxmox would reclaim nothing either, but show a balloon of all memory; 0 has none at all
    return str((wanted.memory_minimum_bytes or 0) // MIB)


def _agent(_: WantedMachine, before: str | None) -> str:
    return property_strings.render({**property_strings.parse(before or "", "enabled"), "enabled": "1"})


def _tags(wanted: WantedMachine, before: str | None) -> str:
    """Ours beside those that people gave; the template's own, which a clone inherits, goes."""
    return property_strings.tag_text((property_strings.tag_set(before) | wanted.tags) - {TEMPLATE_TAG})


def _network(wanted: WantedMachine, before: str | None) -> str:
    """The first network card: our bridge and VLAN, and Proxmox's MAC address and whatever else it has."""
    kept = property_strings.parse(before or "virtio", "model")
    kept = {key: value for key, value in kept.items() if key not in {"bridge", "tag"}}
    ours = {"bridge": wanted.bridge} | ({"tag": str(wanted.vlan)} if wanted.vlan else {})
    return property_strings.render({**kept, **ours})


def _startup(wanted: WantedMachine, _: str | None) -> str:
    startup = wanted.startup
    return f"order={startup.order},up={startup.up_seconds},down={startup.down_seconds}"


def _device(wanted: WantedMachine, before: str | None) -> str | None:
    """A mapped device; a raw one is somebody's own work (only root may) and stays when none is wanted."""
    if wanted.passthrough is None:
        return None if before and "mapping" in property_strings.parse(before, "host") else before
    return f"mapping={wanted.passthrough.mapping}" + (",pcie=1" if wanted.passthrough.pcie else "")


def _device_same(text: str | None) -> object:
    properties = property_strings.parse(text or "", "host")
    return properties.get("mapping", properties.get("host")), property_strings.truth(properties.get("pcie"))


def _address(wanted: WantedMachine) -> str:
    cloud_init = wanted.cloud_init
    return f"ip={cloud_init.address}/{cloud_init.prefix_length},gw={cloud_init.gateway}"


def _keys_text(text: str) -> str:
    keys = property_strings.decoded_keys(text)
    return ", ".join(_short_key(key) for key in keys)


def _short_key(key: str) -> str:
    kind, _, rest = key.partition(" ")
    body, _, comment = rest.partition(" ")
    return f"{kind} ...{body[-8:]}" + (f" {comment}" if comment else "")


_MACHINE: Sequence[Option] = (
    _plain("name", lambda wanted: wanted.name),
    _plain("cores", lambda wanted: str(wanted.cores)),
    Option(
        "memory",
        lambda wanted, _: str(wanted.memory_bytes // MIB),
        lambda text: _text("memory", text).removeprefix("current="),
        _memory_text,
    ),
    Option("balloon", lambda wanted, _: _balloon(wanted), lambda text: text, _balloon_text),
    _plain("cpu", lambda wanted: wanted.cpu),
    Option("net0", _network, _properties("model")),
    Option("hostpci0", _device, _device_same),
    _plain("onboot", lambda _: "1"),
    Option("startup", _startup, _properties("order")),
    Option(
        "agent",
        _agent,
        lambda text: property_strings.truth(property_strings.parse(text or "", "enabled").get("enabled")),
    ),
    Option("tags", _tags, property_strings.tag_set),
)
_CLOUD_INIT: Sequence[Option] = (
    _plain("ciuser", lambda wanted: wanted.cloud_init.user),
    # packages are the roles' work: an upgrade of all at the first boot would hold the lock beside them
    _plain("ciupgrade", lambda _: "0"),
    Option(
        "sshkeys",
        lambda wanted, _: property_strings.encoded_keys(wanted.cloud_init.keys),
        lambda text: frozenset(property_strings.decoded_keys(text)),
        _keys_text,
    ),
    Option("ipconfig0", lambda wanted, _: _address(wanted), _properties("ip")),
    _plain("nameserver", lambda wanted: " ".join(map(str, wanted.cloud_init.nameservers))),
    _plain("searchdomain", lambda wanted: wanted.cloud_init.search_domain),
)
#: PCI Express needs the machine that has it
_PCIE: Sequence[Option] = (
    Option("machine", lambda _, before: before if "q35" in (before or "") else "q35", lambda text: text),
)
