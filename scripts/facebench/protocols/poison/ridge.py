"""A linear classifier retrained for every protected person, at the cost of one training.

One regularised least-squares fit of people's indicator vectors (ridge regression): W = (X'DX +
rI)^-1 X'DY, where D gives every person the weight 1, divided among their rows: otherwise people
with more pictures would be easier to find for that alone. Replacing one person's few rows changes
X'DX by as many ranks, so that Woodbury's identity gives the retrained classifier exactly. Logistic
regression (FaceCure's way) would have to be fitted once a person and experiment.
"""

from collections.abc import Sequence

import numpy as np

#: Decimals to which people's scores, near 0 and 1, are compared: equal ones must stay equal.
DECIMALS = 10
#: The ridge r, as a share of the mean eigenvalue of X'DX.
RIDGE = 0.1


class Classifier:
    """The least-squares classifier of a gallery, and what it would be with other rows."""

    def __init__(
        self, vectors: np.ndarray, rows: np.ndarray, people: np.ndarray, n_people: int
    ) -> None:
        """vectors: float32 (m, d); rows: int (g,), the training pictures' rows of it; people: int
        (g,), who they show, numbers below `n_people`."""
        self._vectors = vectors
        known = np.asarray(vectors[rows], float)
        weights = 1 / np.bincount(people, minlength=n_people)[people]
        self.centre = weights @ known / max(weights.sum(), 1)
        known -= self.centre
        weighted = weights[:, None] * known
        gram = known.T @ weighted
        ridge = RIDGE * np.trace(gram) / len(gram) if np.any(gram) else 1.0
        self._inverse = np.linalg.inv(gram + ridge * np.eye(len(gram)))
        sums = np.zeros((n_people, len(gram)))
        np.add.at(sums, people, weighted)
        self._weights = self._inverse @ sums.T

    def hits(
        self,
        person: int,
        removed: np.ndarray,
        added: Sequence[np.ndarray],
        probes: Sequence[np.ndarray],
    ) -> list[np.ndarray]:
        """Return whether the probes are taken for `person`, bool (p,), in each experiment.

        removed: rows of `vectors` that are in the training set and leave it; added: those that
        replace them, one array an experiment; probes: the rows searched with, -1 for a failure,
        one array an experiment. Of equal scores the first person's counts.
        """
        used, parts = np.unique(
            np.concatenate([removed, *added, *(p[p >= 0] for p in probes)]), return_inverse=True
        )
        here = np.asarray(self._vectors[used], float) - self.centre
        projected = here @ self._inverse
        inner = projected @ here.T
        scores = here @ self._weights
        lengths = [len(removed), *map(len, added), *(int((p >= 0).sum()) for p in probes)]
        lost, *others = np.split(parts, np.cumsum(lengths)[:-1])
        found = []
        for i, rows in enumerate(probes):
            new, asked = others[i], others[len(added) + i]
            taken = np.zeros(len(rows), bool)
            if len(new):
                table = self._retrained(inner, scores, person, lost, new, asked)
                taken[rows >= 0] = np.round(table, DECIMALS).argmax(axis=1) == person
            found.append(taken)
        return found

    @staticmethod
    def _retrained(
        inner: np.ndarray,
        scores: np.ndarray,
        person: int,
        lost: np.ndarray,
        new: np.ndarray,
        asked: np.ndarray,
    ) -> np.ndarray:
        """Return the probes' scores (p, people) after the rows `new` replaced `lost`.

        inner: x'(X'DX + rI)^-1 y of all rows at hand; scores: their scores before.
        """
        changed = np.concatenate([lost, new])
        one_by_weight = np.concatenate(
            [np.full(len(lost), -len(lost)), np.full(len(new), len(new))]
        )
        core = np.diag(one_by_weight) + inner[np.ix_(changed, changed)]
        gain = np.linalg.solve(core, inner[np.ix_(changed, asked)]).T
        table = scores[asked] - gain @ scores[changed]
        own = inner[np.ix_(asked, new)] - gain @ inner[np.ix_(changed, new)]
        table[:, person] = own.mean(axis=1)
        return table
