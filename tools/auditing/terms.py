"""The licences of data sets and models of the registries, and what they forbid."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.auditing.packages import UNKNOWN

TERMS = tomllib.loads(Path(__file__).with_name("terms.toml").read_text(encoding="utf-8"))


class Terms(NamedTuple):
    """The licence of a data set or model. kind: CycloneDX's word for what it is."""

    name: str
    licence: str
    forbids: str
    kind: str
    version: str


def datasets(config: Mapping[str, Any]) -> list[Terms]:
    """Return the terms of every data set of a configuration."""
    found = []
    for name, spec in config["datasets"].items():
        known = TERMS["readers"].get(spec["reader"], {})
        licence = known.get("licence", UNKNOWN)
        found.append(Terms(name, licence, known.get("forbids", UNKNOWN), "data", ""))
    return found


def models(config: Mapping[str, Any]) -> list[Terms]:
    """Return the terms of every model of a configuration; `revision` is its version."""
    return [
        Terms(name, *terms(spec), "machine-learning-model", str(spec.get("revision", "")))
        for name, spec in config["models"].items()
    ]


def terms(spec: Mapping[str, Any]) -> tuple[str, str]:
    """Return the licence of an entry's weights, and what it forbids.

    >>> terms({"family": "open_clip", "facts": {"licence": "mit"}})
    ('mit', 'leaving out its notice')
    >>> terms({"family": "timm", "repo": "a/b", "facts": {"licence": "see card"}})
    ('unknown: ask (https://huggingface.co/a/b)', 'unknown: ask')
    """
    licence = spec.get("facts", {}).get("licence")
    if licence is None and spec["family"] in ("pixels", "random"):
        licence = "none needed"
    forbids = TERMS["licences"].get(str(licence).lower())
    if forbids is not None:
        return str(licence), forbids
    card = f" (https://huggingface.co/{spec['repo']})" if "repo" in spec else ""
    said = "" if licence in (None, "see card") else f", {licence}"
    return f"{UNKNOWN}{said}{card}", UNKNOWN
