"""Is everybody recognised equally well? Errors at a threshold, by group of people.

The thresholds are those of all people: ISO/IEC 19795-10 asks how the errors of one system, with one
threshold, differ between groups.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from facebench.stats.intervals import difference_interval
from facebench.stats.permutation import labels_p_of_many
from facebench.stats.person_rates import Rate, Spread, rate_of_totals, spread

Found = TypeVar("Found")

#: A group is measured, and compared, if it and all others together have this many people.
LEAST = 5
COLUMNS = [
    "metric", "at", "group", "value", "n_identities", "rate", "ci_low", "ci_high", "difference",
    "difference_low", "difference_high", "p",
]  # fmt: skip


class Errors(NamedTuple):
    """Errors of people at a threshold: index `identity`, columns `errors` and `trials`."""

    metric: str
    at: str
    people: pd.DataFrame
    #: The columns of its rows that say what was measured: data set, crop, model.
    where: Mapping[str, str] = MappingProxyType({})


def of_pairs(outcomes: pd.DataFrame) -> Iterator[Errors]:
    """Yield FNMR at each FAR from the outcomes of `verify`."""
    table = outcomes.set_index("identity")
    for column in table.columns:
        kind, _, at = column.partition("@")
        if kind == "right_accepted":
            missed = table["right_pairs"] - table[column]
            yield Errors("fnmr", at, errors(missed, table["right_pairs"]))


def of_searches(outcomes: pd.DataFrame, at: str) -> Iterator[Errors]:
    """Yield FNIR and FPIR at the FPIR `at` from the outcomes of `open_set`."""
    for metric, column, sign in (("fnir", "correct", -1), ("fpir", "alarm", 1)):
        table = outcomes.dropna(subset=[column])
        hit = table[column].astype(float)
        wrong = hit if sign > 0 else 1 - hit
        people = wrong.groupby(table["identity"]).agg(["sum", "size"])
        yield Errors(metric, at, errors(people["sum"], people["size"]))


def errors(wrong: pd.Series, trials: pd.Series) -> pd.DataFrame:
    """Return the errors and trials of the people who have trials."""
    table = pd.DataFrame({"errors": wrong.astype(float), "trials": trials.astype(float)})
    return table[table["trials"] > 0]


def by_group(
    found: Sequence[Errors], groups: pd.DataFrame, statistics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return one row an error and group of people with `COLUMNS`, after those of `where`.

    groups: index `identity`, one column an attribute, text. `difference` is that of the group less
    everybody else; p from giving the labels to other people. Its interval holds 0 where the test
    doesn't tell the group apart.
    """
    rows = []
    for same in together(found, of=lambda one: tuple(one.people.index)):
        for attribute in groups.columns:
            labels = groups[attribute].reindex(same[0].people.index)
            known = labels.notna().to_numpy()
            for value in sorted(labels[known].unique()):
                inside = (labels == value).to_numpy()[known]
                if min(inside.sum(), (~inside).sum()) >= LEAST:
                    group = {"group": attribute, "value": value}
                    tables = [one.people[known] for one in same]
                    made = compared(tables, inside, statistics)
                    rows += [
                        {**one.where, "metric": one.metric, "at": one.at, **group, **row}
                        for one, row in zip(same, made, strict=True)
                    ]
    return rows


def together(found: Sequence[Found], of: Callable[[Found], Hashable]) -> list[list[Found]]:
    """Return what was found in groups of the same `of`: of the same people, in the same order.

    >>> together(["a1", "b1", "a2"], of=lambda one: one[0])
    [['a1', 'a2'], ['b1']]
    """
    parts: dict[Hashable, list[Found]] = {}
    for one in found:
        parts.setdefault(of(one), []).append(one)
    return list(parts.values())


def compared(
    tables: Sequence[pd.DataFrame], inside: np.ndarray, statistics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the rate of people `inside` a group, and how it differs from all others, each table's.

    tables: columns `errors` and `trials`, the same people in each; inside: bool (people,).
    """
    sure = statistics["confidence"]
    each = [table.to_numpy().T for table in tables]
    scores = np.stack([wrong - wrong.sum() / trials.sum() * trials for wrong, trials in each], 1)
    found = labels_p_of_many(scores, inside, statistics["seed"])
    rows = []
    for (wrong, trials), p in zip(each, found.tolist(), strict=True):
        mine, mine_spread = _rate(wrong[inside], trials[inside], sure)
        others, others_spread = _rate(wrong[~inside], trials[~inside], sure)
        variance = float(mine_spread.variance[0] + others_spread.variance[0])
        freedom = float(min(mine_spread.freedom[0], others_spread.freedom[0]))
        difference = mine.value - others.value
        low, high = difference_interval(difference, variance, freedom, sure)
        if p >= 1 - sure:
            low, high = min(low, 0.0), max(high, 0.0)
        rows.append(
            {
                "n_identities": int(inside.sum()),
                "rate": mine.value,
                "ci_low": mine.interval[0],
                "ci_high": mine.interval[1],
                "difference": difference,
                "difference_low": low,
                "difference_high": high,
                "p": p,
            }
        )
    return rows


def _rate(wrong: np.ndarray, trials: np.ndarray, sure: float) -> tuple[Rate, Spread]:
    return rate_of_totals(wrong, trials, sure), spread(wrong[:, None], wrong[:, None], trials)
