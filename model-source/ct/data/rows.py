"""A model's rows, loaded, held against their contract and split."""

from __future__ import annotations

from pathlib import Path

from ct.data.contract import check_contract
from ct.data.dataset import canonical, data_sha256
from ct.data.source import load_held_out, load_rows
from ct.data.split import TrainTest, apart_from, split_rows
from ct.spec import ModelSpec


def checked_rows(spec: ModelSpec, root: Path) -> tuple[TrainTest, str]:
    """The two sides of the model's rows, which keep the data contract, and the digest of all of them.

    Raises:
        HomeostatError: when the data can't be loaded, is not the declared one, or breaks its contract.
    """
    frame = load_rows(spec, root)
    check_contract(frame, spec)
    data = canonical(frame, spec)
    test_frame = load_held_out(spec, root)
    if test_frame is None:
        return split_rows(data, spec), data_sha256(spec, data)
    check_contract(test_frame, spec, source="held-out test data")
    held_out = canonical(test_frame, spec)
    return apart_from(data, held_out, spec), data_sha256(spec, data, held_out)
