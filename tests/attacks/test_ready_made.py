"""Ready-made pictures: which belongs to which original, and the frame they are seen through."""

from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.attacks.ready_made import match
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS
from facebench.store.tables import write_table
from scripts import crop
from tests.toys.attacks import blob, pictures, run
from tests.toys.listing import listed

ENDINGS = ["_cloaked", "-cloaked", ""]
CROPS = {
    "tight": {"kind": "box", "margin": 0.0, "max_side": 512},
    "aligned": {"kind": "similarity", "template": "arcface", "max_side": 512},
    "full": {"kind": "whole", "max_side": 512},
    "background": {"kind": "masked", "size": 1.0, "grey": 128, "max_side": 512},
}
PEOPLE = {"Ann": ["1.png", "2.jpg", "3.png", "4.png"], "Bob": ["1.png", "5.png", "6.png"]}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Originals of two people with landmarks, and everything but the crops."""
    root = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    for person, names in PEOPLE.items():
        (root / "originals" / person).mkdir(parents=True)
        for name in names:
            Image.fromarray(blob(rng, 120, 100)).save(root / "originals" / person / name)
    images, points = root / "images.parquet", root / "landmarks.parquet"
    paths = [f"{person}/{name}" for person, names in PEOPLE.items() for name in names]
    who = pd.DataFrame(
        {
            "image_id": [f"{i:016x}" for i in range(len(paths))],
            "path": paths,
            "identity": [path.split("/")[0] for path in paths],
            "name": pd.Series([None] * len(paths), dtype=str),
            "width": 120,
            "height": 100,
            "status": "ok",
            "reason": "",
        }
    )
    write_table(who, images, {"data": {"reader": "made"}})
    where = who[["image_id", "path", "status", "reason"]].assign(
        box_left=30.0, box_top=20.0, box_right=90.0, box_bottom=80.0,
        left_eye_x=45.0, left_eye_y=40.0, right_eye_x=75.0, right_eye_y=42.0,
        nose_x=60.0, nose_y=55.0, mouth_left_x=48.0, mouth_left_y=68.0,
        mouth_right_x=72.0, mouth_right_y=69.0,
    )  # fmt: skip
    write_table(where, points, {"data": {"reader": "made"}})
    return root


def cropped(study, name, folder):
    """Crop the originals; return the faces' path."""
    path = folder / f"{name}.parquet"
    crop.main(
        images=study / "images.parquet",
        landmarks=study / "landmarks.parquet",
        pictures=study / "originals",
        crops=[name],
        specs=[CROPS[name]],
        code="0123",
        threads=1,
        outputs=[path],
    )
    return path


def attacked(study, name, folder, cloaked, endings=ENDINGS):
    place = {
        "images": str(study / "images.parquet"),
        "landmarks": str(study / "landmarks.parquet"),
        "crop": CROPS[name],
    }
    faces = cropped(study, name, folder)
    spec = {"kind": "ready-made", "folder": str(cloaked), "endings": endings}
    return faces, *run(faces, folder / "out.parquet", where=place, **spec)


def save(pixels, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def original(study, path):
    return np.asarray(Image.open(study / "originals" / path).convert("RGB"))


def test_what_is_there_is_taken_and_what_is_missing_is_named(study, tmp_path):
    cloaked = tmp_path / "cloaked"
    save(255 - original(study, "Ann/1.png"), cloaked / "Ann" / "1_cloaked.png")
    save(255 - original(study, "Ann/2.jpg"), cloaked / "Ann" / "2.png")
    save(original(study, "Bob/5.png"), cloaked / "Bob" / "5-cloaked.png")
    (cloaked / "Ann" / "3.png").write_bytes(b"no picture")
    save(original(study, "Bob/6.png")[:60], cloaked / "Bob" / "6.png")
    faces, table, images = attacked(study, "full", tmp_path, cloaked)
    table = table.set_index("path")
    assert table.attack_status.to_dict() == {
        "Ann/1.png": "ok", "Ann/2.jpg": "ok", "Ann/3.png": "not attacked",
        "Ann/4.png": "not attacked", "Bob/1.png": "not attacked", "Bob/5.png": "unchanged",
        "Bob/6.png": "not attacked",
    }  # fmt: skip
    assert "can't be read" in table.attack_reason["Ann/3.png"]
    assert table.attack_reason["Ann/4.png"] == "There is no picture for Ann/4.png."
    assert "another shape (120 x 60)" in table.attack_reason["Bob/6.png"]
    assert (table.status == "not-attacked").sum() == 4
    np.testing.assert_array_equal(images[0], 255 - original(study, "Ann/1.png"))


@pytest.mark.parametrize("name", CROPS)
def test_the_frame_is_that_of_the_original(study, tmp_path, name):
    for person, names in PEOPLE.items():
        for file in names:
            path = f"{person}/{file}"
            save(original(study, path), (tmp_path / "same" / path).with_suffix(".png"))
    faces, table, images = attacked(study, name, tmp_path, tmp_path / "same")
    assert (table.attack_status == "unchanged").all()
    for old, new in zip(pictures(faces)[1], images, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", CROPS)
@pytest.mark.parametrize("size", [(240, 200), (90, 75)])
def test_another_size_is_seen_through_the_same_frame(study, tmp_path, name, size):
    for path in ("Ann/1.png", "Bob/5.png"):
        picture = Image.fromarray(original(study, path)).resize(size, Image.Resampling.LANCZOS)
        save(np.asarray(picture), tmp_path / "other" / path)
    faces, table, images = attacked(study, name, tmp_path, tmp_path / "other")
    before = pictures(faces)[1]
    done = table.index[table.attack_status == "ok"]
    assert list(table.path[done]) == ["Ann/1.png", "Bob/5.png"]
    for i in done:
        assert images[i].shape == before[i].shape
        inner = (slice(4, -4), slice(4, -4))
        off = np.abs(images[i][inner].astype(int) - before[i][inner])
        assert off.mean() < 1.5, "a shift by a pixel would be 5 and more"


def test_names_are_matched_in_their_own_folder_first():
    found = {
        PurePosixPath(path).with_suffix(""): path
        for path in ("Ann/1.png", "Ann/1_cloaked.png", "7.png", "1.png", "Bob/9-cloaked.bmp")
    }
    flat = frozenset({"7", "9"})
    expected = {
        "Ann/1.jpg": "Ann/1_cloaked.png",
        "Bob/1.jpg": None,
        "Cleo/7.jpg": "7.png",
        "Bob/9.jpg": "Bob/9-cloaked.bmp",
        "Dan/9.jpg": None,
    }
    chosen = {path: match(PurePosixPath(path), ENDINGS, found, flat) for path in expected}
    assert chosen == expected
    assert match(PurePosixPath("Ann/1.jpg"), [""], found, flat) == "Ann/1.png"


# Cloaks whose orientation was lost


def lying(pixels, orientation=6):
    """Return upright pixels as they lie in a file with this orientation."""
    undo = {
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
        3: Image.Transpose.ROTATE_180,
    }
    return Image.fromarray(pixels).transpose(undo[orientation])


@pytest.fixture(params=[(96, 96), (120, 90)], ids=["square", "oblong"])
def portrait(request, tmp_path):
    """A photograph that lies on its side in its file, and its upright pixels."""
    pixels = blob(np.random.default_rng(4), *request.param)
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "photos" / "Ann").mkdir(parents=True)
    lying(pixels).save(tmp_path / "photos" / "Ann" / "1.png", exif=exif)
    images = listed_without_faces(tmp_path)
    assert (images.width[0], images.height[0]) == request.param
    return tmp_path, pixels, exif


def listed_without_faces(root):
    """List the photographs; return the table."""
    images, _ = listed(root, root / "photos", "folder")
    where = images[["image_id", "path", "status", "reason"]].assign(
        **dict.fromkeys(BOX_COLUMNS + POINT_COLUMNS, np.nan)
    )
    write_table(where, root / "landmarks.parquet", {})
    return images


def taken(root, name="full"):
    faces = root / "faces.parquet"
    crop.main(
        images=root / "images.parquet",
        landmarks=root / "landmarks.parquet",
        pictures=root / "photos",
        crops=[name],
        specs=[CROPS[name]],
        code="0123",
        threads=1,
        outputs=[faces],
    )
    place = {
        "images": str(root / "images.parquet"),
        "landmarks": str(root / "landmarks.parquet"),
        "crop": CROPS[name],
    }
    spec = {"kind": "ready-made", "folder": str(root / "cloaks"), "endings": ENDINGS}
    table, images = run(faces, root / "out.parquet", where=place, **spec)
    return table.iloc[0], images[0]


def cloaked(pixels):
    noise = np.random.default_rng(5).integers(-6, 7, pixels.shape)
    return np.clip(pixels.astype(int) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("way", ["dropped", "kept", "kept though turned", "turned"])
def test_a_cloak_is_the_right_way_up_whatever_became_of_its_orientation(portrait, way):
    root, pixels, exif = portrait
    changed = cloaked(pixels)
    options = {"exif": exif} if way.startswith("kept") else {}
    picture = lying(changed) if way in ("dropped", "kept") else Image.fromarray(changed)
    (root / "cloaks" / "Ann").mkdir(parents=True)
    picture.save(root / "cloaks" / "Ann" / "1_cloaked.png", **options)
    row, image = taken(root)
    assert row.attack_status == "ok" and row.psnr > 30
    np.testing.assert_array_equal(image, changed)
    assert ("turned like the original" in row.attack_reason) == (
        way in ("dropped", "kept though turned")
    )


def test_a_cloak_on_its_side_that_nobody_can_turn_is_called_turned(portrait):
    root, pixels, _ = portrait
    Image.fromarray(pixels).save(root / "photos" / "Ann" / "1.png")
    listed_without_faces(root)
    (root / "cloaks" / "Ann").mkdir(parents=True)
    lying(cloaked(pixels)).save(root / "cloaks" / "Ann" / "1_cloaked.png")
    row, _ = taken(root)
    if pixels.shape[0] == pixels.shape[1]:
        assert row.attack_status == "ok" and row.psnr < 20
        assert "more than a cloak" in row.attack_reason and "right way up" in row.attack_reason
    else:
        assert row.attack_status == "not attacked"
        assert "it is turned on its side" in row.attack_reason
        assert "cut" not in row.attack_reason
