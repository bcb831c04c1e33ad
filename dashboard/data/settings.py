"""What the configuration says of the dashboard: are faces shown, which pictures are one's own."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dashboard.data.files import Missing
from dashboard.data.freshness import Stamp, look

CHECKOUT = Path(__file__).parent.parent.parent


def dashboard() -> dict[str, Any]:
    """Return the section `dashboard` of config.yaml, overlaid by that of `FACEBENCH_STUDY`."""
    merged: dict[str, Any] = {}
    for path in (CHECKOUT / "config.yaml", os.environ.get("FACEBENCH_STUDY")):
        if path:
            if (stamp := look(Path(path))) is None:
                raise Missing(f"There is no configuration {path}.", "")  # it may say "blurred"
            merged |= _section(Path(path), stamp)
    return merged


# Asked for every picture that is shown, and slow to parse.
@lru_cache(maxsize=8)
def _section(path: Path, version: Stamp) -> dict[str, Any]:
    try:
        return dict((yaml.safe_load(path.read_text()) or {}).get("dashboard") or {})
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise Missing(f"The section `dashboard` of {path.name} can't be read.", "") from error


def blurred() -> bool:
    """Return whether faces must not be recognisable: so unless it is said that they are shown."""
    chosen = os.environ.get("FACEBENCH_FACES") or dashboard().get("faces", "shown")
    return chosen != "shown"


def own() -> list[str]:
    """Return the data sets that the user says are photographs of their own."""
    return list(dashboard().get("own") or [])
