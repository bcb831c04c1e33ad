"""What the study cost: Snakemake's benchmark files, one a job."""

import pandas as pd
import streamlit as st

from dashboard.data import files
from dashboard.data.files import Missing
from dashboard.data.freshness import Stamp, look

#: Step -> the parts of a benchmark file's path after it.
PATHS = {
    "embed": ("dataset", "crop", "variant", "model"),
    "embed_text": ("dataset", "model"),
    "crop": ("dataset", "crop"),
    "attack": ("dataset", "crop", "variant"),
    "landmarks": ("dataset",),
    "list_images": ("dataset",),
    "render_people": ("dataset",),
}
PROTOCOL = ("dataset", "crop", "variant", "model")
COLUMNS = ["step", "job", *PROTOCOL, "seconds", "memory_mb", "cpu_seconds"]


def jobs() -> pd.DataFrame:
    """Return one row a job that was measured: step, its wildcards, seconds, memory, pictures/s."""
    folder = files.results().parent / "benchmarks"
    # One that vanished meanwhile is without a stamp, and can't be read either.
    paths = look(folder, "**/*.tsv")
    if not paths:
        raise Missing("There are no benchmark files beside the results.")
    return _jobs(str(folder), tuple((str(path), stamp) for path, stamp in paths))


@st.cache_data(max_entries=4, show_spinner=False)
def _jobs(folder: str, paths: tuple[tuple[str, Stamp | None], ...]) -> pd.DataFrame:
    rows = [row for path, _ in paths if (row := job(folder, path)) is not None]
    if not rows:
        raise Missing("The benchmark files beside the results can't be read.")
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["images"] = [_pictures(row) for row in table.to_dict("records")]
    return table.assign(
        per_second=(table.images / table.seconds.where(table.seconds > 0)).astype(float)
    )


def job(folder: str, path: str) -> dict | None:
    """Return what a benchmark file says, the mean of its runs; None for one that can't be read."""
    from pathlib import Path

    step, *parts = Path(path).relative_to(folder).with_suffix("").parts
    try:
        runs = pd.read_csv(path, sep="\t", na_values=["-"])
        seconds, memory, cpu = runs[["s", "max_rss", "cpu_time"]].astype(float).mean()
    except (OSError, KeyError, ValueError):
        return None
    names = PATHS.get(step, PROTOCOL)
    known = dict(zip(names, parts, strict=False))
    measured = {"seconds": seconds, "memory_mb": memory, "cpu_seconds": cpu}
    return {"step": step, "job": ", ".join(parts), **known, **measured}


def _pictures(row: dict) -> float:
    """Return how many pictures a job went through; NaN where that isn't a measure of its work."""
    places = {
        "embed": (
            row.get("crop"),
            row.get("variant"),
            row.get("model"),
            "metadata/metadata_0000.parquet",
        ),
        "crop": (row.get("crop"), "clean", "faces.parquet"),
        "attack": (row.get("crop"), row.get("variant"), "faces.parquet"),
        "landmarks": ("landmarks.parquet",),
        "list_images": ("images.parquet",),
        "render_people": ("images.parquet",),
    }
    parts = places.get(row["step"])
    if parts is None or any(not isinstance(part, str) for part in parts):
        return float("nan")
    try:
        return float(files.group_starts(row["dataset"], *parts)[-1])
    except (Missing, OSError, ValueError):
        return float("nan")
