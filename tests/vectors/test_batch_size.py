"""How many pictures a model is given at once: on a GPU, as many as its memory holds."""

from types import SimpleNamespace

import numpy as np
import pytest

from facebench.models.encoder import Encoder
from facebench.pictures.preprocess import Preprocess
from facebench.vectors import batch_size
from facebench.vectors.batch_size import (
    LARGEST,
    ON_CPU,
    SHARE,
    SMALLEST,
    choose_batch_size,
    fitting,
)


def encoder_on(device):
    """An encoder that can't encode, on a device of this kind (None: it has none of torch's)."""

    def encode(pixels):
        raise AssertionError("nothing is tried")

    place = None if device is None else SimpleNamespace(type=device)
    return Encoder(4, Preprocess(size=(8, 8)), encode, device=place)


@pytest.mark.parametrize("device", [None, "cpu", "mps", "cuda"])
def test_a_size_that_is_asked_for_is_taken_untried(device):
    assert choose_batch_size(encoder_on(device), 7) == 7


@pytest.mark.parametrize("device", [None, "cpu", "mps"])
def test_beside_no_gpu_the_size_is_fixed(device):
    assert choose_batch_size(encoder_on(device), "auto") == ON_CPU


def test_on_a_gpu_the_size_is_the_largest_that_fits(monkeypatch, caplog):
    caplog.set_level("INFO", logger="facebench")
    monkeypatch.setattr(batch_size, "_memory", lambda _: (2e9, 16e9))
    assert choose_batch_size(encoder_on("cuda"), "auto") == 256
    assert "batches of 256: one of 64 takes 1.9 GB and 14.9 GB are free" in caplog.text


def test_no_size_takes_more_than_its_share_and_none_is_smaller_or_larger_than_allowed():
    for used, free in np.random.default_rng(0).uniform(1e8, 1e11, (200, 2)):
        size = fitting(used, free)
        assert SMALLEST <= size <= LARGEST and size & (size - 1) == 0
        takes = used * size / SMALLEST
        assert takes <= SHARE * free or size == SMALLEST
        assert 2 * takes > SHARE * free or size == LARGEST
