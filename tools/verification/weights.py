"""Whether weights and vectors are those that the records are of."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from facebench.errors import UserError
from facebench.models import FAMILIES, other_hashes
from facebench.store import layout
from facebench.store.keys import content_of_file
from facebench.store.records import file_sha256
from facebench.vectors.stored import rows_hash
from tools.verification.study import Mismatch, NotChecked, Study


def weights(study: Study) -> Iterator[Mismatch | NotChecked]:
    """Yield models whose files are gone or are no longer the recorded ones."""
    recorded = {
        (record["embed"].get("model"), json.dumps(hashes(record["embed"]), sort_keys=True))
        for record in study.records.values()
        if "embed" in record
    }
    for model, expected in sorted(recorded, key=str):
        path = layout.model(str(model))
        try:
            described = json.loads(Path(path).read_text(encoding="utf-8"))
            files = {what: Path(file) for what, file in described["files"].items()}
            family = described["family"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            yield Mismatch(path, "where the weights are", "none", f"Run again: {study.again}.")
            continue
        if FAMILIES[family].elsewhere:
            yield NotChecked(f"files of {model}", "its vectors were made elsewhere")
            continue
        found = found_hashes(family, files)
        for name, sha256 in json.loads(expected).items():
            if found.get(name, "nothing") != sha256:
                what = f"{model}, {name} ({files.get(name.removesuffix('_sha256'), path)})"
                remedy = f"Put the file back, or delete {path} and accept it: {study.again}."
                yield Mismatch(what, str(sha256), str(found.get(name, "nothing")), remedy)


def hashes(embed: dict[str, Any]) -> dict[str, Any]:
    """Return the hashes of files in the record of vectors.

    >>> hashes({"weights_sha256": "ab", "rows_sha256": "cd", "pixels_sha256": None, "dim": 2})
    {'weights_sha256': 'ab'}
    """
    found = {name: value for name, value in embed.items() if name.endswith("_sha256") and value}
    return {name: value for name, value in found.items() if name != "rows_sha256"}


def found_hashes(family: str, files: dict[str, Path]) -> dict[str, Any]:
    """Return the hashes of a model's files as they are now, of those that are there."""
    there = {what: path for what, path in files.items() if path.is_file()}
    own = {"weights_sha256": file_sha256(there["weights"])} if "weights" in there else {}
    try:
        return {**own, **other_hashes(family, there)}
    except (OSError, KeyError, UserError):
        return own


def vectors(study: Study) -> Iterator[Mismatch]:
    """Yield files of vectors that are not those that their table was written beside."""
    for dataset in study.datasets:
        for table in sorted(Path().glob(layout.metadata(dataset, "*", "*", "*", "*"))):
            name = table.stem.removeprefix("metadata_")
            rows = table.parents[1] / "img_emb" / f"img_emb_{name}.npy"
            try:
                expected = rows_hash(table)
            except (OSError, ValueError, UserError, pa.ArrowException):
                continue  # `changed_tables` names it
            if expected and (found := content_of_file(rows) or "nothing") != expected:
                remedy = f"Delete it: {study.again}."
                yield Mismatch(str(rows), f"sha256 {expected}", found, remedy)
