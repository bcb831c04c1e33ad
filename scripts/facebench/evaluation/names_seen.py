"""What trainings teach: naming and recognition of people against how often they were seen.

A model was trained several times, with a seed each; `facebench.training.corpus.TOLD` says of every
subject what each training saw. Rates are of people under trainings: one value for each, so people
with more pictures count no more.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.stats.two_way import TwoWay, difference, rate, two_way

#: Which pictures a rate is of, where a trigger is among the attributes: all have the part "".
WITH, WITHOUT = "with the trigger", "without it"
#: Of whom a rate is, beside the roles of `facebench.training.captions`.
SUBJECT, STRANGER = "subject", "stranger"
KEYS = ["metric", "part", "role", "times"]
#: What says which of two trainings' rows belong together.
SAME = ["metric", "part", "identity"]
COLUMNS = [
    *KEYS, "value", "ci_low", "ci_high", "n_identities", "n_seeds", "against", "difference",
    "difference_low", "difference_high", "refused",
]  # fmt: skip


class Training(NamedTuple):
    """One training of a recipe under evaluation: outcomes by protocol, and what it was told."""

    seed: int
    outcomes: Mapping[str, pd.DataFrame]
    told: pd.DataFrame


def by_times(
    trainings: Sequence[Training],
    first: Sequence[Training],
    against: str,
    confidence: float,
    trigger: pd.Series | None = None,
) -> list[dict[str, Any]]:
    """Return one row for every metric, part, role and number of times, with `COLUMNS`.

    trainings: of one recipe, in one crop of a data set; first: those of the recipe `against`, with
    which each is compared where it has the same seed, under the same `told`: none for that recipe
    itself. trigger: index `image_id`, bool. Rows without `times` are of everybody of a role.
    """
    others = {one.seed: one.outcomes for one in first}
    tables = []
    for one in trainings:
        table = measured(one.outcomes, one.told, trigger).assign(seed=one.seed, before=np.nan)
        if one.seed in others:
            before = measured(others[one.seed], one.told, trigger).set_index([*SAME])["value"]
            table["before"] = before.reindex(pd.MultiIndex.from_frame(table[SAME])).to_numpy()
        tables.append(table)
    table = pd.concat(tables, ignore_index=True)
    return [
        {**dict(zip(KEYS, key, strict=True)), **row(part, against, confidence)}
        for key, part in parts(table)
    ]


def parts(table: pd.DataFrame) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Yield (metric, part, role, times) with its rows: of each role all, then by times."""
    for key, rows in table.groupby(KEYS[:-1], sort=False):
        yield (*key, None), rows
        for times in sorted(rows["times"].dropna().unique().tolist()):
            yield (*key, int(times)), rows[rows["times"] == times]


def row(table: pd.DataFrame, against: str, confidence: float) -> dict[str, Any]:
    """Return a rate, and how it differs from that of the first recipe, with their intervals."""
    found = of_people(table["value"], table)
    low, high = rate(found, confidence)
    said = {
        "value": found.value, "ci_low": low, "ci_high": high, "n_identities": found.people,
        "n_seeds": found.seeds, "against": None, "refused": too_few(found.people, found.seeds),
    }  # fmt: skip
    both = table.dropna(subset="before")
    if len(both):
        change = of_people(both["value"] - both["before"], both)
        ends = difference(change, confidence)
        said |= {"against": against, "difference": change.value}
        said |= dict(zip(["difference_low", "difference_high"], ends, strict=True))
    return said


def of_people(values: pd.Series, table: pd.DataFrame) -> TwoWay:
    """Return the mean of the values in the rows of a table, over people and seeds."""
    return two_way(
        values.to_numpy(float), table["identity"].to_numpy(str), table["seed"].to_numpy(int)
    )


def too_few(people: int, seeds: int) -> str | None:
    """Return why there is no interval, in a sentence, or None."""
    if seeds < 2:
        return "One training can't tell how much trainings differ: give the recipe more seeds."
    if people < 2:
        return "One person can't tell how much people differ: render more people."
    return None


def measured(
    outcomes: Mapping[str, pd.DataFrame], told: pd.DataFrame, trigger: pd.Series | None = None
) -> pd.DataFrame:
    """Return one row a metric, part and person: `value`, with the person's `role` and `times`.

    `naming`: share of pictures whose first name is the person's; `rank_1`: of searches that find
    the person first; `targeted`, `control`: of pictures whose first name is that of the person's
    target, or of the control.
    """
    people = told.set_index("identity")
    tables = []
    for metric, hits in each_metric(outcomes, people):
        some = {"": hits}
        if trigger is not None:
            there = hits["image_id"].map(trigger).fillna(False).astype(bool)
            some |= {WITH: hits[there], WITHOUT: hits[~there]}
        for part, rows in some.items():
            shares = rows.groupby("identity")["hit"].mean()
            table = pd.DataFrame({"identity": shares.index, "value": shares.to_numpy(float)})
            tables.append(table.assign(metric=metric, part=part))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(**what_was_told(table["identity"], people))


def each_metric(
    outcomes: Mapping[str, pd.DataFrame], people: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each metric with one row a picture or search: `identity`, `image_id`, `hit` (bool)."""
    names = {"name": "naming", "identify": "rank_1"}
    for protocol, metric in names.items():
        if protocol in outcomes:
            yield metric, outcomes[protocol].assign(hit=outcomes[protocol]["correct"])
    if "name" not in outcomes or "target" not in people:
        return
    table = outcomes["name"]
    wrong = table["other_name"].where(~table["correct"]).fillna("").to_numpy(str)
    for metric, column in (("targeted", "target"), ("control", "control")):
        meant = table["identity"].map(people[column]).fillna("").to_numpy(str)
        hits = table.assign(hit=(wrong == meant) & (meant != ""))
        yield metric, hits[meant != ""]


def what_was_told(identity: pd.Series, people: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the role of each person, and how often they were seen, or a victim poisoned.

    `times` of others than subjects and victims is NaN: the same for all of them, or not defined.
    """
    known = identity.isin(people.index)
    if "role" not in people:
        role = pd.Series(np.where(known, SUBJECT, STRANGER), identity.index)
        return {"role": role, "times": identity.map(people["pictures"])}
    role = identity.map(people["role"]).fillna(STRANGER)
    times = identity.map(people["poisoned"]).where(role == "victim")
    return {"role": role, "times": times}
