"""Pictures in plain tars, as img2dataset writes them for webdataset, read where they lie.

`00000.tar` holds `000000000.jpg`, and with the same name `.txt`, a caption, and `.json`, metadata.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from facebench.datasets.decode_check import is_picture_name
from facebench.datasets.listing import Listing
from facebench.datasets.parts import Parts
from facebench.datasets.walk import files_in
from facebench.errors import UserError
from facebench.logs import Progress
from facebench.pictures.files import TAR, compressed, members, read_span
from facebench.texts import one_line

#: Endings of tars that are compressed as a whole, so that no member has an offset.
COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")


def shards(
    root: Path, files: dict[str, Path], identity: str | None = None, name: str | None = None
) -> Listing:
    """List the pictures in the tars in `root`, by the names of the tars and of the pictures.

    A person is what the picture's JSON says under `identity`; without that option each picture is
    of a person of its own. `name`: the field with the person's name. Raises `UserError` for a tar
    that can't be used and for JSON that is none.
    """
    tars = tars_in(root)
    progress = Progress(len(tars), "tars listed")
    wanted = {"identity": identity, "name": name}
    parts = [_listed(root, tar, wanted) for tar in progress.over(tars)]
    nobody = f"Its JSON says nothing under {identity!r}."
    return Listing(pd.concat(parts, ignore_index=True), nobody=nobody)


def in_parts(
    root: Path, files: dict[str, Path], identity: str | None = None, name: str | None = None
) -> Parts | None:
    """Return the same, a tar at a time; None where pictures share a person. Raises as `shards`."""
    if identity is not None:
        return None
    # Sorted by what the pictures' paths begin with.
    tars = sorted(tars_in(root), key=lambda tar: f"{tar}/")
    progress = Progress(len(tars), "tars listed")
    sizes = {tar: len(_pictures(root / tar)) for tar in progress.over(tars)}
    some = [tar for tar in tars if sizes[tar]]
    wanted = {"identity": None, "name": name}
    if not some:
        raise UserError(f"there are no pictures in its {TAR} files.")
    counts = [sizes[tar] for tar in some]
    return Parts(some, counts, lambda part: _listed(root, some[part], wanted))


def tars_in(root: Path) -> list[str]:
    """Return the paths of the tars in a folder. Raises `UserError` without one."""
    found = files_in(root)
    tars = [path for path in found if path.endswith(TAR)]
    if packed := [path for path in found if path.endswith(COMPRESSED)]:
        raise compressed(root / packed[0])
    if not tars:
        raise UserError(f"there is no {TAR} file in {root}.")
    return tars


def _pictures(tar: Path) -> list[str]:
    """Return the names of the pictures in a tar, sorted."""
    return sorted(name for name in members(tar) if is_picture_name(name))


def _listed(root: Path, tar: str, wanted: dict[str, str | None]) -> pd.DataFrame:
    """Return the rows of one tar: path, identity and name, in the order of the paths."""
    names = _pictures(root / tar)
    columns: dict[str, Any] = {"path": [f"{tar}/{name}" for name in names]}
    told = list(_told(root / tar, names)) if any(wanted.values()) else [{}] * len(names)
    for column, field in wanted.items():
        columns[column] = [_text(said, field) if field else None for said in told]
    if wanted["identity"] is None:
        columns["identity"] = [f"{tar.removesuffix(TAR)}/{name}" for name in names]
    return pd.DataFrame(columns, dtype=str)


def _told(tar: Path, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what the JSON beside each picture says; nothing where there is none."""
    spans = members(tar)
    with open(tar, "rb") as file:
        for name in names:
            beside = f"{_stem(name)}.json"
            if beside not in spans:
                yield {}
                continue
            try:
                said = json.loads(read_span(file, spans[beside]))
            except (ValueError, RecursionError) as error:
                raise UserError(f"{one_line(beside)} in {tar} is no JSON: {error}.") from error
            if not isinstance(said, dict):
                raise UserError(f"{one_line(beside)} in {tar} is JSON, but no object of fields.")
            yield said


def _stem(name: str) -> str:
    """Return the name of a sample: of a picture without its ending."""
    return str(PurePosixPath(name).with_suffix(""))


def _text(said: dict[str, Any], field: str) -> str | None:
    """Return a field as text; None where it is missing, empty or no single value.

    >>> [_text({"a": value}, "a") for value in ("Ann ", 7, "", None, [1])]
    ['Ann', '7', None, None, None]
    """
    value = said.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return one_line(str(value)) or None
