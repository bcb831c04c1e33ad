"""The linear classifiers of all experiments: `linear`, and `adaptive`, trained on cloaks too."""

from collections.abc import Sequence

import numpy as np

from facebench.protocols.poison.arrange import Arrangement
from facebench.protocols.poison.experiments import Experiment, variant
from facebench.protocols.poison.nearest import own_pictures
from facebench.protocols.poison.ridge import Classifier
from facebench.protocols.poison.split import Split
from facebench.protocols.poison.variants import Variants

#: Rows whose inner products are held at a time for one person.
ROWS = 1024

Group = Sequence[tuple[Experiment, Arrangement]]
Hits = list[np.ndarray | None]


def linear_hits(
    variants: Variants,
    parts: Split,
    group: Group,
    chosen: np.ndarray,
    classifiers: Sequence[str],
) -> dict[str, Hits]:
    """Return whether each of the searches `chosen` is taken for its person, bool (p,).

    By classifier (`linear`, `adaptive`) and experiment of a group that shares what others' pictures
    are. `adaptive` is trained on other people's cloaked pictures too; None for decoys, whose
    pictures are cloaked anyway.
    """
    found: dict[str, Hits] = {}
    if "linear" in classifiers:
        pool = _Pool(variants, parts, group[0][1].others, None)
        found["linear"] = list(pool.hits(group, chosen))
    if "adaptive" in classifiers:
        found["adaptive"] = [None] * len(group)
        for name in dict.fromkeys(
            _cloak(experiment) for experiment, _ in group if experiment.threat != "decoys"
        ):
            places = [i for i, (c, _) in enumerate(group) if _cloak(c) == name]
            places = [i for i in places if group[i][0].threat != "decoys"]
            pool = _Pool(variants, parts, group[0][1].others, name)
            for i, hits in zip(places, pool.hits([group[i] for i in places], chosen), strict=True):
                found["adaptive"][i] = hits
    return found


def _cloak(experiment: Experiment) -> str:
    return variant(experiment.attack, experiment.reencoding)


class _Pool:
    """A gallery of other people's pictures and the classifier trained on it."""

    def __init__(
        self, variants: Variants, parts: Split, others: np.ndarray, cloak: str | None
    ) -> None:
        self._material, self._gallery = variants, parts.gallery
        self._copies = [others]
        if cloak is not None:
            self._copies.append(np.where(variants.attacked[cloak], variants.rows[cloak], -1))
        rows = np.concatenate([copy[self._gallery] for copy in self._copies])
        people = np.tile(variants.people[self._gallery], len(self._copies))
        self._classifier = Classifier(
            variants.vectors, rows[rows >= 0], people[rows >= 0], len(variants.pictures.identities)
        )

    def hits(self, group: Group, chosen: np.ndarray) -> list[np.ndarray]:
        """Return the hits of every experiment of a group."""
        people = self._material.people[chosen]
        found = np.zeros((len(group), len(chosen)), bool)
        mates = own_pictures(self._material.people, self._gallery, chosen)
        for person in np.unique(people):
            mine = np.flatnonzero(people == person)
            own = mates[mine[0]][mates[mine[0]] >= 0]
            removed = np.concatenate([copy[own] for copy in self._copies])
            step = max(1, ROWS // max(len(own) + len(mine), 1))
            for start in range(0, len(group), step):
                some = [arrangement for _, arrangement in group[start : start + step]]
                added = [a.own[own] for a in some]
                hits = self._classifier.hits(
                    int(person),
                    removed[removed >= 0],
                    [rows[rows >= 0] for rows in added],
                    [a.probes[chosen[mine]] for a in some],
                )
                found[start : start + step, mine] = hits
        return list(found)
