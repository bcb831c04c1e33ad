"""Which GPU a job has, on a machine with several: Snakemake counts GPUs and assigns none."""

import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

LOG = logging.getLogger("facebench")

#: What CUDA reads before it is first used.
ENV = "CUDA_VISIBLE_DEVICES"
#: Seconds between two looks for a device that is free.
LOOK = 0.5

_held: list[IO[str]] = []


def claim(many: int, folder: Path | None = None) -> None:
    """Let this process see one GPU that no other job has, or none if it asked for none.

    Call it before CUDA is used. The device is this process's until it ends, however it ends; while
    all are in use, it waits. Does nothing on a machine with one GPU or without, or where a
    scheduler has assigned one.

    many: GPUs that the job asked for, 0 or 1. folder: where the locks are; else one for this user
    and machine, so that runs in other folders don't take the same device.
    """
    devices = visible()
    if len(devices) < 2:
        return
    if not many:
        os.environ[ENV] = ""
        return
    folder = folder or Path(tempfile.gettempdir()) / f"facebench-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    device = _lock_one(devices, folder)
    if device is None:
        LOG.info("waiting for a GPU: all %d are in use", len(devices))
        while device is None:
            time.sleep(LOOK)
            device = _lock_one(devices, folder)
    os.environ[ENV] = device
    LOG.info("GPU %s of %s", device, ", ".join(devices))


def visible() -> list[str]:
    """Return the names of the GPUs that this process may use, as `CUDA_VISIBLE_DEVICES` has them.

    Without that variable they are what NVIDIA's own program lists.
    """
    if ENV in os.environ:
        return [name.strip() for name in os.environ[ENV].split(",") if name.strip()]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    listed = subprocess.run(  # noqa: S603 - the driver's own program
        [program, "--query-gpu=uuid", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout.split() if listed.returncode == 0 else []


def _lock_one(devices: list[str], folder: Path) -> str | None:
    """Return a device that nobody has, which is then this process's; None if all are in use."""
    for device in devices:
        file = open(folder / f"{device.replace('/', '_')}.lock", "a")  # noqa: SIM115 - held
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            _held.append(file)
            return device
    return None
