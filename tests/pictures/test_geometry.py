"""Where crops are cut: similarity fits, boxes, frames."""

from dataclasses import replace

import numpy as np
import pytest

from facebench.pictures.geometry import (
    TEMPLATES,
    box_frame,
    box_of,
    face_frame,
    frame_side,
    inverse,
    plausible,
    similarity,
)

FACE = np.array([[40, 50], [70, 50], [55, 66], [43, 84], [67, 84]], float)


def turned(points, degrees=0.0, scale=1.0, shift=(0.0, 0.0)):
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T + shift


@pytest.mark.parametrize("degrees", [0, 30, -120, 180])
@pytest.mark.parametrize("weights", [None, np.array([1, 1, 1, 0.3, 0.3])])
def test_a_similarity_is_found_again(degrees, weights):
    target = turned(FACE, degrees, 2.5, (7, -3))
    matrix = similarity(FACE, target, weights)
    np.testing.assert_allclose(FACE @ matrix[:, :2].T + matrix[:, 2], target, atol=1e-9)


def test_a_fit_is_the_best_of_all_similarities_near_it():
    rng = np.random.default_rng(0)
    target = turned(FACE, 20, 1.3) + rng.normal(0, 3, FACE.shape)
    weights = np.array([1, 2, 3, 0.5, 0.5])

    def loss(matrix):
        return (weights[:, None] * (FACE @ matrix[:, :2].T + matrix[:, 2] - target) ** 2).sum()

    best = similarity(FACE, target, weights)
    for _ in range(100):
        a, b, x, y = rng.normal(0, [0.01, 0.01, 1, 1])
        assert loss(best) < loss(best + np.array([[a, -b, x], [b, a, y]]))


def test_mirrored_points_are_never_mirrored_back():
    matrix = similarity(FACE, FACE * [-1, 1])
    assert np.linalg.det(matrix[:, :2]) > 0


def test_points_that_coincide_are_refused():
    with pytest.raises(ValueError, match="one point"):
        similarity(np.ones((5, 2)), FACE)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("degrees", [0, 25, -90])
def test_landmarks_land_on_the_template(name, degrees):
    template = TEMPLATES[name]
    seen = turned(template.points * 200, degrees, 0.7, (90, 40)) - 0.5
    frame = face_frame(seen, template)
    np.testing.assert_allclose(
        template.points @ frame[:, :2].T + frame[:, 2], seen + 0.5, atol=1e-9
    )
    assert frame_side(frame) == pytest.approx(140)


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_is_fitted_the_way_its_network_was_trained(name):
    template = TEMPLATES[name]
    seen = template.points * 100 + np.random.default_rng(1).normal(0, 8, (5, 2))
    sides = [
        frame_side(face_frame(seen, replace(template, fit_to_picture=way))) for way in (True, False)
    ]
    # A least squares fit makes what it moves smaller, the more so the worse it fits.
    assert sides[0] < sides[1]
    assert frame_side(face_frame(seen, template)) == sides[0 if name == "dlib" else 1]


def test_inverse_undoes_a_matrix():
    matrix = similarity(FACE, turned(FACE, 33, 1.7, (4, 5)))
    both = matrix[:, :2] @ inverse(matrix)
    np.testing.assert_allclose(both[:, :2], np.eye(2), atol=1e-12)


def test_templates_are_upright_and_left_is_left():
    for template in TEMPLATES.values():
        left, right, nose, mouth_left, mouth_right = template.points
        assert left[0] < nose[0] < right[0] and mouth_left[0] < nose[0] < mouth_right[0]
        assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])


def test_box_frames_are_square_and_lie_on_pixel_edges():
    frame = box_frame(np.array([10.3, 20.1, 50.2, 75.4]), 0.25)
    side = frame_side(frame)
    assert side == 83 == round(55.3 * 1.5)
    assert (frame == np.rint(frame)).all()
    assert abs(frame[:, 2] + side / 2 - [30.25, 47.75]).max() <= 0.5


def test_a_derived_box_holds_the_face_and_turns_up_where_it_is():
    left, top, right, bottom = box_of(FACE)
    assert left < FACE[:, 0].min() and FACE[:, 0].max() < right
    assert top < FACE[:, 1].min() and FACE[:, 1].max() < bottom
    assert right - left == pytest.approx(bottom - top)
    np.testing.assert_allclose(box_of(FACE + [100, 7]), box_of(FACE) + [100, 7, 100, 7])


@pytest.mark.parametrize(
    "points, expected",
    [
        (FACE, True),
        (FACE * [1, np.nan], False),
        (np.full((5, 2), np.inf), False),
        (FACE + 1000, False),
        (FACE * 50, False),
        (np.full((5, 2), 30.0), False),
    ],
    ids=["a face", "nan", "inf", "outside", "too large", "one point"],
)
def test_landmarks_that_are_none_are_noticed(points, expected):
    assert plausible(points, 100, 100) is expected
