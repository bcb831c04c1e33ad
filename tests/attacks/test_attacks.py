"""Attacks: what their runner promises for every kind, and the controls."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import correlate1d

from facebench.attacks import Kind, controls, distortion
from facebench.attacks.contract import Attacked
from facebench.attacks.protected import protected
from facebench.store.faces import (
    ATTACK_SCHEMA,
    SCHEMA,
    iter_rows,
    read_attacked,
    read_labels,
    write_faces,
)
from facebench.store.tables import read_record
from tests.toys.attacks import blob, faces_file, pictures, run, setting_of, subjects_in


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return faces_file(tmp_path_factory.mktemp("faces") / "faces.parquet")


def test_rows_keep_their_place_their_people_and_their_size(faces, tmp_path):
    table, images = run(faces, tmp_path / "noise.parquet", kind="noise", linf=8)
    clean, before = pictures(faces)
    assert list(table.columns) == [
        name for name in [*SCHEMA.names, *ATTACK_SCHEMA.names] if name != "image"
    ]
    same = ["image_id", "path", "identity", "name", "status", "reason", "width", "height"]
    pd.testing.assert_frame_equal(table[same], clean[same], check_dtype=False)
    for old, new in zip(before, images, strict=True):
        assert (old is None) == (new is None)
        assert old is None or old.shape == new.shape
    record = read_record(tmp_path / "noise.parquet")
    assert record["attack"]["spec"]["linf"] == 8 and record["faces"] == {"crop": "tight"}
    assert read_attacked(tmp_path / "noise.parquet").shape == table.shape


def test_a_picture_that_was_none_before_stays_a_row_with_its_reason(faces, tmp_path):
    table, images = run(faces, tmp_path / "noise.parquet", kind="noise", linf=8)
    lost = table[table.status == "no-face"]
    assert len(lost) == 2 and (lost.attack_status == "not attacked").all()
    assert (lost.attack_reason == "No face was found.").all()
    assert all(images[i] is None for i in lost.index)


def test_only_protected_people_are_attacked(faces, tmp_path):
    table, images = run(faces, tmp_path / "n.parquet", kind="noise", linf=8, people=2)
    mine = protected(read_labels(faces), 2, 0)
    attacked = table.identity.isin(mine) & (table.status != "no-face")
    assert len(mine) == 2 and (table.attack_status[attacked] == "ok").all()
    others = table[~table.identity.isin(mine) & (table.status != "no-face")]
    assert (others.status == "not-attacked").all() and (
        others.attack_status == "not attacked"
    ).all()
    assert others.attack_reason.str.contains("not among").all() and others.linf.isna().all()
    assert all(images[i] is None for i in others.index)


def test_fewer_people_are_always_among_more_and_need_two_pictures():
    labels = pd.DataFrame({"identity": [f"p{i // 2}" for i in range(41)], "status": "ok"})
    few, many = protected(labels, 5, 3), protected(labels, 12, 3)
    assert len(few) == 5 and few < many and few != protected(labels, 5, 4)
    assert "p20" not in protected(labels, 99, 3) and "p20" in protected(labels, None, 3)


def test_whom_an_attack_protects_does_not_depend_on_what_failed():
    people = [f"p{i // 3}" for i in range(60)]
    usable = pd.DataFrame({"identity": people, "status": "ok"})
    drawn = protected(usable, 8, 3)
    for failed in (range(0, 60, 2), range(30), range(60)):
        status = np.where(np.isin(np.arange(60), failed), "no-face", "ok")
        assert protected(usable.assign(status=status), 8, 3) == drawn
        assert protected(usable.assign(status=status), None, 3) == set(people)
    # Copies of a picture and pictures of nobody are not pictures of a person.
    other = usable.assign(status=["ok", "duplicate", "duplicate"] * 20)
    assert protected(other, 8, 3) == set()
    nobody = usable.assign(identity=[None, ""] * 30)
    assert protected(nobody, 8, 3) == protected(nobody, None, 3) == set()


def test_people_without_a_usable_picture_are_recorded_as_protected(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet")
    rows = list(iter_rows(faces))
    for row in rows[:3]:
        row |= {"status": "no-face", "reason": "No face was found.", "image": None}
    write_faces(rows, faces, {})
    table, images = run(faces, tmp_path / "noise.parquet", kind="noise", linf=8, people=6)
    lost = table.identity == "p0"
    assert table.protected.all() and (table.attack_status[lost] == "not attacked").all()
    assert all(images[i] is None for i in table.index[lost])
    few, _ = run(faces, tmp_path / "few.parquet", kind="noise", linf=8, people=2)
    mine = protected(read_labels(faces), 2, 0)
    assert (few.protected == few.identity.isin(mine)).all() and few.identity[
        few.protected
    ].nunique() == 2


def test_sizes_are_of_the_pixels_in_the_file(faces, tmp_path):
    table, images = run(faces, tmp_path / "blur.parquet", kind="blur", l2=8.0, sigma=2.0)
    _, before = pictures(faces)
    for row, old, new in zip(table.itertuples(), before, images, strict=True):
        if old is None:
            continue
        change = new.astype(float) - old
        assert row.linf == np.abs(change).max()
        assert row.l2 == pytest.approx(np.sqrt((change**2).mean()), rel=1e-6)
        assert row.psnr == pytest.approx(10 * np.log10(255**2 / (change**2).mean()), rel=1e-6)
        assert row.dssim == pytest.approx((1 - plain_ssim(old, new)) / 2, abs=1e-6)


def plain_ssim(a, b):
    """Return SSIM by its formula, channel by channel."""
    offsets = np.arange(-5, 6)
    line = np.exp(-(offsets**2) / (2 * 1.5**2))
    line /= line.sum()

    def mean(x):
        return correlate1d(correlate1d(x, line, 0), line, 1)[5:-5, 5:-5]

    values = []
    for channel in range(3):
        x, y = a[..., channel].astype(float), b[..., channel].astype(float)
        mx, my = mean(x), mean(y)
        vx, vy, vxy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
        top = (2 * mx * my + 6.5025) * (2 * vxy + 58.5225)
        values.append(top / ((mx**2 + my**2 + 6.5025) * (vx + vy + 58.5225)))
    return np.mean(values)


def test_equal_pictures_have_no_distance_and_small_ones_have_one():
    old = blob(np.random.default_rng(1), 9, 6)
    assert distortion.dssim(old, old) == pytest.approx(0, abs=1e-12)
    assert (
        distortion.psnr(old, old) is None
        and distortion.l2(old, old) == distortion.linf(old, old) == 0
    )
    assert 0 < distortion.dssim(old, 255 - old) <= 1


@pytest.mark.parametrize("threads", [2, 3])
def test_neither_threads_nor_a_second_run_change_a_byte(faces, tmp_path, threads):
    spec = {"kind": "noise", "linf": 5, "batch": 3}
    run(faces, tmp_path / "a.parquet", **spec)
    run(faces, tmp_path / "b.parquet", threads=threads, **spec)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    _, other = run(faces, tmp_path / "c.parquet", **spec, seed=1)
    assert not np.array_equal(other[0], pictures(tmp_path / "a.parquet")[1][0])


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_what_else_is_in_a_batch_changes_no_picture(faces, tmp_path, batch):
    _, images = run(faces, tmp_path / "a.parquet", kind="noise", linf=5, batch=4)
    _, others = run(faces, tmp_path / "b.parquet", kind="noise", linf=5, batch=batch)
    for one, two in zip(images, others, strict=True):
        assert one is two is None or np.array_equal(one, two)


class Killed(Exception):
    pass


def test_killed_half_way_it_goes_on_where_it_was(faces, tmp_path, monkeypatch):
    spec = {"kind": "noise", "linf": 5, "batch": 3}
    run(faces, tmp_path / "whole.parquet", **spec)
    seen = []

    def dying(subjects, context, linf):
        if len(seen) == 3:
            raise Killed
        seen.append(len(subjects))
        return controls.noise(subjects, context, linf)

    with monkeypatch.context() as patched:
        patched.setattr("facebench.attacks.run.ATTACKS", {"noise": Kind(lambda: dying)})
        with pytest.raises(Killed):
            run(faces, tmp_path / "part.parquet", **spec)
    assert not (tmp_path / "part.parquet").exists()
    again = []

    def counting(subjects, context, linf):
        again.extend(subjects)
        return controls.noise(subjects, context, linf)

    monkeypatch.setattr("facebench.attacks.run.ATTACKS", {"noise": Kind(lambda: counting)})
    run(faces, tmp_path / "part.parquet", **spec)
    assert 0 < len(again) < 16
    assert (tmp_path / "part.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_a_picture_that_comes_back_as_it_was_is_unchanged(faces, tmp_path, monkeypatch):
    def idle(subjects, context):
        return [Attacked(subject.pixels) for subject in subjects]

    monkeypatch.setattr("facebench.attacks.run.ATTACKS", {"idle": Kind(lambda: idle)})
    table, _ = run(faces, tmp_path / "idle.parquet", kind="idle")
    usable = table[table.status == "ok"]
    assert len(usable) == 16 and (usable.attack_status == "unchanged").all()
    assert (usable.linf == 0).all() and usable.psnr.isna().all()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("mixed", [False, True])
def test_a_kind_by_person_gets_each_persons_pictures_together(
    tmp_path, monkeypatch, threads, mixed
):
    faces = faces_file(tmp_path / "faces.parquet", mixed=mixed)
    seen = []

    def together(subjects, context):
        seen.append([subject.image_id for subject in subjects])
        # Each picture is marked with its place among its person's.
        return [Attacked(np.full_like(s.pixels, i)) for i, s in enumerate(subjects)]

    kind = Kind(lambda: together, by_person=True)
    monkeypatch.setattr("facebench.attacks.run.ATTACKS", {"together": kind})
    table, images = run(faces, tmp_path / "t.parquet", threads=threads, kind="together", batch=2)
    usable = table[table.status == "ok"]
    assert sorted(seen) == sorted(part.tolist() for _, part in usable.groupby("identity").image_id)
    place = usable.groupby("identity").cumcount()
    assert [int(images[i].max()) for i in usable.index] == place.tolist()
    assert table.image_id.tolist() == pictures(faces)[0].image_id.tolist()


def test_a_killed_kind_by_person_goes_on_with_the_next_person(tmp_path, monkeypatch):
    faces = faces_file(tmp_path / "faces.parquet", mixed=True)
    calls = []

    def noisy(subjects, context, linf):
        calls.append(subjects[0].identity)
        if len(calls) == 4:
            raise Killed
        return controls.noise(subjects, context, linf)

    kind = Kind(lambda: noisy, by_person=True)
    monkeypatch.setattr("facebench.attacks.run.ATTACKS", {"noise": kind})
    with pytest.raises(Killed):
        run(faces, tmp_path / "part.parquet", kind="noise", linf=5)
    before = len(calls)
    run(faces, tmp_path / "part.parquet", kind="noise", linf=5)
    again = calls[before:]
    assert 0 < len(again) == len(set(again)) < 6
    monkeypatch.setattr("facebench.attacks.run.ATTACKS", {"noise": Kind(lambda: controls.noise)})
    run(faces, tmp_path / "whole.parquet", kind="noise", linf=5)
    assert (tmp_path / "part.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_an_attack_must_keep_the_size(faces, tmp_path, monkeypatch):
    def cutting(subjects, context):
        return [Attacked(subject.pixels[1:]) for subject in subjects]

    monkeypatch.setattr("facebench.attacks.run.ATTACKS", {"cut": Kind(lambda: cutting)})
    with pytest.raises(ValueError, match="must return uint8"):
        run(faces, tmp_path / "cut.parquet", kind="cut")


@pytest.mark.parametrize("linf", [1, 8, 127])
def test_noise_changes_every_value_by_its_size(faces, linf):
    subjects = subjects_in(faces)
    for subject, result in zip(
        subjects, controls.noise(subjects, setting_of(faces), linf), strict=True
    ):
        change = result.pixels.astype(int) - subject.pixels
        assert (np.abs(change) == linf).all()
        assert abs((change > 0).mean() - 0.5) < 0.2


def test_noise_of_a_smaller_square_spares_values(faces):
    subjects = subjects_in(faces)
    results = controls.noise(subjects, setting_of(faces), 8, 6.0)
    for subject, result in zip(subjects, results, strict=True):
        change = np.abs(result.pixels.astype(int) - subject.pixels)
        assert set(np.unique(change)) == {0, 8}
        assert distortion.l2(subject.pixels, result.pixels) == pytest.approx(6, rel=0.03)


def test_noise_like_another_attack_has_its_size_on_every_picture(faces, tmp_path):
    spec = {"kind": "noise", "people": 4}
    for like, size in (
        ("blur", {"kind": "blur", "l2": 5.5}),
        ("small", {"kind": "noise", "linf": 8, "l2": 0.5}),
    ):
        other, changed = run(faces, tmp_path / f"{like}.parquet", **size, people=3)
        table, images = run(
            faces, tmp_path / f"as-{like}.parquet", like=like,
            where={"like": str(tmp_path / f"{like}.parquet")}, linf=8, **spec,
        )  # fmt: skip
        there = other.l2.notna()
        assert there.sum() > 5 and (table.l2.notna() == there).all()
        np.testing.assert_allclose(table.l2[there], other.l2[there], rtol=0.03)
        assert (table.linf[there] <= other.linf[there]).all()
        assert not any(
            np.array_equal(*pair)
            for pair in zip(images, changed, strict=True)
            if pair[0] is not None
        )
        # A fourth person has no picture of the other attack to be as large as.
        lost = table[table.attack_reason.str.startswith(f"There is no picture of {like}")]
        assert lost.identity.nunique() == 1 and (lost.attack_status == "not attacked").all()


@pytest.mark.parametrize(("size", "off"), [(2.0, 0.1), (8.0, 0.02), (20.0, 0.02)])
def test_blur_reaches_the_size_that_is_asked_for(faces, size, off):
    subjects = subjects_in(faces)
    results = controls.blur(subjects, setting_of(faces), size)
    sizes = [distortion.l2(s.pixels, r.pixels) for s, r in zip(subjects, results, strict=True)]
    assert all(result.status == "ok" for result in results)
    np.testing.assert_allclose(sizes, size, rtol=off)


def test_what_no_blur_changes_enough_has_failed(faces):
    flat = [subjects_in(faces)[0]]
    object.__setattr__(flat[0], "pixels", np.full((30, 30, 3), 90, np.uint8))
    result = controls.blur(flat, setting_of(faces), 8.0)[0]
    assert result.status == "failed to cloak" and "too plain" in result.reason
