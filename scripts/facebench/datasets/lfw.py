"""Labeled Faces in the Wild: the layout of the official archives, and `pairs.txt` of View 2."""

import re
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd

from facebench.datasets.listing import Listing, files_in, sentence_name
from facebench.errors import UserError

PICTURE = re.compile(r"(.+)_(\d+)\.\w+")


class Pair(NamedTuple):
    """Two pictures, each by the person's folder and the picture's number."""

    fold: int
    a: tuple[str, int]
    b: tuple[str, int]


def lfw(
    root: Path,
    files: dict[str, Path],
    pairs_per_fold: int | None = None,
    only_pairs: bool = False,
) -> Listing:
    """List pictures that lie as `First_Last/First_Last_0001.jpg`, in any folder below `root`.

    `files["pairs"]`, where given, is a list of pairs in the official format; a picture that it
    names and that isn't there is listed all the same. `pairs_per_fold` is the number of matched and
    of mismatched pairs to keep of every fold, the first ones; `only_pairs` keeps only the pictures
    that pairs name.
    """
    rows: list[tuple[str, str | None]] = []
    paths: dict[tuple[str, int], str] = {}
    for path in files_in(root):
        file = PurePosixPath(path)
        match = PICTURE.fullmatch(file.name)
        known = match is not None and match[1] == file.parent.name
        if match and known:
            paths.setdefault((match[1], int(match[2])), path)
        rows.append((path, file.parent.name if known else None))
    pairs = None
    if "pairs" in files:
        listed = read_pairs(files["pairs"], pairs_per_fold)
        tops = {PurePosixPath(path).parent.parent for path in paths.values()}
        top = tops.pop() if len(tops) == 1 else PurePosixPath()
        for person, number in dict.fromkeys(side for pair in listed for side in pair[1:]):
            if (person, number) not in paths:
                paths[person, number] = str(top / person / f"{person}_{number:04d}.jpg")
                rows.append((paths[person, number], person))
        pairs = pd.DataFrame(
            [(p.fold, paths[p.a], paths[p.b], p.a[0] == p.b[0]) for p in listed],
            columns=["fold", "path_a", "path_b", "same"],
        )
    images = pd.DataFrame(rows, columns=["path", "identity"])
    images["name"] = images["identity"].map(sentence_name, na_action="ignore")
    if only_pairs:
        if pairs is None:
            raise UserError("only_pairs needs the data set's file of pairs.")
        images = images[images["path"].isin({*pairs["path_a"], *pairs["path_b"]})]
    return Listing(images, pairs, nobody="It isn't named as LFW names a person's pictures.")


def read_pairs(path: Path, per_fold: int | None = None) -> list[Pair]:
    """Return the pairs of an official list: folds of first matched, then mismatched pairs.

    The header is the number of folds and of pairs of either kind in each ("10 300"), or that
    number alone. Raises `UserError` that names the line that breaks the format.
    """
    lines = _text(path).splitlines()
    lines = [line for line in lines if line.strip()]
    header = lines[0].split() if lines else []
    if len(header) not in (1, 2) or not all(word.isdecimal() for word in header):
        raise UserError(f"{path}: the first line must be like '10 300' (folds, pairs of a kind).")
    folds, size = [1, *map(int, header)][-2:]
    if len(lines) - 1 != folds * size * 2:
        raise UserError(
            f"{path} should have {folds * size * 2:,} pairs by its first line ({folds} x {size}"
            f" matched and {size} mismatched), but has {len(lines) - 1:,}. Get the file again."
        )
    kept = []
    rest = iter(enumerate(lines[1:], 2))
    for fold in range(1, folds + 1):
        for fields in (3, 4):
            block = [_pair(path, number, line, fold, fields) for number, line in islice(rest, size)]
            kept += block[:per_fold]
    return kept


def _text(path: Path) -> str:
    """Return a file's text: UTF-8 or, as archives' names are taken, Latin-1."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _pair(path: Path, number: int, line: str, fold: int, fields: int) -> Pair:
    words = line.split("\t") if "\t" in line else line.split()
    words = [word.strip() for word in words]
    numbers = words[1::2] if fields == 4 else words[1:]
    if len(words) != fields or not all(word.isdecimal() for word in numbers):
        kind = "'name number number'" if fields == 3 else "'name number name number'"
        raise UserError(f"{path}: line {number} must be {kind}, but is {line!r}.")
    if fields == 3:
        return Pair(fold, (words[0], int(words[1])), (words[0], int(words[2])))
    return Pair(fold, (words[0], int(words[1])), (words[2], int(words[3])))
