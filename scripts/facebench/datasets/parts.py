"""Listing a data set of strangers part by part: of a picture only a hash stays in memory.

Every picture is of a person of its own, so that nothing has to be known of two at once but whether
they are the same. The table is the one that `facebench.datasets.selection` makes of all pictures.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from facebench.datasets.copies import copy_of
from facebench.datasets.listing import Listing
from facebench.datasets.selection import joined
from facebench.store.shards import again, made, shards

#: What is known of a picture that another one is a copy of.
WHO = ["image_id", "path", "identity"]
#: Groups of pictures that are compared with each other, by the last digits of their hashes: to put
#: all in order at once would be all hashes again, and their places.
GROUPS = 64
#: Pictures of each status that the log names.
EXAMPLES = 10


class Parts(NamedTuple):
    """The parts of a data set, in the order of their pictures' paths.

    files: the paths of the parts. sizes: how many pictures each has, at least one. images: the
    listing's `images` of one part, by its number.
    """

    files: list[str]
    sizes: list[int]
    images: Callable[[int], pd.DataFrame]


@dataclass
class Listed:
    """The rows of all pictures, which are read from the disk again whenever they are asked for."""

    #: Files of the parts' rows, in their order.
    pieces: list[Path]
    #: The row of the first copy, by that of a later one, and who the first copies are.
    first: Mapping[int, int]
    originals: Mapping[int, Mapping[str, Any]]
    schema: pa.Schema
    #: Hash of all pictures and whose they are; how many have a status, and some of those not ok.
    sha256: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows of `images.parquet`, a part at a time."""
        start = 0
        for piece in again(self.pieces):
            yield self._marked(piece, start).select(self.schema.names)
            start += len(piece)

    def some_not_ok(self) -> pd.DataFrame:
        """Return a row for every picture that isn't ok, as far as examples go."""
        rows = [(status, *one) for status, some in self.examples.items() for one in some]
        return pd.DataFrame(rows, columns=["status", "path", "reason"])

    def _marked(self, piece: pa.Table, start: int) -> pa.Table:
        """Return the rows from row `start` on with those marked that are copies of earlier ones."""
        here = [row for row in range(start, start + len(piece)) if row in self.first]
        if not here:
            return piece
        frame = piece.to_pandas()
        for row in here:
            original = self.originals[self.first[row]]
            copy = frame.loc[row - start, WHO].to_dict()
            frame.loc[row - start, ["status", "reason"]] = ["duplicate", copy_of(original, copy)]
        return pa.Table.from_pandas(frame, preserve_index=False)


def listed(
    parts: Parts,
    inspect: Callable[[list[str]], pa.Table],
    key: Mapping[str, Any],
    folder: str | Path,
) -> Listed:
    """Return the rows of all pictures of `parts`; a killed job's finished parts are used.

    inspect: returns what the files at some paths are, a table of `decode_check.SCHEMA`. key: all
    that the result depends on. Unfinished work is kept in `folder`.
    """
    starts = np.cumsum([0, *parts.sizes])

    def work(span: slice) -> pa.Table:
        images = parts.images(int(np.searchsorted(starts, span.start)))
        findings = inspect(list(images["path"])).to_pandas()
        findings = findings.astype({"width": "Int32", "height": "Int32", "orientation": "Int8"})
        # A look is for other pictures of the same person.
        rows = joined(Listing(images), findings).drop(columns="look")
        return pa.Table.from_pandas(rows, preserve_index=False)

    rows = shards(folder, dict(key), int(starts[-1]), parts.sizes, work, "files")
    first, schema = _copies(rows, int(starts[-1]))
    pieces = made(folder)
    done = Listed(pieces, first, _originals(pieces, set(first.values())), schema)
    _summed_up(done)
    return done


def _copies(pieces: Iterable[pa.Table], count: int) -> tuple[dict[int, int], pa.Schema]:
    """Return the row of the first copy by that of every later one, and the table's schema."""
    contents = np.zeros(count, np.uint64)  # 0 for what isn't ok
    groups = np.zeros(count, np.uint8)
    start, schema = 0, pa.schema([])
    for piece in pieces:
        if not start:
            few = piece.slice(0, 0).to_pandas().drop(columns="pixel_hash")
            schema = pa.Schema.from_pandas(few, preserve_index=False)
        ok = np.flatnonzero(np.asarray(pc.equal(piece["status"], "ok")))
        texts = piece["pixel_hash"].take(ok).to_pylist()
        hashes = np.array([int(text, 16) for text in texts], np.uint64)
        contents[start + ok], groups[start + ok] = hashes, hashes % GROUPS
        start += len(piece)
    first: dict[int, int] = {}
    for group in range(GROUPS):
        rows = np.flatnonzero(groups == group)
        rows = rows[np.argsort(contents[rows], kind="stable")]
        some = contents[rows]
        for place in np.flatnonzero((some[1:] == some[:-1]) & (some[1:] > 0)).tolist():
            before = int(rows[place])
            first[int(rows[place + 1])] = first.get(before, before)
    return first, schema


def _originals(pieces: list[Path], wanted: set[int]) -> dict[int, dict[str, Any]]:
    """Return who the pictures in some rows are."""
    found: dict[int, dict[str, Any]] = {}
    start = 0
    for piece in again(pieces) if wanted else ():
        here = [row for row in range(start, start + len(piece)) if row in wanted]
        some = piece.select(WHO).take([row - start for row in here]).to_pylist()
        found.update(zip(here, some, strict=True))
        start += len(piece)
    return found


def _summed_up(done: Listed) -> None:
    """Fill in the hash of all pictures and how many have each status."""
    digest = hashlib.sha256()
    examples: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for table in done.tables():
        digest.update(csv_of(table.select(WHO).to_pandas()).encode())
        for status in table["status"].unique().to_pylist():
            some = table.filter(pc.equal(table["status"], status))
            done.counts[status] += len(some)
            if status != "ok":
                few = some.select(["path", "reason"]).slice(0, EXAMPLES).to_pandas()
                examples[status] += few.itertuples(index=False, name=None)
    done.sha256 = digest.hexdigest()
    done.examples = {status: some[:EXAMPLES] for status, some in examples.items()}


def csv_of(images: pd.DataFrame) -> str:
    """Return who is on which picture as text: its hash tells whether two lists are the same."""
    columns = images[["path", "image_id", "identity"]]
    return str(columns.to_csv(index=False, header=False, lineterminator="\n"))
