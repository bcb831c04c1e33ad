"""Fawkes-style cloaks: their budget, what they reach, and that nothing but the seed decides."""

import numpy as np
import pytest
import torch
import yaml

from facebench.attacks import ATTACKS, distortion
from facebench.attacks.contract import Subject
from facebench.attacks.dssim import Dssim
from facebench.attacks.fawkes import MODES
from facebench.attacks.fawkes_search import BAND, CLIP, reweighted
from facebench.attacks.feature_distances import apart, far_people
from facebench.errors import UserError
from facebench.store.faces import decode, encode
from tests.toys.cloaks import context, subjects, surrogate
from tests.toys.workflow import ROOT, jobs, workflow

pytestmark = pytest.mark.slow

FAWKES = ATTACKS["fawkes"]


@pytest.fixture(scope="module")
def faces():
    return subjects(people=4)


@pytest.fixture(scope="module")
def known(faces):
    return context(faces, [surrogate(0), surrogate(1, (24, 40))])


@pytest.fixture(scope="module")
def cloaked(faces, known):
    return FAWKES(faces, known)


def saved(result):
    return decode(encode(result.pixels))


@pytest.mark.parametrize("mode", MODES)
def test_the_budget_holds_in_the_saved_file(faces, known, mode):
    some = faces[:6]
    for subject, result in zip(some, FAWKES(some, known, mode=mode), strict=True):
        assert distortion.dssim(subject.pixels, saved(result)) <= BAND[1] * MODES[mode].bound
        assert distortion.linf(subject.pixels, saved(result)) <= CLIP


def test_the_budget_is_used(faces, cloaked):
    filled = [
        distortion.dssim(s.pixels, saved(r)) / MODES["mid"].bound
        for s, r in zip(faces, cloaked, strict=True)
    ]
    assert np.median(filled) > 0.7


def test_the_features_move_as_far_as_is_told(faces, known, cloaked):
    for subject, result in zip(faces, cloaked, strict=True):
        assert result.objective_start == 0 < result.objective
        moved = 0.0
        for model in known.surrogates:
            clean, after = (
                torch.from_numpy(pixels.transpose(2, 0, 1).copy()) / 255
                for pixels in (subject.pixels, saved(result))
            )
            moved += float(2 - 2 * (model.embed([clean]) @ model.embed([after]).T))
        assert result.objective == pytest.approx(moved, abs=1e-4)


def test_more_budget_moves_them_farther(faces, known, cloaked):
    low = FAWKES(faces, known, mode="low")
    farther = [a.objective > b.objective for a, b in zip(cloaked, low, strict=True)]
    assert np.mean(farther) > 0.9


def test_the_same_seed_gives_the_same_pixels_and_another_others(faces, known, cloaked):
    again = FAWKES(faces, context(faces, known.surrogates))
    for first, second in zip(cloaked, again, strict=True):
        assert np.array_equal(first.pixels, second.pixels)
    other = FAWKES(faces[:2], context(faces, known.surrogates, seed=1))
    assert any(not np.array_equal(a.pixels, b.pixels) for a, b in zip(cloaked, other, strict=False))


def test_what_else_is_in_a_batch_decides_nothing_but_last_digits(faces, known, cloaked):
    # Which the search enlarges: the pixels differ, what they reach doesn't.
    alone = [FAWKES([face], known)[0] for face in faces[:3]]
    for one, among in zip(alone, cloaked, strict=False):
        assert one.objective == pytest.approx(among.objective, rel=0.1)


def test_a_target_is_far_and_comes_nearer(faces, known):
    results = FAWKES(faces, known, target=True)
    for subject, result in zip(faces, results, strict=True):
        assert result.target not in (None, subject.identity)
        assert result.objective > result.objective_start
        assert distortion.dssim(subject.pixels, saved(result)) <= BAND[1] * MODES["mid"].bound
    targets = {(s.identity, r.target) for s, r in zip(faces, results, strict=True)}
    assert len(targets) == len({s.identity for s in faces})


def test_the_farthest_person_by_a_plain_count(faces, known):
    (person,) = far_people(known, {"p0"}, among=1).values()
    distances = {}
    for other in {s.identity for s in faces} - {"p0"}:
        own, theirs = (
            [rows[(known.usable.identity == who).to_numpy()] for rows in known.rows]
            for who in ("p0", other)
        )
        means = [rows.mean(0) / np.linalg.norm(rows.mean(0)) for rows in theirs]
        each = zip(own, means, strict=True)
        distances[other] = sum(((rows - mean) ** 2).sum(1) for rows, mean in each).min()
    assert person == max(distances, key=distances.get)


def test_how_far_pictures_are_apart_by_a_plain_count(known):
    for rows, far in zip(known.rows, apart(known), strict=True):
        pairs = ((rows[:, None] - rows[None]) ** 2).sum(-1)
        assert far == pytest.approx(pairs.mean(), rel=1e-4)


def test_a_target_needs_somebody_else(faces):
    alone = [face for face in faces if face.identity == "p0"]
    with pytest.raises(UserError, match="second person"):
        FAWKES(alone, context(alone, [surrogate()]), target=True)


def test_features_that_hardly_move_are_a_failure_with_a_reason(faces, known):
    result, *_ = FAWKES(faces[:1], known, least=3)
    assert result.status == "failed to cloak"
    assert "less than 300%" in result.reason and result.pixels is not None


@pytest.mark.parametrize("shape", [(5, 9, 3), (16, 12, 3), (48, 48, 3)])
def test_tiny_and_plain_pictures_have_a_result(known, shape):
    plain = Subject("x", "x.png", "p0", None, np.full(shape, 255, np.uint8))
    (result,) = FAWKES([plain], known, mode="low")
    assert result.pixels.shape == shape
    assert distortion.dssim(plain.pixels, result.pixels) <= BAND[1] * MODES["low"].bound


def test_the_weight_of_the_features_follows_the_band():
    weight = torch.tensor([1.0, 4, 1, 4, 0.25, 0.25, 4, 128, 256])
    filled = torch.tensor([0.5, 0.5, 2, 2, 0.5, 2, 1, 0.5, 0.5])
    expected = [2, 8, 0.5, 1, 1, 0.125, 1, 256, 256]
    assert reweighted(weight, filled).tolist() == expected


def test_dssim_in_the_search_is_that_of_the_budget(faces):
    rng = np.random.default_rng(0)
    for pixels in (faces[0].pixels, faces[1].pixels, faces[0].pixels[:7, :9]):
        changed = np.clip(pixels + rng.integers(-9, 10, pixels.shape), 0, 255).astype(np.uint8)
        clean, after = (
            torch.from_numpy(p.transpose(2, 0, 1).copy()).float()[None] for p in (pixels, changed)
        )
        assert float(Dssim(clean)(after)) == pytest.approx(
            distortion.dssim(pixels, changed), abs=1e-5
        )


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("name", "rule"), [("lfw-poison", "attack"), ("lfw-photographs", "attack_photographs")]
)
def test_the_studies_of_real_photographs_are_planned_offline(tmp_path, name, rule):
    study = yaml.safe_load((ROOT / "studies" / f"{name}.yaml").read_text())
    done = workflow(tmp_path, study, "--dry-run", env={"HF_HUB_OFFLINE": "1"})
    assert jobs(done)[rule] == len(study["evaluate"]["attacks"])
    assert jobs(done)["poison"] == len(study["evaluate"]["models"])
