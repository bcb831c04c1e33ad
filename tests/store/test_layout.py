"""No entry of a registry can have a name that the workflow gives to something of its own."""

import inspect
import re
from itertools import combinations

import pytest

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
    """Yield the files that layout names, with wildcards."""
    for name, function in vars(layout).items():
        wanted = inspect.signature(function).parameters if inspect.isfunction(function) else {}
        known = KINDS.keys() | {"part", "protocol", "ending"}
        if name == "model":
            yield function("{model}")
        elif wanted and wanted.keys() <= known and name not in ("vectors", "downloads"):
            values = {key: f"{{{key}}}" for key in wanted if key != "ending"}
            yield function(**values)


def of_rules():
    """Yield the paths that are written in the rules, with wildcards."""
    for file in (ROOT / "rules").glob("*.smk"):
        for path in re.findall(rf'"((?:{"|".join(ROOTS)})/[^"\n]*)"', file.read_text()):
            path = path.replace("{job.name}", "job__1").replace("{job.part}", "0000")
            yield path.replace("{{", "{").replace("}}", "}")


def paths():
    found = {*of_layout(), *of_rules()}
    assert len(found) > 45 and "store/{dataset}/{crop}/{variant}/faces.parquet" in found
    assert "results/{study}/metrics.parquet" in found and "logs/weights/{model}.log" in found
    return sorted(found)


def taken(wildcard, value):
    """Return whether no entry can have this name."""
    kind = KINDS.get(wildcard)
    if kind is None:
        return False
    ends = tuple(f".{ending}" for ending in layout.EXTENSIONS)
    free = re.fullmatch(NAME, value) and not value.endswith(ends)
    return not free or value in layout.RESERVED[kind]


def could_be(segment, other):
    """Return whether a part of a path, with wildcards, can be one without."""
    names = re.findall(r"\{(\w+)\}", segment)
    values = re.fullmatch(re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(segment)), other)
    return bool(values) and not any(map(taken, names, values.groups()))


def collide(one, two):
    """Return whether two paths could be one file, or one a folder of the other."""
    for pair in zip(one.split("/"), two.split("/"), strict=False):
        plain, wild = sorted(pair, key=lambda segment: "{" in segment)
        if "{" not in wild:
            met = plain == wild
        elif "{" not in plain:
            met = could_be(wild, plain)
        else:  # the same wildcard or another: what stands around them must fit
            around = [re.split(r"\{.*\}", segment) for segment in pair]
            met = all(a.startswith(b) or b.startswith(a) for a, b in zip(*around, strict=True))
        if not met:
            return False
    return True


def test_nothing_that_a_run_makes_is_offered_to_git():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {f"/{root}/" for root in (*ROOTS, "work")} <= set(ignored)


def test_no_two_paths_can_be_one():
    assert [pair for pair in combinations(paths(), 2) if collide(*pair)] == []


@pytest.mark.parametrize("kind", layout.RESERVED)
def test_every_reserved_name_is_needed(monkeypatch, kind):
    names = layout.RESERVED[kind]
    # These are no folders: they say what a picture has not been through.
    needed = {"attacks": {layout.CLEAN}, "reencodings": {"none"}}.get(kind, set())
    for name in names:
        fewer = {**layout.RESERVED, kind: tuple(other for other in names if other != name)}
        monkeypatch.setattr(layout, "RESERVED", fewer)
        if any(collide(*pair) for pair in combinations(paths(), 2)):
            needed = needed | {name}
    assert needed == set(names)
