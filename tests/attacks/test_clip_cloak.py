"""The cloak that looks into CLIP: its budget, its aim, and what its gradients go through."""

import json
from importlib import import_module
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from facebench.attacks import Kind
from facebench.attacks.clip_cloak import clip_cloak, rounded, tensor
from facebench.attacks.jpeg import soft_jpeg
from facebench.attacks.surrogates import fitted, open_surrogate
from facebench.attacks.transformations import view
from facebench.errors import UserError
from facebench.models import load
from facebench.pictures.preprocess import Preprocess, fast
from facebench.store.faces import encode
from tests.toys.attacks import (
    blob,
    faces_file,
    model_files,
    pictures,
    rows_file,
    run,
    setting_of,
    subjects_in,
)
from tests.toys.models import tiny_timm

pytestmark = pytest.mark.slow

OPTIONS = {
    "kind": "clip-cloak", "surrogates": ["tiny"], "linf": 8.0, "step": 1.0, "steps": 8,
    "target": False, "expectation": False, "momentum": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Faces, a tiny CLIP, and its rows of them."""
    folder = tmp_path_factory.mktemp("study")
    faces = faces_file(folder / "faces.parquet")
    model = model_files(folder)
    return faces, model, rows_file(folder, faces, model)


@pytest.fixture(scope="module")
def context(study):
    faces, model, rows = study
    about = json.loads(model.read_text())
    surrogate = open_surrogate(about["spec"], about["files"], "cpu", "tiny")
    return setting_of(faces, [surrogate], [np.load(rows)])


def cloak(study, output, **changes):
    faces, model, rows = study
    return run(faces, output, [model], [rows], **{**OPTIONS, **changes})


def options(**changes):
    chosen = {**OPTIONS, **changes}
    return {key: chosen[key] for key in chosen if key not in ("kind", "surrogates")}


@pytest.mark.parametrize("linf", [4.0, 8.0, 2.5])
@pytest.mark.parametrize("expectation", [False, True])
def test_the_budget_holds_in_the_saved_file(study, tmp_path, linf, expectation):
    output = tmp_path / "c.parquet"
    table, images = cloak(study, output, linf=linf, expectation=expectation, steps=3)
    _, before = pictures(study[0])
    for old, new in zip(before, images, strict=True):
        assert old is None or np.abs(new.astype(int) - old).max() <= linf
    assert table.linf.max() == int(linf)


@pytest.mark.parametrize("l2", [2.0, 4.0])
def test_a_second_bound_is_filled_and_holds_in_the_saved_file(study, tmp_path, l2):
    table, images = cloak(study, tmp_path / "c.parquet", l2=l2, steps=12)
    _, before = pictures(study[0])
    sizes = np.array(
        [
            np.sqrt(np.mean((new.astype(float) - old) ** 2))
            for old, new in zip(before, images, strict=True)
            if old is not None
        ]
    )
    assert sizes.max() <= l2 and sizes.min() > 0.85 * l2
    ok = table[table.status == "ok"]
    assert ok.linf.max() <= 8 and (ok.objective > ok.objective_start).all()


def test_every_step_ends_within_the_budget(study, context, monkeypatch):
    ends = []

    def keeping(picture, clean, linf, l2):
        change = picture.detach().permute(1, 2, 0).numpy() * 255 - clean
        ends.append(np.abs(change).max())
        return rounded(picture, clean, linf, l2)

    monkeypatch.setattr(import_module("facebench.attacks.clip_cloak"), "rounded", keeping)
    clip_cloak(subjects_in(study[0])[:4], context, **options(steps=12, linf=3.0))
    assert 2.9 < max(ends) < 3.001


def test_the_objective_rises_along_the_steps(study, context):
    subjects = subjects_in(study[0])
    reached = [
        np.mean([r.objective for r in clip_cloak(subjects, context, **options(steps=steps))])
        for steps in (1, 3, 9, 27)
    ]
    assert (np.diff(reached) > 0).all(), reached


def test_away_from_oneself_in_the_model_that_everybody_uses(study, tmp_path):
    table, images = cloak(study, tmp_path / "c.parquet", steps=20)
    _, before = pictures(study[0])
    encoder = load({"family": "open_clip", "path": str(study[1].parent / "tiny")}, device="cpu")

    def rows(shown):
        pixels = [fast(encode(p), encoder.preprocess) for p in shown if p is not None]
        return encoder.encode(np.stack(pixels))

    ok = table[table.status == "ok"]
    near = (rows(before) * rows(images)).sum(1)
    noisy = run(study[0], tmp_path / "n.parquet", kind="noise", linf=8)[1]
    still = (rows(before) * rows(noisy)).sum(1)
    assert (ok.objective > ok.objective_start).all() and (ok.attack_status == "ok").all()
    assert 1 - near.mean() > 5 * (1 - still.mean())


def test_towards_another_person_who_is_the_same_in_all_pictures(study, tmp_path, context):
    table, images = cloak(study, tmp_path / "c.parquet", target=True, steps=20)
    ok = table[table.status == "ok"]
    assert (ok.groupby("identity").target.nunique() == 1).all()
    assert (ok.target != ok.identity).all() and ok.target.isin(ok.identity).all()
    assert (ok.objective > ok.objective_start).all()
    surrogate = context.surrogates[0]
    with torch.no_grad():
        rows = surrogate.embed([tensor(images[i], surrogate.device) for i in ok.index]).numpy()
    places = [context.number[who] for who in ok.target]
    scores = (rows * context.centroids[0][places]).sum(1)
    np.testing.assert_allclose(scores, ok.objective, atol=1e-5)


def test_one_person_alone_has_nobody_to_be_taken_for(study, tmp_path, context):
    alone = setting_of(faces_file(tmp_path / "one.parquet", people=1), context.surrogates, [])
    with pytest.raises(UserError, match="the only person"):
        alone.other("p0")


def test_killed_half_way_it_attacks_only_what_is_left(study, tmp_path, monkeypatch):
    cloak(study, tmp_path / "whole.parquet", steps=3)
    run_module = import_module("facebench.attacks.run")
    seen = []

    def dying(subjects, *rest, **options):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append([subject.image_id for subject in subjects])
        return clip_cloak(subjects, *rest, **options)

    with monkeypatch.context() as patched:
        patched.setattr(run_module, "ATTACKS", {"clip-cloak": Kind(lambda: dying)})
        with pytest.raises(KeyboardInterrupt):
            cloak(study, tmp_path / "part.parquet", steps=3)
    again = []

    def counting(subjects, *rest, **options):
        again.append([subject.image_id for subject in subjects])
        return clip_cloak(subjects, *rest, **options)

    monkeypatch.setattr(run_module, "ATTACKS", {"clip-cloak": Kind(lambda: counting)})
    cloak(study, tmp_path / "part.parquet", steps=3)
    assert 0 < len(again) < 4 and seen[0] not in again
    assert (tmp_path / "part.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


@pytest.mark.parametrize("expectation", [False, True])
def test_neither_threads_nor_a_second_run_change_a_byte(study, tmp_path, expectation):
    for name, threads in (("a", 1), ("b", 2), ("c", 4)):
        cloak(study, tmp_path / f"{name}.parquet", expectation=expectation, threads=threads)
    a, b, c = ((tmp_path / f"{name}.parquet").read_bytes() for name in "abc")
    assert a == b == c


def test_what_else_is_in_a_batch_changes_a_picture_by_rounding_at_most(study, tmp_path):
    _, images = cloak(study, tmp_path / "a.parquet", expectation=True)
    _, others = cloak(study, tmp_path / "b.parquet", expectation=True, batch=7)
    for one, two in zip(images, others, strict=True):
        assert one is two is None or (one == two).mean() > 0.98


def test_several_surrogates_are_attacked_at_once(study, tmp_path):
    faces, model, rows = study
    other = model_files(tmp_path, "other", seed=7)
    both = [rows, rows_file(tmp_path, faces, other)]
    table, images = run(faces, tmp_path / "c.parquet", [model, other], both, **OPTIONS)
    one, alone = cloak(study, tmp_path / "one.parquet")
    assert (table.objective > table.objective_start)[table.status == "ok"].all()
    assert not np.array_equal(images[0], alone[0])


def test_momentum_keeps_going(study, context):
    subjects = subjects_in(study[0])[:4]
    plain = clip_cloak(subjects, context, **options())
    carried = clip_cloak(subjects, context, **options(momentum=1.0))
    assert all(r.objective > r.objective_start for r in carried)
    assert not np.array_equal(plain[0].pixels, carried[0].pixels)


def test_random_views_are_other_views_and_have_gradients():
    picture = tensor(blob(np.random.default_rng(0), 50, 40), torch.device("cpu"))
    shapes, rng = set(), np.random.default_rng(1)
    for _ in range(30):
        leaf = picture.clone().requires_grad_()
        seen = view(leaf, rng)
        (slope,) = torch.autograd.grad((seen**2).sum(), leaf)
        assert torch.isfinite(slope).all() and slope.abs().sum() > 0
        assert seen.min() >= 0 and seen.max() < 1.0001
        shapes.add(tuple(seen.shape))
    assert len(shapes) > 10


@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize("size", [(48, 32), (45, 37)])
def test_the_soft_jpeg_is_close_to_the_hard_one(quality, size):
    pixels = blob(np.random.default_rng(2), *size)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    hard = np.asarray(Image.open(file)).astype(float)
    leaf = tensor(pixels, torch.device("cpu")).requires_grad_()
    soft = soft_jpeg(leaf, quality)
    (slope,) = torch.autograd.grad(soft.sum(), leaf)
    shown = soft.detach().permute(1, 2, 0).numpy() * 255
    assert np.abs(shown - hard).mean() < np.abs(pixels - hard).mean() / 3
    assert slope.abs().sum() > 0


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("size", [(70, 50), (32, 32), (20, 31)])
def test_a_surrogate_sees_what_the_model_sees(mode, size):
    pixels = blob(np.random.default_rng(3), *size)
    pre = Preprocess(size=(32, 32), resize_mode=mode, fill=(9, 120, 200))
    seen = fitted(tensor(pixels, torch.device("cpu")), pre).numpy() * 255
    assert np.abs(seen - fast(encode(pixels), pre)).max() <= 2


def test_face_models_can_be_surrogates_and_pixels_cannot(tmp_path):
    tiny_timm(tmp_path / "face")
    spec = {"family": "timm", "path": str(tmp_path / "face")}
    surrogate = open_surrogate(spec, None, "cpu", "face")
    leaf = tensor(blob(np.random.default_rng(4), 60, 60), torch.device("cpu")).requires_grad_()
    (slope,) = torch.autograd.grad(surrogate.embed([leaf])[0, 0], leaf)
    assert slope.abs().sum() > 0
    with pytest.raises(UserError, match="can't be a surrogate"):
        open_surrogate({"family": "pixels"}, {}, "cpu", "pixels")
