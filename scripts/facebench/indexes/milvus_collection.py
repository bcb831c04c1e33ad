"""Indices that Milvus holds: a collection for the vectors of a data set and crop under a model."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facebench.errors import UserError
from facebench.indexes.milvus_names import content_of, place_of, stem_of, uri_of
from facebench.indexes.milvus_server import connected, load_pymilvus
from facebench.logs import Progress
from facebench.store.damage import undamaged
from facebench.vectors.stored import StoredVectors

#: Bytes of vectors that are sent at a time; a server takes 64 MB, or less.
SENT = 2**24
#: Queries that are asked at a time, and rows that Milvus finds at most for one.
QUERIES, MOST = 256, 16384


def make(
    vectors: StoredVectors,
    folder: Path,
    *,
    uri: str,
    token: str,
    prefix: str,
    index_type: str,
    build: Mapping[str, Any],
    search: Mapping[str, Any],
    rerank: int,
) -> dict[str, Any]:
    """Fill a collection with all rows, in place of any that was made for this folder before.

    uri: an address, or a folder for databases. build, search: Milvus' parameters of the index type.
    Returns the settings that it is searched with, the name of the token's variable among them.
    """
    stem = stem_of(folder, prefix)
    name = f"{stem}_{content_of(vectors, index_type, build)}"
    settings = {
        "uri": uri_of(uri, folder, stem), "token": token, "collection": name, "metric": "IP",
        "index_type": index_type, "search": dict(search), "rerank": rerank,
    }  # fmt: skip
    with connected(place_of(folder, settings), token) as client:
        # Also one that a killed job left half full: there is no telling which rows it has.
        for old in client.list_collections():
            if old.startswith(f"{stem}_"):
                client.drop_collection(old)
        fill(client, name, vectors)
        index = client.prepare_index_params()
        index.add_index("vector", index_type=index_type, metric_type="IP", params=dict(build))
        client.create_index(name, index)
        if why := lack_of(client, name, *vectors.shape):
            raise UserError(f"Milvus did not take all vectors: {why}. Run again.")
    return settings


def fill(client: Any, name: str, vectors: StoredVectors) -> None:
    """Make a collection and insert all rows, each under its number."""
    pymilvus = load_pymilvus()
    dim = vectors.shape[1]
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", pymilvus.DataType.INT64, is_primary=True)
    schema.add_field("vector", pymilvus.DataType.FLOAT_VECTOR, dim=dim)
    client.create_collection(name, schema=schema, consistency_level="Strong")
    progress = Progress(len(vectors), "vectors")
    step = max(1, SENT // (4 * dim))
    for start in range(0, len(vectors), step):
        rows = np.arange(start, min(start + step, len(vectors)))
        values = vectors[rows]
        client.insert(
            name, [{"row": int(r), "vector": v} for r, v in zip(rows, values, strict=True)]
        )
        progress.step(len(rows))
    client.flush(name)


def lack_of(client: Any, name: str, rows: int, numbers: int) -> str:
    """Return why a collection, which is loaded here, isn't the whole one; empty if it is."""
    if not client.has_collection(name):
        return f"there is no collection {name}"
    fields = client.describe_collection(name)["fields"]
    dim = next((int(one["params"]["dim"]) for one in fields if one["name"] == "vector"), 0)
    if dim != numbers:
        return f"the collection {name} has vectors of {dim} numbers instead of {numbers}"
    client.load_collection(name)
    [found] = client.query(name, filter="", output_fields=["count(*)"])
    if found["count(*)"] != rows:
        return f"the collection {name} has {found['count(*)']:,} rows instead of {rows:,}"
    return ""


@dataclass(frozen=True)
class Collection:
    """A collection that is connected to, and looked at, for each search anew.

    So a database is free for other processes between searches, and a collection that was emptied
    since is noticed.
    """

    folder: Path
    settings: Mapping[str, Any]

    @property
    def ntotal(self) -> int:
        """The number of rows."""
        return int(self.settings["rows"])

    @property
    def d(self) -> int:
        """The numbers of a row."""
        return int(self.settings["numbers"])

    @contextmanager
    def whole(self) -> Iterator[Any]:
        """Yield a client once the collection is known to be whole. Raises `UserError` if not."""
        place = place_of(self.folder, self.settings)
        with connected(place, self.settings["token"]) as client:
            if why := lack_of(client, self.settings["collection"], self.ntotal, self.d):
                raise UserError(
                    f"Milvus at {place} doesn't hold the vectors: {why}. Delete"
                    f" {self.folder / 'index.json'} and run again."
                )
            yield client

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return scores, float32 (n, k), and rows, int64 (n, k), -1 where none was found."""
        scores = np.full((len(queries), k), -np.inf, np.float32)
        rows = np.full((len(queries), k), -1, np.int64)
        with self.whole() as client:
            for start in range(0, len(queries), QUERIES):
                found = client.search(
                    self.settings["collection"],
                    data=list(queries[start : start + QUERIES]),
                    anns_field="vector",
                    limit=min(k, MOST),
                    output_fields=["row"],
                    search_params={"metric_type": "IP", "params": dict(self.settings["search"])},
                )
                for i, hits in enumerate(found, start):
                    rows[i, : len(hits)] = [hit["row"] for hit in hits]
                    scores[i, : len(hits)] = [hit["distance"] for hit in hits]
        return scores, rows


def open_collection(folder: Path, settings: Mapping[str, Any]) -> Collection:
    """Return the collection of a folder. Raises `UserError` for one that can't be searched."""
    with undamaged(folder / "index.json"):
        wanted = ("uri", "token", "collection", "search", "rows", "numbers")
        collection = Collection(folder, {key: settings[key] for key in wanted})
    with collection.whole():
        return collection
