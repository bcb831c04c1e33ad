"""Whether names and templates are those that text vectors were made of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from facebench.errors import UserError
from facebench.places import local
from facebench.store import layout
from facebench.vectors.names import candidates, prompts_hash
from tools.verification.study import Mismatch, Study


def prompts(study: Study) -> Iterator[Mismatch]:
    """Yield prompts that differ: in the record, in the text vectors, or in the configuration."""
    seen = set()
    for record in study.records.values():
        text, dataset = record.get("embed_text"), record.get("data", {}).get("dataset")
        if text and (place := (dataset, text.get("model"))) not in seen:
            seen.add(place)
            yield from _differing(study, dataset, text)


def _differing(study: Study, dataset: str, text: dict[str, Any]) -> Iterator[Mismatch]:
    expected, templates = text.get("prompts_sha256", ""), text.get("templates", [])
    again = f"Run again: {study.again}."
    stored = layout.names(dataset, text["model"])
    if (found := stored_hash(Path(stored))) != expected:
        yield Mismatch(f"prompts in {stored}", expected, found, f"Delete it. {again}")
    try:
        counts = text["names"]
        spec = (study.config or {}).get("models", {}).get(text["model"], {})
        read = local(spec["names_read"]) if counts["read"] else ""
        most = counts["people"] + max(counts["invented"], counts["read"])
        found = prompts_hash(candidates(layout.images(dataset), most, read).all, templates)
    except (OSError, ValueError, KeyError, TypeError, UserError, pa.ArrowException):
        found = "no list of names"
    if found != expected:
        what = f"names of {dataset} in the recorded templates of {text['model']}"
        yield Mismatch(what, expected, found, again)
    asked = (study.config or {}).get("name", {}).get("templates", templates)
    for lacking in [one for one in templates if one not in asked]:
        yield Mismatch("name.templates of the configuration", f'"{lacking}"', "none such", again)
    for new in [one for one in asked if one not in templates]:
        yield Mismatch("name.templates of the configuration", "none such", f'"{new}"', again)


def stored_hash(path: Path) -> str:
    """Return the hash of the prompts that a file of text vectors holds."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return prompts_hash(file["names"].tolist(), file["templates"].tolist())
    except (OSError, ValueError, KeyError):
        return "nothing that can be read"
