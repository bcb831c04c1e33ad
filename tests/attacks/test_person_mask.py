"""One mask a person: the same change everywhere, within its bounds, also on new pictures."""

import json

import numpy as np
import pytest
import torch

from facebench.attacks.contract import Subject
from facebench.attacks.person_mask import chosen, frame, held, put, resized
from facebench.attacks.surrogates import open_surrogate
from facebench.store.faces import decode, encode, iter_rows, write_faces
from scripts.weights import describe
from tests.toys.attacks import blob, faces_file, pictures, rows_file, run
from tests.toys.models import tiny_clip

pytestmark = pytest.mark.slow

OPTIONS = {
    "kind": "person-mask", "surrogates": ["m"], "linf": 8.0, "step": 1.0, "steps": 8,
    "target": False, "expectation": False, "momentum": 0.0, "made_from": 0.5,
}  # fmt: skip


def alike(path):
    """Write faces of one size, those of a person alike."""
    rng, look = np.random.default_rng(1), {}
    rows = list(iter_rows(faces_file(path, people=4, views=6)))
    for row in rows:
        if row["status"] == "ok":
            person = look.setdefault(row["identity"], blob(rng, 56, 56))
            row["image"] = encode((0.75 * person + 0.25 * blob(rng, 56, 56)).astype(np.uint8))
    write_faces(rows, path, {})
    return path


def description(folder, path):
    (folder / "m.json").write_text(
        json.dumps(describe("m", {"family": "open_clip", "path": str(path)}))
    )
    return folder / "m.json"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Return faces of several sizes, mixed, a tiny model, and its rows."""
    folder = tmp_path_factory.mktemp("tiny")
    faces = faces_file(folder / "faces.parquet", people=4, views=5, mixed=True)
    tiny_clip(folder / "model", 0)
    model = description(folder, folder / "model")
    return faces, model, rows_file(folder, faces, model)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """Return alike faces of a person each, a shipped model, and its rows."""
    folder = tmp_path_factory.mktemp("shipped")
    faces = alike(folder / "faces.parquet")
    model = description(folder, "weights/mini-s")
    return faces, model, rows_file(folder, faces, model)


def masked(study, output, **changes):
    faces, model, rows = study
    return run(faces, output, [model], [rows], **{**OPTIONS, **changes})


@pytest.mark.parametrize("made_from", [0.5, 1, 0.01, 99])
def test_as_many_pictures_are_sources_as_asked_for_and_fewer_are_among_more(made_from):
    subjects = [Subject(f"{i}", "", "p", None, np.zeros((4, 4, 3), np.uint8)) for i in range(7)]
    used = chosen(subjects, made_from, seed=0)
    assert sum(used) == {0.5: 4, 1: 1, 0.01: 1, 99: 7}[made_from]
    more = chosen(subjects, 5, seed=0)
    assert all(b for a, b in zip(chosen(subjects, 2, seed=0), more, strict=True) if a)
    seeds = {tuple(chosen(subjects, 2, seed=seed)) for seed in range(9)}
    assert len(seeds) > 1


def test_all_pictures_of_a_person_are_changed_alike_but_for_what_is_cut(shipped, tmp_path):
    table, images = masked(shipped, tmp_path / "m.parquet", l2=5.0, steps=4)
    _, before = pictures(shipped[0])
    masks = []
    for _, part in table[table.status == "ok"].groupby("identity"):
        old = np.stack([before[i] for i in part.index]).astype(int)
        new = np.stack([images[i] for i in part.index]).astype(int)
        whole = (new > 0) & (new < 255)  # nothing was cut there
        change = new - old
        mask = np.where(whole, change, -99).max(axis=0)
        known = whole.any(axis=0)
        assert known.mean() > 0.99 and (change == mask)[whole & known].all()
        assert (np.abs(change) <= np.abs(mask))[:, known].all()
        masks.append(mask)
    assert len(masks) == 4 and not np.array_equal(masks[0], masks[1])


@pytest.mark.parametrize(
    ("linf", "l2", "expectation"),
    [(8.0, None, True), (4.0, 2.0, True), (2.5, None, False), (16.0, 3.0, False)],
)
def test_the_bounds_hold_in_the_saved_file(tiny, tmp_path, linf, l2, expectation):
    changes = {} if l2 is None else {"l2": l2}
    table, images = masked(
        tiny, tmp_path / "m.parquet", linf=linf, steps=3, expectation=expectation, **changes
    )
    _, before = pictures(tiny[0])
    for old, new in zip(before, images, strict=True):
        if old is not None:
            change = new.astype(float) - old
            assert np.abs(change).max() <= linf
            assert l2 is None or np.sqrt((change**2).mean()) <= l2
    ok = table[table.status == "ok"]
    assert ok.l2.max() > 0.8 * l2 if l2 else ok.linf.max() == int(linf)


def test_each_row_says_whether_the_mask_was_made_from_it(tiny, tmp_path):
    table, _ = masked(tiny, tmp_path / "m.parquet", steps=1, made_from=2)
    ok = table[table.status == "ok"]
    assert (ok.groupby("identity").made_from.sum() == 2).all()
    assert table[table.status != "ok"].made_from.isna().all()
    plain, _ = run(tiny[0], tmp_path / "n.parquet", kind="noise", linf=8)
    assert plain.made_from.isna().all()


def test_new_pictures_are_protected_on_the_surrogate(shipped, tmp_path):
    table, images = masked(shipped, tmp_path / "m.parquet", steps=20, made_from=3, l2=4.0)
    _, noisy = run(shipped[0], tmp_path / "n.parquet", kind="noise", linf=8, l2=4.0)
    new = table[(table.status == "ok") & ~table.made_from.eq(True)]
    assert len(new) >= 8 and new.linf.max() <= 8 and new.l2.max() <= 4
    spec = {"family": "open_clip", "path": "weights/mini-s"}
    surrogate = open_surrogate(spec, describe("m", spec)["files"], "cpu")
    clean = [decode(row["image"]) for row in iter_rows(shipped[0]) if row["image"] is not None]
    place = {image_id: i for i, image_id in enumerate(table[table.status == "ok"].image_id)}

    def rows(shown):
        with torch.no_grad():
            pixels = [torch.from_numpy(p.transpose(2, 0, 1).copy()).float() / 255 for p in shown]
            return surrogate.embed(pixels).numpy()

    own = rows([clean[place[image_id]] for image_id in new.image_id])
    moved = 1 - (own * rows([images[i] for i in new.index])).sum(1).mean()
    still = 1 - (own * rows([noisy[i] for i in new.index])).sum(1).mean()
    assert moved > 5 * still, (moved, still)
    assert (new.objective > new.objective_start).mean() > 0.9


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_no_byte(tiny, tmp_path, threads):
    faces, model, rows = tiny
    for many in (1, threads):
        spec = {**OPTIONS, "steps": 2, "expectation": True, "momentum": 0.5}
        run(faces, tmp_path / f"{many}.parquet", [model], [rows], threads=many, **spec)
    one, other = (tmp_path / f"{many}.parquet" for many in (1, threads))
    assert one.read_bytes() == other.read_bytes()


def test_towards_one_other_person(tiny, tmp_path):
    table, _ = masked(tiny, tmp_path / "m.parquet", target=True, steps=10, made_from=9)
    ok = table[table.status == "ok"]
    assert (ok.groupby("identity").target.nunique() == 1).all() and (ok.target != ok.identity).all()
    assert (ok.objective > ok.objective_start).mean() > 0.8


def test_a_mask_in_another_size_stays_within_its_bounds():
    rng = np.random.default_rng(0)
    mask = held(torch.from_numpy(rng.uniform(-1, 1, (3, 31, 40))).float(), 8 / 255, 4.0)
    assert mask.abs().max() <= 8 / 255 + 1e-7
    assert float((255 * mask).square().mean().sqrt()) <= 4 + 1e-4
    for size in ((31, 40), (64, 57), (12, 90), (7, 5)):
        assert resized(mask, *size).abs().max() <= 8 / 255 + 1e-6
        grey = np.full((*size, 3), 128, np.uint8)
        change = put(mask, Subject("", "", "", None, grey), 8, 4.0).astype(float) - 128
        assert np.abs(change).max() <= 8 and np.sqrt((change**2).mean()) <= 4
    assert frame([Subject("", "", "", None, decode(encode(grey)))]) == (7, 5)
