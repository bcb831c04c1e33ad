"""Checking a file: is it a picture that decodes completely, and if not, why not?"""

import errno
import hashlib
import mimetypes
import stat
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

import pyarrow as pa
from PIL import Image, UnidentifiedImageError

from facebench.pictures import likeness
from facebench.pictures.faults import Unreadable, why_unreadable
from facebench.pictures.files import opened, state
from facebench.pictures.reading import is_invisible, orientation, pixels_of

#: An EPS is a program that Pillow gives to Ghostscript; the others it can name but not decode.
NOT_DECODED = {"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"}

#: Tried first, because nearly all pictures are of these.
COMMON = ["JPEG", "PNG", "WEBP"]

#: Pictures that Pillow can't read, and whose names Python doesn't know as pictures'.
FOREIGN = {
    ".heic", ".heif", ".hif", ".jxl", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf",
    ".rw2", ".raf", ".psb", ".xcf", ".exr", ".hdr", ".eps",
}  # fmt: skip

SCHEMA = pa.schema(
    [
        ("image_id", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("format", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("orientation", pa.int8()),
        ("pixel_hash", pa.string()),
        ("look", pa.binary()),
    ]
)


class Finding(NamedTuple):
    """What a file is: the columns of `SCHEMA`.

    `status` is ok, unreadable, or other: not a picture, neither by its name nor by its content.
    `orientation` is the one of the EXIF data, 1 without. `pixel_hash` and `look` tell copies:
    see `facebench.pictures.likeness`.
    """

    image_id: str | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    status: str = "unreadable"
    reason: str = ""
    orientation: int | None = None
    pixel_hash: str | None = None
    look: bytes | None = None


def inspect_all(root: str | Path, paths: Sequence[str], pixels: int, threads: int = 1) -> pa.Table:
    """Return a table of `SCHEMA`: what the files at `paths` below `root` are, in their order.

    A picture of more than `pixels` is not decoded. Threads, because decoding frees the
    interpreter's lock: two of them were 1.6 times as fast as one, two processes 1.7 times.
    """
    with pixel_limit(pixels), ThreadPoolExecutor(threads) as pool:
        findings = list(pool.map(lambda path: inspect(Path(root, path), pixels), paths))
    columns = zip(*findings, strict=True) if findings else [[] for _ in SCHEMA.names]
    arrays = [pa.array(list(c), kind) for c, kind in zip(columns, SCHEMA.types, strict=True)]
    return pa.table(arrays, schema=SCHEMA)


@contextmanager
def pixel_limit(pixels: int) -> Iterator[None]:
    """Make Pillow refuse larger pictures, before it decodes them and wherever they are nested."""
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = max(pixels // 2, 1)  # it warns of that, and refuses twice as much
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def inspect(path: Path, pixels: int) -> Finding:
    """Return what the file at `path` is; no file makes this fail, only an error of the machine."""
    try:
        if not stat.S_ISREG(state(path).st_mode):
            return Finding(reason="It is not a file.")
        with opened(path) as file:
            image_id = hashlib.file_digest(file, "sha256").hexdigest()[:16]
            file.seek(0)
            return _decoded(file, path, pixels)._replace(image_id=image_id)
    except OSError as error:
        reason = why_unreadable(error, path)
        lost = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
        return Finding(reason=_why_missing(path) if lost else reason)


def _decoded(file: IO[bytes], path: Path, pixels: int) -> Finding:
    """Return what is in an open file, all but its hash."""
    suffix = path.suffix.lower()
    if not file.read(1):
        known = is_picture_name(path.name)
        return Finding(status="unreadable" if known else "other", reason="It is empty (0 bytes).")
    file.seek(0)
    try:
        image = Image.open(file, formats=readable_formats())
    except UnidentifiedImageError:
        if suffix in FOREIGN:
            return Finding(reason=f"Pictures in the format {suffix} can't be read: convert it.")
        if is_picture_name(path.name):
            return Finding(reason=f"It is no picture, though it is named {suffix}.")
        return Finding(status="other", reason="It is no picture.")
    except Image.DecompressionBombError:
        return Finding(reason=f"It has more than {pixels:,} pixels (limits.pixels).")
    except Exception as error:
        return Finding(reason=why_unreadable(error, path))
    kind = image.format or ""
    try:
        shown = pixels_of(image)
        if is_invisible(image):
            raise Unreadable("All of it is transparent.")
        signs = likeness.pixel_hash(shown), likeness.look(shown)
    except Image.DecompressionBombError:
        return Finding(format=kind, reason=f"It has more than {pixels:,} pixels (limits.pixels).")
    except Exception as error:
        return Finding(None, *image.size, kind, reason=why_unreadable(error, path))
    height, width = shown.shape[:2]
    return Finding(
        None, width, height, kind, "ok", _misnamed(suffix, kind), orientation(image), *signs
    )


@cache
def readable_formats() -> list[str]:
    """Return the formats that are tried, the most common ones first."""
    Image.init()
    return COMMON + sorted(set(Image.OPEN) - set(COMMON) - NOT_DECODED)


@cache
def _formats_by_suffix() -> dict[str, str]:
    return Image.registered_extensions()


def is_picture_name(name: str) -> bool:
    """Return whether a file's name says that it is a picture.

    >>> [is_picture_name(name) for name in ("a.JPG", "a.heic", "a.svg", "a.txt", "a")]
    [True, True, True, False, False]
    """
    suffix = PurePosixPath(name).suffix.lower()
    kind = mimetypes.guess_type(f"a{suffix}", strict=False)[0] or ""
    if kind.startswith("image/") or suffix in FOREIGN:
        return True
    return _formats_by_suffix().get(suffix, "PDF") not in {"PDF", *NOT_DECODED}


def _misnamed(suffix: str, kind: str) -> str:
    """Return a remark on a picture whose name says another format than its content, or "".

    >>> _misnamed(".png", "JPEG"), _misnamed("", "PNG"), _misnamed(".jpg", "MPO")
    ('It is named .png but is a JPEG.', 'It has no extension and is a PNG.', '')
    """
    if not suffix:
        return f"It has no extension and is a {kind}."
    named = _formats_by_suffix().get(suffix)
    same = named == kind or {named, kind} in ({"JPEG", "MPO"}, {"BMP", "DIB"}, {"ICO", "CUR"})
    return "" if same else f"It is named {suffix} but is a {kind}."


def _why_missing(path: Path) -> str:
    if path.is_symlink():
        return "It is a link to nothing."
    if r"\x" in str(path):
        return "Its name is not valid UTF-8: rename it."
    return "It is listed, but there is no such file."
