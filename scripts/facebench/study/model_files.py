"""The registry of models: the files in `models/`, a file a maker, under whatever a study says."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.places import PROGRAM
from facebench.study.config_files import read_yaml

FOLDER = PROGRAM / "models"


def files(folder: Path = FOLDER) -> list[Path]:
    """Return the files of the registry, in the order of their names."""
    return sorted(folder.glob("*.yaml"))


# Read once a process; not by Snakemake, whose parser of YAML takes five times as long.
@cache
def registry(folder: Path = FOLDER) -> Mapping[str, Mapping[str, Any]]:
    """Return the entries of all files by name; nobody may change them.

    Raises `UserError` for a name that is in two files, and for a file without a section `models`.
    """
    found: dict[str, Any] = {}
    places: dict[str, Path] = {}
    for file in files(folder):
        content = read_yaml(file)
        entries = content.get("models") if isinstance(content, Mapping) else None
        if not isinstance(entries, Mapping):
            raise UserError(f"{file} has no entries: put them into a section `models`.")
        for name, entry in entries.items():
            if name in found:
                raise UserError(f"The model {name} is in {places[name]} and in {file}: rename one.")
            found[name], places[name] = entry, file
    return found


def with_registry(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration whose `models` are laid over those of the registry.

    A section that is no mapping is left alone: the schema says so in words.
    """
    own = config.get("models", {})
    if not isinstance(own, Mapping):
        return dict(config)
    return {**config, "models": laid_over(registry(), own)}


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with another laid over it: mappings are merged, lists replaced.

    The mappings of the result are its own.

    >>> laid_over({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}})
    {'a': {'b': 1, 'c': [2]}}
    """
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = laid_over(merged[key], value) if both else value
    return {
        key: laid_over(value, {}) if isinstance(value, Mapping) else value
        for key, value in merged.items()
    }
