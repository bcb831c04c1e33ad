"""No entry of a registry can have a name that the workflow gives to something of its own."""

import inspect
import re
from itertools import combinations

from facebench.store import layout
from facebench.study.config import NAME
from tests.toys.workflow import ROOT

#: A wildcard -> the registry of its names.
KINDS = {
    "dataset": "datasets", "crop": "crops", "model": "models", "attack": "attacks",
    "variant": "attacks", "reencoding": "reencodings", "study": "study",
}  # fmt: skip
ROOTS = ("data", "store", "results", "trained", "logs", "benchmarks")


def of_layout():
    """Yield the paths that layout names, with wildcards."""
    for name, function in vars(layout).items():
        if inspect.isfunction(function) and function.__annotations__.get("return") is str:
            wanted = inspect.signature(function).parameters
            values = {key: f"{{{key}}}" for key in wanted}
            if name == "model":
                values = {"name": "{model}"}
            yield function(**values)


def of_rules():
    """Yield the paths that are written in the rules, with wildcards."""
    for file in (ROOT / "rules").glob("*.smk"):
        for path in re.findall(rf'"((?:{"|".join(ROOTS)})/[^"\n]*)"', file.read_text()):
            yield re.sub(r"\{(\w+\.name|)\}", "{job}", path.replace("{{", "{").replace("}}", "}"))


def paths():
    found = {*of_layout(), *of_rules()}
    assert len(found) > 45 and "store/{dataset}/{crop}/{variant}/faces.parquet" in found
    assert "results/{study}/metrics.parquet" in found and "logs/weights/{model}.log" in found
    return sorted(found)


def taken(wildcard, value):
    """Return whether no entry can have this name."""
    kind = KINDS.get(wildcard)
    if kind is None or not re.fullmatch(NAME, value):
        return kind is not None
    return value in layout.RESERVED[kind] or value.endswith(
        tuple(f".{ending}" for ending in layout.EXTENSIONS)
    )


def could_be(segment, other):
    """Return whether a part of a path, with wildcards, can be the part of another, without."""
    names = re.findall(r"\{(\w+)\}", segment)
    pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(segment))
    values = re.fullmatch(pattern, other)
    return bool(values) and not any(map(taken, names, values.groups()))


def collide(one, two):
    """Return whether two paths could be one file, or one a folder of the other."""
    for ours, theirs in zip(one.split("/"), two.split("/"), strict=False):
        if "{" not in ours and "{" not in theirs and ours != theirs:
            return False
        if "{" not in theirs and "{" in ours and not could_be(ours, theirs):
            return False
        if "{" not in ours and "{" in theirs and not could_be(theirs, ours):
            return False
        if "{" in ours and "{" in theirs and ours != theirs:
            ends = [re.sub(r".*\}", "", part) for part in (ours, theirs)]
            starts = [re.sub(r"\{.*", "", part) for part in (ours, theirs)]
            if any(a and b and a != b for a, b in (ends, starts)):
                return False
    return True


def test_no_two_paths_can_be_one():
    met = [pair for pair in combinations(paths(), 2) if collide(*pair)]
    # A crop's variants are clean, attacked, or saved again: one rule each writes them.
    met = [pair for pair in met if not all("{dataset}" in p and "{crop}" in p for p in pair)]
    assert met == []


def test_every_reserved_name_is_one(monkeypatch):
    needed = {kind: set() for kind in layout.RESERVED}
    for kind, names in layout.RESERVED.items():
        for name in names:
            fewer = {**layout.RESERVED, kind: tuple(n for n in names if n != name)}
            monkeypatch.setattr(layout, "RESERVED", fewer)
            if any(collide(*pair) for pair in combinations(paths(), 2)):
                needed[kind].add(name)
    # `none` is no folder: it says that a picture is not saved again.
    assert needed["datasets"] == {"models"} and needed["crops"] == {"names"}
