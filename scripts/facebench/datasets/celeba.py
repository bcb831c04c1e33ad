"""CelebA: pictures in one folder, and text files that say who they show and what they look like."""

import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from facebench.datasets.listing import LANDMARK_COLUMNS, Listing, leads_out, with_unlisted
from facebench.datasets.lists import read_text, whole_number
from facebench.datasets.selection import COLUMNS
from facebench.datasets.walk import files_in
from facebench.errors import UserError
from facebench.logs import LOG
from facebench.texts import one_line

PARTITIONS = ("train", "valid", "test")

#: Columns of the images table that mean something else than an attribute.
TAKEN = {*COLUMNS, *LANDMARK_COLUMNS, "partition", "role", "published", "picture"}


def celeba(root: Path, files: dict[str, Path], partition: Sequence[str] = PARTITIONS) -> Listing:
    """List the pictures of `identity_CelebA.txt`, wherever they are below `root`.

    `files` are the official text files, or the same with commas: `identity`, and if they are there
    `attributes` (become true or false, in lower case), `landmarks` (of the aligned pictures, where
    the left eye is the one on the left) and `partition`, of which `partition` chooses parts. People
    are numbers in CelebA and have no names.
    """
    if "identity" not in files:
        raise UserError("CelebA needs the file identity_CelebA.txt: it says who is in a picture.")
    images = _table(files["identity"], ["identity"]).astype(str)
    if "partition" in files:
        images["partition"] = _partitions(files["partition"], images.index)
    if "attributes" in files:
        images = images.join(_attributes(files["attributes"], images.index))
    if "landmarks" in files:
        points = _table(files["landmarks"], LANDMARK_COLUMNS)
        _tell_missing(files["landmarks"], points.index, images.index)
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


def _partitions(path: Path, pictures: pd.Index) -> pd.Series:
    """Return the name of the partition that each picture is in."""
    part = _table(path, ["partition"])["partition"]
    if unknown := sorted(set(part) - set(range(len(PARTITIONS)))):
        raise UserError(
            f"{path} has the partition {unknown[0]}; there are"
            f" {', '.join(f'{n} ({name})' for n, name in enumerate(PARTITIONS))}."
        )
    _tell_missing(path, part.index, pictures)
    return part.map(dict(enumerate(PARTITIONS))).reindex(pictures)


def _attributes(path: Path, pictures: pd.Index) -> pd.DataFrame:
    """Return the attributes of the listed pictures: true or false, names in lower case."""
    table = _table(path) > 0
    table.columns = table.columns.str.lower()
    wrong = [name for name in table.columns if name in TAKEN]
    wrong += table.columns[table.columns.duplicated()].tolist()
    if wrong:
        raise UserError(
            f"{path} has an attribute called {wrong[0]!r}, which is twice there or the name of"
            " another column: call it something else."
        )
    _tell_missing(path, table.index, pictures)
    return table.astype("boolean")


def _tell_missing(path: Path, listed: pd.Index, pictures: pd.Index) -> None:
    if missing := len(pictures.difference(listed)):
        LOG.warning("%s lacks %s of %s pictures", path, f"{missing:,}", f"{len(pictures):,}")


def _paths(names: pd.Index, root: Path) -> list[str]:
    """Return where each picture is; the re-encoded edition has .png for .jpg.

    Raises `UserError` where two files may be meant.
    """
    by_name: dict[str, list[str]] = {}
    by_stem: dict[str, list[str]] = {}
    for path in files_in(root):
        by_name.setdefault(PurePosixPath(path).name, []).append(path)
        by_stem.setdefault(PurePosixPath(path).stem, []).append(path)
    found = []
    for name in map(str, names):
        places = by_name.get(name) or by_stem.get(PurePosixPath(name).stem) or [name]
        if len(places) > 1:
            raise UserError(
                f"{places[0]} and {places[1]} are both called {name} in the list of identities:"
                " name the folder with one of them."
            )
        found.append(name if leads_out(name) else places[0])  # `Listing` refuses it
    return found


def _table(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return the numbers of an official text file, a row a picture, by the picture's name.

    The files begin with none, one (names of the columns) or two (a count before that) lines that
    are no picture's. Columns are apart by spaces, or by commas as in the edition of Kaggle.
    """
    lines = [line for line in read_text(path).splitlines() if line.strip()]
    comma = next((mark for mark in ",;" if any(mark in line for line in lines[:3])), None)
    split = [[word.strip() for word in line.split(comma)] for line in lines[:3]]
    count = whole_number(split[0][0]) if split and len(split[0]) == 1 else None
    start = 0 if count is None else 1
    head = split[start] if len(split) > start else []
    titled = bool(head) and "." not in head[0]
    first = split[start + titled] if len(split) > start + titled else []
    # A list with commas has a title above the pictures, too.
    titles = head[len(head) == len(first) :] if titled else []
    names = list(columns) or titles
    if not names or not first:
        raise UserError(f"{path} isn't as CelebA writes it: it lists no pictures.")
    if len(first) != len(names) + 1:
        raise UserError(
            f"{path} isn't as CelebA writes it: {first[0]} has {len(first) - 1} values and not"
            f" {len(names)}."
        )
    try:
        table = pd.read_csv(
            io.StringIO("\n".join(lines[start + titled :])),
            sep=comma or r"\s+",
            skipinitialspace=True,
            header=None,
            index_col=0,
            names=["picture", *names],
            dtype=dict.fromkeys(names, "int64") | {"picture": str},
        )
    except (ValueError, OverflowError) as error:
        words = one_line(str(error)).rstrip(".")
        raise UserError(f"{path} isn't as CelebA writes it: {words}.") from None
    if table.index.has_duplicates:
        raise UserError(f"{path} lists a picture twice.")
    if count is not None and count != len(table):
        LOG.warning("%s promises %s pictures and lists %s", path, f"{count:,}", f"{len(table):,}")
    return table
