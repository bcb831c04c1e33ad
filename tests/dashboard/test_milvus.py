"""The Search page on an index that Milvus holds: it finds the same, and says what is away."""

import numpy as np
import pandas as pd
import pytest

from dashboard.data import search
from facebench.indexes import milvus_server, stored
from facebench.store import layout
from tests.toys.dashboard_tables import DATASET
from tests.toys.milvus import milvus
from tests.toys.pages import captions, missing

PLACE = (DATASET, "full", "mini-s")
SPEC = {
    "kind": "milvus", "token": "", "prefix": "toys", "index_type": "FLAT", "build": {},
    "search": {}, "rerank": 100,
}  # fmt: skip


@pytest.fixture
def found_before(mine, monkeypatch):
    """What is found by the index that the toys come with."""
    pytest.importorskip("pymilvus", reason="needs pymilvus and milvus-lite: make milvus")
    monkeypatch.setattr(milvus_server, "CALL", 1.0)
    monkeypatch.setattr(milvus_server, "HELD", 0.3)
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    return found()


def found():
    known = search.vectors(DATASET, "full", "clean", "mini-s")
    return search.nearest(*PLACE, known.of(known.ids[0]), 9)


def make(mine, uri):
    """Make the index anew, as the workflow would."""
    known = search.vectors(DATASET, "full", "clean", "mini-s")
    path = mine.parents[1] / layout.index(DATASET, "full", "clean", "mini-s")
    stored.make(known.rows, path, {**SPEC, "uri": str(uri)})


def same(one, other):
    """Return whether two searches found the same: scores but for their last digit."""
    pd.testing.assert_frame_equal(one.drop(columns="similarity"), other.drop(columns="similarity"))
    return np.allclose(one.similarity, other.similarity, atol=1e-6)


def test_the_page_searches_a_database_and_leaves_it_to_others(mine, found_before, show):
    make(mine, mine.parents[1] / "milvus")
    assert same(found(), found_before)
    app = show(mine, "search", dataset=DATASET, crop="full", model="mini-s")
    assert len(captions(app)) > 10 and missing(app) == []
    [database] = (mine.parents[1] / "milvus").iterdir()
    with milvus(database):
        app = show(mine, "search", dataset=DATASET, crop="full", model="mini-s")
        assert any("is in use by another process" in text for text in missing(app))
    assert same(found(), found_before)


def test_a_server_that_goes_away_is_told_and_one_that_comes_back_is_used(
    mine, found_before, show, tmp_path
):
    with milvus(tmp_path / "data") as address:
        make(mine, address)
        assert same(found(), found_before)
    app = show(mine, "search", dataset=DATASET, crop="full", model="mini-s")
    [said] = [text for text in missing(app) if "Milvus" in text]
    said = said.replace("\u200b", "")  # so that no address becomes a link
    assert f"Milvus at {address} doesn't answer: start it" in said and "make run" not in said
    assert not any("similarity" in text for text in captions(app))
    with milvus(tmp_path / "data", port=int(address.rpartition(":")[2])):
        assert same(found(), found_before)
