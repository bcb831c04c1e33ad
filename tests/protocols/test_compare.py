"""Models are compared on the same searches, draw by draw; what is not of one search is refused."""

import contextlib

import numpy as np
import pytest

from facebench.errors import UserError
from facebench.store import layout
from facebench.store.tables import read_table
from scripts import compare
from tests.toys.evaluation import STATISTICS, Toy

PROTOCOLS = ("view2", "identify", "neighbour", "open_set", "name")


def comparisons(folder, noises, protocols=PROTOCOLS):
    """Return the comparisons of models that differ in noise, on the same pictures."""
    people = np.repeat(np.arange(100), 4)
    toys = {model: Toy(folder, people, noise, [3], model=model) for model, noise in noises.items()}
    for toy in toys.values():
        toy.pairs()
        toy.run(*protocols)
    with contextlib.chdir(folder):
        compare.main(
            study="study",
            dataset="toy",
            jobs=[("tight", protocol, model) for protocol in protocols for model in toys],
            crops=["tight"],
            statistics={**STATISTICS, "margin": 0.05},
            code="0123",
        )
        return read_table(layout.comparisons("study", "toy", "tight")), toys


def test_models_are_compared_on_the_same_searches(tmp_path):
    table, toys = comparisons(tmp_path, {"good": 0.5, "same": 0.5, "bad": 2.0})
    assert list(table.columns) == compare.COLUMNS
    assert len(table) == 5 * 3 and table.n_identities.dtype == "int64"
    assert set(zip(table.dataset, table.crop, table.variant, strict=True)) == {
        ("toy", "tight", "clean")
    }
    assert set(zip(table.protocol, table.metric, table["at"], strict=True)) == {
        ("view2", "accuracy", ""),
        ("identify", "rank", "1"),
        ("neighbour", "rank", "1"),
        ("open_set", "tpir", "0.2"),
        ("name", "top1", "all read"),
    }
    equal = table[(table.model_a == "good") & (table.model_b == "same")]
    assert (equal.difference == 0).all() and (equal.p_corrected == 1).all()
    assert (equal.p_alike == 0).all()  # the same decisions
    worse = table[table.model_b == "bad"]
    assert (worse.difference > 0.1).all() and (worse.ci_low > 0).all()
    assert (worse.p_alike > 0.9).all() and (worse.margin == 0.05).all()
    assert (worse.p_corrected < 0.01).all() and (worse.p_corrected >= worse.p).all()
    for row in worse.itertuples():
        values = [
            read_table(toys[model].metrics(row.protocol))
            .set_index(["metric", "at"])
            .value[row.metric, row.at]
            for model in (row.model_a, row.model_b)
        ]
        assert row.difference == pytest.approx(values[0] - values[1])


def test_a_single_model_and_nothing_in_common_are_no_comparison(tmp_path):
    table, toys = comparisons(tmp_path, {"only": 0.5}, protocols=["identify"])
    assert table.empty and list(table.columns) == compare.COLUMNS
    other = Toy(tmp_path / "other", np.repeat(np.arange(10), 3), 0.5)
    other.run("identify")
    with pytest.raises(UserError, match="not of the same searches"):
        compare.compare(
            {"a": toys["only"].outcomes("identify"), "b": other.outcomes("identify")},
            "identify",
            0.05,
        )
