"""Models that the dashboard runs itself, to embed words or an uploaded photograph."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard import safe_text
from dashboard.data import files
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.models import FAMILIES
from facebench.store import layout

#: Characters; what a text tower reads is shorter still.
LONGEST = 200


def loading(what: str) -> Any:
    """Return a spinner that says what is loaded, and that it is loaded once."""
    return st.spinner(
        f"Loading {what}, and the library that runs it. That takes some seconds the first time;"
        " then it stays in memory, and the next search is quick."
    )


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
            with loading(f"the model {safe_text.plain(model)}"):
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


@lru_cache(maxsize=2)
def detector(name: str, options: tuple[tuple[str, Any], ...]) -> Any:
    """Return the function that finds all faces in the pixels of a picture."""
    try:
        from facebench.pictures.detectors import DETECTORS

        with loading("the detector of faces"):
            return DETECTORS[name](**dict(options))
    except ImportError as error:
        raise Missing(f"Finding faces needs {error.name}, which isn't installed.") from error


def reads_text(model: str) -> bool:
    """Return whether a model can be searched by words, without loading it."""
    return files.parsed(layout.model(model)).get("text") is True


def sees_pictures(model: str) -> bool:
    """Return whether a model can embed another picture, without loading it."""
    family = FAMILIES.get(str(files.parsed(layout.model(model)).get("family")))
    return family is None or not (family.elsewhere or family.fused)


def able(models: Sequence[str], can: Callable[[str], bool], lacking: str) -> list[str]:
    """Return the models that can do something; raise `Missing` with a sentence where none can."""
    found: list[str] = []
    problem = Missing(lacking, "")
    for model in models:
        try:
            found += [model] if can(model) else []
        except Missing as missing:
            problem = missing
    if not found:
        raise problem
    return found
