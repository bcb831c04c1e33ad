"""Uploaded photographs: checked before they are decoded, kept in memory, never given a name.

They may be compared only with data sets of people who don't exist, or with a folder that the
configuration declares to be the user's own.
"""

import warnings
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from dashboard.data import files, settings
from dashboard.data.missing import Missing
from facebench.datasets import READERS
from facebench.pictures.reading import pixels_of
from facebench.store import layout
from facebench.store.layout import CLEAN

#: What the browser offers, and what Pillow may try.
TYPES = ["jpg", "jpeg", "png", "webp"]
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 2**20
MOST_PIXELS = 25_000_000


class Refused(Exception):
    """A file that is not accepted; the message says why, in a sentence."""


def invented(dataset: str) -> bool:
    """Return whether the people of a data set don't exist, according to its record."""
    reader = READERS.get(_reader(dataset))
    return reader is not None and reader.rendered


def may_be_matched(dataset: str) -> bool:
    """Return whether uploads may be compared with a data set, according to its record."""
    return invented(dataset) or (_reader(dataset) == "folder" and dataset in settings.own())


def _reader(dataset: str) -> str:
    return str(files.inside(files.record(layout.images(dataset)), "data").get("reader", ""))


def checked(content: bytes) -> Image.Image:
    """Return the picture in a file, upright RGB, as the pipeline reads it. Raises `Refused`."""
    if len(content) > MOST_BYTES:
        raise Refused(f"The file has more than {MOST_BYTES // 2**20} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Refused(f"The picture has more than {MOST_PIXELS:,} pixels.")
                return Image.fromarray(pixels_of(image))
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(f"The picture has more than {MOST_PIXELS:,} pixels.") from error
    except Exception as error:  # Pillow's plugins raise many kinds
        raise Refused("The file is no JPEG, PNG or WebP picture, or it is damaged.") from error


class Uploaded:
    """What crops need of a picture, for one that is no file."""

    path = None

    def __init__(self, image: Image.Image) -> None:
        self.pixels = np.asarray(image)
        self.size = image.size


def cropped(image: Image.Image, dataset: str, crop: str) -> bytes:
    """Return the encoded crop of a photograph, made like the data set's. Raises `Refused`."""
    try:
        from facebench.pictures.crops import CROPS, Face, NoFace
    except ImportError as error:
        raise Missing(f"Cropping needs {error.name}, which isn't installed.") from error
    place = layout.faces(dataset, crop)
    record = files.record(place)
    spec = files.inside(record, "faces")
    kind = str(spec.pop("kind", ""))
    if kind not in CROPS:
        raise Missing(
            "faces.parquet doesn't say how its faces were cropped: it is of another version."
        )
    options = {key: value for key, value in spec.items() if key not in NO_OPTIONS}
    try:
        with files.readable(place, reraise=(NoFace,)):
            box = detected(image, files.inside(record, "landmarks"))
            face = Face(box.box, box.landmarks) if box else None
            return CROPS[kind](Uploaded(image), face, **options).image
    except NoFace as error:
        raise Refused(f"{error} Try a photograph that shows the face larger.") from error


#: Facts in the record of faces that are no options of the crop.
NO_OPTIONS = ("crop", "libraries", "code")


def detected(image: Image.Image, made: dict[str, Any]) -> Any:
    """Return the face in a photograph, or None; found by the detector that found the data set's.

    made: the record of the data set's landmarks. Where they were given with the data, the detector
    of the configuration is used.
    """
    options = settings.landmarks()
    if made.get("source") == "detector":
        options |= {key: made[key] for key in options if key in made}
    name, by = options.pop("detector"), options.pop("choose")
    try:
        from facebench.pictures.detectors import DETECTORS, choose

        faces = DETECTORS[name](**options)(np.asarray(image))
    except ImportError as error:
        raise Missing(f"Finding faces needs {error.name}, which isn't installed.") from error
    return choose(faces, image.width, image.height, by)


def preprocessing(dataset: str, crop: str, model: str) -> str:
    """Return the variant of preprocessing that a data set's vectors were made with."""
    made = files.record(layout.metadata(dataset, crop, CLEAN, model))
    return str(files.inside(made, "embed", "preprocess").get("variant", "fast"))
