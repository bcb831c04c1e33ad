"""Copies of pictures: the same pixels count once, what looks alike is pointed out."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.pictures.likeness import earlier_alike, look, pixel_hash
from facebench.store.tables import read_record
from tests.toys import damaged_files
from tests.toys.listing import listed
from tests.toys.odd_pictures import saved, with_comment

PEOPLE = 6


def copied(tmp_path, name, copy):
    """List people with one photograph each and a copy of it; return the table and its record."""
    for person in range(PEOPLE):
        picture = damaged_files.cartoon(person, 1)
        place = tmp_path / "photos" / f"p{person}"
        place.mkdir(parents=True)
        original = saved(picture, "JPEG", quality=92)
        (place / "a.jpg").write_bytes(original)
        (place / name).write_bytes(copy(original))
    images, _ = listed(tmp_path, tmp_path / "photos", "folder")
    return images.set_index("path"), read_record(tmp_path / "images.parquet")["data"]


def opened(data):
    return Image.open(io.BytesIO(data))


def turned(data):
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(opened(data).transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)


EXACT = {
    "bytes": ("b.jpg", lambda data: data),
    "metadata": ("b.jpg", with_comment),
    "format": ("b.png", lambda data: saved(opened(data), "PNG")),
    "orientation": ("b.png", turned),
    "transparency": ("b.png", lambda data: saved(opened(data).convert("RGBA"), "PNG")),
}
NEAR = {
    "saved again": lambda data: saved(opened(data), "JPEG", quality=70),
    "half the size": lambda data: saved(opened(data).resize((80, 80)), "JPEG", quality=90),
    "a third of the size": lambda data: saved(opened(data).resize((53, 53)), "JPEG", quality=90),
    "brighter": lambda data: saved(opened(data).point(lambda v: min(255, v + 12)), "JPEG"),
}


@pytest.mark.parametrize("kind", EXACT)
def test_the_same_pixels_count_once(tmp_path, kind):
    images, record = copied(tmp_path, *EXACT[kind])
    name = EXACT[kind][0]
    copies = images.loc[[f"p{person}/{name}" for person in range(PEOPLE)]]
    assert set(copies.status) == {"duplicate"}
    same = "bytes" if kind == "bytes" else "pixels"
    assert copies.reason.iloc[0] == f"It has the same {same} as p0/a.jpg."
    assert (images.status == "ok").sum() == PEOPLE and record["alike"] == 0


@pytest.mark.parametrize("kind", NEAR)
def test_what_looks_alike_counts_and_is_pointed_out(tmp_path, caplog, kind):
    images, record = copied(tmp_path, "b.jpg", NEAR[kind])
    assert set(images.status) == {"ok"}
    assert record["alike"] == PEOPLE
    assert images.looks_like["p3/b.jpg"] == "p3/a.jpg" and pd.isna(images.looks_like["p3/a.jpg"])
    assert set(images.reason) == {""}
    assert f"{PEOPLE} pictures look like another one of the same person" in caplog.text


def test_a_copy_of_another_persons_picture_says_whose(tmp_path):
    picture = saved(damaged_files.cartoon(0, 1), "JPEG")
    for person, data in (("a", picture), ("b", with_comment(picture)), ("c", None)):
        place = tmp_path / "photos" / person
        place.mkdir(parents=True)
        (place / "1.jpg").write_bytes(data or saved(damaged_files.cartoon(5, 1), "JPEG"))
    images, _ = listed(tmp_path, tmp_path / "photos", "folder")
    assert images.reason[1] == "It has the same pixels as a/1.jpg, which is of a."


def test_different_pictures_of_a_person_do_not_look_alike():
    looks = [
        [look(np.asarray(damaged_files.cartoon(person, view))) for view in range(4)]
        for person in range(25)
    ]
    alike = [earlier >= 0 for mine in looks for earlier in earlier_alike(mine)]
    # Heads that are drawn alike, in nearly the same place: photographs are farther apart.
    assert np.mean(alike) < 0.05


def test_every_copy_names_the_first_picture_that_it_looks_like():
    looks = [look(np.asarray(damaged_files.cartoon(0, view))) for view in (0, 3, 0, 3, 0)]
    assert earlier_alike(looks) == [-1, -1, 0, 1, 0]
    assert earlier_alike([]) == [] and earlier_alike(looks[:1]) == [-1]


def test_hashes_are_of_pixels_and_size():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert pixel_hash(pixels) == pixel_hash(pixels.copy())
    assert pixel_hash(pixels) != pixel_hash(pixels.reshape(2, 8, 3))
    assert pixel_hash(pixels) != pixel_hash(pixels[::-1])
