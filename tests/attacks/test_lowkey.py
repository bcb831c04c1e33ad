"""LowKey-style cloaks: what they reach, what they are held to, and that only the seed decides."""

import numpy as np
import pytest
import torch

from facebench.attacks import ATTACKS, distortion
from facebench.attacks.contract import Subject
from facebench.attacks.feature_distances import apart
from facebench.attacks.lowkey import START, STEP, flipped_rows, soft
from facebench.errors import UserError
from tests.toys.cloaks import context, subjects, surrogate

pytestmark = pytest.mark.slow

LOWKEY = ATTACKS["lowkey"]


@pytest.fixture(scope="module")
def faces():
    return subjects(people=2)


@pytest.fixture(scope="module")
def known(faces):
    return context(faces, [surrogate(0), surrogate(1, (24, 40))])


@pytest.fixture(scope="module")
def cloaked(faces, known):
    return LOWKEY(faces, known)


def tensor(pixels):
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None] / 255


def test_the_features_move_as_far_as_is_told_raw_and_smoothed(faces, known, cloaked):
    for subject, result in zip(faces, cloaked, strict=True):
        assert result.status == "ok"
        assert result.objective > result.objective_start
        moved = []
        for model, far in zip(known.surrogates, apart(known), strict=True):
            aim = flipped_rows(model, [tensor(subject.pixels)])
            for picture in (tensor(result.pixels), soft(tensor(result.pixels))):
                distance = float(((flipped_rows(model, [picture]) - aim) ** 2).sum())
                moved.append(2 * distance / far)
        assert result.objective == pytest.approx(np.mean(moved), abs=1e-4)


def test_both_branches_are_moved(faces, known, cloaked):
    model = known.surrogates[0]
    for subject, result in zip(faces, cloaked, strict=True):
        before, after = soft(tensor(subject.pixels)), soft(tensor(result.pixels))
        aim = flipped_rows(model, [tensor(subject.pixels)])
        distances = [((flipped_rows(model, [x]) - aim) ** 2).sum() for x in (before, after)]
        assert distances[1] > distances[0]


def test_only_the_number_of_steps_bounds_the_change(faces, known, cloaked):
    most = [distortion.linf(s.pixels, r.pixels) for s, r in zip(faces, cloaked, strict=True)]
    assert max(most) <= 255 * (50 * STEP + START) + 0.5
    assert max(most) > 8
    for subject, result in zip(faces, LOWKEY(faces, known, steps=2), strict=True):
        assert distortion.linf(subject.pixels, result.pixels) <= 255 * (2 * STEP + START) + 0.5


def test_a_larger_weight_makes_it_less_visible(faces, known, cloaked):
    held = LOWKEY(faces, known, weight=1.0)
    for subject, more, less in zip(faces, cloaked, held, strict=True):
        assert distortion.dssim(subject.pixels, less.pixels) < distortion.dssim(
            subject.pixels, more.pixels
        )


def test_the_same_seed_gives_the_same_pixels_and_another_others(faces, known, cloaked):
    for first, second in zip(cloaked, LOWKEY(faces, known), strict=True):
        assert np.array_equal(first.pixels, second.pixels)
    (other,) = LOWKEY(faces[:1], context(faces, known.surrogates, seed=1))
    assert not np.array_equal(other.pixels, cloaked[0].pixels)


def test_what_else_is_in_a_batch_decides_nothing_but_last_digits(faces, known, cloaked):
    # Which signs of small gradients enlarge: some pixels differ, what they reach doesn't.
    alone = [LOWKEY([face], known)[0] for face in faces[:3]]
    for one, among in zip(alone, cloaked, strict=False):
        assert one.objective == pytest.approx(among.objective, rel=0.1)


@pytest.mark.parametrize("shape", [(3, 9, 3), (16, 12, 3)])
def test_tiny_pictures_have_a_result(known, shape):
    plain = Subject("x", "x.png", "p0", None, np.full(shape, 90, np.uint8))
    (result,) = LOWKEY([plain], known, steps=3)
    assert result.pixels.shape == shape


def test_smoothing_is_a_gaussian_of_seven_by_seven_mirrored_at_the_edge():
    from scipy.ndimage import correlate1d

    places = np.arange(7) - 3
    weights = np.exp(-(places**2) / (2 * 3.0**2))
    weights /= weights.sum()
    picture = np.random.default_rng(0).random((20, 30))
    plain = correlate1d(correlate1d(picture, weights, 0, mode="mirror"), weights, 1, mode="mirror")
    ours = soft(torch.from_numpy(picture).float()[None, None])[0, 0]
    assert np.allclose(ours, plain, atol=1e-6)


def test_lpips_without_its_weights_is_refused_in_words(faces, known, monkeypatch):
    monkeypatch.setattr(distortion, "lpips_network", lambda: None)
    with pytest.raises(UserError, match="distance: dssim"):
        LOWKEY(faces[:1], known, distance="lpips")


def test_lpips_is_given_pictures_from_minus_one_to_one(faces, known, monkeypatch):
    class Network:
        def to(self, device):
            return self

        def __call__(self, before, after):
            assert before.min() >= -1 and before.max() <= 1 and before.max() > 0.5
            return ((before - after) ** 2).mean((1, 2, 3), keepdim=True)

    monkeypatch.setattr(distortion, "lpips_network", Network)
    free, held = (LOWKEY(faces[:2], known, distance="lpips", weight=w) for w in (0, 1e3))
    for subject, more, less in zip(faces, free, held, strict=False):
        assert distortion.l2(subject.pixels, less.pixels) < distortion.l2(
            subject.pixels, more.pixels
        )
