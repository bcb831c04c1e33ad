"""Sentences on galleries to which strangers were added."""

from collections.abc import Iterator

import pandas as pd

from facebench.texts import plain

CROWDS = {"scale-real": "strangers", "scale-simulated": "simulated strangers"}


def sentences(metrics: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence a model and kind of strangers: what is found without any, and among most.

    >>> row = {"dataset": "d", "crop": "c", "model": "m", "protocol": "scale", "metric": "rank1"}
    >>> row |= {"threat": "scale-real", "ci_low": 0.1, "ci_high": 0.3}
    >>> table = pd.DataFrame([{**row, "at": "0", "value": 0.9}, {**row, "at": "50", "value": 0.2}])
    >>> print(*sentences(table))
    d, c: m has the right person first in 90.0 % of searches; among 50 strangers in ...
    """
    found = metrics[(metrics.protocol == "scale") & (metrics.metric == "rank1")]
    found = found.dropna(subset=["value"])
    found = found.assign(strangers=found["at"].astype(int))
    for (dataset, crop, model, threat), part in found.groupby(
        ["dataset", "crop", "model", "threat"], sort=False
    ):
        part = part.sort_values("strangers")
        first, last = part.iloc[0], part.iloc[-1]
        if first.strangers == 0 < last.strangers:
            yield (
                f"{plain(dataset)}, {plain(crop)}: {plain(model)} has the right person first in"
                f" {100 * first.value:.1f} % of searches; among {last.strangers:,}"
                f" {CROWDS[str(threat)]} in {100 * last.value:.1f} %"
                f" [{100 * last.ci_low:.1f}, {100 * last.ci_high:.1f}]."
            )
