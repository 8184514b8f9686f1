"""A homelab that was opened leaves no connection behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.homelab.opening import opened
from infra.homelab.place import Place
from infra.proxmox.privileges import by_path
from tests.unit.infra.proxmox.site import TOKEN, open_site


def test_its_connections_end_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with open_site(tmp_path) as site:
        definition = site.definition()
        (tmp_path / "cluster.yaml").write_text(definition.model_dump_json(exclude_defaults=True))
        secret = site.proxmox.create_token(TOKEN, by_path(definition))
        monkeypatch.setenv("HOMEOSTAT_PROXMOX_TOKEN", secret)
        with opened(Place(tmp_path, tmp_path / "state"), lambda _: None) as homelab:
            assert homelab.machines.running() == {}
            assert homelab.machines.session.open_connections == 1
        assert homelab.machines.session.open_connections == 0
