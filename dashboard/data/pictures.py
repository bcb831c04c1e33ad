"""Pictures of faces, read by row group, and blurred if the configuration asks for it."""

import base64
from collections.abc import Iterable, Mapping
from io import BytesIO

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter

from dashboard.data import files, settings
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing

#: Pixels; a larger picture is no face.
MOST_PIXELS = 50_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@cached_until_changed(most=20)
def rows(faces: str) -> pd.Series:
    """Return the row of every usable picture in a table of faces, by image_id.

    An image_id is a hash of a file's bytes: unusable files that are equal, such as empty ones, have
    the same.
    """
    table = files.table(faces, ["image_id", "status"]).to_pandas()
    usable = table[table.status == "ok"].drop_duplicates("image_id")
    return pd.Series(usable.index.to_numpy(), usable.image_id.astype(object))


def encoded(ids: Iterable[str], faces: str) -> dict[str, bytes]:
    """Return the encoded pictures of these `image_id`s from a table of faces, as far as there."""
    wanted = list(dict.fromkeys(ids))
    where = rows(faces).reindex(wanted, fill_value=-1).to_numpy()
    starts = files.group_starts(faces)
    found: dict[str, bytes] = {}
    groups = np.searchsorted(starts, where, side="right") - 1
    for group in np.unique(groups[where >= 0]):
        pictures = files.row_group(faces, int(group), ["image"]).column("image")
        for place in np.flatnonzero((groups == group) & (where >= 0)):
            value = pictures[int(where[place]) - starts[group]].as_py()
            if value is not None:
                found[wanted[place]] = value
    return found


def opened(picture: bytes) -> Image.Image:
    """Return a picture of the results as RGB, blurred if the configuration asks for it."""
    try:
        with Image.open(BytesIO(picture)) as image:
            image.load()
            shown = image.convert("RGB")
    except Exception as error:  # Pillow's plugins raise many kinds
        raise Missing("A picture in the results can't be read.") from error
    return blur(shown) if settings.blurred() else shown


def blur(image: Image.Image) -> Image.Image:
    """Return a picture in which nobody can be recognised: it is left 6 pixels across."""
    width, height = image.size
    small = image.resize((6, max(1, round(6 * height / width))), Image.Resampling.BOX)
    again = small.resize((width, height), Image.Resampling.BILINEAR)
    return again.filter(ImageFilter.GaussianBlur(width / 24))


def gallery(ids: Iterable[str], faces: str) -> Mapping[str, Image.Image]:
    """Return the pictures of these `image_id`s from a table of faces, to be shown."""
    return {name: opened(picture) for name, picture in encoded(ids, faces).items()}


def thumbnail(image: Image.Image, side: int = 64) -> str:
    """Return a small copy of a picture as a data address, for a cell of a table."""
    small = image.copy()
    small.thumbnail((side, side))
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
