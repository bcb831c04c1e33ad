"""Ranks against sorted lists and scikit-learn; failures and ties as docs/protocols.md says."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from facebench.protocols import ranks
from facebench.protocols.identify import galleries
from facebench.protocols.neighbour import probes as choose_probes
from facebench.protocols.ranks import rank, search


@pytest.fixture
def faces():
    """Embeddings of 40 pictures of 9 people, and who they show."""
    random = np.random.default_rng(3)
    people = np.sort(np.append(random.integers(7, size=32), [7, 8, 3, 3, 5, 5, 1, 1]))
    centres = random.standard_normal((9, 16))
    embeddings = (centres[people] + random.standard_normal((40, 16)) * 1.5).astype(np.float32)
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True), people


def sorted_by_hand(embeddings, people, probe, gallery):
    """Return the gallery, less the probe, in the order of a search, and which are mates."""
    gallery = gallery[gallery != probe]
    scores = embeddings[gallery] @ embeddings[probe]
    order = np.argsort(-scores, kind="stable")
    return gallery[order], people[gallery[order]] == people[probe], scores[order]


@pytest.mark.parametrize("cells", [40, 130, 2**24])
def test_ranks_are_those_of_a_sorted_list(faces, monkeypatch, cells):
    monkeypatch.setattr(ranks, "CELLS", cells)
    embeddings, people = faces
    everyone = np.arange(40)
    found = search(embeddings, everyone, people, everyone, everyone)
    for probe in everyone:
        ordered, mates, scores = sorted_by_hand(embeddings, people, probe, everyone)
        assert found.other[probe] == ordered[~mates][0]
        assert found.other_score[probe] == pytest.approx(scores[~mates][0], abs=1e-6)
        if not mates.any():
            assert found.rank[probe] == np.inf and found.precision[probe] == 0
            continue
        assert found.rank[probe] == 1 + np.flatnonzero(mates)[0]
        assert found.mate_score[probe] == pytest.approx(scores[mates][0], abs=1e-6)
        expected = average_precision_score(mates, scores)
        assert found.precision[probe] == pytest.approx(expected)


def test_equal_scores_keep_the_order_of_the_gallery():
    same = np.ones((5, 1), np.float32)
    people = np.array([0, 1, 0, 1, 2])
    found = search(same, np.arange(5), people, np.arange(5), np.arange(5))
    # 0 finds 1 before 2; 1 finds 0 and 2 before 3; 4 has no mate.
    assert found.rank.tolist() == [2, 3, 1, 2, np.inf]
    assert found.other.tolist() == [1, 0, 1, 0, 0]


def test_one_mate_each_gives_the_place_in_a_sorted_list():
    random = np.random.default_rng(0)
    gallery = random.integers(-1, 2, size=(30, 3)).astype(np.float32)  # many equal scores
    probes = random.integers(-1, 2, size=(50, 3)).astype(np.float32)
    truth = random.integers(30, size=50)
    order = np.argsort(-(probes @ gallery.T), axis=1, kind="stable")
    expected = np.argmax(order == truth[:, None], axis=1) + 1
    assert (rank(probes, truth, gallery, np.arange(30)).rank == expected).all()


def test_what_failed_finds_nobody_and_is_found_by_nobody(faces):
    embeddings, people = faces
    rows = np.arange(40)
    rows[people == 4] = -1
    rows[np.flatnonzero(people == 5)[0]] = -1
    found = search(embeddings, rows, people, np.arange(40), np.arange(40))
    assert np.isinf(found.rank[rows < 0]).all()
    assert (found.precision[rows < 0] == 0).all()
    assert not np.isin(found.other, np.flatnonzero(rows < 0)).any()
    others = np.flatnonzero((people == 5) & (rows >= 0))
    usable = np.flatnonzero(rows >= 0)
    for probe in others:
        ordered, mates, scores = sorted_by_hand(embeddings, people, probe, usable)
        assert found.rank[probe] == 1 + np.flatnonzero(mates)[0]
        # Of the mates that should be found, one can't be.
        share = mates.sum() / (mates.sum() + 1)
        assert found.precision[probe] == pytest.approx(
            average_precision_score(mates, scores) * share
        )


def test_an_empty_gallery_finds_nobody(faces):
    embeddings, people = faces
    found = search(embeddings, np.full(40, -1), people, np.arange(3), np.arange(40))
    assert np.isinf(found.rank).all() and (found.other == -1).all()
    found = rank(embeddings[:2], people[:2], embeddings[:0], people[:0])
    assert np.isinf(found.rank).all()


def test_perfect_embeddings_are_always_right_and_random_ones_at_chance():
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(50), 4)
    everyone = np.arange(200)
    perfect = np.eye(50, dtype=np.float32)[people]
    assert (search(perfect, everyone, people, everyone, everyone).rank == 1).all()
    noise = random.standard_normal((200, 32)).astype(np.float32)
    hits = (search(noise, everyone, people, everyone, everyone).rank == 1).mean()
    assert hits < 0.06  # chance: 3 mates among 199


def test_the_gallery_and_the_probes_depend_on_the_people_only():
    people = np.array([0] * 5 + [1] * 2 + [2] + [3] * 3)
    ((gallery, probes),) = galleries(people, enrolled=2, distractors=True, count=1, seed=1)
    assert np.bincount(people[gallery]).tolist() == [2, 2, 1, 2]
    assert np.bincount(people[probes], minlength=4).tolist() == [3, 0, 0, 1]
    assert not set(gallery) & set(probes)
    ((without, same),) = galleries(people, enrolled=2, distractors=False, count=1, seed=1)
    assert set(people[without]) == {0, 3} and (same == probes).all()
    ((other, _),) = galleries(people, enrolled=2, distractors=True, count=1, seed=2)
    assert set(other) != set(gallery)


def test_every_picture_is_enrolled_equally_often_and_galleries_differ():
    people = np.array([0] * 4 + [1] * 3 + [2] * 2 + [3])
    found = list(galleries(people, enrolled=1, distractors=True, count=12, seed=0))
    counts = np.bincount(np.concatenate([gallery for gallery, _ in found]))
    assert counts.tolist() == [3] * 4 + [4] * 3 + [6] * 2 + [12]
    assert len({tuple(gallery) for gallery, _ in found}) > 6
    assert all(not set(gallery) & set(probes) for gallery, probes in found)


def test_too_many_probes_are_drawn_with_a_seed():
    people = np.repeat(np.arange(10), 3)
    some = choose_probes(people, most=7, seed=0)
    assert len(set(some)) == 7 and (np.diff(some) > 0).all()
    assert (some == choose_probes(people, most=7, seed=0)).all()
