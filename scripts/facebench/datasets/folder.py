"""Pictures in folders, one folder a person."""

import unicodedata
from pathlib import Path, PurePosixPath

import pandas as pd

from facebench.datasets.listing import Listing, files_in, sentence_name
from facebench.logs import LOG


def folder(
    root: Path, files: dict[str, Path], nested: bool = False, names: bool = False
) -> Listing:
    """List the pictures below `root`, whose folders are the people.

    A person is the first folder on the way to a picture, or with `nested` all of them
    ("actors/Jane_Doe"). With `names` the (last) folder is the person's name. A single folder
    around all people, as archives often have, is looked through.
    """
    paths = [PurePosixPath(path) for path in files_in(root)]
    around = len(_wrapper(paths))
    if around:
        LOG.info("The people are the folders in %s", "/".join(_wrapper(paths)))
    people = [path.parts[around:-1] for path in paths]
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
    return Listing(images, nobody="It is in no person's folder.")


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
