"""The index: its kinds, and a search that keeps the order of equal scores."""

import numpy as np
import pytest

from facebench.study.config import read_schema
from facebench.vectors import index_kinds
from facebench.vectors.index import build, nearest, read_index, without, write_index
from facebench.vectors.index_kinds import INDEXES
from facebench.vectors.stored import StoredVectors, save_rows
from scripts import index
from tests.toys.workflow import ROOT


@pytest.fixture
def rows():
    """Rows of whole numbers, many of which are equal."""
    return np.random.default_rng(0).integers(-1, 2, size=(60, 3)).astype(np.float32)


def test_nearest_keeps_the_order_of_equal_scores(tmp_path, rows):
    write_index(build(rows), tmp_path / "i.faiss")
    scores, found = nearest(read_index(tmp_path / "i.faiss"), rows, 7)
    exact = rows @ rows.T
    assert (found == np.argsort(-exact, axis=1, kind="stable")[:, :7]).all()
    assert (scores == np.take_along_axis(exact, found, 1)).all()
    _, others = without(scores, found, np.arange(60))
    assert others.shape == (60, 6) and not (others == np.arange(60)[:, None]).any()
    assert nearest(build(rows), rows[:2], 100)[1].shape == (2, 60)


def test_the_configuration_allows_the_kinds_that_there_are():
    kind = read_schema(ROOT / "rules" / "schema")["properties"]["index"]["properties"]["kind"]
    assert set(kind["enum"]) == set(INDEXES) and kind["default"] in INDEXES


def test_a_kind_that_is_registered_is_built_with_its_settings(rows, monkeypatch):
    asked = []

    def half(vectors, share):
        asked.append((len(vectors), share))
        return index_kinds.flat(StoredVectors.of(vectors.all()[: int(share * len(vectors))]))

    monkeypatch.setitem(INDEXES, "half", half)
    assert build(rows, kind="half", share=0.5).ntotal == 30
    assert asked == [(60, 0.5)]
    with pytest.raises(KeyError):
        build(rows, kind="none")


def test_an_index_of_parts_is_that_of_the_whole(tmp_path, rows):
    for number, part in enumerate(np.array_split(rows, 3)):
        save_rows(part, tmp_path / f"{number}.npy")
    save_rows(rows, tmp_path / "whole.npy")
    outputs = [tmp_path / "new" / "parts.faiss", tmp_path / "new" / "whole.faiss"]
    index.main(
        embeddings=[[tmp_path / f"{i}.npy" for i in range(3)], [tmp_path / "whole.npy"]],
        spec={"kind": "flat"},
        outputs=outputs,
    )
    parts, whole = (read_index(path) for path in outputs)
    assert parts.ntotal == 60
    for one, other in zip(nearest(parts, rows, 5), nearest(whole, rows, 5), strict=True):
        assert np.array_equal(one, other)
    assert sorted(path.name for path in outputs[0].parent.iterdir()) == [
        "parts.faiss", "whole.faiss",
    ]  # fmt: skip
