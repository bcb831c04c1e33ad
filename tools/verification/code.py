"""Whether the code is that which the records name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from facebench.errors import UserError
from facebench.evaluation import PROTOCOLS
from facebench.store.tables import read_record
from facebench.study.code_hash import SCRIPTS as FOLDER
from facebench.study.code_hash import library
from tools.verification.study import Mismatch, Study

#: Step of a record -> the script, or module, whose hash it holds.
SCRIPTS = {
    "data": "list_images.py",
    "landmarks": "landmarks.py",
    "faces": "crop.py",
    "attack": "attack.py",
    "reencode": "reencode.py",
    "embed": "embed.py",
    "embed_text": "embed.py",
    "poison": "poison.py",
    "typographic": "poison.py",
    "hub_pictures": "poison.py",
    "hub_pictures_by_name": "poison.py",
    "compare": "compare.py",
    "poison_across": "poison_across.py",
    "my_cloaks": "my_cloaks.py",
    "fuse": "fuse.py",
    "fusions": "fusions.py",
    **{name: f"facebench/evaluation/{name}.py" for name in PROTOCOLS},
}


def sources(study: Study) -> Iterator[Mismatch]:
    """Yield steps whose code is not the one that their records name."""
    recorded: dict[tuple[str, str], str] = {}
    for record in [*study.records.values(), *map(_record, study.tables)]:
        for step, known in steps(record):
            made = known.get("code")
            if isinstance(made, dict) and step in SCRIPTS:
                recorded[step, str(made.get("sources"))] = str(made.get("commit", "unknown"))
    for (step, expected), commit in sorted(recorded.items()):
        script = SCRIPTS[step]
        found = library(script) if (FOLDER / script).exists() else "none"
        if found != expected:
            remedy = f"Run again: {study.again}; or take the code of then: git checkout {commit}."
            yield Mismatch(f"code of {step} (scripts/{script})", expected, found, remedy)


def steps(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the steps of a record: of a fusion's vectors, those of both models and their fusion.

    >>> fused = {"embed": {"family": "fusion", "parts": [{"dim": 2}, {"dim": 3}]}}
    >>> [step for step, _ in steps({"data": {}, **fused})]
    ['data', 'embed', 'embed', 'fuse']
    """
    for step, known in record.items():
        if not isinstance(known, dict):
            continue
        if step == "embed" and known.get("family") == "fusion":
            parts = known.get("parts")
            some = parts if isinstance(parts, list) else []
            yield from (("embed", part) for part in some if isinstance(part, dict))
            yield "fuse", known
        else:
            yield step, known


def _record(path: Path) -> dict[str, Any]:
    try:
        return read_record(path)
    except (OSError, ValueError, UserError, pa.ArrowException):
        return {}
