"""Uploaded photographs: checked before they are decoded, kept in memory, never given a name.

They may be compared only with data sets of people who don't exist, or with a folder that the
configuration declares to be the user's own. Only crops are offered in which a picture of the data
set, uploaded, has the very pixels that its index was made from.
"""

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from dashboard.data import files, live_models, settings
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


def made_again(dataset: str, crops: Sequence[str]) -> list[str]:
    """Return the crops that an upload can be cut to exactly as the data set's pictures were.

    A detector finds the same face again. Where the faces' places came with the data (of a renderer,
    or from a list), an upload has none, and a detector's box shows another part of the face.
    """
    return [
        crop
        for crop in crops
        if _landmarks(dataset, crop).get("source") == "detector"
        or not needs_face(*recipe(dataset, crop))
    ]


def recipe(dataset: str, crop: str) -> tuple[str, dict[str, Any]]:
    """Return the kind of a crop and its options, according to the record of the faces."""
    spec = files.inside(files.record(layout.faces(dataset, crop)), "faces")
    kind = str(spec.pop("kind", ""))
    if kind not in _crops().CROPS:
        raise Missing(
            "faces.parquet doesn't say how its faces were cropped: it is of another version."
        )
    return kind, {key: value for key, value in spec.items() if key not in NO_OPTIONS}


#: Facts in the record of faces that are no options of the crop.
NO_OPTIONS = ("crop", "libraries", "code")


def needs_face(kind: str, options: dict[str, Any]) -> bool:
    """Return whether a crop can't be made of a picture in which no face is known."""
    nobody = Uploaded(Image.new("RGB", (8, 8)))
    try:
        _crops().CROPS[kind](nobody, None, **options)
    except _crops().NoFace:
        return True
    return False


#: Kind of crop -> what of an upload is searched with.
SHOWN = {
    "whole": "your whole photograph",
    "box": "the face in your photograph",
    "similarity": "the face in your photograph, turned upright",
    "masked": "your photograph with the face covered",
    "half": "a part of your photograph, about as large as the head",
}


def searched(dataset: str, crop: str) -> str:
    """Return what of an upload is searched with in a crop, in words."""
    return f"{SHOWN[recipe(dataset, crop)[0]]}, crop {crop}"


def cropped(image: Image.Image, dataset: str, crop: str) -> bytes:
    """Return the encoded crop of a photograph, made like the data set's. Raises `Refused`."""
    kind, options = recipe(dataset, crop)
    made = _crops()
    try:
        with files.readable(layout.faces(dataset, crop), reraise=(made.NoFace,)):
            face = None
            if needs_face(kind, options):
                face = detected(image, _landmarks(dataset, crop))
            return made.CROPS[kind](Uploaded(image), face, **options).image
    except made.NoFace as error:
        raise Refused(f"{error} Try a photograph that shows the face larger.") from error


def detected(image: Image.Image, made: dict[str, Any]) -> Any:
    """Return the face in a photograph, or None; found by the detector that found the data set's.

    made: the record of the data set's landmarks. Where they were given with the data, the detector
    of the configuration is used.
    """
    options = settings.landmarks()
    if made.get("source") == "detector":
        options |= {key: made[key] for key in options if key in made}
    name, by = options.pop("detector"), options.pop("choose")
    detect = live_models.detector(name, tuple(sorted(options.items())))
    from facebench.pictures.detectors import choose

    found = choose(detect(np.asarray(image)), image.width, image.height, by)
    if found is None:
        return None
    # landmarks.parquet holds float32, and the last bits may decide on a pixel.
    places = (np.asarray(part, np.float32).astype(float) for part in (found.box, found.landmarks))
    return _crops().Face(*places)


def _landmarks(dataset: str, crop: str) -> dict[str, Any]:
    """Return how the faces' places were found, according to the record of the faces."""
    return files.inside(files.record(layout.faces(dataset, crop)), "landmarks")


def _crops() -> Any:
    """Return the module of crops, whose libraries may be missing."""
    try:
        from facebench.pictures import crops
    except ImportError as error:
        raise Missing(f"Cropping needs {error.name}, which isn't installed.") from error
    return crops


def preprocessing(dataset: str, crop: str, model: str) -> str:
    """Return the variant of preprocessing that a data set's vectors were made with."""
    made = files.record(layout.metadata(dataset, crop, CLEAN, model))
    return str(files.inside(made, "embed", "preprocess").get("variant", "fast"))
