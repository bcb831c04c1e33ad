"""Identity inference: on arrays whose answer is known, and through the protocol."""

from collections import Counter

import numpy as np
import pytest

from facebench.protocols.identity_inference import (
    NO_VOTE,
    dealt,
    distances,
    least_templates,
    majority,
    right_templates,
    tails,
    votes,
)
from facebench.protocols.membership import inferred, told_apart
from tests.toys.evaluation import Toy


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture
def random():
    return np.random.default_rng(0)


def test_votes_are_those_of_counting_each_persons_nearest_names(random):
    texts = unit(random.standard_normal((3, 6, 8)))
    vectors, person = unit(random.standard_normal((90, 8))), random.integers(20, size=90)
    found = votes(vectors, person, 22, texts)
    for template, names in enumerate(texts):
        nearest = (vectors @ names.T).argmax(axis=1)
        for who in range(22):
            said = Counter(nearest[person == who].tolist()).most_common(2)
            clear = said and (len(said) == 1 or said[0][1] > said[1][1])
            assert found[who, template] == (said[0][0] if clear else NO_VOTE)
    assert (found[20:] == NO_VOTE).all() and (found[:20] != NO_VOTE).any()


def test_who_is_nearest_to_the_own_name_in_most_pictures_is_inferred_by_every_template(random):
    names = unit(random.standard_normal((30, 16)))
    person = np.repeat(np.arange(10), 5)
    vectors = names[person].copy()
    vectors[::5] = names[29]  # one picture of five looks like somebody else
    vectors[5:8] = names[28]  # three of the second person's do
    voted = votes(vectors, person, 10, np.stack([names] * 4))
    assert right_templates(voted, np.arange(10)).tolist() == [4, 0] + [4] * 8


def test_the_chance_is_the_mean_over_names_that_are_dealt_at_random(random):
    voted = random.integers(-1, 12, size=(15, 6))
    truth = random.integers(12, size=15)
    drawn = [
        (right_templates(voted, random.choice(truth, 15)) >= least).mean()
        for least in (1, 2)
        for _ in range(4000)
    ]
    for i, least in enumerate((1, 2)):
        assert dealt(voted, truth, least) == pytest.approx(
            np.mean(drawn[4000 * i : 4000 * (i + 1)]), abs=0.004
        )
    one = np.full((8, 3), 2)  # all templates call everybody by the same person's name
    assert dealt(one, np.arange(8), 3) == pytest.approx(1 / 8)


def test_tied_and_absent_votes_are_no_name():
    chosen, person = np.array([1, 2, 3, 3, 1]), np.array([0, 0, 1, 1, 1])
    assert majority(chosen, person, 3).tolist() == [NO_VOTE, 3, NO_VOTE]
    nobody = np.zeros(0, np.int64)
    assert majority(nobody, nobody, 2).tolist() == [NO_VOTE, NO_VOTE]


def test_the_threshold_is_the_smallest_that_keeps_the_claim(random):
    members, others = random.integers(22, size=80), random.binomial(21, 0.1, size=300)
    for rate in (0.5, 0.1, 0.04):
        found = inferred(members, others, 21, np.array([rate]), draws=3, seed=0)
        least = int(found.templates[0])
        assert (others >= least).mean() <= rate < (others >= least - 1).mean()
        assert found.tpr[0] == (members >= least).mean()
        assert found.fpr[0] == (others >= least).mean()
    # Others who are always called right: only nobody keeps a claim.
    found = inferred(members, np.full(300, 21), 21, np.array([0.1]), draws=3, seed=0)
    assert found.templates[0] == 22 and found.tpr[0] == 0


def test_draws_resample_members_and_others(random):
    members, others = random.binomial(21, 0.5, size=60), random.binomial(21, 0.3, size=200)
    found = inferred(members, others, 21, np.array([0.1]), draws=400, seed=0)
    assert found.draws.shape == (400, 1)
    tpr, n = found.tpr[0], len(members)
    # The threshold moves too, so they vary more than the members' share alone would.
    assert found.draws.std() > np.sqrt(tpr * (1 - tpr) / n)
    assert found.draws.mean() == pytest.approx(tpr, abs=0.1)


def test_an_area_is_that_of_scikit_learn_and_its_variance_that_of_samples(random):
    from sklearn.metrics import roc_auc_score

    areas, variances = [], []
    for _ in range(400):
        members, others = random.integers(0, 9, 40) + 1, random.integers(0, 9, 60)
        area, variance = told_apart(members, others)
        truth = [1] * 40 + [0] * 60
        assert len(areas) > 20 or area == pytest.approx(roc_auc_score(truth, [*members, *others]))
        areas.append(area)
        variances.append(variance)
    assert np.mean(variances) == pytest.approx(np.var(areas), rel=0.2)


def test_names_are_as_far_from_the_invented_as_they_were_put(random):
    invented = unit(np.array([1.0, 0, 0]) + 0.1 * random.standard_normal((50, 3)))
    mean = unit(invented.mean(axis=0))
    names = np.stack([mean, -mean])
    assert distances(names, invented) == pytest.approx([0, 2], abs=1e-6)


def test_shares_begin_with_everybody_and_end_with_nobody():
    shares = tails(np.array([0, 3]), 3, np.array([[1.0, 1], [2, 0]]))
    assert shares.tolist() == [[1, 0.5, 0.5, 0.5, 0], [1, 0, 0, 0, 0]]
    assert least_templates(shares, 0.5).tolist() == [1, 1]


OPTIONS = {"least": [1, 2, 3], "fpr": [0.1, 0.01], "never_read": ["others"], "pictures": 0}


def changed(toy, **arrays):
    """Replace arrays of the names' file."""
    with np.load(toy.files["names"]) as file:
        kept = dict(file)
    np.savez(toy.files["names"], **{**kept, **{key: f(kept) for key, f in arrays.items()}})


@pytest.fixture
def toy(tmp_path):
    """60 people whose names the model knows and read, 150 whose names mean nothing to it."""
    (tmp_path / "others").mkdir()
    toy = Toy(tmp_path, np.repeat(np.arange(60), 3), noise=0.9, failed=[0, 1, 2, 4])
    changed(toy, was_read=lambda kept: kept["pool"] != "invented")
    toy.others = Toy(
        tmp_path / "others", np.repeat(np.arange(150), 3), noise=0.9, seed=9, called="Other"
    )
    mixed = np.random.default_rng(5).permutation(180)
    changed(toy.others, embeddings=lambda kept: kept["embeddings"][:, mixed],
            was_read=lambda kept: np.zeros(180, bool))  # fmt: skip
    return toy


def run(toy, **options):
    return toy.run(
        "identity_inference",
        options={"identity_inference": {**OPTIONS, **options}},
        strangers={"others": toy.others.vectors},
        strangers_names={"others": toy.others.files["names"]},
    )


def test_those_whose_names_were_read_are_told_from_those_whose_were_not(toy):
    metrics, outcomes = run(toy)
    value = metrics.value
    assert len(outcomes) == 210 and outcomes.own.sum() == 60
    assert outcomes.member.tolist() == [True] * 60 + [False] * 150
    for pool, column in (("", "right_among_invented"), (" read", "right")):
        right = outcomes[column]
        assert right[0] == 0  # no picture of the first person could be used
        assert value["inferred", f"1{pool}"] == (right[outcomes.own] >= 1).mean()
        assert value["fpr", f"1{pool}"] == (right[~outcomes.own] >= 1).mean()
        assert value["tpr", f"0.1{pool}"] > 0.7 > 0.1 >= value["fpr_reached", f"0.1{pool}"]
        assert value["membership_auc", pool.strip()] > 0.85
    row = metrics.loc["tpr", "0.1"]
    assert row.ci_low < row.value < row.ci_high
    assert row.n_identities == 60 and row.n_failed == 4
    record = toy.record("identity_inference")
    assert (
        record["names"] == {"invented": 230, "read": 220} and record["never_read"]["others"] == 150
    )
    # The text alone knows nothing here.
    text = metrics.loc["membership_auc_text", ""]
    assert text.ci_low < 0.5 < text.ci_high


def test_what_too_few_people_cannot_show_is_refused_in_words(toy):
    metrics, _ = run(toy)
    refused = toy.record("identity_inference")["refused"]
    assert np.isnan(metrics.value["tpr", "0.01"]) and np.isnan(metrics.value["inferred", "3"])
    assert refused["tpr@0.01"] == (
        "FPR 0.01 is refused: 150 people whose names were never read expect 1.5 errors at it, and"
        " 10 are needed."
    )
    assert refused["inferred@3"] == "There are only 2 templates."


def test_where_nobody_knows_who_was_read_the_share_stands_with_chance_and_control(toy):
    changed(toy, was_read=lambda kept: np.zeros(len(kept["names"]), bool))
    metrics, outcomes = run(toy, never_read=[])
    assert outcomes.member.isna().all() and len(outcomes) == 60
    assert metrics.value["inferred", "1"] > 0.7
    assert np.isnan(metrics.value["tpr", "0.1"]) and np.isnan(metrics.value["membership_auc", ""])
    assert "names_read" in toy.record("identity_inference")["refused"]["tpr@0.1"]
    control = metrics.loc["inferred_permuted", "1"]
    chance = metrics.value["inferred_chance", "1"]
    assert 0 < chance < 0.05 and control.ci_low <= chance <= control.ci_high
    assert control.value == pytest.approx(chance, abs=0.02)


def test_permuted_names_are_inferred_by_chance(toy):
    shuffled = np.concatenate([np.roll(np.arange(60), 7), np.arange(60, 90)])
    changed(toy, embeddings=lambda kept: kept["embeddings"][:, shuffled])
    metrics, _ = run(toy, never_read=[])
    row = metrics.loc["inferred", "1"]
    assert row.ci_low <= metrics.value["inferred_chance", "1"] and row.value < 0.1


def test_as_many_pictures_of_everybody_vote_as_are_asked_for(toy):
    _, outcomes = run(toy, pictures=2)
    assert (outcomes.pictures == 2).all() and len(outcomes) == 210
    metrics, outcomes = run(toy, pictures=4)
    assert outcomes.empty and np.isnan(metrics.value["inferred", "1"])
