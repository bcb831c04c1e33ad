"""What a file was made from, so that a step with many outputs makes only those that are new.

A Parquet file carries two texts beside its record: `content`, a hash of its rows, and `key`, a
hash of all that the file depends on. A step computes the key of each of its
outputs and keeps those files that already have it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facebench.store.damage import NONSENSE, undamaged

CONTENT, KEY = b"facebench.content", b"facebench.key"


def key_of(**parts: Any) -> str:
    """Return the key of a file that depends on `parts`: 24 hexadecimal digits.

    >>> key_of(crop="tight", size=96) == key_of(size=96, crop="tight") != key_of(crop="full")
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def content_of(table: pa.Table) -> str:
    """Return a hash of the columns and rows of a table, whatever its record."""
    digest = hashlib.sha256()
    sink = pa.BufferOutputStream()
    plain = table.replace_schema_metadata(None).combine_chunks()
    with pa.ipc.new_stream(sink, plain.schema) as writer:
        writer.write_table(plain)
    digest.update(sink.getvalue())
    return digest.hexdigest()[:24]


def read_content(path: str | Path) -> str:
    """Return the hash of the rows of a table that facebench wrote; "" for any other table."""
    with undamaged(path):
        return _text(path, CONTENT)


def read_key(path: str | Path) -> str:
    """Return the key of a table; "" without one, and for a file that can't be read."""
    try:
        return _text(path, KEY)
    except (OSError, *NONSENSE):
        return ""


def _text(path: str | Path, name: bytes) -> str:
    return (pq.read_metadata(path).metadata or {}).get(name, b"").decode()


def content_of_file(path: str | Path) -> str:
    """Return the sha256 of a file; "" where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
