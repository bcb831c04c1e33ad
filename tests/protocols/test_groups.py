"""Errors at a threshold by group of people."""

import contextlib

import numpy as np
import pandas as pd
import pytest

from facebench.evaluation.groups import LEAST, by_group, of_pairs, of_searches
from facebench.store import layout
from facebench.store.tables import read_table, write_table
from scripts import groups
from tests.toys.evaluation import FACES, STATISTICS, Toy


@pytest.fixture
def toy(tmp_path):
    """100 people whose group `b`, the last 20, is recognised less well."""
    toy = Toy(tmp_path, np.repeat(np.arange(100), 4), noise=0.6, failed=[3])
    rows = np.load(toy.vectors.embeddings[0])
    ids = read_table(toy.vectors.metadata[0])
    weak = (ids.identity >= "p080").to_numpy()
    rows[weak] += np.random.default_rng(1).standard_normal(rows[weak].shape) * 0.25
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.save(toy.vectors.embeddings[0], rows)
    return toy


def table_of(toy):
    """Return the table of the step `groups`."""
    images = toy.table.assign(sort=np.where(toy.table.identity >= "p080", "b", "a"))
    write_table(images, toy.path(layout.images("toy")), {"data": {"reader": "toy"}})
    for protocol in ("verify", "open_set"):
        toy.run(protocol)
    with contextlib.chdir(toy.folder):
        groups.main(
            study="study",
            jobs=[("toy", FACES[1], "m", protocol) for protocol in ("verify", "open_set")],
            attributes=["sort", "nothing"],
            statistics=STATISTICS,
            code="0123",
            output="groups.parquet",
        )
    return read_table(toy.folder / "groups.parquet")


def test_who_is_recognised_less_well_is_found_and_adds_up(toy):
    table = table_of(toy)
    assert set(table.metric) == {"fnmr", "fmr", "fmr_same", "fmr_other", "fnir", "fpir"}
    assert list(table.columns) == [*groups.WHERE, *groups.COLUMNS, "p_corrected"]
    worse = table[(table.value == "b") & table.metric.isin(["fnmr", "fnir"])]
    assert (worse.difference > 0.1).all() and (worse.p_corrected < 0.01).all()
    assert (worse.difference_low > 0).all() and (worse.n_identities == 20).all()
    assert table["at"].isin(["0.1", "0.2"]).all()  # the refused rates aren't there
    tar = toy.run("verify")[0].value["tar", "0.1"]
    pairs = table[(table.metric == "fnmr") & (table["at"] == "0.1")].set_index("value")
    assert pairs.rate["a"] * 0.8 + pairs.rate["b"] * 0.2 == pytest.approx(1 - tar)


def test_errors_are_counted_from_the_outcomes():
    outcomes = pd.DataFrame(
        {
            "identity": ["a", "b"], "n_images": [2, 3], "n_failed": 0, "right_pairs": [1, 3],
            "right_accepted@0.1": [1, 1],
        }
    )  # fmt: skip
    (missed,) = of_pairs(outcomes)
    assert missed.people.errors.tolist() == [0, 2] and missed.people.trials.tolist() == [1, 3]
    assert missed.at == "0.1"
    searches = pd.DataFrame(
        {
            "identity": ["a", "a", "b"],
            "correct": pd.array([True, None, False], dtype="boolean"),
            "alarm": pd.array([None, True, None], dtype="boolean"),
        }
    )
    missed, alarms = of_searches(searches, "0.1")
    assert missed.people.errors.to_dict() == {"a": 0, "b": 1}
    assert alarms.people.errors.to_dict() == {"a": 1}


def test_a_small_group_is_not_measured_and_groups_alike_seldom_differ():
    random = np.random.default_rng(0)
    people = pd.DataFrame({"sort": ["a"] * (LEAST - 1) + ["b"] * 60})
    alarms = []
    for _ in range(40):
        wrong = (random.random(len(people)) < 0.1).astype(float)
        found = pd.DataFrame({"errors": wrong, "trials": 1.0})
        one = next(of_searches(pd.DataFrame({"identity": [], "correct": [], "alarm": []}), ""))
        assert by_group([one._replace(people=found)], people, STATISTICS) == []
        wider = people.assign(sort=["a"] * 6 + ["b"] * 58)
        alarms += [
            row["p"] < 0.05 for row in by_group([one._replace(people=found)], wider, STATISTICS)
        ]
    assert np.mean(alarms) <= 0.1
