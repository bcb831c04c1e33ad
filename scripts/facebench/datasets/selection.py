"""From all files of a data set to the rows of a study: duplicates, fewer people, controls."""

from typing import Any

import numpy as np
import pandas as pd

from facebench.datasets.copies import SIGNS, content, mark_alike, mark_duplicates, original_ids
from facebench.datasets.listing import Listing
from facebench.errors import UserError
from facebench.logs import LOG
from facebench.texts import one_line

#: Columns of the images table that every data set has, in order.
COLUMNS = [
    "image_id", "path", "identity", "name", "width", "height", "format", "status", "reason",
    "orientation", "looks_like",
]  # fmt: skip

#: Options of a data set that are not its reader's.
SELECTION_KEYS = ("people", "min_images", "max_images", "seed", "shuffle_identities")


def joined(listing: Listing, findings: pd.DataFrame) -> pd.DataFrame:
    """Return the images table: the reader's listing joined with the findings, row by row.

    What was found replaces what a reader says of the same (the width, the height).
    Files that turned out not to be pictures are left out and named in the log. A good picture of
    nobody has the status no-identity.
    """
    listed = listing.images.drop(columns=findings.columns, errors="ignore")
    images = pd.concat([listed.reset_index(drop=True), findings], axis=1)
    other = images["status"] == "other"
    if other.any():
        names = ", ".join(map(one_line, images.loc[other, "path"].head(5)))
        LOG.info("%s files are not pictures and left alone: %s ...", f"{other.sum():,}", names)
    images = images[~other].reset_index(drop=True)
    nobody = (images["status"] == "ok") & images["identity"].isna()
    images.loc[nobody, ["status", "reason"]] = ["no-identity", listing.nobody]
    for column in COLUMNS:
        if column not in images:
            images[column] = pd.Series(None, index=images.index, dtype=str)
    extra = [column for column in images if column not in COLUMNS]
    return images[COLUMNS + extra]


def select(
    images: pd.DataFrame,
    people: int | None = None,
    min_images: int = 1,
    max_images: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the rows of fewer people, or of fewer pictures of each.

    People with at least `min_images` usable pictures, the first `people` of them in an order drawn
    with `seed`; `max_images` usable pictures of each, drawn with `seed`. A person's pictures
    that can't be used stay. Raises `UserError` if there are too few people.
    """
    rng = np.random.default_rng(seed)
    usable = images[images["status"] == "ok"]
    order = rng.permutation(np.array(sorted(images["identity"].dropna().unique()), dtype=object))
    if people is not None or min_images > 1:
        counts = usable["identity"].value_counts()
        chosen = [person for person in order if counts.get(person, 0) >= min_images]
        if people is not None and len(chosen) < people:
            raise UserError(
                f"{people:,} people are asked for, but only {len(chosen):,} have {min_images} or"
                " more usable pictures."
            )
        keep = images["identity"].isin(chosen[:people])
        images = images[keep | (images["identity"].isna() & (people is None))]
    if max_images is not None:
        drawn = usable.sample(frac=1, random_state=rng).groupby("identity").head(max_images)
        drawn = drawn[drawn.index.isin(images.index)]  # of the people who were chosen
        left = usable.index.difference(drawn.index)
        kept = content(images).loc[drawn.index]
        spare = (images["status"] == "duplicate") & ~content(images).isin(kept)
        images = images[~(images.index.isin(left) | spare)]
    return mark_duplicates(images.reset_index(drop=True))


def pairs_of(images: pd.DataFrame, pairs: pd.DataFrame | None) -> pd.DataFrame:
    """Return the pairs of listed pictures, with `image_id_a` and `image_id_b`.

    The id of a duplicate is that of its original, so that it finds a picture. Pairs of pictures
    that are not in `images`, because fewer were chosen, are left out.
    """
    if pairs is None:
        return no_pairs()
    ids = original_ids(images)
    kept = pairs[pairs["path_a"].isin(ids.index) & pairs["path_b"].isin(ids.index)]
    if len(kept) < len(pairs):
        LOG.info("%s of %s pairs are of chosen pictures only", f"{len(kept):,}", f"{len(pairs):,}")
    return pd.DataFrame(
        {
            "fold": kept["fold"].astype("int32"),
            "path_a": kept["path_a"].astype(str),
            "path_b": kept["path_b"].astype(str),
            "image_id_a": kept["path_a"].map(ids).astype(str),
            "image_id_b": kept["path_b"].map(ids).astype(str),
            "same": kept["same"].astype(bool),
        }
    ).reset_index(drop=True)


def no_pairs() -> pd.DataFrame:
    """Return the table of pairs of a data set without a list of them."""
    texts = ["path_a", "path_b", "image_id_a", "image_id_b"]
    kinds: dict[str, Any] = {"fold": "int32", **dict.fromkeys(texts, str), "same": bool}
    return pd.DataFrame(columns=list(kinds)).astype(kinds)


def shuffle(
    images: pd.DataFrame, pairs: pd.DataFrame, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with the usable pictures dealt to the people at random: a control.

    Every person has as many pictures as before, and every pair is of the same two people, but the
    pictures are anybody's, so every result is chance.
    """
    images, pairs = images.copy(), pairs.copy()
    ok = np.flatnonzero(images["status"] == "ok")
    dealt = np.random.default_rng(seed).permutation(ok)
    for column in ("identity", "name"):
        values = images[column].to_numpy(dtype=object)
        values[dealt] = values[ok]
        images[column] = pd.Series(values, index=images.index, dtype=str)
    ids, paths = images["image_id"].to_numpy(), images["path"].to_numpy()
    now = dict(zip(ids[ok], dealt, strict=True))
    for side in "ab":
        rows = [now.get(image) for image in pairs[f"image_id_{side}"]]
        for column, values in (("image_id", ids), ("path", paths)):
            before = pairs[f"{column}_{side}"]
            after = [v if r is None else values[r] for r, v in zip(rows, before, strict=True)]
            pairs[f"{column}_{side}"] = pd.Series(after, index=pairs.index, dtype=str)
    return images, pairs


def chosen(
    listing: Listing, findings: pd.DataFrame, shuffle_identities: int | None = None, **choice: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables `images` and `pairs` of a study. `choice`: arguments of `select`."""
    images = select(mark_duplicates(joined(listing, findings)), **choice)
    pairs = pairs_of(images, listing.pairs)
    images = mark_alike(images).drop(columns=SIGNS)
    if shuffle_identities is not None:
        images, pairs = shuffle(images, pairs, shuffle_identities)
    return images, pairs
