"""What the configuration says of the dashboard: are faces shown, which pictures are one's own."""

import os
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parent.parent.parent


def dashboard() -> dict[str, Any]:
    """Return the section `dashboard` of config.yaml, overlaid by that of `FACEBENCH_STUDY`."""
    merged: dict[str, Any] = {}
    for path in (CHECKOUT / "config.yaml", os.environ.get("FACEBENCH_STUDY")):
        if path and Path(path).is_file():
            merged |= (yaml.safe_load(Path(path).read_text()) or {}).get("dashboard") or {}
    return merged


def blurred() -> bool:
    """Return whether faces must not be recognisable: so unless it is said that they are shown."""
    chosen = os.environ.get("FACEBENCH_FACES") or dashboard().get("faces", "shown")
    return chosen != "shown"


def own() -> list[str]:
    """Return the data sets that the user says are photographs of their own."""
    return list(dashboard().get("own") or [])
