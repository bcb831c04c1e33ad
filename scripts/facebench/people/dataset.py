"""A folder of pictures of people, filled person by person; a killed run goes on where it was."""

import json
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from facebench.logs import LOG, Progress
from facebench.people.rendering.jit import SOURCES
from facebench.people.rendering.render import render_jpeg
from facebench.people.who.identity import Identity, draw_identity
from facebench.people.who.metadata import describe, key_of, path_of, row_of
from facebench.people.who.view import draw_view
from facebench.store.atomic import replacing

SETTINGS = "people.json"


def write_person(root: Path, person: Identity, views: range, size: int) -> list[dict]:
    """Draw a person's views into their folder, which appears whole or not at all; its rows."""
    drawn = [draw_view(person, number) for number in views]
    folder = root / key_of(person)
    files = [folder / Path(path_of(person, view)).name for view in drawn]
    if folder.exists():
        if all(map(is_whole, files)):
            return [describe(person, view, size) for view in drawn]
        LOG.info("%s is drawn again: not all of its pictures are whole", folder)
        shutil.rmtree(folder)
    part = root / f".{folder.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    rows = []
    for view in drawn:
        data, truth = render_jpeg(person, view, size)
        (part / Path(path_of(person, view)).name).write_bytes(data)
        rows.append(row_of(person, view, size, truth))
    part.rename(folder)
    return rows


def is_whole(picture: Path) -> bool:
    """Return whether a JPEG has its beginning and its end: a power cut may have taken either."""
    try:
        data = picture.read_bytes()
    except OSError:
        return False
    return data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9")


def start(root: Path, settings: dict) -> None:
    """Keep what an earlier run with these settings drew; remove what other settings drew."""
    root.mkdir(parents=True, exist_ok=True)
    known, text = root / SETTINGS, json.dumps(settings).encode()
    if not known.is_file() or known.read_bytes() != text:
        known.unlink(missing_ok=True)
        for folder in [*root.glob("s*p??????*"), *root.glob(".s*p??????*.part")]:
            shutil.rmtree(folder)
        with replacing(known) as part:
            part.write_bytes(text)


def each_person(
    root: Path, indices: Iterable[int], views: range, size: int, seed: int, threads: int
) -> Iterator[list[dict]]:
    """The rows of each person, in order, drawn by `threads` threads (kernels hold no lock)."""
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(
            lambda index: write_person(root, draw_identity(seed, index), views, size), indices
        )


def write_people(
    root: Path | str,
    people: int,
    views: int,
    size: int,
    seed: int,
    first: int,
    threads: int,
    first_view: int = 0,
) -> pd.DataFrame:
    """Write `<root>/<identity>/<view>.jpg` and `<root>/people.parquet`; return that table.

    People first .. first + people - 1, views first_view .. first_view + views - 1 of each.
    """
    root = Path(root)
    start(root, {"first_view": first_view, "views": views, "size": size, "code": SOURCES})
    numbers = range(first_view, first_view + views)
    done = each_person(root, range(first, first + people), numbers, size, seed, threads)
    progress = Progress(people, "people")
    rows = []
    for person in done:
        rows += person
        progress.step()
    table = pd.DataFrame(rows)
    with replacing(root / "people.parquet") as part:
        table.to_parquet(part, index=False)
    return table
