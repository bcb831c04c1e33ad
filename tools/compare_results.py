"""Compare two trees of results number by number: did a change of the code move any?

    .venv/bin/python -m tools.compare_results OLD NEW [--allow FILE]

OLD and NEW are results/<study>, whose vectors are in the store/ beside results/; or `results` as it
was when both were one tree. That a rebuild leaves the numbers alone is checked on one machine, with
the code of before in a worktree and the same --cores for both:

    git worktree add /tmp/before main && ln -s $PWD/.venv /tmp/before/.venv
    (cd /tmp/before && .venv/bin/snakemake --cores all --directory /tmp/old)
    .venv/bin/snakemake --cores all --directory /tmp/new
    .venv/bin/python -m tools.compare_results /tmp/old/results/default /tmp/new/results/default

Both folders are new, so that nothing is taken over from an earlier run. The program ends with 1 if
anything differs, be it the last digit, or is in one tree alone. FILE says what may differ, a line
each: a pattern of rows as they are printed here, ` # ` and the reason
(`metrics/*/name/rank/* # Ties now share a rank.`).
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.store.tables import read_table

#: What tells the rows of a table apart, where it has these columns; all others are compared.
KEYS = [
    "dataset", "crop", "variant", "model", "model_a", "model_b", "protocol", "metric", "at",
    "threat", "attack", "kind", "fraction", "reencode", "surrogates", "victim", "classifier",
    "group", "half", "fold", "identity", "entries", "image_id", "image_id_a", "image_id_b",
    "template", "name",
]  # fmt: skip
#: The tables of a whole study.
POISON = ["poison-effects", "poison-groups", "poison-transfer", "poison-votes"]
STUDY = ["metrics", "comparisons", *POISON]
#: Where outcomes are: now, and in the tree of before.
OUTCOMES = (
    re.compile(r"([^/]+)/([^/]+)/(?:clean/)?([^/]+)/outcomes/(\w+)\.parquet"),
    re.compile(r"([^/]+)/([^/]+)/poison/(?:\w+/)?([^/]+)-outcomes\.parquet"),
)
#: What folders of experiments were called before.
FOLDERS = {"names": "typographic", "poison": "poison"}
#: Column -> what its values were called before.
RENAMED = {
    "protocol": {"written": "typographic"},
    "threat": {"written": "typographic"},
    "kind": {"files": "ready-made"},
}


class Found(NamedTuple):
    """What comparing two tables found; rows that aren't equal by name, with what differs."""

    both: int
    equal: int
    old: list[str]
    new: list[str]
    differing: dict[str, str]
    largest: float


def tables(tree: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a tree by name: of the study, outcomes by protocol, vectors, names."""
    found: dict[str, list[pd.DataFrame]] = {}
    for name in STUDY:
        if (tree / f"{name}.parquet").exists():
            found[name] = [read_table(tree / f"{name}.parquet")]
    for name, table in outcomes(tree):
        found.setdefault(name, []).append(table)
    store = tree if any(tree.glob("*/*/*/*/img_emb")) else tree.absolute().parents[1] / "store"
    for folder in sorted(store.glob("*/*/*/*/img_emb")):
        found.setdefault("vectors", []).append(vectors(folder.parent))
    for path in sorted(store.glob("*/names/*.npz")):
        found.setdefault("names", []).append(names(path))
    return {name: pd.concat(parts).replace(RENAMED) for name, parts in found.items()}


def outcomes(tree: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield (outcomes-<protocol>, what happened to a model's searches or pairs)."""
    for path in sorted(tree.rglob("*.parquet")):
        place = path.relative_to(tree).as_posix()
        if match := next(filter(None, (pattern.fullmatch(place) for pattern in OUTCOMES)), None):
            dataset, crop, model, *protocol = match.groups()
            where = {"dataset": dataset, "crop": crop, "model": model}
            name = protocol[0] if protocol else FOLDERS[path.parent.name]
            yield f"outcomes-{name}", read_table(path).assign(**where)


def vectors(folder: Path) -> pd.DataFrame:
    """Return the rows of some faces under a model, whose they are, and which comes where."""
    rows = [np.load(path) for path in sorted(folder.glob("img_emb/*.npy"))]
    people = [read_table(path) for path in sorted(folder.glob("metadata/*.parquet"))]
    where = dict(zip(("dataset", "crop", "variant", "model"), folder.parts[-4:], strict=True))
    table = pd.concat(people, ignore_index=True).assign(**where)
    return table.assign(place=range(len(table)), row=list(np.concatenate(rows)))


def names(path: Path) -> pd.DataFrame:
    """Return the rows of a data set's names under a model, in every template."""
    with np.load(path, allow_pickle=False) as file:
        parts = [
            {"template": template, "name": file["names"], "pool": file["pool"]}
            | {"place": range(len(rows)), "row": list(rows)}
            for template, rows in zip(file["templates"], file["embeddings"], strict=True)
        ]
    table = pd.concat(map(pd.DataFrame, parts))
    return table.assign(dataset=path.parts[-3], model=path.stem)


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's values by the names of its rows: what tells them apart, and a count."""
    keys = [key for key in KEYS if key in table]
    if "group" in keys:  # `value` is one of people there, and no number.
        keys.append("value")
    name = table[keys[0]].astype(str).str.cat([table[key].astype(str) for key in keys[1:]], "/")
    again = name.groupby(name.to_numpy()).cumcount()
    name = name.where(again == 0, name + "/" + again.astype(str))
    return table.drop(columns=[*keys, "record"], errors="ignore").set_axis(name, axis=0)


def compare(old: pd.DataFrame, new: pd.DataFrame) -> Found:
    """Return what differs between two tables, whatever the order of their rows and columns."""
    one, other = named(old.reset_index(drop=True)), named(new.reset_index(drop=True))
    both = one.index.intersection(other.index, sort=False)
    alone = [list(a.index.difference(b.index)) for a, b in ((one, other), (other, one))]
    one, other, largest, differing = one.loc[both], other.loc[both], 0.0, dict[str, str]()
    for column in [name for name in one if name in other]:
        for at in np.flatnonzero(~same(one[column], other[column])):
            before, after = one[column].iloc[at], other[column].iloc[at]
            largest = max(largest, distance(before, after))
            text = f"{column} {short(before)} -> {short(after)}"
            differing[both[at]] = "; ".join(filter(None, [differing.get(both[at]), text]))
    unchanged = len(both) - len(differing)
    for column in sorted(set(one) ^ set(other)):
        differing[f"column {column}"] = "is in one table alone"
    return Found(len(both), unchanged, *alone, differing, largest)


def same(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Return where two columns are equal to the last digit; what is missing equals itself.

    >>> same(pd.Series([1, None, np.ones(2)]), pd.Series([1.0, np.nan, np.ones(3)])).tolist()
    [True, True, False]
    """
    one, other = (column.astype(object).where(column.notna(), None) for column in (before, after))
    return np.array([equal(a, b) for a, b in zip(one, other, strict=True)], bool)


def equal(a: Any, b: Any) -> bool:
    """Return whether two values, or two lists of them, are equal to the last digit."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray) and a == b


def distance(before: object, after: object) -> float:
    """Return the largest difference of two numbers, or lists of them; 0 where there is none."""
    try:
        with np.errstate(invalid="ignore"):  # inf - inf
            apart = np.ravel(np.asarray(before, float) - np.asarray(after, float))
    except (TypeError, ValueError):  # no numbers, or lists of different lengths
        return 0.0
    return float(np.max(np.abs(apart[~np.isnan(apart)]), initial=0.0))


def short(value: object) -> str:
    """Return a value as it is shown."""
    value = value.item() if isinstance(value, np.generic) else value
    text = np.array2string(value, threshold=4) if isinstance(value, np.ndarray) else repr(value)
    return text.replace("\n", "")[:60]


def excuses(path: str | None) -> dict[str, str]:
    """Read a file of allowed differences; return {pattern: reason}."""
    lines = Path(path).read_text().splitlines() if path else []
    parts = [line.partition(" # ") for line in lines if line.strip() and line[0] != "#"]
    for pattern, _, reason in parts:
        if not reason.strip():
            raise SystemExit(f"{path}: say after ' # ' why {pattern.strip()} may differ.")
    return {pattern.strip(): reason.strip() for pattern, _, reason in parts}


def main(old: str, new: str, allow: str | None = None) -> int:
    """Print what differs, table by table; return 1 if any of it is not excused."""
    mine, theirs = tables(Path(old)), tables(Path(new))
    if not mine or not theirs:
        raise SystemExit(f"{new if mine else old} holds no results.")
    reasons, used, wrong = excuses(allow), Counter[str](), 0
    for table in dict.fromkeys([*mine, *theirs]):
        nothing = mine.get(table, theirs.get(table))[:0]
        found = compare(mine.get(table, nothing), theirs.get(table, nothing))
        print(
            f"{table}: {found.both} rows in both, {found.equal} equal to the last digit,"
            f" {len(found.differing)} differ (by {found.largest:.3g} at most),"
            f" {len(found.old)} only in the old, {len(found.new)} only in the new"
        )
        for what, rows in (
            ("differ", found.differing),
            ("only in the old", dict.fromkeys(found.old, "")),
            ("only in the new", dict.fromkeys(found.new, "")),
        ):
            left = []
            for row in rows:
                for pattern in [p for p in reasons if fnmatchcase(f"{table}/{row}", p)][:1]:
                    used[pattern] += 1
                    break
                else:
                    left.append(row)
            if left:
                print(f"  {what}: {len(left)} rows, such as {table}/{left[0]} {rows[left[0]]}")
            wrong += len(left)
    for pattern, reason in reasons.items():
        print(f"excused by {pattern}: {used[pattern]} rows. {reason}")
    print(f"{wrong} rows differ." if wrong else "Nothing differs that is not excused.")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", help="results/<study>, or results of the tree that had no store/")
    parser.add_argument("new", help="the same study after the change")
    parser.add_argument("--allow", metavar="FILE", help="what may differ, and why, a line each")
    raise SystemExit(main(**vars(parser.parse_args())))
