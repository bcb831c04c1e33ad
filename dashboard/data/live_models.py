"""Models that the dashboard runs itself, to embed words or an uploaded photograph."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard.data import files
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.store import layout

#: Characters; what a text tower reads is shorter still.
LONGEST = 200


@cached_until_changed(most=2)
def encoder(model: str) -> Any:
    """Return a loaded model, as the rule `weights` has described it."""
    place = layout.model(model)
    path = files.existing(place)
    try:
        from facebench.errors import UserError
        from facebench.models import load, read_description
    except ImportError as error:
        raise Missing(f"No model can run: {error}. Install the missing package.", "") from error
    for file in files.inside(files.parsed(place), "files").values():
        if not Path(str(file)).is_file():  # nor a device, which may have no end
            raise Missing(f"The files of {model} are no longer where they were.")
    try:
        # Whoever wrote the description may be another program: libraries raise anything for it.
        with files.readable(place, reraise=(UserError, ImportError)):
            described = read_description(path)
            with st.spinner("Loading the model …"):
                return load(described["spec"], described["files"])
    except UserError as error:
        raise Missing(str(error)) from error
    except ImportError as error:
        raise Missing(f"This model can't run: {error}. Install the missing package.", "") from error


def of_words(model: str, words: str) -> np.ndarray:
    """Return a sentence's vector, float32 (d,), in the space of the model's pictures."""
    loaded = encoder(model)
    if loaded.encode_text is None:
        raise Missing("This model reads no text: choose another one.", "")
    return loaded.encode_text([words[:LONGEST]])[0]


def of_picture(model: str, picture: bytes, variant: str = "fast") -> np.ndarray:
    """Return an encoded picture's vector, float32 (d,), preprocessed like the data set's."""
    loaded = encoder(model)
    if loaded.lookup is not None:
        raise Missing("The vectors of this model were made elsewhere: choose another one.", "")
    from facebench.pictures.preprocess import batch

    with files.readable(layout.model(model)):
        return loaded.encode(batch([picture], loaded.preprocess, variant))[0]


def reads_text(model: str) -> bool:
    """Return whether a model can be searched by words, without loading it."""
    return files.parsed(layout.model(model)).get("text") is True
