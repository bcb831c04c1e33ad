"""Where Milvus holds the vectors of a folder, and under which name."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facebench.indexes.faiss_files import blocks
from facebench.vectors.stored import StoredVectors

ADDRESS = re.compile(r"(https?|tcp)://", re.IGNORECASE)


def stem_of(folder: Path, prefix: str) -> str:
    """Return what the collections of a folder are called, without what they hold.

    The words are for people; the digits are of the whole path, so that no two folders share one.
    """
    words = re.sub(r"\W+", "_", "_".join(folder.absolute().parts[-5:-1]), flags=re.ASCII)
    digits = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    return f"{prefix}_{words[:120]}_{digits}"


def content_of(vectors: StoredVectors, *settings: Any) -> str:
    """Return 16 hexadecimal digits of the rows and of how they are stored."""
    digest = hashlib.sha256(json.dumps([vectors.shape, *settings], sort_keys=True).encode())
    for rows in blocks(vectors, 0, len(vectors)):
        digest.update(rows.data)
    return digest.hexdigest()[:16]


def uri_of(uri: str, folder: Path, stem: str) -> str:
    """Return what is written of an address, or of a folder for databases.

    One that is relative is written as seen from the index, so that a study can be moved. A database
    has the collections of one index, because a process that opens one shuts all others out.
    """
    if ADDRESS.match(uri) or Path(uri).is_absolute():
        return uri if ADDRESS.match(uri) else str(Path(uri, f"{stem}.db"))
    return os.path.relpath(Path(uri, f"{stem}.db").resolve(), folder.resolve())


def place_of(folder: Path, settings: Mapping[str, Any]) -> str | Path:
    """Return the address of the server, or the path of the database, of an index."""
    uri = settings["uri"]
    return uri if ADDRESS.match(uri) else Path(os.path.normpath(folder.resolve() / uri))
