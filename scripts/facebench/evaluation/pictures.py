"""The pictures of a data set under one model: who is on each, and its row of the vectors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.protocols.scores import scores
from facebench.store.faces import attempted, read_labels
from facebench.store.records import Record
from facebench.store.tables import read_record
from facebench.vectors.stored import StoredVectors, read_ids


@dataclass(frozen=True)
class Pictures:
    """The n pictures that a model should have embedded, and their vectors."""

    #: image_id, path, identity, name; one row a picture of somebody, copies left out.
    labels: pd.DataFrame
    #: Who each shows: int64 (n,), places in `identities`.
    people: np.ndarray
    identities: np.ndarray
    #: Each picture's row of `embeddings`, -1 if it could not be used: int64 (n,).
    rows: np.ndarray
    #: float32 (m, d), unit rows, read from disk when they are asked for.
    embeddings: StoredVectors
    #: image_id of each row of `embeddings`.
    ids: pd.Index
    record: Record
    #: Decisions on all pairs, which protocols share: see `facebench.evaluation.pair_decisions`.
    decided: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def failed(self) -> np.ndarray:
        """Which pictures have no embedding: bool (n,)."""
        return self.rows < 0


def load(faces: str, embeddings: Sequence[str], metadata: Sequence[str]) -> Pictures:
    """Read the vectors of a data set and, for the denominators, the pictures without one.

    embeddings, metadata: the files of all parts, in their order. A copy of another picture is
    neither searched nor found; a picture of nobody in particular takes no part.
    """
    labels = read_labels(faces)
    ids, vectors = read_ids(metadata), StoredVectors(embeddings)
    if len(vectors) != len(ids):
        raise UserError(
            f"{embeddings[0]} has {len(vectors):,} rows and {metadata[0]} {len(ids):,}: they come "
            "from different runs. Delete both and run again."
        )
    labels = attempted(labels)
    labels = labels[["image_id", "path", "identity", "name"]].reset_index(drop=True)
    people, identities = pd.factorize(labels["identity"], sort=True)
    return Pictures(
        labels=labels,
        people=people.astype(np.int64),
        identities=np.asarray(identities, dtype=object),
        rows=ids.get_indexer(pd.Index(labels["image_id"])).astype(np.int64),
        embeddings=vectors,
        ids=ids,
        record=read_record(metadata[0]),
    )


#: Scores that span less than this hardly tell pictures apart.
NARROW = 0.01


def warn_of_narrow_scores(pictures: Pictures, model: str, most: int = 500) -> None:
    """Log a warning if all scores between (at most `most`) pictures are nearly the same."""
    rows = pictures.rows[~pictures.failed]
    some = rows[:: max(1, len(rows) // most)][:most]
    if len(some) < 2:
        return
    vectors = pictures.embeddings[some]
    between = scores(vectors, vectors)[np.triu_indices(len(some), 1)]
    if np.ptp(between) < NARROW:
        LOG.warning(
            "%s: all scores lie between %.4f and %.4f, so it hardly tells pictures apart. Its"
            " weights may be untrained, or its vectors not centred.",
            model, between.min(), between.max(),
        )  # fmt: skip
