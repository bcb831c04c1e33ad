"""Distances between people in the surrogates' features."""

import numpy as np

from facebench.attacks.contract import Context, Subject
from facebench.attacks.seeds import chance
from facebench.errors import UserError


def apart(context: Context) -> list[float]:
    """Return for every surrogate the mean squared distance of the rows of two clean pictures.

    For face models it is about 2, since strangers are at right angles; for a CLIP it is less, since
    all faces lie in a narrow cone. 2 where all rows are the same.
    """
    means = (rows.mean(axis=0, dtype=np.float64) for rows in context.rows)
    return [2 - 2 * float(mean @ mean) if mean @ mean < 1 - 1e-9 else 2.0 for mean in means]


def far_people(context: Context, identities: set[str], among: int) -> dict[str, str]:
    """Return for each of `identities` another person, drawn from the farthest.

    The distance to another person is the smallest one between that person's mean vector and any of
    the subject's own pictures, squared Euclidean, summed over the surrogates (Shan and others,
    2020, take the first; the program drew from 20 of thousands). Drawn from `among` people, at most
    a tenth of all others.
    """
    return {identity: _far_person(context, identity, among) for identity in sorted(identities)}


def target_rows(context: Context, subject: Subject, target: str) -> list[np.ndarray]:
    """Return the rows, one a surrogate, of a picture of the target drawn for this picture."""
    theirs = np.flatnonzero((context.usable.identity == target).to_numpy())
    row = chance(context.seed, "target picture", subject.image_id).choice(theirs)
    return [rows[row] for rows in context.rows]


def _far_person(context: Context, identity: str, among: int) -> str:
    own = (context.usable.identity == identity).to_numpy()
    # Of unit rows: the squared distance is 2 - 2 cos.
    distance = sum(
        2 - 2 * rows[own] @ means.T
        for rows, means in zip(context.rows, context.centroids, strict=True)
    )
    nearest = np.asarray(distance).min(axis=0)
    order = [i for i in np.argsort(-nearest, kind="stable") if context.identities[i] != identity]
    if not order:
        raise UserError("A target needs a second person in the data set: there is only one.")
    candidates = order[: max(1, min(among, len(order) // 10))]
    return context.identities[chance(context.seed, "far", identity).choice(candidates)]
