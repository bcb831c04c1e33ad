"""Settings from the configuration: whether faces are shown, one's own pictures, the detector."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dashboard.data.freshness import Stamp, track
from dashboard.data.missing import Missing

CHECKOUT = Path(__file__).parents[2]
SCHEMA = CHECKOUT / "rules" / "schema" / "sections"


def section(name: str) -> dict[str, Any]:
    """Return a section of config.yaml, overlaid by that of `FACEBENCH_STUDY`."""
    merged: dict[str, Any] = {}
    for path in (CHECKOUT / "config.yaml", os.environ.get("FACEBENCH_STUDY")):
        if path:
            if (stamp := track(Path(path))) is None:
                raise Missing(f"There is no configuration {path}.", "")  # it may say "blurred"
            merged |= _section(Path(path), stamp, name)
    return merged


# Read for every picture that is shown, and slow to parse.
@lru_cache(maxsize=8)
def _section(path: Path, version: Stamp, name: str) -> dict[str, Any]:
    try:
        return dict((yaml.safe_load(path.read_text()) or {}).get(name) or {})
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise Missing(f"The section `{name}` of {path.name} can't be read.", "") from error


def blurred() -> bool:
    """Return whether faces are blurred: they are unless the setting says `shown`."""
    chosen = os.environ.get("FACEBENCH_FACES") or section("dashboard").get("faces", "shown")
    return chosen != "shown"


def own() -> list[str]:
    """Return the data sets that the user declares to be photographs of their own."""
    return list(section("dashboard").get("own") or [])


def landmarks() -> dict[str, Any]:
    """Return how faces are found in photographs: the configuration, over the schema's defaults."""
    properties = yaml.safe_load((SCHEMA / "landmarks.yaml").read_text())["properties"]
    return {key: known["default"] for key, known in properties.items()} | section("landmarks")
