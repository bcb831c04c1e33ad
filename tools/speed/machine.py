"""What a page says of the machine, and of the work that others did on it."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from textwrap import fill

LIBRARIES = ("torch", "torchvision", "open-clip-torch", "numpy", "faiss-cpu", "pillow", "snakemake")
#: A load of a machine with nothing else to do; above it, figures are of a busy one.
IDLE = 0.3


def lines(*, cores: int, load: float) -> str:
    """Return what the page says of machine and libraries, a list in Markdown."""
    told = f"load {load:.1f} before the run"
    if load > IDLE:
        told += ": **other work was on it**, so figures on all cores are too low"
    names = ", ".join(f"{name} {installed(name)}" for name in LIBRARIES)
    found = [f"* Machine: {cores} cores, {cpu()}; {told}", f"* Libraries: {names}"]
    return "".join(f"{fill(one, 100, subsequent_indent='  ')}\n" for one in found)


def installed(name: str) -> str:
    """Return the version of a library, or that it isn't there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not here)"


def cpu() -> str:
    """Return the name of the processor."""
    names = Path("/proc/cpuinfo")
    found = names.read_text().splitlines() if names.exists() else []
    model = next((line.split(": ")[1] for line in found if line.startswith("model name")), "")
    return model or platform.processor() or platform.machine()


def load() -> float:
    """Return how many processes wanted to run, on average over the last minute."""
    return os.getloadavg()[0]
