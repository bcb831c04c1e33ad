"""Pictures of faces, one at a time from their row group, blurred if the configuration says so."""

import base64
from collections.abc import Iterable, Mapping
from io import BytesIO

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image, ImageFilter

from dashboard.data import files, settings
from dashboard.data.files import Missing

#: Pixels; a larger picture is no face.
MOST_PIXELS = 50_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def faces(dataset: str, crop: str, variant: str = "clean") -> tuple[str, ...]:
    """Return where the table of a data set's faces is, for the functions of `files`."""
    return dataset, crop, variant, "faces.parquet"


def rows(*parts: str) -> pd.Index:
    """Return the image_id of each row of a table of faces; a copy of a picture has none."""
    path = files.place(*parts)
    return _rows(parts, files.stamp(path))


@st.cache_resource(max_entries=20, show_spinner=False)
def _rows(parts: tuple[str, ...], version: files.Stamp) -> pd.Index:
    table = files.table(*parts, columns=["image_id", "status"]).to_pandas()
    ids = table.image_id.astype(object).where(table.status.astype(str) != "duplicate")
    # Rows without a picture that counts get a name that no picture has.
    return pd.Index(ids.where(ids.notna(), [f"#{row}" for row in range(len(ids))]))


def encoded(ids: Iterable[str], *parts: str) -> dict[str, bytes]:
    """Return the encoded pictures of these `image_id`s, without those that have none."""
    wanted = list(dict.fromkeys(ids))
    where = rows(*parts).get_indexer(wanted)
    starts = files.group_starts(*parts)
    found: dict[str, bytes] = {}
    groups = np.searchsorted(starts, where, side="right") - 1
    for group in np.unique(groups[where >= 0]):
        pictures = files.group(int(group), *parts, columns=["image"]).column("image")
        for place in np.flatnonzero((groups == group) & (where >= 0)):
            value = pictures[int(where[place]) - starts[group]].as_py()
            if value is not None:
                found[wanted[place]] = value
    return found


def opened(picture: bytes) -> Image.Image:
    """Return a picture of the results as RGB, blurred if the configuration says so."""
    try:
        with Image.open(BytesIO(picture)) as image:
            image.load()
            shown = image.convert("RGB")
    except Exception as error:  # Pillow's plugins raise many kinds
        raise Missing("A picture in the results can't be read.") from error
    return blur(shown) if settings.blurred() else shown


def blur(image: Image.Image) -> Image.Image:
    """Return a picture in which nobody can be told: what is left is 6 pixels across."""
    width, height = image.size
    small = image.resize((6, max(1, round(6 * height / width))), Image.Resampling.BOX)
    again = small.resize((width, height), Image.Resampling.BILINEAR)
    return again.filter(ImageFilter.GaussianBlur(width / 24))


def gallery(ids: Iterable[str], *parts: str) -> Mapping[str, Image.Image]:
    """Return the pictures of these `image_id`s, to be shown."""
    return {name: opened(picture) for name, picture in encoded(ids, *parts).items()}


def thumbnail(image: Image.Image, side: int = 64) -> str:
    """Return a small copy of a picture as a data address, for a cell of a table."""
    small = image.copy()
    small.thumbnail((side, side))
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
