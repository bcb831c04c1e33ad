"""The default configuration: the options that protocols, attacks and indices have unless told."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def defaults() -> dict[str, Any]:
    """Return config.yaml with the schema's defaults filled in."""
    if str(ROOT / "scripts") not in sys.path:
        sys.path.insert(0, str(ROOT / "scripts"))
    from facebench.study.config import checked
    from facebench.study.config_files import read_yaml

    return checked(read_yaml(ROOT / "config.yaml"), ROOT / "rules" / "schema")
