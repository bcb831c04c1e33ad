"""Curves that the page computes from single searches and pairs."""

import numpy as np
import pandas as pd

from dashboard import vocabulary
from dashboard.data import files, numbers, people
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing


def over_points(
    clean: pd.DataFrame, protocol: str, metric: str, column: str, may_lack: bool = False
) -> pd.DataFrame:
    """Return a metric at all its points, in order, with `at` as the number `column`."""
    found = clean[(clean.protocol == protocol) & (clean.metric == metric)].dropna(subset=["value"])
    if found.empty and not may_lack:
        title = vocabulary.PROTOCOLS.get(protocol, protocol)
        raise Missing(f"{title}: the data cannot resolve it.", "")
    return found.assign(**{column: found["at"].astype(float)}).sort_values(["model", column])


def within_gallery(table: pd.DataFrame) -> pd.DataFrame:
    """Return ranks, those beyond the gallery as its last: the first 100 of 3 are the first 3.

    table: rows of one data set and crop, with the number `rank`. Without a record that says how
    large the gallery is, they are as they are.
    """
    try:
        record = numbers.record(table.record.iloc[0])
        size = int(files.inside(record, "identify")["gallery_images"])
    except (Missing, KeyError, TypeError, ValueError):
        return table
    clipped = table.assign(rank=table["rank"].clip(upper=size))
    return clipped.drop_duplicates(["model", "rank"])


@cached_until_changed()
def alarm_curve(dataset: str, crop: str, model: str, points: int = 60) -> pd.DataFrame:
    """Return the share of mated searches that miss (`value`) at each `rate` of false alarms.

    The lowest rate is that at which 10 false alarms are expected; the data resolve no lower one. A
    mated search succeeds if its mate comes first, as with `open_set.rank` 1.
    """
    wanted = ["identity", "mated", "halving", "half", "rank", "mate_score", "other_score"]
    searches = people.outcomes(dataset, crop, model, "open_set", wanted)
    searches["gallery"] = 2 * searches.halving + searches.half
    alone, mated = searches[~searches.mated], searches[searches.mated]
    least = [10 / max(1, n) for n in alone.groupby("gallery").identity.nunique()]
    if alone.empty or mated.empty or max(least) >= 1:
        raise Missing("There are too few searches of strangers to draw a curve.", "")
    rates = np.geomspace(max(least), 1, points)
    missed = np.zeros(points)
    for gallery, part in mated.groupby("gallery"):
        strangers = np.sort(alone.other_score[alone.gallery == gallery].to_numpy(float))[::-1]
        places = np.clip((rates * len(strangers)).astype(int), 1, len(strangers)) - 1
        score = part.mate_score.where(part["rank"] <= 1, -np.inf).to_numpy(float)
        missed += (score[None, :] < strangers[places, None]).sum(axis=1)
    return pd.DataFrame({"model": model, "rate": rates, "value": missed / len(mated)})


@cached_until_changed()
def pair_curve(dataset: str, crop: str, model: str) -> pd.DataFrame:
    """Return the ROC curve of View 2's pairs: `rate` of false accepts, `value` of true ones."""
    pairs = people.outcomes(dataset, crop, model, "view2", ["score", "same"])
    pairs = pairs.sort_values("score", ascending=False)
    same = pairs.same.to_numpy(bool)
    last = np.append(np.diff(pairs.score.to_numpy()) != 0, True)
    true, false = np.cumsum(same)[last], np.cumsum(~same)[last]
    return pd.DataFrame(
        {
            "model": model,
            "rate": false / max(1, (~same).sum()),
            "value": true / max(1, same.sum()),
        }
    )
