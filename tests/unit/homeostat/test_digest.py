"""Digests name content: equal content has one name, any change another."""

from __future__ import annotations

import hashlib

from hypothesis import assume, given
from hypothesis import strategies as st

from homeostat import digest

names = st.text("abc/._-", min_size=1, max_size=8)
parts = st.dictionaries(names, st.text("0123456789abcdef", max_size=8), max_size=6)
file_names = st.text("abcdef.-_ é", min_size=1, max_size=8).filter(lambda name: set(name) != {"."})
trees = st.dictionaries(file_names, st.binary(max_size=64), min_size=1, max_size=5)


def lay(folder, tree):
    for name, content in tree.items():
        (folder / name).write_bytes(content)
    return folder


def test_it_is_sha256_as_everybody_computes_it(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert digest.of_bytes(b"abc") == digest.of_file(tmp_path / "f") == known
    assert hashlib.sha256(b"abc").hexdigest() == known


@given(named=parts, order=st.randoms())
def test_the_order_of_parts_does_not_matter(named, order):
    shuffled = list(named.items())
    order.shuffle(shuffled)
    assert digest.of_parts(shuffled) == digest.of_parts(named.items())


@given(one=parts, other=parts)
def test_other_parts_have_another_digest(one, other):
    assume(one != other)
    assert digest.of_parts(one.items()) != digest.of_parts(other.items())


@given(tree=trees)
def test_a_copied_tree_keeps_its_digest(tree, tmp_path_factory):
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    assert digest.of_tree(lay(here, tree)) == digest.of_tree(lay(there, dict(reversed(tree.items()))))


@given(tree=trees, extra=st.binary(min_size=1, max_size=8))
def test_one_changed_renamed_or_added_file_changes_the_tree(tree, extra, tmp_path_factory):
    folder = lay(tmp_path_factory.mktemp("tree"), tree)
    before = digest.of_tree(folder)
    first = folder / next(iter(tree))
    first.write_bytes(first.read_bytes() + extra)
    changed = digest.of_tree(folder)
    renamed = first.rename(folder / "renamed")
    moved = digest.of_tree(folder)
    (folder / "sub").mkdir()
    (folder / "sub" / "added").write_bytes(renamed.read_bytes())
    assert len({before, changed, moved, digest.of_tree(folder)}) == 4
