"""True against false accept rate at every threshold, with bands by drawing people anew."""

import numpy as np
import pandas as pd

from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from dashboard.data.pairs import Pairs, all_pairs
from facebench.protocols.pairs import wrong_pairs_of
from facebench.stats.intervals import identity_draws

#: Points of a curve, draws of people, their seed, and how much of them a band covers.
POINTS, DRAWS, SEED, CONFIDENCE = 60, 200, 0, 0.95
#: Numbers held at a time where people are drawn: 32 MB.
CELLS = 2**23
#: Fewer pairs of two people that are expected to be accepted tell nothing about a rate.
EXPECTED = 10


@cached_until_changed(most=12)
def curve(dataset: str, crop: str, model: str) -> pd.DataFrame:
    """Return a model's ROC curve: `rate` of false accepts, `value` of true ones, `threshold`, band.

    One row a rate, from that at which 10 pairs of two people are accepted. `ci_low` and `ci_high`
    hold 95 % of the true accept rates at that very false accept rate, over 200 draws of people with
    replacement. In a draw, a pair of two people counts as often as the product of theirs; each has
    its own thresholds. The bands are pointwise: a whole curve leaves them more often.
    """
    pairs = all_pairs(dataset, crop, model)
    if len(pairs.others) <= 2 * EXPECTED:
        raise Missing("There are too few pairs of two people to draw a curve.", "")
    # Draws need thresholds above those that are shown.
    rates = np.geomspace(1 / len(pairs.others), 1, POINTS)
    places = np.clip(np.round(rates * len(pairs.others)).astype(int), 1, len(pairs.others)) - 1
    thresholds = pairs.others[places]
    true, false = pairs.rates(thresholds)
    draws = np.concatenate(list(identity_draws(len(pairs.seen.identities), DRAWS, SEED)))
    each = zip(*_drawn(pairs, thresholds, draws), strict=True)
    drawn = np.array([np.interp(false, *rates) for rates in each])
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside], axis=0)
    table = pd.DataFrame(
        {
            "model": model, "metric": "tar", "rate": false, "value": true, "threshold": thresholds,
            "ci_low": np.minimum(low, true), "ci_high": np.maximum(high, true),
        }
    )  # fmt: skip
    table = table[false * len(pairs.others) >= EXPECTED]
    return table.drop_duplicates("rate", keep="last").reset_index(drop=True)


def _drawn(
    pairs: Pairs, thresholds: np.ndarray, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the false and the true accept rates in each draw: float64 (draws, thresholds) each.

    thresholds: descending; draws: float32 (draws, people), how often each person was drawn.
    """
    seen = pairs.seen
    people, bins = len(seen.identities), len(thresholds) + 1
    pictures = np.bincount(seen.person, minlength=people)
    wrong = np.zeros((len(draws), len(thresholds)))
    right = np.zeros((people, len(thresholds)))
    for block, found in seen.blocks(CELLS // max(1, max(people * bins, len(seen.ids)))):
        rows = np.arange(block.start, block.stop)
        found[rows - block.start, rows] = -np.inf  # a picture with itself is no pair
        first, last = seen.person[rows[0]], seen.person[rows[-1]] + 1
        cell = (seen.person[block, None] - first) * people + seen.person[None]
        cell = cell * bins + np.searchsorted(thresholds[::-1], found, side="right")
        counts = np.bincount(cell.ravel(), minlength=(last - first) * people * bins)
        counts = counts.reshape(last - first, people, bins).astype(np.float32)
        passed = counts[..., ::-1].cumsum(axis=2)[..., :-1]  # at each threshold, descending
        mine = np.arange(last - first), np.arange(first, last)
        # Every pair is there twice.
        right[first:last] = passed[mine] / 2
        passed[mine] = 0
        each = np.tensordot(draws[:, first:last], passed, axes=1)
        wrong += np.einsum("dpt,dp->dt", each, draws) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        false = wrong / wrong_pairs_of(draws * pictures)[:, None]
        true = draws @ right / (draws @ (pictures * (pictures - 1) / 2))[:, None]
    usable = np.isfinite(false).all(axis=1) & np.isfinite(true).all(axis=1)
    return false[usable], true[usable]
