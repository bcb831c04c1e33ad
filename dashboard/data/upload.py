"""A photograph that somebody brings: checked before it is decoded, kept in memory, named nowhere.

It may be matched only against data sets of people who don't exist, or against a folder that the
configuration says is the user's own.
"""

import warnings
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from dashboard.data import files, settings
from dashboard.data.files import Missing

#: What the browser offers, and what Pillow may try.
TYPES = ["jpg", "jpeg", "png", "webp"]
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 2**20
MOST_PIXELS = 25_000_000


class Refused(Exception):
    """A file that isn't taken; the message says why, in a sentence."""


def invented(dataset: str) -> bool:
    """Return whether the people of a data set don't exist, by what its record says."""
    return _reader(dataset) == "people"


def may_be_matched(dataset: str) -> bool:
    """Return whether uploads may be matched against a data set, by what its record says."""
    return invented(dataset) or (_reader(dataset) == "folder" and dataset in settings.own())


def _reader(dataset: str) -> str:
    return (files.record(dataset, "images.parquet").get("data") or {}).get("reader", "")


def checked(content: bytes) -> Image.Image:
    """Return the picture in a file, upright RGB. Raises `Refused`."""
    if len(content) > MOST_BYTES:
        raise Refused(f"The file has more than {MOST_BYTES // 2**20} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Refused(f"The picture has more than {MOST_PIXELS:,} pixels.")
                image.load()
                return ImageOps.exif_transpose(image).convert("RGB")
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(f"The picture has more than {MOST_PIXELS:,} pixels.") from error
    except Exception as error:  # Pillow's plugins raise many kinds
        raise Refused("The file is no JPEG, PNG or WebP picture, or it is damaged.") from error


class Brought:
    """What crops need of a picture, for one that is no file."""

    path = None

    def __init__(self, image: Image.Image) -> None:
        self.pixels = np.asarray(image)
        self.size = image.size


def cropped(image: Image.Image, dataset: str, crop: str) -> bytes:
    """Return the encoded crop of a photograph, made as the data set's were. Raises `Refused`."""
    try:
        from facebench.pictures.crops import CROPS, Face, NoFace
        from facebench.pictures.detectors import choose, dlib_detector
    except ImportError as error:
        raise Missing(f"Finding faces needs {error.name}, which isn't installed.") from error
    spec = dict(files.record(dataset, crop, "clean", "faces.parquet").get("faces") or {})
    kind = spec.pop("kind", "")
    if kind not in CROPS:
        raise Missing(
            "faces.parquet doesn't say how its faces were cropped: it is of another version."
        )
    options = {key: value for key, value in spec.items() if key not in ("crop", "libraries")}
    picture = Brought(image)
    detect = dlib_detector(upsample=0, tries=2, neural=False, max_side=1024)
    found = choose(detect(picture.pixels), image.width, image.height, "largest")
    face = Face(found.box, found.landmarks) if found else None
    try:
        return CROPS[kind](picture, face, **options).image
    except NoFace as error:
        raise Refused(f"{error} Try a photograph that shows the face larger.") from error


def preprocessing(dataset: str, crop: str, model: str) -> str:
    """Return the variant of preprocessing that a data set's vectors were made with."""
    path = (dataset, crop, "clean", model, "metadata", "metadata_0000.parquet")
    made = files.record(*path).get("embed") or {}
    return (made.get("preprocess") or {}).get("variant", "fast")
