"""The configuration of the study on show: what it asks for, and settings of the dashboard.

config.yaml, with the file of `FACEBENCH_STUDY` laid over it, and that of the study on show.
"""

import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dashboard.data import places
from dashboard.data.freshness import Stamp, track
from dashboard.data.missing import Missing

CHECKOUT = Path(__file__).parents[2]
SCHEMA = CHECKOUT / "rules" / "schema"


def study_file() -> Path | None:
    """Return the configuration file of the study on show; None if it has none or it isn't known."""
    name, given = places.study(), os.environ.get("FACEBENCH_STUDY")
    named = [
        folder / f"{name}.yaml" for folder in (CHECKOUT / "studies", places.root() / "studies")
    ]
    for path in [*([Path(given)] if given else []), *named]:
        if track(path) is not None and _name(path) == name:
            return path
    return None


def _name(path: Path) -> str:
    """Return the name of the study that a file configures."""
    try:
        return str(_parsed(path, track(path)).get("study") or path.stem.lower())
    except Missing:
        return path.stem.lower()


def files() -> list[Path]:
    """Return the files of the configuration, each laid over those before it."""
    given, own = os.environ.get("FACEBENCH_STUDY"), study_file()
    paths = [CHECKOUT / "config.yaml", *([Path(given)] if given else []), *([own] if own else [])]
    for path in paths:
        if track(path) is None:
            raise Missing(f"There is no configuration {path}.", "")  # it may say "blurred"
    return list(dict.fromkeys(paths))


def section(name: str) -> dict[str, Any]:
    """Return a section of the configuration."""
    merged: dict[str, Any] = {}
    for path in files():
        try:
            merged |= dict(_parsed(path, track(path)).get(name) or {})
        except (TypeError, ValueError) as error:
            raise Missing(f"The section `{name}` of {path.name} can't be read.", "") from error
    return merged


def whole() -> dict[str, Any] | None:
    """Return the configuration of the study on show, as the workflow lays the files over another.

    None where the study's file isn't known.
    """
    own = study_file()
    if own is None and places.study() != places.DEFAULT:
        return None
    return of_file(own)


def attacks() -> dict[str, Any]:
    """Return the attacks that the study on show asks for, by name; empty where that isn't known."""
    try:
        config = whole() or {}
        known, wanted = config.get("attacks") or {}, (config.get("evaluate") or {}).get("attacks")
        return {name: dict(known.get(name) or {}) for name in wanted or []}
    except (Missing, AttributeError, TypeError, ValueError):
        return {}


def on_photographs(names: Iterable[str]) -> list[str]:
    """Return which of the study's attacks change whole photographs."""
    known = attacks()
    return [name for name in names if known.get(name, {}).get("photographs")]


def of_study(name: str) -> dict[str, Any]:
    """Return the configuration of the default study, or of one in `studies/`."""
    return of_file(None if name == places.DEFAULT else CHECKOUT / "studies" / f"{name}.yaml")


def of_file(own: Path | None) -> dict[str, Any]:
    """Return config.yaml, with a study's file laid over it."""
    merged = deepcopy(_parsed(CHECKOUT / "config.yaml", track(CHECKOUT / "config.yaml")))
    return _laid_over(merged, _parsed(own, track(own)) if own else {})


def _laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two configurations as one: mappings are merged, all else is replaced."""
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(below.get(key), dict):
            _laid_over(below[key], value)
        else:
            below[key] = deepcopy(value)
    return below


# Read for every picture that is shown, and slow to parse.
@lru_cache(maxsize=8)
def _parsed(path: Path, version: Stamp | None) -> dict[str, Any]:
    try:
        return dict(yaml.safe_load(path.read_text()) or {})
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise Missing(f"{path.name} can't be read.", "") from error


def blurred() -> bool:
    """Return whether faces are blurred: they are unless the setting says `shown`."""
    chosen = os.environ.get("FACEBENCH_FACES") or section("dashboard").get("faces", "shown")
    return chosen != "shown"


def own() -> list[str]:
    """Return the data sets that the user declares to be photographs of their own."""
    return list(section("dashboard").get("own") or [])


def landmarks() -> dict[str, Any]:
    """Return how faces are found in photographs: the configuration, over the schema's defaults."""
    properties = yaml.safe_load((SCHEMA / "sections" / "landmarks.yaml").read_text())["properties"]
    return {key: known["default"] for key, known in properties.items()} | section("landmarks")
