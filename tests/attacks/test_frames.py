"""What surrogates see of a photograph, against what a crop cuts out of it."""

import numpy as np
import pytest
import torch

from facebench.attacks import frames
from facebench.attacks.frames import region, shifted, through, worn
from facebench.pictures.crops import warp
from tests.toys.attacks import blob

#: Upright, turned, and reaching beyond the picture.
FRAMES = {
    "upright": np.array([[60.0, 0, 20], [0, 60, 15]]),
    "turned": np.array([[50.0, -20, 40], [20, 50, 12]]),
    "beyond": np.array([[60.0, 0, -15], [0, 60, 60]]),
    "between pixels": np.array([[41.3, 0, 7.6], [0, 41.3, 3.2]]),
}


@pytest.fixture(scope="module")
def picture():
    return blob(np.random.default_rng(3), 120, 100)


def planes(pixels, dtype=torch.float64):
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy()).to(dtype) / 255


@pytest.mark.parametrize("name", FRAMES)
def test_a_surrogate_sees_what_the_crop_shows(picture, name):
    frame = FRAMES[name]
    side = round(np.hypot(frame[0, 0], frame[1, 0]))
    seen = (through(planes(picture), frame) * 255).round().numpy().transpose(1, 2, 0)
    cut = warp(picture, frame, side)
    assert seen.shape == cut.shape
    # Both interpolate bicubically, with filters that differ a little.
    assert np.abs(seen - cut).mean() < 1 and np.abs(seen - cut).max() <= 8


@pytest.mark.parametrize("name", ["upright", "turned", "between pixels"])
def test_what_is_put_where_a_frame_lies_is_seen_through_it_and_nowhere_else(name):
    rng, frame = np.random.default_rng(0), FRAMES[name]
    side = round(np.hypot(frame[0, 0], frame[1, 0]))
    mask = torch.from_numpy(rng.random((3, 12, 12)))
    mask = torch.nn.functional.interpolate(mask[None], (side, side), mode="bilinear")[0]
    there = worn(mask, frame, 100, 120)
    assert there.abs().max() <= mask.abs().max()
    seen = through(there, frame)
    inner = (slice(None), slice(2, -2), slice(2, -2))  # it ends at the edge
    assert (seen - mask)[inner].abs().max() < 0.1
    left, top, right, bottom = region([frame], 120, 100)
    there[:, top:bottom, left:right] = 0
    assert not there.any()


def test_a_large_face_is_shrunk_first(picture, monkeypatch):
    monkeypatch.setattr(frames, "LARGEST", 30)
    seen = through(planes(picture), FRAMES["turned"])
    assert seen.shape == (3, 30, 30)
    cut = warp(picture, FRAMES["turned"], 30)
    assert np.abs(seen.numpy().transpose(1, 2, 0) * 255 - cut).mean() < 3


def test_gradients_reach_the_photograph_where_the_frame_is_and_nowhere_else(picture):
    leaf = planes(picture).requires_grad_()
    through(leaf, FRAMES["upright"]).sum().backward()
    left, top, right, bottom = region([FRAMES["upright"]], 120, 100)
    inside = torch.zeros(100, 120, dtype=torch.bool)
    inside[top:bottom, left:right] = True
    assert (leaf.grad[:, ~inside] == 0).all()
    # Not where a value is cut at black or white.
    assert (leaf.grad[:, 20:70, 25:75] != 0).double().mean() > 0.8


@pytest.mark.parametrize("name", ["upright", "turned", "between pixels"])
def test_the_part_of_a_photograph_shows_the_same(picture, name):
    left, top, right, bottom = region([FRAMES[name]], 120, 100)
    part = picture[top:bottom, left:right]
    whole = through(planes(picture), FRAMES[name])
    again = through(planes(part), shifted(FRAMES[name], left, top))
    assert torch.allclose(whole, again, atol=1e-6)


def test_a_region_ends_at_the_picture_and_holds_all_frames():
    assert region([FRAMES["beyond"]], 120, 100) == (0, 57, 48, 100)
    both = region([FRAMES["upright"], FRAMES["between pixels"]], 120, 100)
    assert both == (4, 0, 83, 78)
