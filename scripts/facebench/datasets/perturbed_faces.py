"""The paper's 1,000 CelebA pictures with their published cloaks, and all pictures of their people.

The set (aadityaubhat/perturbed_faces) is one folder: `000001.jpg` is a picture of CelebA,
`000001_cloaked.png` the same under Fawkes, `000001_attacked.png` under LowKey. It has no
identities; CelebA has them. The cloaked files are variants of pictures, not pictures of their own:
attacks of the kind `ready-made` read them.
"""

import re
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from facebench.datasets.celeba import celeba
from facebench.datasets.listing import Listing
from facebench.datasets.walk import files_in
from facebench.errors import UserError
from facebench.logs import LOG
from facebench.study.dataset_files import local_path

#: Ending of a published file -> the attack that it shows.
VERSIONS = {"_cloaked": "fawkes", "_attacked": "lowkey"}

FILE = re.compile(r"(\d+)(|_cloaked|_attacked)\.(?:jpe?g|png)", re.IGNORECASE)


def perturbed_faces(
    root: Path, files: dict[str, Path], published: str | None = None, enrolled: str = "published"
) -> Listing:
    """List CelebA's pictures of every person who is in the published set.

    `root` holds pictures as CelebA's archive does, and `published` is the folder of the set.
    Without `published`, `root` is that folder: then only its originals are listed, and since few
    people are on two of them, they test finding a picture again, not a person. `files` are those of
    `celeba`. A picture of the set has the attribute `published`, and `role` says what the
    experiments with attacks do with a picture: its person's published pictures are the gallery and
    the others the probes; or the other way round for `enrolled="others"`.
    """
    folder = Path(local_path(published, "published") or root) if published else root
    versions = published_versions(folder)
    listing = celeba(root, files)
    images = listing.images
    numbers = _numbers(images["path"])
    known = images["identity"].notna()
    chosen = known & numbers.isin(versions.index)
    if not chosen.any():
        raise UserError(f"CelebA's list of identities has none of the pictures in {folder}.")
    people = images.loc[chosen, "identity"]
    keep = known & images["identity"].isin(people) if published else chosen
    images = images.assign(published=chosen)[keep].reset_index(drop=True)
    if published:
        in_gallery = images["published"] == (enrolled == "published")
        images["role"] = np.where(in_gallery, "gallery", "probe")
    _tell(versions, people, len(images))
    return Listing(images, nobody=listing.nobody)


def published_versions(folder: Path) -> pd.DataFrame:
    """Return which versions of a picture the set has: a row a number, true or false.

    The columns are `original` and the attacks of `VERSIONS`. Raises `UserError` for a folder
    without cloaked pictures.
    """
    matches = (FILE.fullmatch(PurePosixPath(path).name) for path in files_in(folder))
    found = [(int(m[1]), VERSIONS.get(m[2].lower(), "original")) for m in matches if m]
    files = pd.DataFrame(found, columns=["number", "version"])
    table = pd.crosstab(files["number"], files["version"]) > 0
    table = table.reindex(columns=["original", *VERSIONS.values()], fill_value=False)
    table = table[table[list(VERSIONS.values())].any(axis=1)]
    if table.empty:
        raise UserError(
            f"{folder} is not the set perturbed_faces: it has no file like 000001_cloaked.png."
        )
    return table


def _numbers(paths: pd.Series) -> pd.Series:
    """Return CelebA's number of every original, -1 for other files."""
    matches = paths.map(lambda path: FILE.fullmatch(PurePosixPath(path).name))
    return matches.map(lambda match: int(match[1]) if match and not match[2] else -1)


def _tell(versions: pd.DataFrame, people: pd.Series, pictures: int) -> None:
    repeated = people.value_counts()
    LOG.info(
        "%s published pictures of %s people, %s of whom are on several; %s pictures of them in all",
        *(f"{n:,}" for n in (len(people), len(repeated), (repeated > 1).sum(), pictures)),
    )
    for version, there in versions.items():
        if missing := int((~there).sum()):
            LOG.warning("%s of the published pictures have no %s", f"{missing:,}", version)
