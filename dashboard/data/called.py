"""What a model calls a person: names with confidences, picture by picture and over all of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.data import files, ranking, search
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.protocols.confidence import softmax
from facebench.protocols.name import averaged
from facebench.protocols.scores import scores
from facebench.store import layout
from facebench.store.layout import CLEAN
from facebench.vectors.stored_names import read_names

#: How many names of a picture are shown.
FIRST = 3


@dataclass(frozen=True)
class Texts:
    """A model's vectors of some names, means over templates, and its own scale of logits."""

    rows: np.ndarray
    known: np.ndarray
    scale: float


@cached_until_changed(most=8)
def texts(dataset: str, model: str) -> dict[str, Texts]:
    """Return the names of a data set's people with each pool of wrong ones: "" or "read"."""
    place = layout.names(dataset, model)
    path = files.existing(place)
    with files.readable(place):
        names = read_names(str(path))
        scale = files.inside(names.record, "embed_text").get("logit_scale")
        found = {
            pool: Texts(averaged(chosen.texts), chosen.known, scale)
            for pool, chosen in names.choices()
        }
    if scale is None:
        raise Missing(f"{model} has no scale of its own that turns similarities into confidences.")
    return found


def trained_first(models: list[str]) -> list[str]:
    """Return models in their order, but controls last: they call everybody the same."""
    known = ranking.with_models(pd.DataFrame({"model": models}))
    return [*known.model[~known.control], *known.model[known.control]]


def of_person(
    dataset: str, crop: str, model: str, identity: str, name: str, pool: str
) -> pd.DataFrame:
    """Return what a model calls the pictures of a person, and the person over all of them.

    One row a picture, and a last one without `image_id` for the means of the confidences:
    `called` and `confidence`, lists of the first names and how sure the model is of each, in
    [0, 1]; `place` and `true`, of the right name.
    """
    names = texts(dataset, model)
    chosen = names[pool]
    known = search.vectors(dataset, crop, CLEAN, model)
    mine = np.flatnonzero(known.identity == identity)
    if not len(mine):
        raise Missing("No picture of this person could be used.", "")
    sure = softmax(chosen.scale * scores(known.rows[mine], chosen.rows))
    sure = np.concatenate([sure, sure.mean(axis=0, keepdims=True)])
    right = np.flatnonzero(chosen.known == name)
    rows = []
    for image_id, row in zip([*known.ids[mine], ""], sure, strict=True):
        first = np.argsort(-row, kind="stable")[:FIRST]
        true = float(row[right[0]]) if len(right) else float("nan")
        rows.append(
            {
                "image_id": image_id,
                "called": [str(one) for one in chosen.known[first]],
                "confidence": row[first].tolist(),
                "place": 1 + int(np.count_nonzero(row > true)) if len(right) else None,
                "true": true,
            }
        )
    return pd.DataFrame(rows).assign(model=model, names=len(chosen.known))
