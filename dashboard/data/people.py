"""What became of every search: by person, by group, and as curves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.data import files, numbers
from dashboard.data.files import Missing
from dashboard.data.freshness import kept

#: Columns of images.parquet that every data set has: they describe no group.
COMMON = {
    "image_id", "path", "identity", "name", "width", "height", "format", "status", "reason",
    "caption", "view", "jpeg_quality",
}  # fmt: skip
MOST_GROUPS = 12
DRAWS = 300


def outcomes(
    dataset: str, crop: str, model: str, protocol: str, columns: Sequence[str]
) -> pd.DataFrame:
    """Return some columns of what became of every search (pair for View 2) on clean pictures."""
    place = (dataset, crop, "clean", model, "outcomes", f"{protocol}.parquet")
    table = files.table(*place, columns=columns)
    return numbers.frame(table, np.ones(len(table), bool))


@kept(most=8)
def images(dataset: str, column: str = "identity") -> pd.Series:
    """Return a column of the data set's pictures that count, by image_id."""
    table = files.table(dataset, "images.parquet", columns=["image_id", "status", column])
    found = numbers.frame(table, numbers.where(table, status="ok"))
    return found.set_index("image_id")[column]


def names(dataset: str) -> pd.Series:
    """Return what each person is called, by identity: the name, or else the identity."""
    path = files.place(dataset, "images.parquet")
    return _names(dataset, files.stamp(path))


@st.cache_resource(max_entries=20, show_spinner=False)
def _names(dataset: str, version: files.Stamp) -> pd.Series:
    table = files.table(dataset, "images.parquet", columns=["identity", "name"]).to_pandas()
    people = table.dropna(subset=["identity"]).drop_duplicates("identity").astype(object)
    return people.name.where(people.name.notna(), people.identity).set_axis(people.identity)


@kept()
def per_person(dataset: str, crop: str, model: str, protocol: str) -> pd.DataFrame:
    """Return one row a person, least found first: identity, name, searches, found, share, mistaken.

    `mistaken`: who was found first most often instead. `image_id`: one of the person's pictures.
    """
    wanted = ["image_id", "identity", "correct", "other_id"]
    searches = outcomes(dataset, crop, model, protocol, wanted)
    whose = images(dataset)
    wrong = searches[~searches.correct.astype(bool) & searches.other_id.notna()]
    other = pd.DataFrame({"identity": wrong.identity, "mistaken": wrong.other_id.map(whose)})
    mistaken = (
        other.value_counts().rename("times").reset_index().drop_duplicates("identity")
        if len(other)
        else pd.DataFrame(columns=["identity", "mistaken"])
    )
    people = searches.groupby("identity", sort=False).agg(
        image_id=("image_id", "first"), searches=("correct", "size"), found=("correct", "sum")
    )
    people = people.assign(share=people.found / people.searches).reset_index()
    people = people.merge(mistaken[["identity", "mistaken"]], on="identity", how="left")
    called = names(dataset)
    people["name"] = people.identity.map(called)
    people["mistaken"] = people.mistaken.map(called)
    return people.sort_values(["share", "identity"]).reset_index(drop=True)


@kept()
def attributes(dataset: str) -> list[str]:
    """Return the columns that divide a data set's people or pictures into a few groups."""
    table = files.table(dataset, "images.parquet")
    found = []
    for field in table.schema:
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if field.name in COMMON or pa.types.is_floating(plain):
            continue
        values = table.column(field.name).unique()
        if 2 <= len(values) - values.null_count <= MOST_GROUPS:
            found.append(field.name)
    return found


def by_group(
    dataset: str, crop: str, models: list[str], protocol: str, attribute: str
) -> pd.DataFrame:
    """Return the share of searches that were right in each group of the searched pictures.

    One row a model and group: `value`, `ci_low`, `ci_high` (people resampled), `n_identities`.
    """
    parts = [_groups(dataset, crop, model, protocol, attribute) for model in models]
    return pd.concat(parts, ignore_index=True)


# Of one model: another choice of models draws no people anew.
@kept()
def _groups(dataset: str, crop: str, model: str, protocol: str, attribute: str) -> pd.DataFrame:
    from facebench.stats.intervals import rates_by_person

    searches = outcomes(dataset, crop, model, protocol, ["image_id", "identity", "correct"])
    searches["group"] = searches.image_id.map(images(dataset, attribute).astype(str))
    rows = []
    for group, part in searches.dropna(subset=["group"]).groupby("group"):
        right = part.correct.to_numpy(float)[:, None]
        who = part.identity.to_numpy(str)
        ((value, (low, high)),) = rates_by_person(right, who, DRAWS, 0.95, 0)
        rows.append((model, group, value, low, high, len(np.unique(who)), len(part)))
    columns = ["model", "group", "value", "ci_low", "ci_high", "n_identities", "searches"]
    return pd.DataFrame(rows, columns=columns).assign(metric="rank")


@kept()
def alarm_curve(dataset: str, crop: str, model: str, points: int = 60) -> pd.DataFrame:
    """Return how many of the mated searches of the open set miss (`value`) at each rate of alarms.

    From the rate at which 10 alarms are expected, below which nothing can be said. A search counts
    if its own person comes first, as `open_set.rank` 1 asks.
    """
    wanted = ["identity", "mated", "half", "rank", "mate_score", "other_score"]
    searches = outcomes(dataset, crop, model, "open_set", wanted)
    alone, mated = searches[~searches.mated], searches[searches.mated]
    least = [10 / max(1, n) for n in (alone.identity.nunique(), *alone.half.value_counts())]
    if alone.empty or mated.empty or max(least) >= 1:
        raise Missing("There are too few searches for strangers to draw a curve.", "")
    rates = np.geomspace(max(least), 1, points)
    missed = np.zeros(points)
    for half, part in mated.groupby("half"):
        strangers = np.sort(alone.other_score[alone.half == half].to_numpy(float))[::-1]
        places = np.clip((rates * len(strangers)).astype(int), 1, len(strangers)) - 1
        score = part.mate_score.where(part["rank"] <= 1, -np.inf).to_numpy(float)
        missed += (score[None, :] < strangers[places, None]).sum(axis=1)
    return pd.DataFrame({"model": model, "rate": rates, "value": missed / len(mated)})


@kept()
def pair_curve(dataset: str, crop: str, model: str) -> pd.DataFrame:
    """Return the ROC curve of View 2's pairs: `rate` of false accepts, `value` of true ones."""
    pairs = outcomes(dataset, crop, model, "view2", ["score", "same"])
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


@kept()
def named(dataset: str, crop: str, model: str) -> pd.DataFrame:
    """Return one row a person, best named first: how often the right name came first.

    `mistaken`: the wrong name that came first most often.
    """
    wanted = ["image_id", "identity", "correct", "other_name"]
    searches = outcomes(dataset, crop, model, "name", wanted)
    people = searches.groupby("identity", sort=False).agg(
        image_id=("image_id", "first"), searches=("correct", "size"), found=("correct", "sum")
    )
    wrong = searches[~searches.correct.astype(bool)]
    counted = wrong[["identity", "other_name"]].value_counts().reset_index()
    other = counted.drop_duplicates("identity").set_index("identity").other_name
    people = people.assign(share=people.found / people.searches).reset_index()
    people["name"] = people.identity.map(names(dataset))
    people["mistaken"] = people.identity.map(other)
    return people.sort_values(["share", "identity"], ascending=[False, True])
