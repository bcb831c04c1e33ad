"""Scores are compared exactly: in a narrow cone, in ties, in products of any shape."""

import numpy as np
import pytest

from facebench.protocols.poison.nearest import search
from facebench.protocols.poison.scores import Vectors, cosines, exact, own_cosines
from tests.toys.poison import unit


def cone(random, people, each, dim, width):
    """Return vectors whose cosines with each other are all about 1 - width^2."""
    whose = np.repeat(np.arange(people), each)
    centre = unit(random.standard_normal((1, dim)))
    apart = random.standard_normal((people, dim))[whose] + 1.5 * random.standard_normal(
        (len(whose), dim)
    )
    return whose, unit(centre + width * unit(apart)).astype(np.float32)


@pytest.mark.parametrize("dim", [3, 127, 512, 1280])
def test_a_pair_of_vectors_has_one_score_whatever_the_shape_of_the_product(dim):
    random = np.random.default_rng(dim)
    one, other = (unit(random.standard_normal((n, dim))).astype(np.float32) for n in (40, 150))
    probes, gallery = exact(one).whole, exact(other)
    table = cosines(probes, gallery)
    assert table == pytest.approx(one.astype(float) @ other.T.astype(float), abs=2e-9)
    for i in range(0, 40, 7):
        assert (cosines(probes[i : i + 1], gallery)[0] == table[i]).all()
    column = Vectors(gallery.coarse[5:6], gallery.fine[5:6])
    assert (cosines(probes, column)[:, 0] == table[:, 5]).all()
    assert (cosines(gallery.whole, exact(one)) == table.T).all()
    own = np.broadcast_to(gallery.whole, (40, 150, dim))
    assert (own_cosines(exact(one), own) == table).all()


@pytest.mark.parametrize("width", [1.0, 0.03, 0.002])
def test_ranks_in_a_narrow_cone_are_those_of_exact_scores(width):
    random = np.random.default_rng(0)
    people, vectors = cone(random, 60, 4, 64, width)
    rows, probes = np.arange(240), np.arange(0, 240, 4)
    gallery = np.setdiff1d(rows, probes)
    found = search(vectors, people, gallery, probes, rows, rows, [rows])[0]
    scores = vectors[probes].astype(np.longdouble) @ vectors[gallery].T.astype(np.longdouble)
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = 1 + np.argmax(people[gallery][order] == people[probes][:, None], axis=1)
    assert found.rank.tolist() == ranks.tolist() and 1 < np.mean(ranks) < 60


def test_equal_vectors_are_equal_between_own_pictures_and_others():
    """Everybody has one picture that is the same, and one to be searched with."""
    random = np.random.default_rng(1)
    people, vectors = cone(random, 50, 2, 100, 0.01)
    vectors[::2] = vectors[0]
    rows, gallery, probes = np.arange(100), np.arange(0, 100, 2), np.arange(1, 100, 2)
    found = search(vectors, people, gallery, probes, rows, rows, [rows])[0]
    assert found.rank.tolist() == list(range(1, 51))
    assert (found.mate == found.other).all()


def test_a_score_that_is_tied_goes_to_the_earlier_picture():
    vectors = np.float32([[1, 0], [0.6, 0.8], [0.6, 0.8], [0.6, 0.8]])
    people, rows = np.array([0, 1, 0, 2]), np.arange(4)
    found = search(vectors, people, np.arange(1, 4), np.array([0]), rows, rows, [rows])[0]
    assert found.rank.tolist() == [2]
