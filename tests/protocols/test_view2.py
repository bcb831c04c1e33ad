"""View 2 on a data set's own list of pairs: copies, failures, and lists that are too short."""

import numpy as np
import pytest

from facebench.store.tables import read_table, write_table
from tests.toys.evaluation import usual


@pytest.fixture
def toy(tmp_path):
    return usual(tmp_path)


def test_a_pair_may_name_a_copy(toy):
    pairs = read_table(toy.files["pairs"]).iloc[:4].copy()
    pairs["fold"] = [0, 0, 1, 1]
    pairs["same"] = [True, False, True, False]
    copied, failed = toy.table.iloc[10], toy.table.iloc[0]
    pairs.loc[pairs.index[0], ["path_a", "image_id_a"]] = copied.path, copied.image_id
    pairs.loc[pairs.index[1], ["path_b", "image_id_b"]] = failed.path, failed.image_id
    write_table(pairs, toy.files["pairs"], {})
    _, outcomes = toy.run("view2")
    assert outcomes.failed.tolist()[:2] == [False, True]
    assert outcomes.identity_a[0] == copied.identity
    assert outcomes.score[1] == -np.inf and outcomes.correct[1]


def test_a_single_fold_is_refused(toy):
    toy.pairs(folds=1)
    metrics, outcomes = toy.run("view2")
    assert metrics.value.isna().all() and len(outcomes) == 40
    assert "other folds" in toy.record("view2")["refused"]["accuracy"]
