"""Several files of one picture: exact copies count once, near copies are pointed out."""

import numpy as np
import pandas as pd

from facebench.pictures.likeness import differences

#: Columns of the findings that tell copies; they don't get into the images table.
HASHES = ["pixel_hash", "look_hash"]

#: In at most this many of 64 bits a picture differs from itself when it was saved again or shrunk.
ALIKE = 3

#: Beginning of the remark on a picture that looks like another one of its person.
LOOKS_LIKE = "It looks like"


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
    reasons = [_copy_of(original, copy) for original, copy in pairs]
    images.loc[later.index, "reason"] = pd.Series(reasons, index=later.index, dtype=str)
    return images


def original_ids(images: pd.DataFrame) -> pd.Series:
    """Return the `image_id` of every picture by its path; a duplicate's is its original's."""
    same = content(images)
    ok = images["status"] == "ok"
    originals = pd.Series(images["image_id"][ok].to_numpy(), index=same[ok])
    found = same.map(originals[~originals.index.duplicated()])
    return found.fillna(images["image_id"]).set_axis(images["path"])


def mark_alike(images: pd.DataFrame) -> pd.DataFrame:
    """Return `images` with a remark on pictures that look like an earlier one of their person.

    Probably files of one photograph, saved again or shrunk. Pixels can't decide that, so they
    count; but a picture that is found by its own copy says nothing about the person's face.
    """
    images = images.copy()
    for _, mine in images[images["status"] == "ok"].groupby("identity", sort=False):
        hashes = mine["look_hash"].tolist()
        looks = np.array([int(text, 16) for text in hashes], np.uint64)
        for place in range(1, len(mine)):
            near = differences(hashes[place], looks[:place]) <= ALIKE
            if near.any():
                remark = f"{LOOKS_LIKE} {mine['path'].iloc[int(near.argmax())]}."
                said = mine["reason"].iloc[place]
                images.loc[mine.index[place], "reason"] = f"{said} {remark}".strip()
    return images


def alike(images: pd.DataFrame) -> int:
    """Return how many usable pictures look like another one of their person."""
    remarked = images["reason"].fillna("").str.contains(LOOKS_LIKE, regex=False)
    return int((remarked & (images["status"] == "ok")).sum())


def _copy_of(original: dict, copy: dict) -> str:
    same = "bytes" if original["image_id"] == copy["image_id"] else "pixels"
    mine = original["identity"] == copy["identity"]
    who = "" if mine else f", which is of {original['identity']}"
    return f"It has the same {same} as {original['path']}{who}."
