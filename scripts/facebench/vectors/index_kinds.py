"""Kinds of index: functions that make a faiss index of unit rows, searched by inner product.

Imported while Snakemake plans, where neither faiss nor NumPy is needed: functions import them.
"""

import logging
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from facebench.timing import loading

if TYPE_CHECKING:
    from facebench.vectors.stored import StoredVectors


def flat(vectors: "StoredVectors") -> Any:
    """Return an exact index: every vector is compared with what is searched for."""
    import numpy as np

    index = load_faiss().IndexFlatIP(vectors.shape[1])
    for part in vectors.parts:
        index.add(np.ascontiguousarray(part, np.float32))
    return index


def load_faiss() -> ModuleType:
    """Return faiss, which otherwise logs every instruction set that it tries to load."""
    logging.getLogger("faiss.loader").setLevel(logging.WARNING)
    with loading():
        import faiss

    return faiss


#: `INDEXES[kind](vectors, **options)`: the options are those of the section `index`.
INDEXES: dict[str, Callable[..., Any]] = {"flat": flat}
