"""Pictures in folders, one folder a person."""

import unicodedata
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pandas as pd

from facebench.datasets.listing import Listing, sentence_name
from facebench.datasets.walk import NOBODY, files_in
from facebench.errors import UserError
from facebench.logs import LOG

#: What the parts of a data set that is divided for training are called, in lower case.
DIVISIONS = {
    "train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval",
    "gallery", "probe", "probes", "query",
}  # fmt: skip


def folder(
    root: Path,
    files: dict[str, Path],
    level: int | None = None,
    nested: bool = False,
    names: bool = False,
) -> Listing:
    """List the pictures below `root`, whose folders are the people.

    A person is the folder at `level` on the way to a picture (1, the first, unless it is given), or
    with `nested` all of them from there on ("actors/Jane_Doe"). With `names` the (last) folder is
    the person's name. A single folder around all people, as archives often have, is looked through.
    Raises `UserError` where the first folders are divisions ("train", "val") and no `level` is
    given.
    """
    empty: list[str] = []
    paths = [PurePosixPath(path) for path in files_in(root, empty)]
    around = len(_wrapper(paths))
    if around:
        LOG.info("The people are the folders in %s", "/".join(_wrapper(paths)))
    people = [path.parts[around:-1] for path in paths]
    if level is None:
        _check_divisions(people)
    people = [parts[(level or 1) - 1 :] for parts in people]
    if not nested:
        people = [parts[:1] for parts in people]
    images = pd.DataFrame(
        {
            "path": [str(path) for path in paths],
            # One spelling of accents: systems differ in how they write the same name.
            "identity": [unicodedata.normalize("NFC", "/".join(parts)) or None for parts in people],
        },
        dtype=str,
    )
    named = images["identity"] if names else pd.Series(None, index=images.index, dtype=str)
    images["name"] = named.map(
        lambda person: sentence_name(person.rsplit("/", 1)[-1]), na_action="ignore"
    ).astype(str)
    # Within a person's own folder, an empty one is nothing to speak of.
    outside = [path for path in empty if nested or path.count("/") < around + (level or 1)]
    return Listing(images, nobody=NOBODY, empty=outside)


def _check_divisions(people: list[tuple[str, ...]]) -> None:
    """Raise `UserError` if the first folders aren't people but divisions, with folders in them."""
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for parts in people:
        if parts:
            inside[parts[0]].update(parts[1:2])
    if len(inside) < 2 or not {name.lower() for name in inside} <= DIVISIONS:
        return
    if within := sorted(set.union(*inside.values())):
        first, second, *_ = sorted(inside)
        raise UserError(
            f"its first folders are {first} and {second}, with folders such as {within[0]} in them:"
            f" are these people, or divisions of the same people? Set level: 2 if {within[0]} is a"
            " person, and level: 1 if not."
        )


def _wrapper(paths: list[PurePosixPath]) -> tuple[str, ...]:
    """Return the folders that surround all people.

    >>> _wrapper([PurePosixPath("faces/Ann/1.jpg"), PurePosixPath("faces/Bob/1.jpg")])
    ('faces',)
    >>> _wrapper([PurePosixPath("Ann/1.jpg"), PurePosixPath("Bob/1.jpg")])
    ()
    >>> _wrapper([PurePosixPath("Ann/1.jpg"), PurePosixPath("Ann/2.jpg")])
    ()
    """
    around: tuple[str, ...] = ()
    while True:
        depth = len(around)
        firsts = {path.parts[depth] for path in paths if len(path.parts) > depth + 1}
        within = {path.parts[depth + 1] for path in paths if len(path.parts) > depth + 2}
        if len(firsts) != 1 or not within:
            return around
        around += (firsts.pop(),)
