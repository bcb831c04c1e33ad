"""Reading the files of the family vectors; anything that could mix up pictures is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facebench.errors import UserError
from facebench.places import local

if TYPE_CHECKING:
    import pandas as pd

#: Column that identifies a picture in a table -> the labels' column that it is compared with.
COLUMNS = {"image_id": "image_id", "image_path": "path"}
ROWS_AT_ONCE = 65536

#: A file of rows, and the table of their pictures.
Part = tuple[Path, Path]


def parts_of(place: Path, ids: str | None, crop: str, variant: str) -> Iterator[Part]:
    """Yield the files of a crop's variant: `place` itself, or what lies in <crop>/<variant>."""
    if not place.is_dir():
        if variant != "clean":
            raise UserError(
                f"{place} has vectors of clean pictures only; those of {variant} are looked for"
                f" where `path` is a folder, in {crop}/{variant}/img_emb."
            )
        yield place, table_of(place, ids)
        return
    own = place / crop / variant
    folder = place if variant == "clean" and not (own / "img_emb").is_dir() else own
    rows = {file.stem[8:]: file for file in sorted(folder.glob("img_emb/img_emb_*.npy"))}
    tables = {file.stem[9:]: file for file in folder.glob("metadata/metadata_*.parquet")}
    if not rows:
        raise UserError(
            f"{place} has no vectors of {variant} in the crop {crop}: there is no"
            f" {under(place, own)}/img_emb/img_emb_*.npy."
        )
    if odd := sorted(rows.keys() ^ tables.keys()):
        raise UserError(f"{folder} has only one of img_emb_{odd[0]}.npy and metadata_{odd[0]}.")
    for number, file in rows.items():
        yield file, tables[number]


def check(parts: list[Part], vectors: list[np.ndarray], tables: list["pd.DataFrame"]) -> None:
    """Raise `UserError` unless the files of each part, and the parts, fit together."""
    for (file, table), rows, who in zip(parts, vectors, tables, strict=True):
        if len(rows) != len(who):
            raise UserError(f"{file} has {len(rows):,} rows, but {table} has {len(who):,}.")
        if rows.shape[1] != vectors[0].shape[1]:
            raise UserError(f"{file} has vectors of another length than {parts[0][0].name}.")
    if not any(all(name in table for table in tables) for name in COLUMNS):
        raise UserError(f"{parts[0][1]} has no column {' or '.join(COLUMNS)}.")


def read_vectors(path: Path) -> np.ndarray:
    """Return the rows of a file, float (n, dim), not read into memory; all are finite numbers."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UserError(
            f"{path} is no plain .npy file of numbers: it is damaged, or a pickle, and reading it"
            f" would run code of its author ({error})."
        ) from error
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind != "f":
        what = f"{rows.dtype} {rows.shape}" if isinstance(rows, np.ndarray) else "an archive"
        raise UserError(f"{path} holds {what}. It must hold floats of shape (pictures, length).")
    for start in range(0, len(rows), ROWS_AT_ONCE):
        good = np.isfinite(rows[start : start + ROWS_AT_ONCE]).all(axis=1)
        if not good.all():
            row = start + int(np.argmin(good))
            raise UserError(f"{path} has infinite or undefined numbers, the first in row {row}.")
    return rows


def read_ids(path: Path) -> "pd.DataFrame":
    """Return the columns of `COLUMNS` that a table has, as text; none is left empty."""
    import pandas as pd

    try:
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
        else:
            table = pd.read_parquet(path)
    except (ValueError, OSError) as error:  # Arrow's and pandas' own are ValueErrors
        raise UserError(f"{path} is no table that can be read ({error}).") from error
    table = table[[name for name in COLUMNS if name in table]]
    if table.isna().any(axis=None) or (table == "").any(axis=None):
        raise UserError(f"{path} has rows that don't say which picture they are of.")
    return table


def table_of(rows: Path, ids: str | None) -> Path:
    """Return the table that goes with a file of rows: `ids`, or the one of the same name."""
    beside = [rows.with_suffix(".parquet"), rows.with_suffix(".csv")]
    for file in [local(ids)] if ids else beside:
        if file.is_file():
            return file
    names = ids or " or ".join(file.name for file in beside)
    raise UserError(f"{rows} needs a table of the pictures of its rows: there is no {names}.")


def gather(vectors: list[np.ndarray], at: np.ndarray) -> np.ndarray:
    """Return the rows `at` of all parts on end, float64 (n, dim)."""
    rows = np.empty((len(at), vectors[0].shape[1]))
    first = 0
    for part in vectors:
        here = (at >= first) & (at < first + len(part))
        rows[here] = part[at[here] - first]
        first += len(part)
    return rows


def under(base: Path, file: Path) -> str:
    """Return the path of a file from `base`, or its name where it is elsewhere."""
    return file.relative_to(base).as_posix() if file.is_relative_to(base) else file.name
