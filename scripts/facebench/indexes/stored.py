"""Indices on disk: `index.json` says what an index is; its kind's files are beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facebench.indexes.kinds import INDEXES
from facebench.indexes.search import Index
from facebench.store.atomic import write_json
from facebench.store.damage import Damaged, read_json, undamaged
from facebench.vectors.stored import StoredVectors


def make(vectors: StoredVectors, path: str | Path, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Make an index of unit rows and write what it is to `path`, last of all; return that.

    spec: the section `index` of the configuration, `kind` and the options of that kind.
    """
    path = Path(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {key: value for key, value in spec.items() if key != "kind"}
    settings = INDEXES[spec["kind"]].make(vectors, path.parent, **options)
    rows, numbers = vectors.shape
    described = {"kind": spec["kind"], "rows": rows, "numbers": numbers, **settings}
    write_json(path, described)
    return described


def read(path: str | Path, vectors: StoredVectors) -> Index:
    """Return the index that `path` describes, open. Raises `UserError` for one that can't be.

    vectors: those that it was made of.
    """
    described = read_json(path)
    with undamaged(path):
        opened = INDEXES[described["kind"]].open
        shape, rerank = (described["rows"], described["numbers"]), described["rerank"]
    searcher = opened(Path(path).parent, described)
    if not shape == vectors.shape == (searcher.ntotal, searcher.d):
        raise Damaged(f"{path} is an index of other vectors: delete it and run again.")
    return Index(searcher, vectors, rerank)
