"""Crops of drawn pictures: coloured dots stand for the landmarks, so that where they go is seen."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from facebench.errors import UserError
from facebench.pictures.crops import CROPS, LARGEST, Face, NoFace, Picture, head
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS, TEMPLATES, box_of
from facebench.store.faces import LABELS, decode, read_labels, read_rows
from facebench.store.tables import read_record, write_table
from facebench.study.config import read_schema
from facebench.threads import ahead
from scripts import crop
from tests.toys import odd_pictures

ROOT = Path(__file__).parents[2]
DOTS = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255)])
GROUND = (90, 110, 100)
SPECS = {
    "tight": {"kind": "box", "margin": 0, "max_side": 512},
    "loose": {"kind": "box", "margin": 0.5, "max_side": 512},
    "aligned": {"kind": "similarity", "template": "arcface", "max_side": 512},
    "chip": {"kind": "similarity", "template": "dlib", "max_side": 512},
    "full": {"kind": "whole", "max_side": 512},
    "background": {"kind": "masked", "size": 1.0, "grey": 128, "max_side": 512},
}


def landmarks(side, degrees=0.0, centre=(300, 240), template="arcface"):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (TEMPLATES[template].points - 0.5) * side @ turn.T + centre


def draw(points, path, size=(600, 480), radius=6, **save):
    pixels = np.full((*size[::-1], 3), GROUND, float)
    y, x = np.indices(size[::-1], sparse=True)
    for point, colour in zip(points, DOTS, strict=True):
        distance = np.hypot(x - point[0], y - point[1])
        dot = distance < radius + 0.5
        covered = np.clip(radius + 0.5 - distance[dot], 0, 1)[:, None]
        pixels[dot] += covered * (colour - pixels[dot])
    picture = Image.fromarray(pixels.round().astype(np.uint8))
    picture.save(path, **save)
    return Picture(path), Face(box_of(points), points)


def cut(kind_spec, picture, face):
    options = {name: value for name, value in kind_spec.items() if name != "kind"}
    made = CROPS[kind_spec["kind"]](picture, face, **options)
    pixels = decode(made.image)
    assert pixels.shape == (made.height, made.width, 3)
    return pixels


def centroid(pixels, colour):
    """Return where a colour is, in pixels with whole-numbered centres."""
    near = np.abs(pixels.astype(int) - colour).max(2) < 60
    return np.argwhere(near).mean(0)[::-1]


@pytest.mark.parametrize("degrees", [0, 20, -75])
@pytest.mark.parametrize("side, max_side", [(60, 512), (160, 512), (900, 512), (900, 150)])
@pytest.mark.parametrize("template", TEMPLATES)
def test_landmarks_land_on_the_template_to_a_third_of_a_pixel(
    tmp_path, template, side, max_side, degrees
):
    points = landmarks(side, degrees, (500, 500), template)
    face = draw(points, tmp_path / "a.png", (1000, 1000), radius=side / 25)
    pixels = cut({"kind": "similarity", "template": template, "max_side": max_side}, *face)
    assert pixels.shape[0] == min(max(side, 112), max_side)
    for colour, goal in zip(DOTS, TEMPLATES[template].points, strict=True):
        place = centroid(pixels, colour) + 0.5
        np.testing.assert_allclose(place, goal * pixels.shape[0], atol=0.34)


@pytest.mark.parametrize("margin, side", [(0, 128), (0.5, 256)])
def test_a_box_keeps_the_pixels_as_they_are(tmp_path, margin, side):
    picture, face = draw(landmarks(160), tmp_path / "a.png")
    face = Face(np.array([236, 176, 364, 304.0]), face.landmarks)
    pixels = cut({"kind": "box", "margin": margin, "max_side": 512}, picture, face)
    left, top = 300 - side // 2, 240 - side // 2
    np.testing.assert_array_equal(pixels, picture.pixels[top : top + side, left : left + side])


def test_beyond_the_picture_its_edge_goes_on(tmp_path):
    points = landmarks(160, centre=(40, 40))
    picture, face = draw(points, tmp_path / "a.png")
    pixels = picture.pixels.copy()
    pixels[:, 0] = (1, 2, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    face = Face(np.array([-30, 100, 70, 200.0]), points)
    made = cut(SPECS["tight"], Picture(tmp_path / "a.png"), face)
    assert (made[:, :31] == (1, 2, 3)).all() and made[0, 31].tolist() == list(GROUND)


@pytest.mark.parametrize("name", SPECS)
def test_no_crop_is_larger_than_allowed_or_changes_the_colour(tmp_path, name):
    picture, face = draw(landmarks(450, centre=(400, 350)), tmp_path / "a.png", (800, 700))
    pixels = cut(SPECS[name] | {"max_side": 130}, picture, face)
    assert max(pixels.shape[:2]) == 130
    assert pixels[1, 1].tolist() == list(GROUND)


@pytest.mark.parametrize("max_side", [128, 341])
def test_shrinking_is_antialiased(tmp_path, max_side):
    board = np.indices((2048, 2048)).sum(0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).convert("RGB").save(tmp_path / "a.png")
    face = Face(np.array([512, 512, 1536, 1536.0]), landmarks(1024, 10, (1024, 1024)))
    for name in ("tight", "aligned", "full"):
        pixels = cut(SPECS[name] | {"max_side": max_side}, Picture(tmp_path / "a.png"), face)
        assert np.abs(pixels.astype(int) - 127).max() < 20, name


@pytest.mark.parametrize("degrees", [0, 40])
def test_background_shows_nothing_of_the_face_and_all_around_it(tmp_path, degrees):
    points = landmarks(150, degrees)
    picture, face = draw(points, tmp_path / "a.png")
    pixels = cut(SPECS["background"] | {"max_side": 600}, picture, face)
    for x, y in points.round().astype(int):
        assert (pixels[y - 6 : y + 7, x - 6 : x + 7] == 128).all()
    outside = (pixels != 128).any(2)
    np.testing.assert_array_equal(pixels[outside], picture.pixels[outside])
    assert 0.5 < outside.mean() < 0.9


def test_the_mask_grows_with_its_size_and_reaches_behind_a_face_that_looks_aside():
    points = landmarks(100)
    np.testing.assert_allclose(
        np.ptp(head(points, 1.5), axis=0), 1.5 * np.ptp(head(points), axis=0)
    )
    aside = points + [[0, 0], [0, 0], [10, 0], [0, 0], [0, 0]]
    moved = head(aside) - head(points)
    assert moved[:, 0].min() < -15


@pytest.mark.parametrize(
    "name, save, own",
    [
        ("a.jpg", {}, True),
        ("a.png", {}, True),
        ("a.bmp", {}, False),
        ("a.webp", {}, False),
        ("a.jpg", {"exif": 6}, False),
    ],
    ids=str,
)
def test_full_is_the_file_itself_where_nothing_has_to_be_done(tmp_path, name, save, own):
    if orientation := save.pop("exif", None):
        save["exif"] = Image.Exif()
        save["exif"][0x0112] = orientation
    picture, face = draw(landmarks(100), tmp_path / name, (300, 200), **save)
    made = CROPS["whole"](picture, None, max_side=512)
    assert (made.image == (tmp_path / name).read_bytes()) is own
    np.testing.assert_array_equal(decode(made.image), picture.pixels)
    assert (made.width, made.height) == ((200, 300) if save else (300, 200))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1", "LA"])
def test_full_of_other_modes_is_lossless_rgb(tmp_path, mode):
    kind = "tiff" if mode == "CMYK" else "png"
    ramp = Image.linear_gradient("L")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(ramp).astype(np.uint16) * 257)
    else:
        picture = ramp.convert("RGB").convert(mode, palette=Image.Palette.ADAPTIVE)
    picture.save(tmp_path / f"a.{kind}")
    made = CROPS["whole"](Picture(tmp_path / f"a.{kind}"), None, max_side=512)
    pixels = decode(made.image)
    assert made.image[:4] == b"\x89PNG"
    if mode != "1":
        assert np.abs(pixels[..., 0].astype(int) - np.asarray(ramp)).max() <= 1


def test_full_with_damaged_exif_data_is_the_file_itself(tmp_path):
    jpeg = odd_pictures.with_damaged_exif(odd_pictures.saved(odd_pictures.FACE, "JPEG"))
    (tmp_path / "a.jpg").write_bytes(jpeg)
    assert CROPS["whole"](Picture(tmp_path / "a.jpg"), None, max_side=512).image == jpeg


def test_transparent_parts_are_white(tmp_path):
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert (Picture(tmp_path / "a.png").pixels == 255).all()


@pytest.mark.parametrize("name", ["tight", "aligned", "background"])
@pytest.mark.parametrize(
    "face",
    [
        None,
        Face(np.full(4, np.nan), np.full((5, 2), np.nan)),
        Face(np.array([0, 0, 1e7, 1e7]), landmarks(1e6)),
        Face(np.array([900, 900, 1000, 1000.0]), landmarks(100, centre=(900, 900))),
    ],
    ids=["none", "nan", "huge", "outside"],
)
def test_a_face_that_can_not_be_is_said_so(tmp_path, name, face):
    picture, _ = draw(landmarks(100), tmp_path / "a.png")
    with pytest.raises(NoFace, match="face"):
        cut(SPECS[name], picture, face)
    assert LARGEST >= 3


@pytest.fixture
def dataset(tmp_path):
    """A folder of pictures with a good face, a lost one, a broken file, a duplicate, and more."""
    folder = tmp_path / "pictures"
    (folder / "Zoë").mkdir(parents=True)
    rows = []
    for i in range(9):
        points = landmarks(150 + 10 * i, 5 * i)
        path = f"Zoë/{i}.png"
        draw(points, folder / path)
        places = [*box_of(points), *points.ravel()]
        row = dict(image_id=f"{i:016x}", path=path, identity="Zoë", name=None, status="ok")
        rows.append(row | dict(zip(BOX_COLUMNS + POINT_COLUMNS, places, strict=True)))
    table = pd.DataFrame(rows).assign(reason="", faces=1, width=600, height=480, format="PNG")
    places = BOX_COLUMNS + POINT_COLUMNS
    table.loc[2, ["status", "reason"]] = "no-face", "No face was found."
    table.loc[2, places] = np.nan
    table.loc[3, ["status", "reason"]] = "duplicate", "The same file as Zoë/1.png."
    (folder / "Zoë/5.png").write_bytes((folder / "Zoë/5.png").read_bytes()[:700])
    (folder / "Zoë/6.png").unlink()
    table.loc[7, places] = 1e9
    images = table.drop(columns=[*places, "faces"])
    images.loc[2, ["status", "reason"]] = "ok", "It is named .png but is a JPEG."
    write_table(images, tmp_path / "images.parquet", {"data": {"reader": "folder"}})
    found = table[["image_id", "path", "status", "reason", "faces", *places]]
    write_table(found, tmp_path / "landmarks.parquet", {"data": {"reader": "folder"}})
    return tmp_path


def run(dataset, name, threads=2, output="faces.parquet"):
    return run_all(dataset, {name: dataset / output}, threads)[0]


def run_all(dataset, outputs, threads=2, code="0123"):
    """Make several crops by one job: name -> where it is written."""
    crop.main(
        images=dataset / "images.parquet",
        landmarks=dataset / "landmarks.parquet",
        pictures=dataset / "pictures",
        crops=list(outputs),
        specs=[SPECS[name] for name in outputs],
        code=code,
        threads=threads,
        outputs=list(outputs.values()),
    )
    return list(outputs.values())


@pytest.mark.parametrize("name", SPECS)
def test_every_picture_is_a_row_with_its_status(dataset, name):
    faces = run(dataset, name)
    labels = read_labels(faces)
    assert list(labels) == LABELS
    assert list(labels.path) == [f"Zoë/{i}.png" for i in range(9)]
    lost = "ok" if name == "full" else "no-face"
    assert list(labels.status) == [
        "ok", "ok", lost, "duplicate", "ok", "unreadable", "unreadable",
        lost, "ok",
    ]  # fmt: skip
    assert (labels.reason[labels.status == "ok"] == "").all()
    assert labels.reason[labels.status != "ok"].str.match(r"[A-Z].*\.$").all()
    images = read_rows(faces, slice(None), ["image"])["image"].to_pylist()
    for status, image, width, height in zip(
        labels.status, images, labels.width, labels.height, strict=True
    ):
        assert (image is not None) == (status == "ok")
        if image is not None:
            assert decode(image).shape == (height, width, 3)


def test_the_record_says_which_crop_it_is(dataset):
    record = read_record(run(dataset, "loose"))
    assert record["data"] == {"reader": "folder"}
    facts = record["faces"]
    assert (facts["crop"], facts["kind"], facts["margin"]) == ("loose", "box", 0.5)


def test_the_bytes_do_not_depend_on_the_threads(dataset):
    one, many = run(dataset, "aligned", 1, "one"), run(dataset, "aligned", 7, "many")
    assert one.read_bytes() == many.read_bytes()


def test_tables_that_do_not_belong_together_are_refused(dataset):
    table = pq.read_table(dataset / "landmarks.parquet").to_pandas()[::-1]
    write_table(table, dataset / "landmarks.parquet", {})
    with pytest.raises(UserError, match="run again"):
        run(dataset, "tight")
    assert not (dataset / "faces.parquet").exists()


def test_pictures_are_not_read_far_ahead_of_the_rows_written(dataset, monkeypatch):
    begun = []
    rows = ahead(range(100), begun.append, threads=2, most=4)
    next(rows)
    assert len(begun) <= 5
    rows.close()
    real, most = crop.ahead, []
    monkeypatch.setattr(crop, "ahead", lambda *a, **k: most.append(k["most"]) or real(*a, **k))
    run(dataset, "tight", threads=3)
    assert most == [12]


def test_a_crop_that_has_not_changed_is_kept(dataset, monkeypatch):
    outputs = {name: dataset / f"{name}.parquet" for name in ("tight", "full")}
    before = [path.read_bytes() for path in run_all(dataset, outputs)]
    cut, real = [], crop.face_row
    monkeypatch.setattr(crop, "face_row", lambda row, **k: cut.append(k["spec"]) or real(row, **k))
    run_all(dataset, outputs)
    assert cut == []
    run_all(dataset, {**outputs, "loose": dataset / "loose.parquet"})
    assert cut == [SPECS["loose"]] * 9
    assert [path.read_bytes() for path in outputs.values()] == before
    outputs["full"].write_bytes(b"no table")
    run_all(dataset, outputs)
    assert cut[9:] == [SPECS["full"]] * 9
    assert [path.read_bytes() for path in outputs.values()] == before


@pytest.mark.parametrize("changed", ["code", "images", "landmarks"])
def test_a_crop_is_made_again_when_what_it_is_made_of_changes(dataset, changed):
    output = {"tight": dataset / "tight.parquet"}
    (path,) = run_all(dataset, output)
    written = path.stat().st_mtime_ns
    if changed != "code":
        table = pq.read_table(dataset / f"{changed}.parquet").to_pandas()
        table.loc[8, "reason"] = "It was turned."
        write_table(table, dataset / f"{changed}.parquet", {})
    run_all(dataset, output, code="4567" if changed == "code" else "0123")
    assert path.stat().st_mtime_ns > written


def test_the_configuration_allows_what_there_is():
    schema = read_schema(ROOT / "rules" / "schema")
    crops = schema["$defs"]["crop"]
    assert crops["properties"]["kind"]["enum"] == list(CROPS)
    templates = [
        case["then"]["properties"]["template"]["enum"]
        for case in crops["allOf"]
        if "template" in case["then"]["properties"]
    ]
    assert templates == [list(TEMPLATES)]


@pytest.mark.parametrize("degrees", [0, 25])
@pytest.mark.parametrize("side", [60, 160, 420])
def test_the_head_alone_and_what_is_around_it_show_as_many_pixels(tmp_path, side, degrees):
    picture, face = draw(landmarks(side, degrees), tmp_path / "a.png")
    grey = np.array([7, 7, 7])
    shown = {}
    for show in ("head", "around"):
        spec = {"kind": "half", "show": show, "grey": 7, "max_side": 1000}
        pixels = cut(spec, picture, face)
        shown[show] = (pixels != grey).any(2)
        assert np.array_equal(pixels[shown[show]], picture.pixels[shown[show]])
    assert shown["head"].sum() == shown["around"].sum() > 1000
    assert not (shown["head"] & shown["around"]).any()
    covered = cut({**SPECS["background"], "grey": 7, "max_side": 1000}, picture, face)
    inside = (covered == grey).all(2)
    # The outline of `masked` is a polygon, and these are ellipses.
    assert (shown["head"] & ~inside).sum() < 0.03 * inside.sum()
    assert (shown["around"] & inside).sum() < 0.03 * inside.sum()
    whole = inside.sum() < inside.size / 2
    assert whole == (shown["head"].sum() > 0.97 * inside.sum())
    middle = np.argwhere(shown["head"]).mean(0)[::-1]
    assert np.abs(middle - head(face.landmarks).mean(0)).max() < (2 if whole else 40)


def test_a_head_that_fills_the_picture_has_nothing_around_it(tmp_path):
    picture, face = draw(landmarks(900, centre=(300, 300)), tmp_path / "a.png", size=(600, 600))
    for show in ("head", "around"):
        with pytest.raises(NoFace):
            CROPS["half"](picture, face, show=show, grey=0, max_side=512)
    with pytest.raises(NoFace, match="No face was found"):
        CROPS["half"](picture, None, show="head", grey=0, max_side=512)
