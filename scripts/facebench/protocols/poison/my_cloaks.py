"""One person's answer: did the cloak change anything, and more than noise of its size does?"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from facebench.protocols.poison.paired import main_experiment, pairs
from facebench.stats.significance import holm
from facebench.timing import loading

COLUMNS = [
    "attack", "identity", "crop", "model", "threat", "searches", "found_clean", "found", "lost",
    "gained", "p", "p_corrected", "control", "found_control", "p_control", "needed",
]  # fmt: skip

#: A change is called more than chance below this p, corrected for the number of models.
LEVEL = 0.05
#: How often a cloak that hides from half of what is found has to be noticed.
POWER = 0.8


def people(
    outcomes: Mapping[tuple[str, str], pd.DataFrame], controls: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return one row a person, attack, crop and model; `outcomes` are by crop and model.

    `found_clean` and `found`: how many of the `searches` have the person first; `lost` of the first
    are not among the second, and `gained` the other way round. `p` is McNemar's exact test (of
    photos, which it assumes independent), `p_corrected` Holm's over a person's rows: all models,
    in all crops. `needed` is how many searches an answer takes: see `needed`, the same for all rows
    of a person.

    controls: attacks, each with the attack that is noise of its size. Of such an attack, `control`
    is the name of this one, `found_control` how many searches have the person first under it, and
    `p_control` the same test between the two, corrected in the same way.
    """
    rows = [
        {"crop": crop, "model": model, **row}
        for (crop, model), table in outcomes.items()
        if len(table)
        for row in _rows(table, controls or {})
    ]
    table = pd.DataFrame(rows)
    if not rows:
        return table.reindex(columns=COLUMNS)
    parts = [
        part.assign(
            p_corrected=holm(part["p"].tolist()),
            p_control=holm(part["p_control"].tolist()) if part["control"].notna().all() else None,
            needed=needed(int(part["searches"].max()), int(part["found_clean"].max()), len(part)),
        )
        for _, part in table.groupby(["attack", "identity"], sort=False)
    ]
    found = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    return found.astype({"found_control": "Int64", "p_control": float})


def _rows(table: pd.DataFrame, controls: Mapping[str, str]) -> Iterator[dict[str, object]]:
    experiments = pairs(main_experiment(table))
    hits = {
        (cell["attack"], row["identity"]): np.asarray(row["found"], bool)
        for cell, part, _ in experiments
        for row in part.to_dict("records")
    }
    for cell, part, before in experiments:
        for i in range(len(part)):
            then, now = (np.asarray(one["found"].iloc[i], bool) for one in (before, part))
            identity, control = part["identity"].iloc[i], controls.get(cell["attack"])
            other = hits.get((control, identity)) if control else None
            lost, gained = changed(then, now)
            yield {
                "attack": cell["attack"],
                "identity": identity,
                "threat": cell["threat"],
                "searches": len(now),
                "found_clean": int(then.sum()),
                "found": int(now.sum()),
                "lost": lost,
                "gained": gained,
                "p": mcnemar(lost, gained),
                "control": None if other is None else control,
                "found_control": None if other is None else int(other.sum()),
                "p_control": None if other is None else mcnemar(*changed(other, now)),
            }


def changed(then: np.ndarray, now: np.ndarray) -> tuple[int, int]:
    """Return how many searches of `then` (bool, n) no longer succeed `now`, and how many new ones.

    >>> changed(np.array([True, True, False]), np.array([False, True, True]))
    (1, 1)
    """
    return int((then & ~now).sum()), int((now & ~then).sum())


def mcnemar(lost: int, gained: int) -> float:
    """Return the exact two-sided p-value that as many searches were lost as gained.

    >>> mcnemar(6, 0), mcnemar(0, 0)
    (0.03125, 1.0)
    """
    with loading():
        from scipy.stats import binomtest

    return float(binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0


def needed(searches: int, found: int, models: int) -> int:
    """Return how many searches an answer takes: the one number that every text and page says.

    With so many, a cloak that hides from half of what the model that finds most finds without it
    (`found` of `searches`) is noticed with probability `POWER`, at the level divided by the number
    of models. A person whom no model finds in half of the searches has little to be hidden from:
    the number is then the one for a model that finds everything, which is the least there is.

    >>> needed(20, 20, models=1), needed(20, 12, models=1), needed(20, 0, models=1)
    (15, 25, 15)
    """
    with loading():
        from scipy.stats import binom

    share = found / searches / 2 if searches and 2 * found >= searches else 0.5
    # This many losses alone give p below the level.
    least = int(np.ceil(np.log2(2 * models / LEVEL)))
    tried = np.arange(least, 40 * least)
    return int(tried[binom.sf(least - 1, tried, share) >= POWER][0])


def found_by(part: pd.DataFrame, column: str) -> int:
    """Return how many models have the person first in at least half of the searches."""
    return int((2 * part[column] >= part["searches"]).sum())


def enough(part: pd.DataFrame) -> bool:
    """Return whether the rows of one person's models give an answer.

    They do with as many searches as it takes, and with fewer where the cloak hides all the same.
    """
    enough_searches = part["searches"].max() >= part["needed"].max()
    return bool(enough_searches) or bool(hidden_from(part))


def hidden_from(part: pd.DataFrame) -> Sequence[str]:
    """Return the models that a cloak hides the person from, beyond chance."""
    sure = (part["p_corrected"] < LEVEL) & (part["lost"] > part["gained"])
    return part[sure]["model"].tolist()


def no_better_than_noise(part: pd.DataFrame) -> Sequence[str]:
    """Return the models that a cloak hides from, but not shown to more than noise of its size."""
    hidden = part[part["model"].isin(hidden_from(part)) & part["control"].notna()]
    better = (hidden["p_control"] < LEVEL) & (hidden["found"] < hidden["found_control"])
    return hidden[~better]["model"].tolist()
