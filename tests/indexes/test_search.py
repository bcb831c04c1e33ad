"""Searching an index: exact scores, equal ones in the order of the rows, and no gaps."""

import numpy as np
import pytest

from facebench.indexes.search import Index, exact_index, nearest, without
from facebench.vectors.stored import StoredVectors


@pytest.fixture
def rows():
    """Rows of whole numbers, many of which are equal."""
    return np.random.default_rng(0).integers(-1, 2, size=(60, 3)).astype(np.float32)


@pytest.fixture
def index(rows):
    """An exact index of rows that are in two parts."""
    vectors = StoredVectors.of(rows[:25])
    vectors.parts.append(rows[25:])
    return exact_index(vectors)


def test_nearest_keeps_the_order_of_equal_scores(rows, index):
    scores, found = nearest(index, rows, 7)
    exact = rows @ rows.T
    assert (found == np.argsort(-exact, axis=1, kind="stable")[:, :7]).all()
    assert (scores == np.take_along_axis(exact, found, 1)).all()
    _, others = without(scores, found, np.arange(60))
    assert others.shape == (60, 6) and not (others == np.arange(60)[:, None]).any()
    assert nearest(index, rows[:2], 100)[1].shape == (2, 60)


class Rough:
    """A searcher with scores of its own, that finds the wrong order and too few rows."""

    d = 3

    def __init__(self, ntotal, found):
        self.ntotal, self.found = ntotal, found

    def search(self, queries, k):
        rows = np.full((len(queries), k), -1)
        many = min(self.found, k)
        rows[:, :many] = np.random.default_rng(1).permutation(self.ntotal)[:many]
        return np.zeros(rows.shape, np.float32), rows


def test_what_an_approximate_index_finds_is_compared_again_exactly(rows):
    scores, found = nearest(Index(Rough(60, 60), StoredVectors.of(rows), 60), rows, 7)
    exact = rows @ rows.T
    assert (found == np.argsort(-exact, axis=1, kind="stable")[:, :7]).all()
    assert (scores == np.take_along_axis(exact, found, 1)).all()


def test_a_search_that_finds_too_few_is_done_again_among_all(rows):
    index = Index(Rough(60, 5), StoredVectors.of(rows), 20)
    exact = rows @ rows.T
    assert (nearest(index, rows, 7)[1] == np.argsort(-exact, kind="stable")[:, :7]).all()
    # As many as asked for are taken as they are.
    some = set(np.random.default_rng(1).permutation(60)[:5])
    assert all(set(found) == some for found in nearest(index, rows, 5)[1])


def test_equal_rows_are_in_order_though_an_index_found_any_of_them():
    rows = np.repeat(np.eye(1, 3, dtype=np.float32), 60, axis=0)
    index = Index(Rough(60, 30), StoredVectors.of(rows), 23)
    found = nearest(index, rows[:1], 7)[1]
    assert (found == [range(7)]).all()
