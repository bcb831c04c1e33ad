"""One person's answer: did the cloak change anything, how sure is that, how to be surer?"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from facebench.protocols.poison.paired import main_experiment, pairs
from facebench.stats.significance import holm
from facebench.timing import loading

COLUMNS = [
    "attack", "identity", "crop", "model", "threat", "searches", "found_clean", "found", "lost",
    "gained", "p", "p_corrected", "needed",
]  # fmt: skip

#: A change is called more than chance below this p, corrected for the number of models.
LEVEL = 0.05
#: Power at which the number of searches needed is computed.
POWER = 0.8
#: Fewer searches under one model give no verdict: too few photos to tell.
FEWEST = 10
#: More searches than this are not computed.
MOST = 2000


def people(outcomes: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Return one row a person, attack, crop and model; `outcomes` are by crop and model.

    `found_clean` and `found`: how many of the `searches` have the person first; `lost` of the first
    are not among the second, and `gained` the other way round. `p` is McNemar's exact test (of
    photos, which it assumes independent), `p_corrected` Holm's over a person's models. `needed` is
    the number of searches that would show a change like this one or, without a change, a cloak that
    hides from half of the searches that succeed.
    """
    rows = [
        {"crop": crop, "model": model, **row}
        for (crop, model), table in outcomes.items()
        if len(table)
        for row in _rows(table)
    ]
    table = pd.DataFrame(rows)
    if not rows:
        return table.reindex(columns=COLUMNS)
    parts = [
        part.assign(
            p_corrected=holm(part["p"].tolist()),
            needed=[
                needed(row["searches"], row["found_clean"], row["lost"], row["gained"], len(part))
                for row in part.to_dict("records")
            ],
        )
        for _, part in table.groupby(["attack", "identity", "crop"], sort=False)
    ]
    return pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)


def _rows(table: pd.DataFrame) -> Iterator[dict[str, object]]:
    for cell, part, before in pairs(main_experiment(table)):
        for i in range(len(part)):
            then, now = (np.asarray(one["found"].iloc[i], bool) for one in (before, part))
            lost, gained = int((then & ~now).sum()), int((now & ~then).sum())
            yield {
                "attack": cell["attack"],
                "identity": part["identity"].iloc[i],
                "threat": cell["threat"],
                "searches": len(now),
                "found_clean": int(then.sum()),
                "found": int(now.sum()),
                "lost": lost,
                "gained": gained,
                "p": mcnemar(lost, gained),
            }


def mcnemar(lost: int, gained: int) -> float:
    """Return the exact two-sided p-value that as many searches were lost as gained.

    >>> mcnemar(6, 0), mcnemar(0, 0)
    (0.03125, 1.0)
    """
    with loading():
        from scipy.stats import binomtest

    return float(binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0


def needed(searches: int, found: int, lost: int, gained: int, models: int) -> float:
    """Return how many searches would show a change with probability `POWER`; NaN for too many.

    Of a cloak that hides from as large a share as here (lost less gained), or where it hides from
    none, from half of what is found; only losses, and the level divided by the number of models.

    >>> needed(10, 10, 0, 0, models=1), needed(10, 10, 10, 0, models=1)
    (15.0, 6.0)
    """
    with loading():
        from scipy.stats import binom

    share = max(lost - gained, 0) / searches or found / searches / 2
    least = int(
        np.ceil(np.log2(2 * models / LEVEL))
    )  # this many losses alone give p below the level
    if share == 0:
        return float("nan")
    tried = np.arange(least, MOST + 1)
    enough = tried[binom.sf(least - 1, tried, share) >= POWER]
    return float(enough[0]) if len(enough) else float("nan")


def found_by(part: pd.DataFrame, column: str) -> int:
    """Return how many models have the person first in at least half of the searches."""
    return int((2 * part[column] >= part["searches"]).sum())


def enough(part: pd.DataFrame) -> bool:
    """Return whether a person was searched for often enough for a verdict."""
    return int(part["searches"].max()) >= FEWEST


def hidden_from(part: pd.DataFrame) -> Sequence[str]:
    """Return the models that a cloak hides the person from, beyond chance."""
    sure = (part["p_corrected"] < LEVEL) & (part["lost"] > part["gained"])
    return part[sure]["model"].tolist()
