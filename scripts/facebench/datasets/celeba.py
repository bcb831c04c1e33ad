"""CelebA: pictures in one folder, and text files that say who they show and what they look like."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from facebench.datasets.listing import LANDMARK_COLUMNS, Listing, files_in, with_unlisted
from facebench.errors import UserError
from facebench.logs import LOG

PARTITIONS = ("train", "valid", "test")


def celeba(root: Path, files: dict[str, Path], partition: Sequence[str] = PARTITIONS) -> Listing:
    """List the pictures of `identity_CelebA.txt`, wherever they are below `root`.

    `files` are the official text files: `identity`, and if they are there `attributes` (become
    true or false, in lower case), `landmarks` (of the aligned pictures, where the left eye is the
    one on the left) and `partition`, of which `partition` chooses parts. People are numbers in
    CelebA and have no names.
    """
    if "identity" not in files:
        raise UserError("CelebA needs the file identity_CelebA.txt: it says who is in a picture.")
    images = _table(files["identity"], ["identity"]).astype(str)
    if "partition" in files:
        part = _table(files["partition"], ["partition"])["partition"]
        images["partition"] = part.map(dict(enumerate(PARTITIONS))).reindex(images.index)
    if "attributes" in files:
        attributes = _table(files["attributes"]) > 0
        attributes.columns = attributes.columns.str.lower()
        images = images.join(attributes.astype("boolean"))
    if "landmarks" in files:
        points = _table(files["landmarks"], LANDMARK_COLUMNS)
        images = images.join(points.astype("float32"))
    images.insert(1, "name", pd.Series(pd.NA, index=images.index, dtype=str))
    images.insert(0, "path", _paths(images.index, root))
    images = images.reset_index(drop=True)
    if set(partition) >= set(PARTITIONS):
        images = with_unlisted(images, root)
    elif "partition" not in files:
        raise UserError("To choose a partition, CelebA needs the file list_eval_partition.txt.")
    else:
        images = images[images["partition"].isin(partition)]
    return Listing(images, nobody="It isn't in CelebA's list of identities.")


def _paths(names: pd.Index, root: Path) -> list[str]:
    """Return where each picture is; the re-encoded edition has .png for .jpg."""
    found = files_in(root)
    by_name = {PurePosixPath(path).name: path for path in found}
    by_stem = {PurePosixPath(path).stem: path for path in found}
    return [
        by_name.get(name) or by_stem.get(PurePosixPath(name).stem) or name
        for name in map(str, names)
    ]


def _table(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return the numbers of an official text file, a row a picture, by the picture's name.

    The files begin with none, one (names of the columns) or two (a count before that) lines that
    are no picture's.
    """
    with open(path, encoding="utf-8-sig") as file:
        lines = [line.split() for _, line in zip(range(3), file, strict=False)]
    count = int(lines[0][0]) if lines and len(lines[0]) == 1 and lines[0][0].isdecimal() else None
    head = lines[1 if count is not None else 0] if lines else []
    titled = bool(head) and "." not in head[0]
    names = list(columns) or (head if titled else [])
    try:
        table = pd.read_csv(
            path,
            sep=r"\s+",
            header=None,
            skiprows=(count is not None) + titled,
            index_col=0,
            names=["picture", *names],
            encoding="utf-8-sig",
            dtype=dict.fromkeys(names, "int64") | {"picture": str},
        )
    except ValueError as error:
        raise UserError(f"{path} isn't as CelebA writes it: {error}.") from None
    if not names or table.empty:
        raise UserError(f"{path} isn't as CelebA writes it: it lists no pictures.")
    if table.index.has_duplicates:
        raise UserError(f"{path} lists a picture twice.")
    if count is not None and count != len(table):
        LOG.warning("%s promises %s pictures and lists %s", path, f"{count:,}", f"{len(table):,}")
    return table
