"""CelebA as the Parquet files of the hub's copy flwrlabs/celeba, read where they lie."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facebench.datasets.celeba import PARTITIONS, TAKEN
from facebench.datasets.listing import Listing
from facebench.datasets.walk import files_in
from facebench.errors import UserError
from facebench.pictures.parquet_rows import IMAGE, PARQUET, names_of, unspoilt

#: Who is on a picture: CelebA's number of the person, int64.
IDENTITY = "celeb_id"


def celeba_parquet(
    root: Path, files: dict[str, Path], partition: Sequence[str] = PARTITIONS
) -> Listing:
    """List the rows of all Parquet files below `root`, by file and row; no picture is read.

    Columns: `image` ({bytes, path}), `celeb_id`, and attributes, true or false, whose names become
    lower case. The partition is what a file's name, or else its folder's, begins with:
    `valid-00000-of-00003.parquet`, `valid/0000.parquet`. Raises `UserError` for other files.
    """
    found = {path: _partition(path) for path in files_in(root) if path.endswith(PARQUET)}
    if not found:
        raise UserError(f"there is no {PARQUET} file in {root}.")
    chosen = [path for path, part in found.items() if part in partition]
    if not chosen:
        raise UserError(f"none of its {PARQUET} files is of the partition {', '.join(partition)}.")
    images = pd.concat([_rows(root, path, found[path]) for path in chosen], ignore_index=True)
    return Listing(images, nobody=f"It has no {IDENTITY}.")


def _partition(path: str) -> str:
    """Return the partition that a file is of. Raises `UserError` where its path doesn't say."""
    for part in reversed(Path(path).parts):
        for name in PARTITIONS:
            if part.startswith(name):
                return name
    raise UserError(
        f"{path} doesn't say of which partition it is: its name or its folder's must begin with"
        f" {', '.join(PARTITIONS)}."
    )


def _rows(root: Path, path: str, partition: str) -> pd.DataFrame:
    """Return the rows of one file: path, identity, name, partition and attributes."""
    with unspoilt(root / path):
        schema = pq.read_schema(root / path)
        flags = [field.name for field in schema if pa.types.is_boolean(field.type)]
        kind = schema.field(IMAGE).type
        if not pa.types.is_struct(kind) or kind.get_field_index("bytes") < 0:
            raise KeyError(f"{IMAGE} has no field bytes")
        # Numbers without a gap: a null would make floats of them.
        table = pq.read_table(root / path, columns=[IDENTITY, *flags])
        who = table[IDENTITY].cast(pa.string()).to_pandas()
    columns = {name: name.lower() for name in flags}
    if wrong := [name for name in columns.values() if name in TAKEN]:
        raise UserError(f"{path} has an attribute called {wrong[0]!r}, the name of another column.")
    images = table.select(flags).to_pandas().astype("boolean").rename(columns=columns)
    images.insert(0, "path", [f"{path}/{name}" for name in names_of(len(table))])
    images.insert(1, "identity", who.astype("str"))
    images.insert(2, "name", pd.Series(pd.NA, index=images.index, dtype="str"))
    images.insert(3, "partition", partition)
    return images
