"""Which faces of a table get a vector, and who they are, read without the pictures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from facebench.store.tables import iter_table

#: The columns of the table beside the vectors, as pandas writes them.
METADATA = pa.Schema.from_pandas(
    pd.DataFrame(columns=["image_id", "image_path", "identity"], dtype=str), preserve_index=False
)


def usable(faces: str | Path) -> np.ndarray:
    """Return the numbers of the `ok` rows of a table of faces: int64."""
    found = [pc.equal(part["status"], "ok") for part in iter_table(faces, ["status"])]
    return np.flatnonzero(np.concatenate([np.zeros(0, bool), *map(np.asarray, found)]))


def who(faces: str | Path, rows: np.ndarray) -> Iterator[pa.Table]:
    """Yield who the faces in some rows (sorted row numbers) are, as `METADATA` says."""
    first = 0
    for part in iter_table(faces, ["image_id", "path", "identity"]):
        here = rows[np.searchsorted(rows, first) : np.searchsorted(rows, first + len(part))]
        yield part.take(here - first).rename_columns(METADATA.names).cast(METADATA)
        first += len(part)
