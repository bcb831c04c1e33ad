"""Where the files of the study on show are: `facebench.store.layout`, below the right folders.

A study's folder is `results/<study>`; `store`, which studies share, lies beside `results`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from glob import escape
from pathlib import Path

from dashboard.data.missing import Missing
from facebench.store import layout

METRICS = "metrics.parquet"
DEFAULT = "default"


#: The folder of the study that a visitor chose; none means the one that is served.
_chosen: ContextVar[Path | None] = ContextVar("chosen", default=None)


def study_folder() -> Path:
    """Return the folder of the study on show: the one chosen, or else the one that is served."""
    return _chosen.get() or served_folder()


def served_folder() -> Path:
    """Return the folder of the study that the dashboard was started for.

    `FACEBENCH_RESULTS` names it, or a folder of several studies (`results`, if it is not set). Of
    several, `default` is shown, or else the one with the newest numbers.
    """
    folder = Path(os.environ.get("FACEBENCH_RESULTS") or layout.RESULTS).absolute()
    studies = {path.parent: path.stat().st_mtime_ns for path in folder.glob(f"*/{METRICS}")}
    if not studies and (folder / METRICS).exists():
        return folder
    if folder / DEFAULT in studies or (not studies and folder.name == layout.RESULTS):
        return folder / DEFAULT
    return max(studies, key=studies.__getitem__, default=folder)


def studies() -> list[str]:
    """Return the studies that have numbers, in order; that which is served is always one."""
    served = served_folder()
    found = {path.parent.name for path in served.parent.glob(f"*/{METRICS}")}
    return sorted(found | {served.name})


def choose(name: str) -> None:
    """Show the study of this name, in this thread, from now on."""
    served = served_folder()
    _chosen.set(served.parent / name if name in studies() else served)


@contextmanager
def showing(name: str) -> Iterator[None]:
    """Read the files of another study in a block."""
    if name not in studies():
        raise Missing(f"There is no study {name} here.", "")
    before = _chosen.set(served_folder().parent / name)
    try:
        yield
    finally:
        _chosen.reset(before)


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


def left_over() -> str:
    """Return a sentence on numbers of an older version beside the studies; mostly empty."""
    folder = served_folder().parent
    if folder.name == layout.RESULTS and (folder / METRICS).exists():
        return (
            f"{layout.RESULTS}/{METRICS} was written by an older version of facebench and is not"
            " shown: each study now has a folder of its own."
        )
    return ""


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
