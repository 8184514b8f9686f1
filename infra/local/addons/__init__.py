"""What every Kubernetes has and ours must bring itself: DNS, volumes, and the API server's right to logs."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
MANIFESTS = ("api-server-to-kubelet.yaml", "coredns.yaml", "local-path.yaml")


def manifests(values: dict[str, str]) -> str:
    """The add-ons as YAML documents; ``@name@`` in them becomes the value of ``name``.

    Raises:
        KeyError: when a value is missing.
    """
    text = "".join((_HERE / name).read_text(encoding="utf-8") for name in MANIFESTS)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
