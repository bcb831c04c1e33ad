"""A study whose index Milvus holds has the numbers of any other study."""

import json
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest

from facebench.store import layout
from tests.toys.workflow import RESULTS, STUDY, copied, jobs, workflow

pytestmark = pytest.mark.workflow

PLACE = ("tiny-people", "tight", "pixels")
MADE = RESULTS.joinpath(*PLACE)
KINDS = {
    "milvus": {"kind": "milvus", "uri": "milvus/here", "rerank": 7},
    "ivf-flat": {"kind": "ivf-flat", "probes": 1000, "rerank": 7},
}


def tables(directory):
    """Return the metrics of `neighbour` and its outcomes, the lists of neighbours among them."""
    return [
        pd.read_parquet(directory / MADE / kind / "neighbour.parquet")
        for kind in ("metrics", "outcomes")
    ]


@pytest.fixture(scope="module")
def found(run_dir, tmp_path_factory):
    """What each kind of index ends in, by its name, and the folder of the run with Milvus."""
    pytest.importorskip("pymilvus", reason="needs pymilvus and milvus-lite: make milvus")
    by_kind = {"flat": tables(run_dir)}
    directory = copied(run_dir, tmp_path_factory.mktemp("milvus") / "run")
    study = deepcopy(STUDY)
    study["evaluate"] |= {
        "datasets": PLACE[:1], "crops": PLACE[1:2], "models": PLACE[2:],
        "protocols": ["neighbour"],
    }  # fmt: skip
    study["evaluate"] = {key: [*value] for key, value in study["evaluate"].items()}
    for kind, index in KINDS.items():
        wanted = str(MADE / "metrics" / "neighbour.parquet")
        done = workflow(directory, {**study, "index": index}, "--", wanted)
        assert jobs(done)["index"] == jobs(done)["evaluate"] == 1
        by_kind[kind] = tables(directory)
        if kind == "milvus":
            place = directory / layout.index("tiny-people", "tight", "clean", "pixels")
            described = json.loads(place.read_text())
            database = (place.parent / described["uri"]).resolve()
            assert database.parent == directory.resolve() / "milvus" / "here"
            assert database.exists() and "Traceback" not in done.stdout + done.stderr
    return by_kind


def test_metrics_and_outcomes_are_those_of_another_kind_that_compares_again(found):
    for mine, theirs in zip(found["milvus"], found["ivf-flat"], strict=True):
        # The record names the commit, and whether a file has changed since.
        both = [table.drop(columns="record", errors="ignore") for table in (mine, theirs)]
        pd.testing.assert_frame_equal(*both)


def test_metrics_and_outcomes_are_those_of_an_exact_index(found):
    (metrics, mine), (right, theirs) = found["milvus"], found["flat"]
    pd.testing.assert_frame_equal(metrics, right)
    pd.testing.assert_frame_equal(mine.drop(columns="scores"), theirs.drop(columns="scores"))
    # faiss adds in another order than the comparison that is made again.
    assert len(mine) == 120 and all(mine.neighbours.map(len) > 5)
    np.testing.assert_allclose([*mine.scores], [*theirs.scores], atol=1e-6)
