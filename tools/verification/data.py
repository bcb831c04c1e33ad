"""Whether the pictures and lists of a data set are those that the records are of."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from facebench.errors import UserError
from facebench.store import layout
from facebench.store.records import file_sha256
from facebench.store.tables import read_table
from facebench.study.dataset_files import Sources, sources
from scripts.list_images import pictures_sha256
from tools.verification.study import Mismatch, NotChecked, Study

UNKNOWN = (
    "nothing says where they are: set the variable that the study's file reads the folder from"
    " (MY_PHOTOS in studies/mine.yaml), or, for a file outside studies/, say make verify STUDY=FILE"
)


def pictures(study: Study) -> Iterator[Mismatch | NotChecked]:
    """Yield lists of pictures that are not the recorded ones, and pictures that have changed."""
    for dataset, recorded in study.datasets.items():
        path = layout.images(dataset)
        try:
            table = read_table(path)
            found = pictures_sha256(table)
        except (OSError, KeyError, ValueError, UserError, pa.ArrowException):
            yield Mismatch(path, "the list of pictures", "none", f"Run again: {study.again}.")
            continue
        if found != recorded.get("pictures"):
            yield Mismatch(path, f"{recorded.get('pictures')}", found, f"Run again: {study.again}.")
        folder = folder_of(study, dataset)
        if folder is None:
            yield NotChecked(f"pictures of {dataset}", UNKNOWN)
            continue
        known = table.dropna(subset=["image_id"])
        for name, expected in zip(known["path"], known["image_id"], strict=True):
            found = _sha256(folder, name)[:16]
            if found != expected:
                remedy = f"Put the picture back, or accept it: {study.again}."
                yield Mismatch(str(folder / name), f"sha256 {expected}...", found, remedy)


def files(study: Study) -> Iterator[Mismatch | NotChecked]:
    """Yield lists and archives of a data set that have changed or are gone."""
    for dataset, recorded in study.datasets.items():
        expected = {**recorded.get("files", {}), "archive": recorded.get("archive")}
        expected = {name: sha256 for name, sha256 in expected.items() if sha256}
        if not expected:
            continue
        where = _sources(study, dataset)
        if where is None:
            yield NotChecked(f"files of {dataset}", UNKNOWN)
            continue
        places: dict[str, Any] = {**where.files, "archive": where.archive}
        for name, sha256 in expected.items():
            place = places.get(name)
            found = _sha256(Path(place)) if place else "nothing"
            if found != sha256:
                remedy = f"Put the file back, or accept it: {study.again}."
                yield Mismatch(
                    f"{dataset}, {name} {place or ''}", f"sha256 {sha256}", found, remedy
                )


def folder_of(study: Study, dataset: str) -> Path | None:
    """Return the folder of a data set's pictures; None where nothing says where it is."""
    where = _sources(study, dataset)
    folder = Path(where.pictures if where else layout.pictures(dataset))
    return folder if where or folder.is_dir() else None


def _sources(study: Study, dataset: str) -> Sources | None:
    spec = (study.config or {}).get("datasets", {}).get(dataset)
    try:
        return sources(dataset, spec) if spec else None
    except UserError:
        return None


def _sha256(folder: Path, name: str = "") -> str:
    """Return the hash of a file; "nothing" where there is none.

    Bytes of a name that are no UTF-8 are written as escapes in lists.
    """
    raw = re.sub(
        rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), name.encode()
    )
    for choice in (name, os.fsdecode(raw)):
        try:
            return file_sha256(folder / choice)
        except OSError:
            continue
    return "nothing"
