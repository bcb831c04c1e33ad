"""Names and their text vectors, as the step `embed` wrote them."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.protocols.name import averaged
from facebench.store.damage import undamaged


class Names(NamedTuple):
    """Names and their text vectors."""

    #: float32 (templates, names, d), unit rows
    texts: np.ndarray
    #: The names and the pool of each, as in `facebench.vectors.names.Candidates`: str (names,)
    known: np.ndarray
    pool: np.ndarray
    #: Whether the model's list of read names has a name; False where it has no list: bool (names,)
    was_read: np.ndarray
    templates: list[str]
    record: dict[str, Any]

    def choices(self) -> Iterator[tuple[str, "Names"]]:
        """Yield the people's names with each pool of wrong ones: the invented, and the read."""
        for pool, said in (("invented", ""), ("read", "read")):
            chosen = np.isin(self.pool, ["people", pool])
            if pool == "invented" or (self.pool == pool).any():
                yield (
                    said,
                    self._replace(
                        texts=self.texts[:, chosen],
                        known=self.known[chosen],
                        pool=self.pool[chosen],
                        was_read=self.was_read[chosen],
                    ),
                )


def read_names(path: str) -> Names:
    """Read the names and text vectors that the step `embed` wrote."""
    with undamaged(path), np.load(path, allow_pickle=False) as file:
        return Names(
            texts=file["embeddings"],
            known=file["names"],
            pool=file["pool"],
            # Files of before this was known lack it.
            was_read=file["was_read"] if "was_read" in file else np.zeros(len(file["names"]), bool),
            templates=file["templates"].tolist(),
            record=json.loads(file["record"].item()),
        )


def people_of(names: Names) -> tuple[np.ndarray, pd.Index]:
    """Return the text vectors of the people's names, float32 (names, d), and the names."""
    chosen = names.pool == "people"
    return averaged(names.texts)[chosen].astype(np.float32), pd.Index(names.known[chosen])
