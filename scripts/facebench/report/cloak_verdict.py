"""The answer about one person and one cloak in sentences: verdict, table, how sure that is.

Every function takes the rows of `facebench.protocols.poison.my_cloaks.people` of one person and
attack: one a model, or one a model and crop, under names that tell them apart (`told_apart`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from facebench.protocols.poison.my_cloaks import (
    POWER,
    enough,
    found_by,
    hidden_from,
    no_better_than_noise,
)
from facebench.texts import counted, plain


def told_apart(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose `model` also names the crop, where they are of more than one.

    >>> two = pd.DataFrame({"model": ["dlib", "sface"], "crop": ["chip", "aligned"]})
    >>> told_apart(two)["model"].tolist()
    ['dlib in chip', 'sface in aligned']
    """
    if table["crop"].nunique() < 2:
        return table
    return table.assign(model=table["model"] + " in " + table["crop"])


def verdict(part: pd.DataFrame) -> str:
    """Return the answer, its first sentence in bold, as one line."""
    before, after = found_by(part, "found_clean"), found_by(part, "found")
    if not enough(part):
        searches = counted(int(part["searches"].max()), "search", "searches")
        few = f"{searches}, and it takes {takes(part)}"
        if not before:
            return f"**Too few photos to tell: {few}.** {at_all(part)}"
        best = max(part.to_dict("records"), key=lambda row: row["found_clean"])
        found = f"{plain(best['model'])} in {best['found_clean']} of {best['searches']} searches"
        return (
            f"**Found without the cloak by {found}. Too few photos to tell what the cloak does:"
            f" {few}.** {at_all(part)}"
        )
    if hidden := hidden_from(part):
        rows = part[part["model"].isin(hidden)].to_dict("records")
        whom = "; ".join(f"{plain(row['model'])} (found {counts(row)})" for row in rows)
        return f"**The cloak hides this person beyond chance from {whom}.**{after_all(part)}"
    if not before and not after:
        who = plain(part["model"].iloc[0]) + " doesn't find"
        if len(part) > 1:
            who = f"None of these {len(part):,} models finds"
        return (
            f"**{who} this person, cloaked or not, which says nothing about other models.**"
            f" {at_all(part)}"
        )
    best = max(part.to_dict("records"), key=lambda row: (row["found"], row["found_clean"]))
    who = f"{plain(best['model'])} finds this person {counts(best)}"
    if len(part) > 1:
        most = (
            f"{after:,} of {len(part):,} models find this person in at least half of the searches"
        )
        who = f"{most} with the cloak; {plain(best['model'])} {counts(best)}"
    return f"**{who}: no effect of the cloak was shown.**"


def counts(row: Mapping[Any, Any]) -> str:
    """Return in how many searches a model finds a person: with the cloak, without, with noise."""
    noise = ""
    if row["control"] is not None and row["control"] == row["control"]:
        noise = f", in {row['found_control']} with noise of the same size"
    searches = counted(int(row["searches"]), "search", "searches")
    return (
        f"in {row['found']} of {searches} with the cloak, in {row['found_clean']} without it{noise}"
    )


def after_all(part: pd.DataFrame) -> str:
    """Return who finds a person all the same, and where noise would have done, as sentences."""
    hidden, noise = hidden_from(part), no_better_than_noise(part)
    rows = part[~part["model"].isin(hidden) & (2 * part["found"] >= part["searches"])]
    said = ""
    if len(rows):
        found = [
            f"{plain(row['model'])} (in {row['found']} of {row['searches']})"
            for row in rows.to_dict("records")
        ]
        said += f" Still found by {', '.join(found)}."
    if noise:
        whom = ", ".join(map(plain, noise))
        said += f" That it hides better than noise of the same size was not shown for {whom}."
    return said


def at_all(part: pd.DataFrame) -> str:
    """Return what was found at all, however little: by the model that found most."""
    best = max(part.to_dict("records"), key=lambda row: max(row["found_clean"], row["found"]))
    if not best["found_clean"] and not best["found"]:
        return "No search had them first."
    return f"Most was found by {plain(best['model'])}: {counts(best)}."


def lines(part: pd.DataFrame) -> Iterator[str]:
    """Yield a table of the models: how often each finds the person, with and without the cloak."""
    noise = part["control"].notna().any()
    more = (
        [" found with noise of its size | p against that noise |", "---|---|"]
        if noise
        else ["", ""]
    )
    yield f"| model | found without it | found with it | p |{more[0]}"
    yield f"|---|---|---|---|{more[1]}"
    for row in part.to_dict("records"):
        of = f"of {row['searches']}"
        line = (
            f"| {plain(row['model'])} | {row['found_clean']} {of} | {row['found']} {of} | "
            f"{row['p_corrected']:.2g} |"
        )
        if noise:
            line += f" {row['found_control']} {of} | {row['p_control']:.2g} |"
        yield line


def sure(part: pd.DataFrame) -> str:
    """Return how sure the answer is, and how many photos would make it surer."""
    if hidden := hidden_from(part):
        least = part[part["model"].isin(hidden)]["p_corrected"].max()
        return (
            f"By chance alone, a change like this would come in {100 * least:.2g} % of cases at "
            "most."
        )
    half = f"half of what is found would be noticed {100 * POWER:.0f} times in 100"
    if enough(part):
        return (
            f"An answer takes {takes(part)} searches: with these, a cloak that hides from {half}."
        )
    return f"With {takes(part)} searches, one for each photo, a cloak that hides from {half}."


def takes(part: pd.DataFrame) -> str:
    """Return how many searches an answer takes."""
    return f"{int(part['needed'].max()):,}"
