"""True against false accept rate at every threshold, with bands by drawing people anew."""

import numpy as np
import pandas as pd

from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from dashboard.data.pairs import Pairs, all_pairs
from facebench.protocols.pair_draws import wrong_pairs_of
from facebench.stats.intervals import identity_draws

#: Points of a curve, draws of people, their seed, and how much of them a band covers.
POINTS, DRAWS, SEED, CONFIDENCE = 50, 200, 0, 0.95
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
    rates = np.geomspace(EXPECTED / len(pairs.others), 1, POINTS)
    places = np.clip(np.round(rates * len(pairs.others)).astype(int), 1, len(pairs.others)) - 1
    thresholds = pairs.others[places]
    true, false = pairs.rates(thresholds)
    draws = np.concatenate(list(identity_draws(len(pairs.seen.identities), DRAWS, SEED)))
    each = zip(*_drawn(pairs, thresholds, draws), strict=True)
    drawn = np.array([np.interp(false, *rates) for rates in each])
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside], axis=0)
    return pd.DataFrame(
        {
            "model": model, "metric": "tar", "rate": false, "value": true, "threshold": thresholds,
            "ci_low": np.minimum(low, true), "ci_high": np.maximum(high, true),
        }
    ).drop_duplicates("rate", keep="last")  # fmt: skip


def _drawn(
    pairs: Pairs, thresholds: np.ndarray, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the false and the true accept rates in each draw: float64 (draws, thresholds) each.

    thresholds: descending; draws: float32 (draws, people), how often each person was drawn.
    """
    seen = pairs.seen
    starts = np.flatnonzero(np.diff(seen.person, prepend=-1))
    pictures = np.bincount(seen.person, minlength=len(seen.identities))
    wrong = np.zeros((len(draws), len(thresholds)))
    right = np.zeros((len(seen.identities), len(thresholds)))
    for block, found in seen.blocks():
        here = np.flatnonzero((starts >= block.start) & (starts < block.stop))
        rows = np.arange(block.start, block.stop)
        found[rows - block.start, rows] = -np.inf  # a picture with itself is no pair
        for place, threshold in enumerate(thresholds):
            passed = np.add.reduceat(found >= threshold, starts, axis=1, dtype=np.int32)
            passed = np.add.reduceat(passed, starts[here] - block.start, axis=0).astype(np.float32)
            mine = np.arange(len(here)), here
            # Every pair is there twice.
            right[here, place] = passed[mine] / 2
            passed[mine] = 0
            wrong[:, place] += np.einsum("dp,dp->d", draws[:, here] @ passed, draws) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        false = wrong / wrong_pairs_of(draws * pictures)[:, None]
        true = draws @ right / (draws @ (pictures * (pictures - 1) / 2))[:, None]
    usable = np.isfinite(false).all(axis=1) & np.isfinite(true).all(axis=1)
    return false[usable], true[usable]
