"""The libraries of the locks: version, licence, and what each is for."""

import re
import tomllib
from importlib.metadata import (
    Distribution,
    PackageMetadata,
    PackageNotFoundError,
    distribution,
)
from pathlib import Path
from typing import NamedTuple

UNKNOWN = "unknown: ask"
#: What everybody has, and what else one kind of index needs.
LOCKS = ("requirements.lock", "requirements-milvus.lock")


class Library(NamedTuple):
    """A library: `installed` here, or needed on other systems only."""

    name: str
    version: str
    licence: str
    purpose: str
    installed: bool


def libraries(root: Path) -> list[Library]:
    """Return the libraries that the locks name, in their order, each version once."""
    lines = "".join((root / name).read_text() for name in LOCKS)
    locked = [*dict.fromkeys(re.findall(r"^([\w.-]+)==([\w.+!-]+)", lines, re.MULTILINE))]
    reasons = purposes(root / "docs" / "design.md")
    groups = extras(root / "pyproject.toml")
    needed = needed_by([name for name, _ in locked])
    found = []
    for name, version in locked:
        words = reasons.get(name) or groups.get(name)
        purpose = words or f"needed by {', '.join(needed.get(name, [])) or 'no library here'}"
        licence, installed = about(name, version)
        found.append(Library(name, version, licence, purpose, installed))
    return found


def about(name: str, version: str) -> tuple[str, bool]:
    """Return the licence of an installed library, and whether this version of it is installed."""
    try:
        known = distribution(name)
    except PackageNotFoundError:
        return f"{UNKNOWN} (not installed here)", False
    if known.version != version:
        return f"{UNKNOWN} (version {known.version} is installed here)", False
    said = licence(known.metadata)
    return (said if said != UNKNOWN else in_file(known)), True


def licence(metadata: PackageMetadata) -> str:
    """Return the licence that a library's metadata names: an expression, a name, or classifiers."""
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    listed = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    classified = ", ".join(one.rpartition(" :: ")[2] for one in listed)
    named = (metadata.get("License") or "").strip()
    # Some put the whole text there.
    short = named if len(named) <= 60 and "\n" not in named and named != "UNKNOWN" else ""
    return short or classified or UNKNOWN


def in_file(library: Distribution) -> str:
    """Return the title of a library's licence file, where its metadata name no licence."""
    for path in library.files or []:
        if path.name.lower().startswith("licen") and path.locate().is_file():
            return next(
                (line.strip() for line in path.read_text().splitlines() if line.strip()), ""
            )
    return UNKNOWN


def purposes(design: Path) -> dict[str, str]:
    """Return what libraries are for, from the table of those that facebench stands on."""
    text = design.read_text(encoding="utf-8").partition("## What it stands on")[2]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    return {plain(name): words for names, words in rows for name in names.split(", ")}


def extras(project: Path) -> dict[str, str]:
    """Return what those libraries are for that only a group of dependencies names."""
    listed = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    groups = listed.get("optional-dependencies", {})
    return {
        plain(line.partition("==")[0]): group for group, lines in groups.items() for line in lines
    }


def needed_by(names: list[str]) -> dict[str, list[str]]:
    """Return which of these libraries need each of them."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        try:
            lines = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        for line in lines:
            match = re.match(r"[\w.-]+", line)
            if match and "extra ==" not in line:
                users = found.setdefault(plain(match[0]), [])
                users += [name] if name not in users else []
    return found


def plain(name: str) -> str:
    """Return the name of a library as requirements.lock spells it.

    >>> plain("Open_CLIP.torch")
    'open-clip-torch'
    """
    return re.sub(r"[-_.]+", "-", name).lower()
