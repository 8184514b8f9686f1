"""What a hand-off writes is what everybody reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeostat import atomic
from homeostat.errors import ConfigError
from homeostat.release import (
    GateResult,
    Outcome,
    Release,
    cluster_name,
    read_release,
    read_releases,
    release_path,
    to_yaml,
)


def hexadecimal(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=length, max_size=length)


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
printable = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), max_size=60)
gates = st.builds(
    GateResult,
    name=printable,
    outcome=st.sampled_from(Outcome),
    value=numbers,
    bound=numbers,
    sentence=printable,
)
models = st.from_regex(r"[a-z]([a-z0-9_]{0,46}[a-z0-9])?", fullmatch=True)
releases = st.builds(
    Release,
    model=models,
    version=st.integers(1, 10**6),
    model_sha256=hexadecimal(64),
    bento_digest=hexadecimal(64),
    image_digest=st.none() | hexadecimal(64).map("sha256:{}".format),
    run_id=hexadecimal(32),
    data_sha256=hexadecimal(64),
    inputs_digest=hexadecimal(64),
    source_commit=hexadecimal(40),
    gates=st.lists(gates, min_size=1, max_size=3).map(tuple),
)


@given(release=releases)
def test_a_release_reads_back_as_it_was_written(release, tmp_path_factory):
    root = tmp_path_factory.mktemp("release")
    path = release_path(root, release.model)
    atomic.write_text(path, to_yaml(release))
    assert read_release(path) == release
    assert read_releases(root) == (release,)


@given(release=releases)
def test_the_text_of_a_release_depends_on_nothing_else(release):
    assert to_yaml(release) == to_yaml(release.model_copy())


@given(release=releases)
def test_a_release_is_a_local_document_of_the_kubernetes_resource_model(release):
    assert to_yaml(release).startswith(
        "apiVersion: homeostat.dev/v1\nkind: Release\nmetadata:\n"
        f"  name: {cluster_name(release.model)}\n"
        "  annotations:\n    config.kubernetes.io/local-config: 'true'\nmodel: "
    )


@given(one=models, other=models)
def test_no_two_models_share_a_name_in_a_cluster(one, other):
    assert (cluster_name(one) == cluster_name(other)) == (one == other)


def test_without_an_image_there_is_no_digest_for_kustomize_to_copy():
    assert "image_digest" not in to_yaml(a_release("toy"))


def test_releases_come_in_the_order_of_their_models(tmp_path):
    for model in ("zeta", "alpha"):
        atomic.write_text(release_path(tmp_path, model), to_yaml(a_release(model)))
    assert [release.model for release in read_releases(tmp_path)] == ["alpha", "zeta"]


def a_release(model: str) -> Release:
    gate = GateResult(
        name="minimum_metric", outcome=Outcome.PASSED, value=0.9, bound=0.8, sentence="0.9 >= 0.8."
    )
    return Release(
        model=model,
        version=1,
        model_sha256="a" * 64,
        bento_digest="b" * 64,
        run_id="c" * 32,
        data_sha256="d" * 64,
        inputs_digest="e" * 64,
        source_commit="f" * 40,
        gates=(gate,),
    )


def test_no_release_yet_is_no_error_but_a_missing_file_is(tmp_path):
    assert read_releases(tmp_path) == ()
    with pytest.raises(ConfigError, match="does not exist"):
        read_release(release_path(tmp_path, "absent"))
