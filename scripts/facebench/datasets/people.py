"""Rendered people: pictures that this project made, with a table of who and what they show."""

from pathlib import Path
from typing import Any

from facebench.datasets.listing import Listing
from facebench.store.tables import read_table

TABLE = "people.parquet"


def people(root: Path, files: dict[str, Path], **rendered: Any) -> Listing:
    """List the pictures of `<root>/people.parquet`, with all its columns.

    `rendered` are options of the renderer, which are ignored here.
    """
    return Listing(read_table(root / TABLE))
