"""Landmarks: taken from the data set, or found by a detector; every picture is a row."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.errors import UserError
from facebench.pictures import detectors
from facebench.pictures.detectors import (
    CHOICES,
    DETECTORS,
    Detection,
    choose,
    dlib_weights,
    five,
    shrunk,
)
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS, TEMPLATES, box_of
from facebench.store.tables import read_record, read_table, write_table
from facebench.study.config import read_schema
from scripts import landmarks
from tests.toys.recognisers import LFW, of_lfw

ROOT = Path(__file__).parents[2]
OPTIONS = {"detector": "dlib", "upsample": 0, "tries": 2, "neural": True}
OPTIONS |= {"choose": "centre", "max_side": 1024}


def bright_spots(pixels):
    """Stand in for a detector: every white pixel is the left top corner of a face of 20 pixels."""
    points = TEMPLATES["arcface"].points * 20
    corners = np.argwhere((pixels == 255).all(2))[:, ::-1]
    return [Detection(np.array([*at, *at + 20.0]), points + at) for at in corners]


@pytest.fixture
def spots(monkeypatch):
    monkeypatch.setitem(detectors.DETECTORS, "spots", lambda **options: bright_spots)


@pytest.fixture
def dataset(tmp_path):
    """Pictures with one spot, none, two, a broken file, a duplicate."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    spots = [[(30, 20)], [], [(2, 3), (40, 30)], [(5, 5)], [(6, 6)]]
    for i, places in enumerate(spots):
        pixels = np.zeros((80, 100, 3), np.uint8)
        for x, y in places:
            pixels[y, x] = 255
        Image.fromarray(pixels).save(folder / f"{i}.png")
    (folder / "3.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    ids, paths = [f"{i:016x}" for i in range(5)], [f"{i}.png" for i in range(5)]
    table = pd.DataFrame({"image_id": ids, "path": paths, "status": "ok", "reason": ""})
    table = table.assign(identity="a", width=100, height=80)
    table.loc[4, ["status", "reason"]] = "duplicate", "The same file as 0.png."
    write_table(table, tmp_path / "images.parquet", {"data": {"reader": "folder"}})
    return tmp_path


def run(folder, options, threads=2, output="landmarks.parquet"):
    images, pictures, out = folder / "images.parquet", folder / "pictures", folder / output
    landmarks.main(
        images=images,
        pictures=pictures,
        options=options,
        code="0123",
        threads=threads,
        work=folder / "work",
        output=out,
    )
    return read_table(out)


def test_every_picture_is_a_row_with_what_was_found(dataset, spots):
    found = run(dataset, OPTIONS | {"detector": "spots"})
    assert list(found.image_id) == [f"{i:016x}" for i in range(5)]
    assert list(found.status) == ["ok", "no-face", "ok", "unreadable", "duplicate"]
    assert found.faces.fillna(-1).tolist() == [1, 0, 2, -1, -1]
    assert found.reason[0] == "" and found.reason[1] == "No face was found."
    assert found.reason[4] == "The same file as 0.png."
    assert found.loc[0, BOX_COLUMNS].tolist() == [30, 20, 50, 40]
    assert found.loc[2, BOX_COLUMNS].tolist() == [40, 30, 60, 50]
    assert found.loc[[1, 3, 4], BOX_COLUMNS + POINT_COLUMNS].isna().all(axis=None)
    assert (found[BOX_COLUMNS + POINT_COLUMNS].dtypes == "float32").all()


@pytest.mark.parametrize(
    ("choose", "words"), [("centre", "the one nearest the centre"), ("largest", "the largest one")]
)
def test_pictures_with_several_faces_are_counted(dataset, spots, caplog, choose, words):
    with caplog.at_level("INFO"):
        run(dataset, OPTIONS | {"detector": "spots", "choose": choose})
    told = f"2 faces in 5 pictures; 1 picture shows several faces; {words} is taken"
    assert caplog.messages[-1] == told


def test_landmarks_of_the_same_pictures_are_kept(dataset, spots, caplog):
    run(dataset, OPTIONS | {"detector": "spots"})
    before = (dataset / "landmarks.parquet").stat().st_ino
    with caplog.at_level("INFO"):
        run(dataset, OPTIONS | {"detector": "spots"})
    assert (dataset / "landmarks.parquet").stat().st_ino == before
    assert "landmarks.parquet: kept" in caplog.text
    run(dataset, OPTIONS | {"detector": "spots", "tries": 3})
    assert (dataset / "landmarks.parquet").stat().st_ino != before


def test_the_record_says_how_faces_were_found(dataset, spots):
    run(dataset, OPTIONS | {"detector": "spots"})
    record = read_record(dataset / "landmarks.parquet")
    assert record["data"] == {"reader": "folder"}
    assert record["landmarks"]["detector"] == "spots" and record["landmarks"]["tries"] == 2


def test_the_bytes_do_not_depend_on_threads_and_no_pieces_are_left(dataset, spots):
    run(dataset, OPTIONS | {"detector": "spots"}, 1, "one")
    run(dataset, OPTIONS | {"detector": "spots"}, 5, "many")
    assert (dataset / "one").read_bytes() == (dataset / "many").read_bytes()
    assert not (dataset / "work").exists()


def test_a_killed_job_goes_on_where_it_was(dataset, monkeypatch):
    seen, options = [], OPTIONS | {"detector": "counting"}

    def counting(pixels):
        seen.append(1)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return bright_spots(pixels)

    monkeypatch.setitem(detectors.DETECTORS, "counting", lambda **options: counting)
    monkeypatch.setattr(landmarks, "SHARD", 1)
    with pytest.raises(KeyboardInterrupt):
        run(dataset, options, 1)
    assert not (dataset / "landmarks.parquet").exists()
    run(dataset, options, 1)
    assert len(seen) == 4
    assert not (dataset / "work").exists()


def test_landmarks_of_the_data_set_are_taken_and_no_detector_is_loaded(dataset):
    table = read_table(dataset / "images.parquet")
    points = TEMPLATES["arcface"].points * 40 + 10
    table[POINT_COLUMNS] = points.ravel()
    table.loc[1, POINT_COLUMNS] = np.nan
    table.loc[2, POINT_COLUMNS] = 5000.0
    write_table(table, dataset / "images.parquet", {})
    found = run(dataset, OPTIONS | {"detector": "there is none"})
    assert list(found.status) == ["ok", "no-face", "no-face", "ok", "duplicate"]
    assert found.reason[1].startswith("The data set gives no landmarks")
    np.testing.assert_allclose(found.loc[0, POINT_COLUMNS].astype(float), points.ravel(), rtol=1e-6)
    np.testing.assert_allclose(found.loc[0, BOX_COLUMNS].astype(float), box_of(points), rtol=1e-6)
    assert read_record(dataset / "landmarks.parquet")["landmarks"]["source"] == "data set"


def test_a_box_of_the_data_set_is_kept(dataset):
    table = read_table(dataset / "images.parquet")
    table[POINT_COLUMNS] = (TEMPLATES["arcface"].points * 40 + 10).ravel()
    table[BOX_COLUMNS] = [1.0, 2.0, 61.0, 72.0]
    write_table(table, dataset / "images.parquet", {})
    assert run(dataset, OPTIONS).loc[0, BOX_COLUMNS].tolist() == [1, 2, 61, 72]


@pytest.mark.parametrize("by, left", [("centre", 40), ("largest", 0)])
def test_one_of_several_faces_is_chosen(by, left):
    boxes = [[0, 0, 30, 30], [40, 40, 60, 60], [90, 90, 99, 99]]
    faces = [Detection(np.array(box, float), np.zeros((5, 2))) for box in boxes]
    assert choose(faces, 100, 100, by).box[0] == left
    assert choose([], 100, 100, by) is None


def test_of_68_points_five_are_made():
    points = np.arange(136, dtype=float).reshape(68, 2)
    expected = [points[36:42].mean(0), points[42:48].mean(0), points[30], points[48], points[54]]
    np.testing.assert_array_equal(five(points), expected)


def test_large_pictures_are_shrunk_and_points_scaled_back():
    pixels = np.zeros((900, 1200, 3), np.uint8)
    pixels[300:330, 600:640] = 255
    small, scale = shrunk(pixels, 300)
    place = np.argwhere(small[..., 0] > 127).mean(0)[::-1]
    np.testing.assert_allclose((place + 0.5) * scale - 0.5, [619.5, 314.5], atol=2)


def test_missing_weights_are_named():
    with pytest.raises(UserError, match="install the package face-recognition-models"):
        dlib_weights("no-such-file.dat")


def test_the_package_of_the_weights_is_not_imported():
    code = (
        "import sys; from facebench.pictures.detectors import DETECTORS;"
        "assert 'dlib' not in sys.modules;"
        "DETECTORS['dlib'](upsample=0, tries=1, neural=True, max_side=100);"
        "assert 'dlib' in sys.modules and 'face_recognition_models' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "scripts")


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (2000, 1), (8, 1024), (60, 3000)])
def test_small_and_thin_pictures_have_no_face(shape):
    pixels = np.full((*shape, 3), 120, np.uint8)
    assert DETECTORS["dlib"](upsample=0, tries=1, neural=True, max_side=1024)(pixels) == []


def test_dlib_finds_no_face_in_noise():
    noise = np.random.default_rng(0).integers(0, 256, (120, 120, 3), np.uint8)
    assert DETECTORS["dlib"](upsample=0, tries=2, neural=True, max_side=100)(noise) == []


@pytest.mark.skipif(not LFW.exists(), reason="LFW is not in ../shared/datasets")
def test_dlib_finds_the_faces_of_lfw_at_every_size():
    pictures = of_lfw(6)
    detect = DETECTORS["dlib"](upsample=0, tries=3, neural=False, max_side=700)
    for picture in pictures:
        faces = [
            choose(detect(np.asarray(picture.resize((size, size)))), size, size, "centre")
            for size in (250, 100, 1500)
        ]
        usual, small, large = [face.landmarks for face in faces]
        assert usual[0, 0] < usual[2, 0] < usual[1, 0] and usual[0, 1] < usual[2, 1] < usual[3, 1]
        eyes = usual[1, 0] - usual[0, 0]
        assert np.abs((small + 0.5) * 2.5 - 0.5 - usual).max() < 0.25 * eyes
        assert np.abs((large + 0.5) / 6 - 0.5 - usual).max() < 0.15 * eyes
        # What the box is derived from where a data set has none.
        box, derived = faces[0].box, box_of(usual)
        assert np.abs(derived - box).max() < 0.25 * (box[2] - box[0])


@pytest.mark.skipif(not LFW.exists(), reason="LFW is not in ../shared/datasets")
def test_the_network_sees_what_the_frontal_detector_sees():
    picture = np.asarray(of_lfw(1)[0])
    options = {"upsample": 0, "max_side": 700}
    (frontal,) = DETECTORS["dlib"](tries=1, neural=False, **options)(picture)
    (network,) = DETECTORS["dlib"](tries=0, neural=True, **options)(picture)
    eyes = frontal.landmarks[1, 0] - frontal.landmarks[0, 0]
    assert np.abs(network.landmarks - frontal.landmarks).max() < 0.1 * eyes
    assert np.abs(network.box - frontal.box).max() < 0.5 * eyes


def test_the_configuration_allows_what_there_is():
    schema = read_schema(ROOT / "rules" / "schema")
    section = schema["properties"]["landmarks"]["properties"]
    assert section["detector"]["enum"] == ["dlib"] == [*DETECTORS]
    assert section["choose"]["enum"] == list(CHOICES)
