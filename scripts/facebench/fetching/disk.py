"""How much of a disk may be filled."""

import shutil
from pathlib import Path

#: What is always left free: a fiftieth of the disk, at most this many bytes.
MARGIN = 10**9


def room(folder: str | Path) -> int:
    """Return how many bytes may still be written to the disk of a folder."""
    usage = shutil.disk_usage(folder)
    return max(0, usage.free - min(MARGIN, usage.total // 50))
