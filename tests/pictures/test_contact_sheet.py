"""The contact sheet: which faces are on it, and that all of it can be read."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.store.faces import encode, write_faces
from scripts import contact_sheet
from scripts.contact_sheet import EMPTY, FACES, PEOPLE, failures, sample, spread, summary


def labels(people, failed=()):
    """Return labels of people with so many faces each, then of failures with these statuses."""
    rows = [(f"p{i:03d}", "ok") for i, faces in enumerate(people) for _ in range(faces)]
    rows += [("lost", status) for status in failed]
    return pd.DataFrame(rows, columns=["identity", "status"])


def test_people_are_spread_over_the_data_set():
    table = labels([10] * 100)
    rows = sample(table, seed=0)
    people = [{table.identity[i] for i in row} for row in rows]
    assert len(rows) == PEOPLE and all(len(row) == FACES for row in rows)
    assert all(len(person) == 1 for person in people)
    numbers = [int(next(iter(person))[1:]) for person in people]
    assert min(np.diff(numbers)) >= 10


def test_one_line_shows_people_with_one_face():
    table = labels([8] * 20 + [1] * 50)
    *several, lone = sample(table, seed=0)
    assert len(several) == PEOPLE
    assert len({table.identity[i] for i in lone}) == FACES


@pytest.mark.parametrize("people", [[], [1], [2], [1] * 3, [3, 1, 2], [1] * 500, [2] * 500])
def test_any_data_set_has_a_sample_without_repetition(people):
    rows = sum(sample(labels(people), seed=3), [])
    assert len(set(rows)) == len(rows) <= FACES * (PEOPLE + 1)
    assert len(rows) >= min(sum(people), 2)


def test_the_sample_depends_on_the_seed_alone():
    table = labels([10] * 100)
    assert sample(table, 1) == sample(table, 1) != sample(table, 2)


def test_every_kind_of_failure_is_shown():
    table = labels([2], ["no-face"] * 50 + ["unreadable", "duplicate"])
    (rows,) = failures(table, seed=0)
    assert set(table.status[rows]) == {"no-face", "unreadable", "duplicate"}
    assert len(rows) == FACES == len(set(rows))
    assert failures(labels([2]), seed=0) == []


@pytest.mark.parametrize("seed", range(5))
def test_spread_repeats_nothing_and_stays_inside(seed):
    for n in range(1, 20):
        assert len(set(spread(range(13), n, seed))) == min(n, 13)


def test_the_summary_counts_failures():
    text = summary(labels([2, 1], ["no-face", "no-face", "unreadable"]))
    assert text == "3 faces of 2 people from 6 pictures; 2 no-face, 1 unreadable"


def test_the_font_has_every_letter_that_is_drawn():
    font = contact_sheet.font(20)
    latin = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180), 0x738B, 0x2026, 0xB7]))
    missing = bytes(font.getmask("\uffff"))
    boxes = [c for c in contact_sheet.drawable(latin) if bytes(font.getmask(c)) == missing]
    assert boxes == []


def faces_file(path, count=20, broken=4):
    rows = []
    for i in range(count):
        ok = i >= broken
        colour = np.array([40 * (i % 6), 10 * i, 255 - 10 * i], np.uint8)
        pixels = np.broadcast_to(colour, (30 + i, 60, 3))
        rows.append(
            {
                "image_id": f"{i:016x}",
                "path": f"{i}.png",
                "identity": f"person {i // 4}",
                "name": "Ångström Ødegård-Łukasiewicz the Third of Somewhere" if i % 2 else None,
                "status": "ok" if ok else "unreadable",
                "reason": "" if ok else "It is damaged or cut short: " + "x" * 200 + " y" * 90,
                "width": 60 if ok else None,
                "height": 30 + i if ok else None,
                "image": encode(pixels) if ok else None,
            }
        )
    write_faces(rows, path, {})
    return path


def draw(faces, output):
    contact_sheet.main(faces=faces, dataset="demo", crop="tight", seed=0, output=output)


def test_a_sheet_shows_faces_and_failures(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet")
    draw(faces, tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as file:
        pixels = np.asarray(file.convert("RGB")).astype(int)
    white = (pixels > 250).all(2)
    assert white[:20].all() and white[-20:].all() and white[:, :20].all() and white[:, -20:].all()
    # Faces keep their proportions: this one is a bar across its tile.
    colour = np.array([40 * (4 % 6), 40, 215])
    near = (np.abs(pixels - colour) < 12).all(2)
    height, width = (np.ptp(axis) + 1 for axis in np.nonzero(near))
    assert width / height == pytest.approx(60 / 34, rel=0.05)
    empty = np.array([int(EMPTY[i : i + 2], 16) for i in (1, 3, 5)])
    assert ((np.abs(pixels - empty) < 4).all(2)).sum() > 4 * 100 * 100


@pytest.mark.parametrize(
    "person", ["new\nline", "a\r\nb", "tab\tulator", "bell\x07\x1b[1m", "\u2028"]
)
def test_a_name_with_line_breaks_or_control_characters_is_on_one_line(tmp_path, person):
    face = {"identity": person, "name": None, "width": 30, "height": 30, "status": "ok"}
    face |= {"reason": "", "image": encode(np.zeros((30, 30, 3), np.uint8))}
    lost = {"status": "unreadable", "reason": f"It is like {person}.", "image": None}
    rows = [
        face | (lost if i else {}) | {"image_id": f"{i:016x}", "path": f"{person}/{i}.png"}
        for i in range(3)
    ]
    write_faces(rows, tmp_path / "faces.parquet", {})
    draw(tmp_path / "faces.parquet", tmp_path / "a.jpg")
    assert Image.open(tmp_path / "a.jpg").size[0] > 90
    assert contact_sheet.drawable(person).isprintable()


@pytest.mark.parametrize("count, broken", [(0, 0), (1, 0), (3, 3)])
def test_even_a_data_set_without_faces_has_a_sheet(tmp_path, count, broken):
    faces = faces_file(tmp_path / "faces.parquet", count, broken)
    draw(faces, tmp_path / "a.jpg")
    assert Image.open(tmp_path / "a.jpg").size[1] > 90


def test_the_same_faces_give_the_same_sheet(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet")
    for name in ("a.jpg", "b.jpg"):
        draw(faces, tmp_path / name)
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
