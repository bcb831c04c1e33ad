"""The outcome of every search: by person and by group of people."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.data import absent, files, numbers, places
from dashboard.data.freshness import cached_until_changed
from facebench.store import layout

#: Columns of images.parquet that every data set has: none of them describes a group.
COMMON = {
    "image_id", "path", "identity", "name", "width", "height", "format", "status", "reason",
    "orientation", "looks_like", "caption", "view", "jpeg_quality",
}  # fmt: skip
MOST_GROUPS = 12


def outcomes(
    dataset: str, crop: str, model: str, protocol: str, columns: Sequence[str]
) -> pd.DataFrame:
    """Return some columns of the outcome of every search (for View 2, pair) of clean pictures."""
    place = layout.outcomes(places.study(), dataset, crop, model, protocol)
    measured = {"dataset": dataset, "crop": crop, "protocol": protocol}
    if files.stamp(place) is None and not numbers.distinct("model", **measured):
        raise absent.absent(dataset, crop, protocol)
    table = files.table(place, columns)
    return numbers.frame(table, np.ones(len(table), bool))


@cached_until_changed(most=8)
def images(dataset: str, column: str = "identity") -> pd.Series:
    """Return a column of the data set's usable pictures by image_id, none of which comes twice."""
    table = files.table(layout.images(dataset), ["image_id", "status", column])
    found = numbers.frame(table, numbers.where(table, status="ok"))
    return found.drop_duplicates("image_id").set_index("image_id")[column]


@cached_until_changed(most=20)
def names(dataset: str) -> pd.Series:
    """Return the name of each person by identity; the identity itself where there is no name."""
    table = files.table(layout.images(dataset), ["identity", "name"]).to_pandas()
    people = table.dropna(subset=["identity"]).drop_duplicates("identity").astype(object)
    return people.name.where(people.name.notna(), people.identity).set_axis(people.identity)


@cached_until_changed()
def per_person(dataset: str, crop: str, model: str, protocol: str) -> pd.DataFrame:
    """Return one row a person, least found first: identity, name, searches, found, share, mistaken.

    mistaken: the person most often found first instead. image_id: one of the person's pictures.
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


@cached_until_changed()
def attributes(dataset: str) -> list[str]:
    """Return the columns by which a data set's people or pictures form a few groups."""
    table = files.table(layout.images(dataset))
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


# Cached for each model, so that a different choice of models resamples nothing again.
@cached_until_changed()
def _groups(dataset: str, crop: str, model: str, protocol: str, attribute: str) -> pd.DataFrame:
    from facebench.stats.person_rates import rates_by_person

    searches = outcomes(dataset, crop, model, protocol, ["image_id", "identity", "correct"])
    searches["group"] = searches.image_id.map(images(dataset, attribute).astype(str))
    rows = []
    for group, part in searches.dropna(subset=["group"]).groupby("group"):
        right = part.correct.to_numpy(float)[:, None]
        who = part.identity.to_numpy(object)
        ((value, (low, high), _),) = rates_by_person(right, who, 0.95)
        rows.append((model, group, value, low, high, len(np.unique(who)), len(part)))
    columns = ["model", "group", "value", "ci_low", "ci_high", "n_identities", "searches"]
    return pd.DataFrame(rows, columns=columns).assign(metric="rank")


#: Edges of the shares in a histogram of people, and what each band is called.
BANDS = [-0.001, 0.0, 0.25, 0.5, 0.75, 0.999, 1.0]
BAND_NAMES = ["never", "up to 25 %", "25 to 50 %", "50 to 75 %", "above 75 %", "always"]
#: With as many searches of everybody, or fewer, each possible count is a band.
FEW = 6


def bands(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many people were found in how many of their `searches`.

    As counts where everybody has the same few searches, else as shares: never, ... always.
    """
    most = int(table.searches.max())
    if table.searches.nunique() == 1 and most <= FEW:
        names = [f"{found} of {most}" for found in range(most + 1)]
        counted = table.found.astype(int).value_counts().reindex(range(most + 1), fill_value=0)
    else:
        names = BAND_NAMES
        cut = pd.cut(table.share.astype(float), BANDS, labels=names)
        counted = cut.value_counts().reindex(names, fill_value=0)
    return pd.DataFrame({"band": names, "count": counted.to_numpy()})
