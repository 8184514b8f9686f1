"""Questions to the cluster's DNS, as packets."""

from __future__ import annotations

import struct

from infra.local.dns import address, question


def answer(number: int, *, answers: int = 1, others: int = 0) -> bytes:
    header = struct.pack(">6H", number, 0x8180, 1, answers, others, 0)
    return (
        header
        + question(number, "a.b")[12:]
        + b"\xc0\x0c"
        + struct.pack(">2HIH", 1, 1, 5, 4)
        + bytes([10, 43, 0, 1])
    )


def test_a_question_names_each_label_with_its_length() -> None:
    assert question(7, "kube.local")[12:].startswith(b"\x04kube\x05local\x00")


def test_the_address_is_read_from_the_answer() -> None:
    assert address(answer(7), 7) == "10.43.0.1"


def test_an_answer_to_another_question_is_none() -> None:
    assert address(answer(8), 7) is None


def test_a_name_that_is_not_known_has_no_address() -> None:
    assert address(answer(7, answers=0, others=1), 7) is None
