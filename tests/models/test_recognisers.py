"""Recognisers of real faces: their vectors are those of the libraries that they come from."""

import numpy as np
import pytest
import torch

from facebench.models import FAMILIES, load
from tests.toys.recognisers import LFW, REFEREES, photographed, rendered

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=list(REFEREES))
def recogniser(request):
    """Its encoder, the side of its pictures, and the referee."""
    return load({"family": request.param}, device="cpu"), *REFEREES[request.param]


def test_vectors_of_rendered_faces_are_the_referees(recogniser):
    encoder, side, referee = recogniser
    faces = rendered(3, 2, side)
    rows, wanted = encoder.encode(faces), referee(faces)
    assert rows.dtype == np.float32 and rows.shape == wanted.shape == (6, encoder.dim)
    np.testing.assert_allclose(rows, wanted, atol=1e-5)
    assert np.abs(rows[:1] - rows[2:]).max() > 0.01, "other people have other vectors"
    # In the wrong order of colours they would differ.
    assert np.abs(encoder.encode(faces[:, ::-1].copy()) - wanted).max() > 1e-3


@pytest.mark.skipif(not LFW.exists(), reason="LFW is not in ../shared/datasets")
def test_vectors_of_photographs_are_the_referees(recogniser):
    encoder, side, referee = recogniser
    faces = photographed(5, side)
    np.testing.assert_allclose(encoder.encode(faces), referee(faces), atol=1e-5)


def test_neither_batches_nor_memory_layout_change_a_row(recogniser):
    encoder, side, _ = recogniser
    faces = rendered(1, 3, side)
    rows = encoder.encode(faces)
    alone = np.concatenate([encoder.encode(faces[i : i + 1]) for i in range(3)])
    turned = np.ascontiguousarray(faces.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(alone, rows, atol=1e-6)
    np.testing.assert_allclose(encoder.encode(turned), rows, atol=1e-6)
    assert encoder.encode(faces[:0]).shape == (0, encoder.dim)


@pytest.mark.parametrize("family", REFEREES)
def test_gradients_are_those_of_a_finite_difference(family):
    encoder = load({"family": family}, device="cpu")
    network = encoder.forward.double()
    torch.manual_seed(0)
    side = REFEREES[family][0]
    pixels = torch.from_numpy(rendered(1, 1, side)).double() / 255
    mean, std = (
        torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1)
        for values in (encoder.preprocess.mean, encoder.preprocess.std)
    )
    aim, way = torch.randn(encoder.dim).double(), torch.randn(pixels.shape).double()

    def score(shown):
        return torch.nn.functional.cosine_similarity(network((shown - mean) / std), aim[None])

    leaf = pixels.clone().requires_grad_()
    (slope,) = torch.autograd.grad(score(leaf).sum(), leaf)
    step = 1e-8
    with torch.no_grad():
        rise = (score(pixels + step * way) - score(pixels - step * way)) / (2 * step)
    assert (slope * way).sum().item() == pytest.approx(rise.item(), rel=1e-4)
    assert abs(rise.item()) > 1e-3


@pytest.mark.parametrize("family", REFEREES)
def test_the_number_of_parameters_is_known_without_the_network(family):
    total, image = FAMILIES[family].parameters()
    network = load({"family": family}, device="cpu").forward
    held = sum(one.numel() for one in network.parameters())
    # Factors of channels are folded into the filters, or statistics, which are no parameters.
    assert total == image and 0.99 * held < total < 1.01 * held
