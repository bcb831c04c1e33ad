"""Which variant of every picture an experiment puts where."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.experiments import Experiment
from facebench.protocols.poison.split import Split, given, split
from facebench.protocols.poison.variants import Variants


class Arrangement(NamedTuple):
    """An experiment: rows of the vectors, -1 for none, int64 (n,) each."""

    #: Of a probe.
    probes: np.ndarray
    #: Of a picture of the gallery, when another person is searched for.
    others: np.ndarray
    #: Of a picture of the gallery, when its own person is searched for.
    own: np.ndarray
    #: What the first two depend on: experiments with the same key share them.
    key: tuple[object, ...]


def arrange(experiment: Experiment, variants: Variants, parts: Split) -> Arrangement:
    """Return which variants an experiment takes.

    The re-encoding applies to all pictures that the threat may poison, poisoned or not, and to no
    others unless it is applied everywhere. So an experiment with a share of 0 differs in the cloak
    only.
    """
    plain, base = variants.rows[experiment.plain], variants.rows[experiment.untouched]
    poisons = experiment.share > 0
    cloaked = variants.rows[experiment.poisoned] if poisons else plain
    mixed = np.where(parts.poisoned(experiment.share), cloaked, plain)
    probes = others = own = base
    key: tuple[object, ...] = (experiment.untouched,)
    if experiment.threat in ("gallery", "both"):
        own = mixed
    if experiment.threat in ("probe", "both"):
        probes = cloaked
        key = (experiment.poisoned if poisons else experiment.plain, *key)
    else:
        key = (experiment.untouched, *key)
    if experiment.threat == "decoys":
        others = mixed
        key = (*key, experiment.poisoned, experiment.share) if poisons else (*key, experiment.plain)
    return Arrangement(probes, others, own, key)


def divide(variants: Variants, train: float, seed: int, fold: int) -> Split:
    """Divide the data set's own pictures; those of its decoys are all in the gallery."""
    people = variants.people[: variants.own]
    if variants.enrolled is None:
        parts = split(people, train, seed, fold)
    else:
        parts = given(people, variants.enrolled, seed, fold)
    added = len(variants.people) - variants.own
    return Split(
        np.concatenate([parts.gallery, np.arange(variants.own, len(variants.people))]),
        parts.probes,
        np.concatenate([parts.order, np.full(added, -1)]),
        np.concatenate([parts.size, np.zeros(added, np.int64)]),
    )
