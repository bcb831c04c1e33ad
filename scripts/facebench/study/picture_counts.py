"""How many pictures a data set has, as far as that is known before it is here."""

import os
from collections.abc import Mapping
from typing import Any

from facebench.errors import UserError
from facebench.study.dataset_files import sources

#: Photographs of data sets that are not here to be counted, before any are chosen.
KNOWN = {"lfw": 13_233, "celeba": 202_599, "celeba_parquet": 202_599}
#: Photographs that the pairs of LFW's View 2 name. It has ten folds; a fold's pairs are matched and
#: mismatched, and each is of two photographs.
IN_PAIRS, FOLDS = 7_701, 10


def pictures(dataset: str, spec: Mapping[str, Any]) -> int:
    """Return how many pictures a data set has at most; 0 if that can't be known.

    >>> pictures("a", {"reader": "people", "people": 300, "views": 4})
    1200
    >>> pictures("b", {"reader": "lfw", "only_pairs": True, "pairs_per_fold": 30})
    1200
    """
    if spec["reader"] == "people":
        return int(spec.get("people", 0)) * int(spec.get("views", 1))
    if spec["reader"] == "lfw" and spec.get("only_pairs"):
        return min(IN_PAIRS, FOLDS * 2 * 2 * int(spec.get("pairs_per_fold") or IN_PAIRS))
    if spec["reader"] in KNOWN:
        return KNOWN[spec["reader"]]
    try:
        folder = sources(dataset, spec).pictures
    except UserError:
        return 0
    return sum(len(files) for _, _, files in os.walk(folder))
