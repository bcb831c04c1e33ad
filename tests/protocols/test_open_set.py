"""Open-set identification: two swapped halves, strangers' threshold, failures in the open."""

import numpy as np
import pytest

from facebench.protocols.open_set import halves, open_set, searches


@pytest.fixture
def faces():
    """Embeddings of 200 pictures of 60 people, and who they show."""
    random = np.random.default_rng(1)
    people = random.permutation(np.repeat(np.arange(60), [8] * 20 + [1] * 40))
    centres = random.standard_normal((60, 24))
    embeddings = centres[people] + random.standard_normal((len(people), 24)) * 1.2
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings.astype(np.float32), people


def by_hand(embeddings, rows, people, half, done, rate):
    """Return hits and mated searches of one half's gallery, straight from the definition."""
    here = done.half == half
    gallery = np.setdiff1d(np.arange(len(people)), done.picture[here])
    usable = gallery[rows[gallery] >= 0]
    tops, hits, mated = [], [], 0
    for picture, has_mate in zip(done.picture[here], done.mated[here], strict=True):
        scores = embeddings[rows[usable]] @ embeddings[rows[picture]]
        mates = people[usable] == people[picture]
        failed = rows[picture] < 0
        if has_mate:
            mated += 1
            if not failed and mates.any() and scores.argmax() in np.flatnonzero(mates):
                hits.append(scores[mates].max())
        else:
            tops.append(-np.inf if failed else scores.max())
    allowed = int(rate * len(tops))
    threshold = np.sort(tops)[::-1][allowed - 1]
    return sum(hit >= threshold - 1e-7 for hit in hits), mated, threshold


@pytest.mark.parametrize("failed", [[], [3, 50, 51, 120]])
def test_misses_and_thresholds_are_those_of_the_definition(faces, failed):
    embeddings, people = faces
    rows = np.arange(200)
    rows[failed] = -1
    done = searches(embeddings, rows, people, 60, enrolled=1, seed=0)
    found = open_set(done, people, 60, np.array([0.1, 0.3]), most_rank=1, draws=20, seed=0)
    for i, rate in enumerate((0.1, 0.3)):
        parts = [by_hand(embeddings, rows, people, half, done, rate) for half in (0, 1)]
        hits, mated = parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]
        assert found.fnir[i] == pytest.approx(1 - hits / mated)
        assert found.thresholds[0, :, i] == pytest.approx([p[2] for p in parts], abs=1e-6)
        assert (found.fpir[0, :, i] <= rate).all()
        assert found.found[:, i].sum() == hits


def test_each_person_is_enrolled_once_and_a_stranger_once(faces):
    embeddings, people = faces
    done = searches(embeddings, np.arange(200), people, 60, enrolled=1, seed=0)
    assert (np.bincount(done.picture[~done.mated]) == 1).all()  # every picture, as a stranger
    assert done.mated.sum() == 200 - 60  # every picture but the enrolled one
    half = halves(people, 60, seed=0)
    assert (half[people[done.picture]] == done.half)[done.mated].all()
    assert (half[people[done.picture]] != done.half)[~done.mated].all()
    several = np.bincount(people) > 1
    assert half[several].sum() == 10 and half.sum() == 30


def test_perfect_embeddings_miss_nobody(faces):
    _, people = faces
    perfect = np.eye(60, dtype=np.float32)[people]
    done = searches(perfect, np.arange(200), people, 60, enrolled=1, seed=0)
    found = open_set(done, people, 60, np.array([0.1]), most_rank=1, draws=20, seed=0)
    assert found.fnir.tolist() == [0] and (found.draws == 0).all()


def test_random_embeddings_miss_nearly_everybody(faces):
    _, people = faces
    noise = np.random.default_rng(0).standard_normal((200, 24)).astype(np.float32)
    done = searches(noise, np.arange(200), people, 60, enrolled=1, seed=0)
    found = open_set(done, people, 60, np.array([0.1]), most_rank=1, draws=20, seed=0)
    assert found.fnir[0] > 0.9


def test_the_draws_centre_on_the_value(faces):
    embeddings, people = faces
    done = searches(embeddings, np.arange(200), people, 60, enrolled=1, seed=0)
    found = open_set(done, people, 60, np.array([0.3]), most_rank=1, draws=300, seed=0)
    assert found.draws.mean() == pytest.approx(found.fnir[0], abs=0.05)
    assert 0.01 < found.draws.std() < 0.2


def test_one_person_or_nobody_usable_gives_nan_or_misses_without_a_crash():
    people = np.zeros(4, int)
    done = searches(np.eye(4, dtype=np.float32), np.arange(4), people, 1, enrolled=1, seed=0)
    open_set(done, people, 1, np.array([0.1]), most_rank=1, draws=3, seed=0)
    people = np.repeat([0, 1], 3)
    nothing = np.zeros((0, 4), np.float32)
    done = searches(nothing, np.full(6, -1), people, 2, enrolled=1, seed=0)
    found = open_set(done, people, 2, np.array([0.5]), most_rank=1, draws=3, seed=0)
    assert found.fnir.tolist() == [1]
