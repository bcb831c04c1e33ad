"""Models that run while somebody looks: to find pictures by words, or by a photograph brought."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard.data import files
from dashboard.data.files import Missing

#: Characters; what a text tower reads is shorter still.
LONGEST = 200


def encoder(model: str) -> Any:
    """Return a loaded model, as the rule `weights` has described it."""
    path = files.place("models", f"{model}.json")
    return _encoder(path, files.stamp(path))


@st.cache_resource(max_entries=2, show_spinner="Loading the model …")
def _encoder(path: Path, version: files.Stamp) -> Any:
    try:
        from facebench.errors import UserError
        from facebench.models import load, read_description
    except ImportError as error:
        raise Missing(f"Running a model needs {error.name}, which isn't installed.") from error
    try:
        with files.readable(path, besides=(UserError,)):
            described = read_description(path)
            spec, found = described["spec"], described["files"]
        return load(spec, found)
    except UserError as error:
        raise Missing(str(error)) from error
    except ImportError as error:
        raise Missing(f"Running this model needs {error.name}, which isn't installed.") from error


def of_words(model: str, words: str) -> np.ndarray:
    """Return a sentence's vector, float32 (d,), in the space of the model's pictures."""
    loaded = encoder(model)
    if loaded.encode_text is None:
        raise Missing("This model reads no text: choose another one.", "")
    return loaded.encode_text([words[:LONGEST]])[0]


def of_picture(model: str, picture: bytes, variant: str = "fast") -> np.ndarray:
    """Return an encoded picture's vector, float32 (d,), prepared as the data set's were."""
    loaded = encoder(model)
    from facebench.pictures.preprocess import batch

    return loaded.encode(batch([picture], loaded.preprocess, variant))[0]


def reads_text(model: str) -> bool:
    """Return whether a model can be searched by words, without loading it."""
    return files.parsed("models", f"{model}.json").get("family") in ("open_clip", "random")
