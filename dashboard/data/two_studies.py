"""The same numbers of two studies, and how what they depend on differs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard import number_text, safe_text, vocabulary
from dashboard.data import commands, numbers, places, provenance, settings
from dashboard.data.missing import Missing

VALUES = ["value", "ci_low", "ci_high", "n_identities", "record"]
#: As many names are listed.
MOST = 8
#: Facts of a record that say nothing of what was measured.
UNTOLD = ("libraries", "sources", "prompts_sha256", "rows_sha256", "device")


#: Studies that can be made beside another one -> what they add.
SECOND = {
    places.DEFAULT: "For instance the default study.",
    "budget": "For instance a study of cloaks at four sizes.",
}


def others() -> list[str]:
    """Return the studies beside the one on show, those first that have numbers in common."""
    numbers.distinct("dataset")  # says so where there are no numbers at all
    found = [name for name in places.studies() if name != places.study()]
    if not found:
        raise one_alone()
    return sorted(found, key=lambda name: not _in_common(name))


def _in_common(other: str) -> bool:
    """Return whether numbers of clean pictures of two studies are of the same crop of the same."""
    wanted = ("dataset", "crop", "protocol")

    def cells() -> set[tuple[str, ...]]:
        rows = numbers.metrics(**numbers.CLEAN)
        return set(rows[[*wanted]].itertuples(index=False, name=None))

    try:
        mine = cells()
        with places.showing(other):
            return bool(mine & cells())
    except Missing:
        return False


def one_alone() -> Missing:
    """Return what to say where there is one study: how a second one is made, and what is seen."""
    seen = (
        "There is one study here. With a second one beside it, this page shows a number of both for"
        " every model, the difference, and how their settings differ."
    )
    for name, what in SECOND.items():
        if name != places.study() and _may_share(settings.of_study(name)):
            return Missing(f"{seen} {what}", commands.run_another(name))
    if not commands.known():
        return Missing(f"{seen} Run another one in the same folder.", "")
    again = commands.run("--config", f"study={places.study()}-2", "statistics={seed: 1}")
    return Missing(f"{seen} For instance the same study with other draws of people.", again)


def _may_share(config: Mapping[str, Any]) -> bool:
    """Return whether a configuration asks for numbers of a data set and crop of those on show."""
    asked = config["evaluate"]
    mine = {"dataset": asked["datasets"], "crop": asked["crops"], "protocol": asked["protocols"]}
    return bool(numbers.distinct("model", **mine, **numbers.CLEAN))


def options(column: str, other: str, **equal: Any) -> list[str]:
    """Return the values of a column that numbers of both studies have, among those chosen."""
    mine = numbers.distinct(column, **equal)
    with places.showing(other):
        theirs = set(numbers.distinct(column, **equal))
    found = [value for value in mine if value in theirs]
    if not found:
        here = f" of {', '.join(equal.values())}" if equal else ""
        raise Missing(
            f"{places.study()} and {other} have no number in common{here}."
            f" {vocabulary.label(column)}: {places.study()} has {_some(mine)}; {other} has"
            f" {_some(sorted(theirs)) if theirs else 'none'}.",
            "",
        )
    return sorted(found, key=provenance.early) if column == "protocol" else found


def shared(other: str, **equal: Any) -> pd.DataFrame:
    """Return the numbers that both studies have: a row each, columns of the other end in `_other`.

    The difference is the other study's value less that of the study on show.
    """
    mine = numbers.metrics(**equal)
    with places.showing(other):
        theirs = numbers.metrics(**equal)
    both = mine.merge(
        theirs[[*provenance.IDENTITY, *VALUES]], on=provenance.IDENTITY, suffixes=("", "_other")
    )
    if both.empty:
        raise Missing(f"{places.study()} and {other} have no number in common here.", "")
    return both.assign(difference=both.value_other - both.value)


def lacking(other: str) -> list[str]:
    """Return what one of the two studies has and the other hasn't, in words."""
    said = []
    for column in ("dataset", "crop", "model", "protocol", "attack"):
        mine = set(numbers.distinct(column))
        with places.showing(other):
            theirs = set(numbers.distinct(column))
        for study, more in ((places.study(), mine - theirs), (other, theirs - mine)):
            if more:
                what = vocabulary.label(column).lower()
                said.append(f"Only {study} has the {what} {_some(sorted(more))}.")
    return said


def differences(row: Mapping[str, Any], other: str) -> list[str]:
    """Return how the records of a shared number differ, a sentence a fact; none if they agree."""
    mine = numbers.record(row["record"])
    with places.showing(other):
        theirs = numbers.record(row["record_other"])
    facts = [_told(record) for record in (mine, theirs)]
    said = []
    for key in dict.fromkeys([*facts[0], *facts[1]]):
        values = [fact.get(key, "not set") for fact in facts]
        if values[0] != values[1]:
            said.append(f"{key}: {_apart(values, (places.study(), other))}")
    return said


def _apart(values: list[Any], studies: tuple[str, str]) -> str:
    """Return how two different values differ; of lists, what only one has.

    >>> _apart([1000, 20], ("a", "b")), _apart([["x", "y"], ["y"]], ("a", "b"))
    ('1000 in a, 20 in b', '2 in a, 1 in b; only in a: x')
    """
    if not all(isinstance(value, list) for value in values):
        words = [safe_text.tidy(provenance.held(value)) for value in values]
        return f"{words[0]} in {studies[0]}, {words[1]} in {studies[1]}"
    lists = [[provenance.held(one) for one in value] for value in values]
    parts = [f"{len(lists[0])} in {studies[0]}, {len(lists[1])} in {studies[1]}"]
    for study, own, others in ((studies[0], *lists), (studies[1], *lists[::-1])):
        if more := [one for one in own if one not in others]:
            parts.append(f"only in {study}: {_some(more)}")
    return "; ".join(parts)


def _some(names: list[str]) -> str:
    """Return the first of some names, and how many there are more."""
    more = len(names) - MOST
    return number_text.listed(names[:MOST] + ([f"{more} more"] if more > 0 else []))


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a record that say what was measured, by step and name."""
    return {
        f"{vocabulary.step(step)}, {key.replace('_', ' ')}": value
        for step, known in record.items()
        for key, value in provenance.flat(known)
        if not any(word in key for word in UNTOLD)
    }
