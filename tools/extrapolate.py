"""Say on paper what many more pictures would take, from the benchmarks of a run.

    .venv/bin/python -m tools.extrapolate web --model mini-s --pictures 100000000 --price 1.2

`web` is a data set of the run in this directory (`--directory` for another), `--price` what the
machine of that run costs an hour. Every step is taken to go on at the pictures a second that it had
there, one machine at a time: its start is counted in, so the run should have many pictures. Disks
that grow slower as they fill, fewer cores than jobs, and tries again are not in it.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow.parquet as pq

from facebench.store import layout

VECTORS = re.compile(r" result: ([\d,]+) vectors?\b")


class Step(NamedTuple):
    """What a step did in a run: pictures, seconds, and the most memory of its jobs in MB."""

    name: str
    pictures: int
    seconds: float
    memory: float


def steps(run: Path, dataset: str, model: str) -> Iterator[Step]:
    """Yield the steps up to a data set's vectors under a model, as far as they were measured."""
    pictures = pq.read_metadata(run / layout.images(dataset)).num_rows
    for name in ("list_images", "landmarks", "crop"):
        if found := measured([run / "benchmarks" / name / f"{dataset}.tsv"]):
            yield Step(name, pictures, *found)
    vectors, tables = 0, []
    for table in sorted((run / "benchmarks").glob(f"embed__*/{model}-[0-9]*.tsv")):
        job = table.parent.name
        log = run / "logs" / job / f"{table.stem}.log"
        told = VECTORS.search(log.read_text(encoding="utf-8")) if log.exists() else None
        if told and job.split("__")[1] in (dataset, "all"):
            vectors += int(told[1].replace(",", ""))
            tables.append(table)
    if vectors and (found := measured(tables)):
        yield Step("embed", vectors, *found)


def measured(tables: list[Path]) -> tuple[float, float] | None:
    """Return the seconds of some benchmarks and the most memory, MB; None if one isn't there."""
    if not tables or not all(table.exists() for table in tables):
        return None
    rows = pd.concat([pd.read_csv(table, sep="\t", na_values="-") for table in tables])
    return float(rows["s"].sum()), float(rows["max_rss"].max())


def page(found: list[Step], pictures: int, price: float, stored: float) -> str:
    """Return the table: a line a step, the sum, the room on the disk. stored: bytes a picture."""
    lines = [f"{'step':<12}{'measured on':>12}{'a second':>10}{'MB':>7}{'hours':>10}{'cost':>11}"]
    total = 0.0
    for step in found:
        rate = step.pictures / step.seconds
        hours = pictures / rate / 3600
        total += hours
        lines.append(
            f"{step.name:<12}{step.pictures:>12,}{rate:>10,.1f}{step.memory:>7,.0f}"
            f"{hours:>10,.1f}{hours * price:>11,.2f}"
        )
    lines.append(f"{'all':<41}{total:>10,.1f}{total * price:>11,.2f}")
    lines.append(f"On the disk, beside the pictures: {stored * pictures / 1e9:,.0f} GB.")
    return "\n".join(lines)


def bytes_a_picture(run: Path, dataset: str, model: str) -> float:
    """Return what the store holds of each picture: its faces, and its vectors under one model."""
    folder = run / layout.STORE / dataset
    files = [path for path in folder.rglob("*") if path.is_file()]
    mine = [path for path in files if path.parent == folder or path.name == "faces.parquet"]
    mine += [path for path in files if model in path.relative_to(folder).parts]
    pictures = pq.read_metadata(run / layout.images(dataset)).num_rows
    return sum(path.stat().st_size for path in mine) / pictures


def main(dataset: str, model: str, pictures: int, price: float, directory: Path) -> int:
    """Print the table; return 1 where nothing was measured."""
    found = list(steps(directory, dataset, model))
    if not found:
        print(f"No step of {dataset} was measured in {directory}/benchmarks.")
        return 1
    print(f"{pictures:,} pictures like those of {dataset}, {price:g} an hour:")
    print(page(found, pictures, price, bytes_a_picture(directory, dataset, model)))
    print("Assumed: the machine and the rates of that run, one machine at a time.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dataset", help="a data set of the run")
    parser.add_argument("--model", required=True, help="a model of the run")
    parser.add_argument("--pictures", type=int, default=10**8)
    parser.add_argument("--price", type=float, required=True, help="of the machine, an hour")
    parser.add_argument("--directory", type=Path, default=Path(), help="where the run was made")
    raise SystemExit(main(**vars(parser.parse_args())))
