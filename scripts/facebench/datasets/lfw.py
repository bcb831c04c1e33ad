"""Labeled Faces in the Wild: the layout of the official archives, and `pairs.txt` of View 2."""

import re
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd

from facebench.datasets.listing import Listing, sentence_name
from facebench.datasets.lists import read_text, whole_number
from facebench.datasets.walk import files_in
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
        number = whole_number(match[2]) if match else None
        known = match is not None and number is not None and match[1] == file.parent.name
        if match and number is not None and known:
            paths.setdefault((match[1], number), path)
        rows.append((path, file.parent.name if known else None))
    pairs = None
    if "pairs" in files:
        listed = read_pairs(files["pairs"], pairs_per_fold)
        tops = {PurePosixPath(path).parent.parent for path in paths.values()}
        top = tops.pop() if len(tops) == 1 else PurePosixPath()
        for side in dict.fromkeys(side for pair in listed for side in (pair.a, pair.b)):
            if side not in paths:
                paths[side] = str(top / side[0] / f"{side[0]}_{side[1]:04d}.jpg")
                rows.append((paths[side], side[0]))
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
    lines = [line for line in read_text(path).splitlines() if line.strip()]
    header = [whole_number(word) for word in lines[0].split()] if lines else []
    if len(header) not in (1, 2) or not all(header):
        raise UserError(f"{path}: the first line must be like '10 300' (folds, pairs of a kind).")
    folds, size = [1, *(number or 0 for number in header)][-2:]
    if len(lines) - 1 != folds * size * 2:
        raise UserError(
            f"{path} should have {folds * size * 2:,} pairs by its first line ({folds} x {size}"
            f" matched and {size} mismatched), but has {len(lines) - 1:,}. Get the file again."
        )
    kept = []
    rest = iter(enumerate(lines[1:], 2))
    seen: dict[frozenset[tuple[str, int]], int] = {}
    for fold in range(1, folds + 1):
        for fields in (3, 4):
            block = []
            for number, line in islice(rest, size):
                pair = _pair(path, number, line, fold, fields)
                before = seen.setdefault(frozenset((pair.a, pair.b)), number)
                if before != number:
                    raise UserError(f"{path}: line {number} is the pair of line {before} again.")
                block.append(pair)
            kept += block[:per_fold]
    return kept


def _pair(path: Path, line: int, text: str, fold: int, fields: int) -> Pair:
    """Return the pair that a line of so many fields names."""
    words = [word.strip() for word in (text.split("\t") if "\t" in text else text.split())]
    numbers = [whole_number(word) for word in (words[1::2] if fields == 4 else words[1:])]
    if len(words) != fields or None in numbers or not all(words):
        kind = "'name number number'" if fields == 3 else "'name number name number'"
        raise UserError(f"{path}: line {line} must be {kind}, but is {text[:200]!r}.")
    first, second = (number or 0 for number in numbers)
    pair = Pair(fold, (words[0], first), (words[2] if fields == 4 else words[0], second))
    if pair.a == pair.b:
        raise UserError(f"{path}: line {line} pairs a picture with itself: {text!r}.")
    if fields == 4 and pair.a[0] == pair.b[0]:
        raise UserError(
            f"{path}: line {line} is among the pairs of two people, but names one: {text!r}."
        )
    return pair
