"""Machine code from numba: free of the interpreter's lock, cached on disk, always the same bits.

No fastmath: every operation rounds as IEEE says, so neither the number of threads nor the width
of the processor's vectors shows in a picture.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numba

PEOPLE = Path(__file__).parents[1]
#: The sources and their data; not what compiling them writes beside them.
FILES = [path.read_bytes() for kind in ("*.py", "*.toml") for path in sorted(PEOPLE.rglob(kind))]
COMPILED = (b"@kernel", b"@inlined", b"NamedTuple")


def stamp(files: Iterable[bytes]) -> str:
    """A hash of files' contents."""
    return hashlib.sha256(b"".join(files)).hexdigest()


SOURCES = stamp(FILES)
KERNELS = stamp(text for text in FILES if any(mark in text for mark in COMPILED))


def kernel(function: Callable) -> Any:
    """`function` compiled at its first call; kept on disk until a file with kernels changes.

    numba itself looks only at the file of the outermost function, and ours call across files.
    """
    compiled = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    if hasattr(compiled, "_cache"):
        compiled._cache._cache_file._source_stamp = KERNELS
    return compiled


def inlined(function: Callable) -> Any:
    """`function` for use inside kernels, always merged into their loops so that these vectorise."""
    return numba.njit(nogil=True, forceinline=True, error_model="numpy")(function)
