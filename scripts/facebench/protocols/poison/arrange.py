"""Which variant of every picture an experiment puts where."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.experiments import Cell
from facebench.protocols.poison.split import Split, given, split
from facebench.protocols.poison.variants import Material


class Arrangement(NamedTuple):
    """An experiment: rows of the vectors, -1 for none, int64 (n,) each."""

    #: Of a picture that is searched with.
    probes: np.ndarray
    #: Of a picture of the gallery, when another person is searched for.
    others: np.ndarray
    #: Of a picture of the gallery, when its own person is searched for.
    own: np.ndarray
    #: What the first two depend on: experiments with the same key share them.
    key: tuple[object, ...]


def arrange(cell: Cell, material: Material, parts: Split) -> Arrangement:
    """Return which variants an experiment takes.

    What the threat may poison went through the re-encoding, poisoned or not, and nothing else did
    unless it is applied everywhere. So an experiment with a share of 0 differs in the cloak only.
    """
    plain, base = material.rows[cell.plain], material.rows[cell.untouched]
    poisons = cell.share > 0
    cloaked = material.rows[cell.poisoned] if poisons else plain
    mixed = np.where(parts.poisoned(cell.share), cloaked, plain)
    probes = others = own = base
    key: tuple[object, ...] = (cell.untouched,)
    if cell.threat in ("gallery", "both"):
        own = mixed
    if cell.threat in ("probe", "both"):
        probes = cloaked
        key = (cell.poisoned if poisons else cell.plain, *key)
    else:
        key = (cell.untouched, *key)
    if cell.threat == "decoys":
        others = mixed
        key = (*key, cell.poisoned, cell.share) if poisons else (*key, cell.plain)
    return Arrangement(probes, others, own, key)


def divide(material: Material, train: float, seed: int, fold: int) -> Split:
    """Divide the data set's own pictures; those of its decoys are all in the gallery."""
    people = material.people[: material.own]
    if material.enrolled is None:
        parts = split(people, train, seed, fold)
    else:
        parts = given(people, material.enrolled, seed, fold)
    added = len(material.people) - material.own
    return Split(
        np.concatenate([parts.gallery, np.arange(material.own, len(material.people))]),
        parts.probes,
        np.concatenate([parts.order, np.full(added, -1)]),
        np.concatenate([parts.size, np.zeros(added, np.int64)]),
    )
