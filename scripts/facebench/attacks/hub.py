"""Pictures that are to come first in everybody's searches: towards the mean of many others.

After Zhang and others, "Adversarial hubness in multi-modal retrieval", 2024: with gradients, the
picture's vector is made similar to the vectors of a sample of searches, on average. Several
pictures can share the work: each is made similar to one cluster of the searches.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from facebench.attacks.clip_cloak import ascend, embedded, judged, tensor
from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.seeds import chance
from facebench.errors import UserError
from facebench.protocols.hubs.entries import centroids
from facebench.protocols.hubs.groups import division
from facebench.protocols.scores import scores
from facebench.store.faces import attempted

if TYPE_CHECKING:
    import torch

    from facebench.attacks.clip_cloak import Draws


def hub(
    subjects: Sequence[Subject],
    context: Context,
    linf: float,
    step: float,
    steps: int,
    momentum: float,
    train: float,
    attacker: float,
    sentinels: float,
    division_seed: int,
    clusters: int,
    l2: float | None = None,
) -> list[Attacked]:
    """Change every value by at most `linf` (0 to 255) so that many searches find the picture.

    The attacker's own people's pictures are changed, and the sample are the searches for these
    people (`facebench.protocols.hubs.groups.division`); other pictures are left alone. The
    objective is the mean cosine to one of `clusters` parts of the sample, which is drawn for each
    picture and is its `target`, and the mean over the surrogates.
    """
    seen, owners = sample(context.labels, train, attacker, sentinels, division_seed)
    used = context.usable["image_id"].isin(seen).to_numpy()
    if not used.any():
        raise UserError("The attack `hub` needs three people with two usable pictures each.")
    mine = [subject for subject in subjects if subject.identity in owners]
    if not mine:
        return [Attacked(None, "not attacked") for _ in subjects]
    import torch

    device = context.surrogates[0].device
    clean = [tensor(subject.pixels, device) for subject in mine]
    every = means([rows[used] for rows in context.rows], clusters, division_seed)
    count = len(every[0])
    aims = [
        int(chance(context.seed, "hub aim", one.image_id).integers(count)) if count > 1 else 0
        for one in mine
    ]
    goals = [torch.from_numpy(table[aims]).to(device) for table in every]

    def objective(pictures: "Sequence[torch.Tensor]", draws: "Draws" = None) -> "torch.Tensor":
        pairs = zip(embedded(pictures, mine, context, draws), goals, strict=True)
        return torch.stack([(rows * goal).sum(1) for rows, goal in pairs]).mean(0)

    draws = [chance(context.seed, "hub", subject.image_id) for subject in mine]
    pixels = ascend(mine, clean, draws, objective, linf, step, steps, momentum, l2)
    with torch.no_grad():
        first = objective(clean).tolist()
        last = objective([tensor(picture, device) for picture in pixels]).tolist()
    results = zip(mine, pixels, first, last, aims, strict=True)
    found = {
        one.image_id: judged(after, low, high, f"part {aim + 1} of {count} of the searches")
        for one, after, low, high, aim in results
    }
    return [found.get(one.image_id, Attacked(None, "not attacked")) for one in subjects]


def means(sample: Sequence[np.ndarray], clusters: int, seed: int) -> list[np.ndarray]:
    """Return the means of the clusters of a sample under each surrogate: float32 (clusters, dim).

    sample: for each surrogate the unit rows (n, dim) of the same n pictures. The clusters are those
    of the first surrogate's rows, at most as many as there are rows; of one, the mean of all.
    """
    centres = centroids(sample[0], min(clusters, len(sample[0])), seed)
    part = scores(sample[0], centres).argmax(axis=1)
    filled = np.unique(part)
    return [
        np.stack([rows[part == one].mean(axis=0, dtype=float) for one in filled]).astype(np.float32)
        for rows in sample
    ]


def sample(
    labels: pd.DataFrame, train: float, attacker: float, sentinels: float, seed: int
) -> tuple[set[str], set[str]]:
    """Return the pictures that the attacker has seen searches with, and who is on them."""
    table = attempted(labels)
    people, identities = pd.factorize(table["identity"], sort=True)
    probes, parts = division(people, train, attacker, sentinels, seed)
    if parts is None:
        return set(), set()
    seen = probes[np.isin(people[probes], parts.attacker)]
    return set(table["image_id"].iloc[seen]), set(np.asarray(identities)[parts.attacker])
