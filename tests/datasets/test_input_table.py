"""Every kind of file that people have in their folders, and the one thing that it should become."""

import os
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.pictures.reading import read_picture
from tests.toys import damaged_files, odd_pictures
from tests.toys.listing import listed
from tests.toys.odd_pictures import FACE, GREY, deep_png, exif, saved, tiff, tiff_of_12_bits

JPEG, PNG = saved(FACE, "JPEG", quality=95), saved(FACE)
DEEP = np.asarray(FACE).astype(np.uint16)
TURNED = FACE.transpose(Image.Transpose.ROTATE_90)
CLEAR = FACE.copy()
CLEAR.putalpha(0)

#: File name -> its bytes, and what its row says: the status, and words of the reason. An `ok` file
#: without words has no remark.
TABLE = {
    # What is fine as it is
    "jpeg.jpg": (JPEG, "ok", ""),
    "png.png": (saved(FACE, optimize=True), "ok", ""),
    "webp.webp": (saved(FACE, "WEBP", quality=90), "ok", ""),
    "gif.gif": (saved(FACE, "GIF"), "ok", ""),
    "bmp.bmp": (saved(FACE.rotate(8).convert("L"), "BMP"), "ok", ""),
    "tiff.tif": (saved(FACE.rotate(1), "TIFF"), "ok", ""),
    "tga.tga": (saved(FACE.rotate(2), "TGA"), "ok", ""),
    "jp2.jp2": (saved(FACE, "JPEG2000", quality_layers=[20]), "ok", ""),
    "cmyk.jpg": (saved(FACE.convert("CMYK"), "JPEG"), "ok", ""),
    "bits.png": (saved(FACE.convert("1")), "ok", ""),
    "palette.png": (saved(FACE.quantize(16)), "ok", ""),
    "grey-alpha.png": (saved(FACE.rotate(3).convert("LA")), "ok", ""),
    "orientation.jpg": (saved(TURNED, "JPEG", exif=exif(6)), "ok", ""),
    "orientation-9.jpg": (saved(FACE.rotate(4), "JPEG", exif=exif(9)), "ok", ""),
    "damaged-exif.jpg": (
        odd_pictures.with_damaged_exif(saved(FACE.rotate(5), "JPEG")), "ok", ""
    ),
    # Other depths, by what the format says
    "16-bits.png": (saved(GREY.astype(np.uint16) * 257), "ok", ""),
    "16-bits-colour.png": (deep_png(DEEP[::-1] * 257), "ok", ""),
    "16-bits.tif": (tiff(np.flipud(GREY).astype(np.uint16) * 257), "ok", ""),
    "12-bits-packed.tif": (tiff_of_12_bits(np.fliplr(GREY).astype(np.uint16) * 16), "ok", ""),
    "8-of-16-bits.png": (saved(np.rot90(GREY).astype(np.uint16)), "ok", ""),
    "0-to-1.tif": (tiff(np.rot90(GREY, 2).astype(np.float32) / 255), "ok", ""),
    "0-to-255.tif": (tiff(np.rot90(GREY, 3).astype(np.float32)), "ok", ""),
    "0-to-65535.tif": (tiff(GREY.T.astype(np.float32) * 257), "ok", ""),
    "integers.tif": (tiff(np.roll(GREY, 9, 0).astype(np.int32) * 257), "ok", ""),
    # Other depths that nobody can tell
    "12-of-16-bits.png": (saved(GREY.astype(np.uint16) * 16), "unreadable", "the lower 12 of 16"),
    "14-of-16-bits.tif": (tiff(GREY.astype(np.uint16) * 60), "unreadable", "the lower 14 of 16"),
    "12-of-16-bits-colour.png": (deep_png(DEEP * 16), "unreadable", "nearly black"),
    "12-of-16-bits-alpha.png": (
        deep_png(np.dstack([DEEP * 16, np.full(GREY.shape, 65535)])), "unreadable", "nearly black"
    ),
    "0-to-5.tif": (tiff(GREY.astype(np.float32) / 50), "unreadable", "scale is unknown"),
    "0-to-0.01.tif": (tiff(GREY.astype(np.float32) / 25500), "unreadable", "scale is unknown"),
    "nan.tif": (tiff(np.where(GREY > 99, np.nan, 0.5).astype(np.float32)), "unreadable", "NaN"),
    "infinite.tif": (tiff(np.full(GREY.shape, np.inf, np.float32)), "unreadable", "infinite"),
    "negative.tif": (tiff(GREY.astype(np.int32) - 300), "unreadable", "negative"),
    "negative-fractions.tif": (tiff(GREY / np.float32(99) - 1), "unreadable", "negative"),
    "24-bits.tif": (tiff(GREY.astype(np.int32) * 66049), "unreadable", "more than 16 bits"),
    "faint.tif": (tiff(60000 + GREY.astype(np.int32)), "unreadable", "grey all over"),
    "transparent.png": (saved(CLEAR), "unreadable", "All of it is transparent"),
    # Remarks
    "jpeg-inside.png": (saved(FACE.rotate(6), "JPEG"), "ok", "named .png but is a JPEG"),
    "no-extension": (saved(FACE.rotate(7)), "ok", "no extension and is a PNG"),
    # What isn't whole, or no picture
    "empty.jpg": (b"", "unreadable", "empty"),
    "one-byte.jpg": (b"\xff", "unreadable", "no picture"),
    "cut.jpg": (JPEG[: len(JPEG) // 2], "unreadable", "cut short"),
    "cut.png": (PNG[: len(PNG) // 2], "unreadable", "cut short"),
    "cut.tif": (tiff(GREY)[:900], "unreadable", r"cut short|no picture"),
    "page.jpg": (b"<!doctype html><p>Not found", "unreadable", "no picture"),
    "vector.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable", "no picture"),
    "phone.heic": (b"\0\0\0\x18ftypheic" + bytes(99), "unreadable", "format .heic"),
    "raw.cr2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(99), "unreadable", r"\.cr2|cut short"),
    "bomb.png": (damaged_files.bomb(), "unreadable", "pixels"),
    # Copies, exact and near
    "z-bytes.jpg": (JPEG, "duplicate", "same bytes as Ann/jpeg.jpg"),
    "z-comment.jpg": (odd_pictures.with_comment(JPEG), "duplicate", "same pixels as Ann/jpeg.jpg"),
    "z-lossless.png": (PNG, "duplicate", "same pixels as Ann/png.png"),
    "z-late-orientation.png": (
        odd_pictures.with_late_orientation(saved(TURNED), 6), "duplicate", "pixels as Ann/png.png"
    ),
    "z-saved-again.jpg": (saved(FACE, "JPEG", quality=60), "ok", ""),
    "z-thumbnail.jpg": (
        saved(FACE.resize((42, 48)), "JPEG", quality=90), "ok", ""
    ),
}  # fmt: skip

#: Links: name -> target, status and words of the reason.
LINKS = {
    "to-itself.jpg": ("to-itself.jpg", "unreadable", "link to nothing"),
    "to-nothing.jpg": ("nowhere.jpg", "unreadable", "link to nothing"),
    "below-a-file.jpg": ("jpeg.jpg/x.jpg", "unreadable", "link to nothing"),
    "z-link.jpg": ("jpeg.jpg", "duplicate", "the same bytes"),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The rows of a folder with one person, whose pictures are all kinds."""
    root = tmp_path_factory.mktemp("kinds")
    mine = root / "photos" / "Ann"
    mine.mkdir(parents=True)
    for name, (content, *_) in TABLE.items():
        (mine / name).write_bytes(content)
    for name, (target, *_) in LINKS.items():
        (mine / name).symlink_to(target)
    os.mkfifo(mine / "pipe.jpg")
    damaged_files.save(damaged_files.cartoon(5, 5), root / "photos" / "Bob" / "1.jpg")
    images, _ = listed(root, root / "photos", "folder")
    return root / "photos", images.set_index("path")


@pytest.mark.parametrize("name", [*TABLE, *LINKS])
def test_a_kind_of_file_becomes_one_thing(rows, name):
    folder, images = rows
    _, status, words = (TABLE | LINKS)[name]
    row = images.loc[f"Ann/{name}"]
    assert row.status == status, row.reason
    assert re.search(words, row.reason) if words else row.reason == "", row.reason
    assert not row.reason or row.reason.endswith(".")
    # Most kinds show the same head.
    assert pd.isna(row.looks_like) or row.looks_like.startswith("Ann/")
    if name in ("z-saved-again.jpg", "z-thumbnail.jpg"):
        assert pd.notna(row.looks_like)


def test_a_pipe_is_no_picture(rows):
    assert rows[1].reason["Ann/pipe.jpg"] == "It is not a file."


@pytest.mark.parametrize(
    "name", [name for name, (_, status, _) in TABLE.items() if status in ("ok", "duplicate")]
)
def test_no_usable_picture_is_black_or_white_or_on_its_side(rows, name):
    folder, images = rows
    pixels = read_picture(folder / "Ann" / name).astype(int)
    shown = pixels.mean(2)
    assert np.percentile(shown, 95) - np.percentile(shown, 5) > 60
    row = images.loc[f"Ann/{name}"]
    assert pixels.shape[:2] == (row.height, row.width)
    if "orientation" in name:
        assert np.abs(pixels - np.asarray(FACE)).mean() < 6 or name == "orientation-9.jpg"


@pytest.mark.parametrize(
    ("name", "turn"),
    [
        ("16-bits.png", lambda a: a), ("16-bits.tif", np.flipud), ("12-bits-packed.tif", np.fliplr),
        ("0-to-1.tif", lambda a: np.rot90(a, 2)), ("0-to-255.tif", lambda a: np.rot90(a, 3)),
        ("0-to-65535.tif", np.transpose), ("integers.tif", lambda a: np.roll(a, 9, 0)),
        ("8-of-16-bits.png", np.rot90),
    ],
)  # fmt: skip
def test_other_depths_show_the_picture_itself(rows, name, turn):
    pixels = read_picture(rows[0] / "Ann" / name)
    assert np.abs(pixels[..., 0].astype(int) - turn(GREY)).max() <= 1
