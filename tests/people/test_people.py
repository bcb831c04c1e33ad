"""People who don't exist: one seed, one set of bytes; truth that fits the picture; new people."""

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.people import (
    LANDMARKS,
    caption,
    dataset,
    draw_identity,
    draw_view,
    key_of,
    render,
    render_jpeg,
)
from facebench.people.who.names import name_of
from scripts import render_people

SIZE = 48


def digest(seed, index, number, size=SIZE):
    """A hash of one picture's bytes."""
    person = draw_identity(seed, index)
    return hashlib.sha256(render_jpeg(person, draw_view(person, number), size)[0]).hexdigest()


def files(root):
    """Hashes of all pictures under a folder, by path."""
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*.jpg"))
    }


def plain(person, view):
    """A view straight from the front, without glasses and hat."""
    return dataclasses.replace(
        view, yaw=0.0, pitch=0.0, roll=0.0, offset_x=0.0, glasses="none", hat="none"
    )


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """Forty people, three views each: the folder and its table."""
    root = tmp_path_factory.mktemp("crowd")
    return root, render_people.main(root, people=40, views=3, size=SIZE, seed=5, threads=2)


def test_one_thread_and_two_give_the_same_bytes_and_table(tmp_path):
    one = render_people.main(tmp_path / "1", people=3, views=2, size=SIZE, seed=1, threads=1)
    two = render_people.main(tmp_path / "2", people=3, views=2, size=SIZE, seed=1, threads=2)
    pd.testing.assert_frame_equal(one, two)
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert len(set(files(tmp_path / "1").values())) == 6


def test_another_process_gives_the_same_bytes_and_compiles_nothing_again():
    expected = digest(1, 7, 3)
    code = (
        "import sys, hashlib; sys.path.insert(0, 'scripts')\n"
        "from facebench.people import *\n"
        "p = draw_identity(1, 7)\n"
        f"print(hashlib.sha256(render_jpeg(p, draw_view(p, 3), {SIZE})[0]).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_DEBUG_CACHE": "1"},
    ).stdout
    assert told.splitlines()[-1] == expected
    assert "data loaded" in told and "data saved" not in told


def test_pictures_drawn_at_once_do_not_disturb_each_other():
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda number: digest(2, 0, number), range(8)))
    assert together == [digest(2, 0, number) for number in range(8)]


def test_a_person_and_a_view_need_no_others_before_them(crowd):
    root, table = crowd
    row = table.iloc[-1]
    person = draw_identity(5, 39)
    data, truth = render_jpeg(person, draw_view(person, 2), SIZE)
    assert (root / row.path).read_bytes() == data
    assert row.nose_x == truth["nose_x"] and row["name"] == person.name


def test_disjoint_ranges_share_nobody_and_agree_with_one_long_range(tmp_path, crowd):
    _, table = crowd
    late = render_people.main(tmp_path, people=2, views=1, size=SIZE, seed=5, first=38)
    assert list(late.identity) == list(table.identity.unique()[38:])
    assert not set(late["name"]) & set(table[table.identity < late.identity.min()]["name"])


def test_later_views_are_other_pictures_of_the_same_people(tmp_path, crowd):
    root, table = crowd
    later = render_people.main(tmp_path, people=2, views=2, size=SIZE, seed=5, first_view=2)
    assert set(later.identity) == set(table.identity.unique()[:2])
    again, new = later.path[later["view"] == 2], later.path[later["view"] == 3]
    assert all((tmp_path / path).read_bytes() == (root / path).read_bytes() for path in again)
    assert len(new) == 2 and not set(new) & set(table.path)


def test_another_seed_gives_other_people():
    a, b = draw_identity(1, 0), draw_identity(2, 0)
    assert a.name != b.name and key_of(a) != key_of(b)
    assert all(a.bones[name] != b.bones[name] for name in a.bones)
    assert digest(1, 0, 0) != digest(2, 0, 0)


def test_a_view_changes_the_picture_but_not_the_person():
    person = draw_identity(1, 0)
    assert draw_view(person, 0).yaw != draw_view(person, 1).yaw
    assert digest(1, 0, 0) != digest(1, 0, 1)


def test_pictures_have_the_size_asked_for_and_are_what_the_table_says(crowd):
    root, table = crowd
    assert len(table) == 120 and table.groupby("identity").size().eq(3).all()
    for row in table.itertuples():
        with Image.open(root / row.path) as picture:
            assert picture.size == (row.width, row.height) == (SIZE, SIZE)
            assert picture.format == "JPEG" and picture.mode == "RGB"
    assert pd.read_parquet(root / "people.parquet").equals(table)
    assert not list(root.glob(".*"))


def test_landmarks_lie_inside_the_box_and_the_box_inside_the_picture(crowd):
    _, table = crowd
    for name in LANDMARKS:
        assert table[f"{name}_x"].between(table.box_left, table.box_right).all()
        assert table[f"{name}_y"].between(table.box_top, table.box_bottom).all()
    assert (table.box_left > 0).all() and (table.box_right < SIZE).all()
    assert (table.left_eye_x < table.right_eye_x).all()
    assert (table.mouth_left_x < table.mouth_right_x).all()
    for eye, corner in (("left_eye", "mouth_left"), ("right_eye", "mouth_right")):
        assert (table[f"{eye}_y"] < table.nose_y).all()
        assert (table.nose_y < table[f"{corner}_y"]).all()


def test_a_mirrored_head_has_mirrored_landmarks():
    person = draw_identity(1, 4)
    view = dataclasses.replace(draw_view(person, 0), yaw=0.3, roll=0.1, offset_x=0.02)
    other = dataclasses.replace(view, yaw=-0.3, roll=-0.1, offset_x=-0.02)
    one, two = render(person, view, SIZE)[1], render(person, other, SIZE)[1]
    swap = {"left_eye": "right_eye", "mouth_left": "mouth_right", "nose": "nose"}
    for a, b in swap.items():
        assert one[f"{a}_x"] == pytest.approx(SIZE - 1 - two[f"{b}_x"], abs=0.02)
        assert one[f"{a}_y"] == pytest.approx(two[f"{b}_y"], abs=0.02)
    assert one["box_left"] == pytest.approx(SIZE - two["box_right"], abs=0.02)


def test_landmarks_move_with_the_head():
    person = draw_identity(1, 4)
    front = plain(person, draw_view(person, 0))
    still = render(person, front, SIZE)[1]
    right = render(person, dataclasses.replace(front, yaw=0.3), SIZE)[1]
    up = render(person, dataclasses.replace(front, pitch=0.15), SIZE)[1]
    assert still["nose_x"] == pytest.approx(SIZE / 2 - 0.5, abs=0.01)
    assert right["nose_x"] > still["nose_x"] + 2
    assert up["nose_y"] < still["nose_y"] - 1


def test_the_eyes_are_where_the_truth_says():
    """Opening and closing the lids changes pixels at the landmarks and nowhere far from them."""
    person = draw_identity(1, 4)
    view = dataclasses.replace(plain(person, draw_view(person, 0)), blur=0.0, noise=0.0)
    wide = np.asarray(render(person, dataclasses.replace(view, lids=1.2), 96)[0], float)
    shut = np.asarray(render(person, dataclasses.replace(view, lids=0.0), 96)[0], float)
    truth = render(person, view, 96)[1]
    changed = np.abs(wide - shut).sum(2)
    y, x = np.mgrid[:96, :96]
    near = np.zeros((96, 96), bool)
    for eye in ("left_eye", "right_eye"):
        near |= np.hypot(x - truth[f"{eye}_x"], y - truth[f"{eye}_y"]) < 6
    assert changed[near].mean() > 20
    assert changed[~near].mean() < 0.1 * changed[near].mean()


def test_names_are_unique_also_when_all_pairs_are_used_up():
    names = [
        name_of(3, index, sex)[0] for sex in ("feminine", "masculine") for index in range(30000)
    ]
    assert len(set(names)) == len(names)
    assert len({name_of(3, index, "feminine")[1] for index in range(2000)}) >= 12


def test_captions_vary_repeat_and_tell_the_truth():
    person = draw_identity(1, 0)
    view = draw_view(person, 0)
    said = [caption(person, view, again) for again in range(40)]
    assert said == [caption(person, view, again) for again in range(40)]
    assert len(set(said)) > 15 and all(person.name in sentence for sentence in said)
    nameless = [caption(person, view, again, named=False) for again in range(40)]
    assert not any(person.name in sentence for sentence in nameless)
    wrong = "woman" if person.sex == "masculine" else " man "
    assert not any(wrong in sentence for sentence in said + nameless)


def test_raw_pixels_hardly_know_anybody(crowd):
    """One gallery picture each: far from chance's certainty and far below a recogniser."""
    root, table = crowd
    pixels = np.stack([np.asarray(Image.open(root / p), float).ravel() for p in table.path])
    pixels /= np.linalg.norm(pixels, axis=1, keepdims=True)
    gallery = (table["view"] == 0).to_numpy()
    people = table.identity.to_numpy()
    best = (pixels[~gallery] @ pixels[gallery].T).argmax(1)
    assert (people[gallery][best] == people[~gallery]).mean() < 0.25


def test_a_killed_run_goes_on_where_it_was(tmp_path, monkeypatch):
    whole = render_people.main(tmp_path / "whole", people=4, views=2, size=SIZE, seed=6)
    drawn = []

    def power_cut(person, view, size):
        if len(drawn) == 5:
            raise KeyboardInterrupt
        drawn.append(view)
        return render_jpeg(person, view, size)

    monkeypatch.setattr(dataset, "render_jpeg", power_cut)
    with pytest.raises(KeyboardInterrupt):
        render_people.main(tmp_path / "cut", people=4, views=2, size=SIZE, seed=6)
    assert not (tmp_path / "cut" / "people.parquet").exists()
    drawn.clear()
    monkeypatch.setattr(dataset, "render_jpeg", lambda *a: drawn.append(a) or render_jpeg(*a))
    again = render_people.main(tmp_path / "cut", people=4, views=2, size=SIZE, seed=6)
    assert len(drawn) == 4
    pd.testing.assert_frame_equal(again, whole)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_other_settings_start_over(tmp_path):
    render_people.main(tmp_path, people=2, views=1, size=SIZE, seed=6)
    render_people.main(tmp_path, people=1, views=1, size=SIZE // 2, seed=6)
    (path,) = tmp_path.rglob("*.jpg")
    assert Image.open(io.BytesIO(path.read_bytes())).size == (SIZE // 2, SIZE // 2)


@pytest.mark.parametrize("how", ["settings", "settings cut", "emptied", "cut", "gone"])
def test_what_a_power_cut_took_is_drawn_again(tmp_path, how):
    where, options = tmp_path / "people", {"people": 3, "views": 2, "size": SIZE, "seed": 1}
    render_people.main(where, **options)
    whole = files(where)
    picture = sorted(where.glob("s1p*/*.jpg"))[2]
    if how.startswith("settings"):
        settings = where / dataset.SETTINGS
        settings.write_bytes(settings.read_bytes()[:9] if how.endswith("cut") else b"")
    elif how == "gone":
        picture.unlink()
    else:
        picture.write_bytes(picture.read_bytes()[:-30] if how == "cut" else b"")
    (where / "people.parquet").unlink()
    render_people.main(where, **options)
    assert files(where) == whole
