"""Several files of one picture: exact copies count once, near copies are pointed out."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from facebench.pictures.likeness import earlier_alike

#: Columns of the findings that tell copies; they don't get into the images table.
SIGNS = ["pixel_hash", "look"]


def content(images: pd.DataFrame) -> pd.Series:
    """Return for every picture a text that only pictures with the same pixels share."""
    if "pixel_hash" not in images:
        return images["image_id"]
    return images["pixel_hash"].fillna(images["image_id"])


def mark_duplicates(images: pd.DataFrame) -> pd.DataFrame:
    """Return `images` in which a picture counts once: later files with the same pixels don't.

    A row that was a duplicate is ok again if its original is no longer there.
    """
    images = images.copy()
    again = images["status"] == "duplicate"
    images.loc[again, ["status", "reason"]] = ["ok", ""]
    ok = images[images["status"] == "ok"].assign(content=content(images))
    later = ok[ok.duplicated("content")]
    first = ok.drop_duplicates("content").set_index("content").loc[later["content"]]
    images.loc[later.index, "status"] = "duplicate"
    pairs = zip(first.to_dict("records"), later.to_dict("records"), strict=True)
    reasons = [copy_of(original, copy) for original, copy in pairs]
    images.loc[later.index, "reason"] = pd.Series(reasons, index=later.index, dtype=str)
    return images


def original_ids(images: pd.DataFrame) -> pd.Series:
    """Return the `image_id` of every picture by its path; a duplicate's is its original's."""
    same = content(images)
    ok = images["status"] == "ok"
    originals = dict(zip(same[ok][::-1], images["image_id"][ok][::-1], strict=True))
    ids = [originals.get(key, mine) for key, mine in zip(same, images["image_id"], strict=True)]
    return pd.Series(ids, index=images["path"], dtype=str)


def mark_alike(images: pd.DataFrame) -> pd.DataFrame:
    """Return `images` with `looks_like`: the path of an earlier picture of the person, or null.

    They are probably files of one photograph, saved again or shrunk. Pixels can't decide that, so
    they count; but to find a picture by its own copy takes no recognition of a face.
    """
    found = pd.Series(None, index=images.index, dtype=str)
    for _, mine in images[images["status"] == "ok"].groupby("identity", sort=False):
        for place, earlier in enumerate(earlier_alike(mine["look"].tolist())):
            if earlier >= 0:
                found[mine.index[place]] = mine["path"].iloc[earlier]
    return images.assign(looks_like=found)


def copy_of(original: Mapping[Any, Any], copy: Mapping[Any, Any]) -> str:
    """Return the reason why a picture doesn't count that is a copy of an `original`."""
    same = "bytes" if original["image_id"] == copy["image_id"] else "pixels"
    mine = original["identity"] == copy["identity"]
    who = "" if mine else f", which is of {original['identity']}"
    return f"It has the same {same} as {original['path']}{who}."
