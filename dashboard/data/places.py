"""Where the files of the study on show are: `facebench.store.layout`, below the right folders.

A study's folder is `results/<study>`; `store`, which studies share, lies beside `results`.
"""

import os
from glob import escape
from pathlib import Path

from dashboard.data.missing import Missing
from facebench.store import layout

METRICS = "metrics.parquet"
DEFAULT = "default"


def study_folder() -> Path:
    """Return the folder of the study on show.

    `FACEBENCH_RESULTS` names it, or a folder of several studies (`results`, if it is not set). Of
    several, `default` is shown, or else the one with the newest numbers.
    """
    folder = Path(os.environ.get("FACEBENCH_RESULTS") or layout.RESULTS).absolute()
    if (folder / METRICS).exists():
        return folder
    studies = {path.parent: path.stat().st_mtime_ns for path in folder.glob(f"*/{METRICS}")}
    if folder / DEFAULT in studies or (not studies and folder.name == layout.RESULTS):
        return folder / DEFAULT
    return max(studies, key=studies.__getitem__, default=folder)


def study() -> str:
    """Return the name of the study on show."""
    return study_folder().name


def root() -> Path:
    """Return the folder in which the workflow ran: it holds `results`, `store` and `benchmarks`."""
    return study_folder().parent.parent


def check_layout() -> None:
    """Raise `Missing` for results that an older version of facebench has written."""
    folder = study_folder()
    if any(folder.glob("*/images.parquet")):
        raise Missing(
            f"{folder.name} holds results of an older version of facebench, which put them into"
            " other folders: run the study again."
        )


def result(name: str) -> str:
    """Return the place of a file of the whole study."""
    return layout.result(study(), name)


def absolute(place: str) -> Path:
    """Return the path of a place of `layout`. Names come from tables: none may lead elsewhere."""
    base, rest = _split(place)
    path = base / rest
    if not path.resolve().is_relative_to(base.resolve()):
        raise Missing(f"A name in the results leads out of their folder: {place}.")
    return path


def pattern(place: str) -> tuple[Path, str]:
    """Return the folder and the pattern of a place in which some names are `*`."""
    base, rest = _split(place)
    if ".." in Path(rest).parts or Path(rest).is_absolute():
        raise Missing(f"A name in the results leads out of their folder: {place}.")
    return base, rest


def _split(place: str) -> tuple[Path, str]:
    """Return the folder of the study, or `store`, and where a place is in it."""
    for base, before in (
        (study_folder(), layout.result(study(), "")),
        (root() / layout.STORE, f"{layout.STORE}/"),
    ):
        if place.startswith(before):
            return base, place.removeprefix(before)
    raise Missing(f"A name in the results leads out of their folder: {place}.")


def vector_parts(dataset: str, crop: str, variant: str, model: str) -> str:
    """Return the pattern of the files of vectors of some faces, in however many parts they are."""
    return layout.embeddings(*map(escape, (dataset, crop, variant, model)), part="*")
