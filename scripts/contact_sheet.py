"""Show what the models see: some people's faces, and some pictures that couldn't be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont, ImageOps

from facebench.logs import log_to, report_result
from facebench.pictures.lettering import drawable
from facebench.store.damage import undamaged
from facebench.store.faces import decode, open_faces, read_labels, read_rows

#: Rows of one person each, and faces (or failures) in a row.
PEOPLE, FACES = 7, 6
TILE, GAP, MARGIN, CAPTION = 150, 14, 36, 24
PAPER, INK, PALE, EMPTY = "#ffffff", "#1d2430", "#667080", "#e4e7eb"


Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Tile:
    """A face, or its status and the reason why there is none, with a caption."""

    image: bytes | None
    status: str
    reason: str
    caption: str


def main(*, faces: str | Path, dataset: str, crop: str, seed: int, output: str | Path) -> None:
    """Write the contact sheet of `faces` to the JPEG `output`."""
    labels = read_labels(faces)
    rows = [*sample(labels, seed), *failures(labels, seed)]
    tiles = [read_tiles(faces, labels, row) for row in rows]
    sheet(tiles, f"{dataset} · {crop}", summary(labels)).save(output, quality=90)


def sample(labels: pd.DataFrame, seed: int) -> list[list[int]]:
    """Return row numbers of usable faces: lists of one person's, then one of lone people's.

    People are evenly spread over those with as many faces as enough people have; the seed says
    where the spread begins.
    """
    usable = np.flatnonzero(labels["status"] == "ok")
    people = pd.Series(usable).groupby(labels["identity"].to_numpy()[usable]).agg(list)
    sizes = people.map(len)
    enough = next((n for n in range(FACES, 2, -1) if (sizes >= n).sum() >= PEOPLE), 2)
    rows = [
        spread(person, FACES, seed)
        for person in spread(list(people[sizes >= enough]), PEOPLE, seed)
    ]
    places = FACES * (PEOPLE + 1 - len(rows))
    lone = spread([person[0] for person in people[sizes == 1]], places, seed)
    return rows + [lone[i : i + FACES] for i in range(0, len(lone), FACES)]


def failures(labels: pd.DataFrame, seed: int) -> list[list[int]]:
    """Return the row numbers of pictures without a face, at most a row, of every status some."""
    failed = labels[labels["status"] != "ok"].reset_index().groupby("status")["index"].agg(list)
    turns = zip_longest(*(spread(rows, FACES, seed) for rows in failed))
    rows = [row for turn in turns for row in turn if row is not None]
    return [rows[:FACES]] if rows else []


def spread(items: Sequence, n: int, seed: int) -> list:
    """Return `n` of the items (or all, if fewer) at even distances, in order.

    >>> spread("abcdefgh", 4, seed=0)
    ['a', 'c', 'e', 'g']
    """
    n = min(n, len(items))
    start = np.random.default_rng(seed).random() if seed else 0.0
    return [items[int((i + start) * len(items) / n)] for i in range(n)]


def read_tiles(faces: str | Path, labels: pd.DataFrame, rows: list[int]) -> list[Tile]:
    """Return the tiles of some rows, whose pictures are read one row group at a time."""
    with undamaged(faces), open_faces(faces) as file:
        images = [read_rows(file, slice(i, i + 1), ["image"])["image"][0].as_py() for i in rows]
    tiles = []
    for i, image in zip(rows, images, strict=True):
        row = labels.iloc[i]
        who = next((w for w in (row["name"], row["identity"]) if pd.notna(w) and w), "nobody")
        tiles.append(Tile(image, row["status"], drawable(row["reason"]), drawable(str(who))))
    return tiles


def summary(labels: pd.DataFrame) -> str:
    """Return what the data set holds in one line.

    >>> summary(pd.DataFrame({"identity": ["a", "a", "b"], "status": ["ok", "ok", "no-face"]}))
    '2 faces of 1 people from 3 pictures; 1 no-face'
    """
    counts = labels["status"].value_counts()
    people = labels["identity"][labels["status"] == "ok"].nunique()
    line = f"{counts.get('ok', 0):,} faces of {people:,} people from {len(labels):,} pictures"
    failed = [f"{n:,} {status}" for status, n in counts.sort_index().items() if status != "ok"]
    return "; ".join([line, ", ".join(failed)]) if failed else line


def sheet(rows: list[list[Tile]], title: str, subtitle: str) -> Image.Image:
    """Return the sheet: a heading, then a line of captioned tiles for every list of `rows`."""
    head = MARGIN + 64
    width = 2 * MARGIN + FACES * (TILE + GAP) - GAP
    height = head + len(rows) * (TILE + CAPTION + GAP) + MARGIN - GAP
    paper = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(paper)
    draw.text((MARGIN, MARGIN), title, INK, font(26), "lt")
    draw.text((MARGIN, MARGIN + 36), subtitle, PALE, font(15), "lt")
    for i, row in enumerate(rows):
        for j, tile in enumerate(row):
            left, top = MARGIN + j * (TILE + GAP), head + i * (TILE + CAPTION + GAP)
            paper.paste(picture(tile), (left, top))
            caption = shortened(draw, tile.caption, font(13), TILE)
            draw.text((left, top + TILE + 5), caption, INK, font(13), "la")
    return paper


def picture(tile: Tile) -> Image.Image:
    """Return the square of a tile: the face in full on a pale ground, or the reason in words."""
    square = Image.new("RGB", (TILE, TILE), EMPTY)
    if tile.image is not None:
        face = ImageOps.contain(Image.fromarray(decode(tile.image)), (TILE, TILE))
        square.paste(face, ((TILE - face.width) // 2, (TILE - face.height) // 2))
        return square
    draw = ImageDraw.Draw(square)
    draw.text((12, 12), tile.status, INK, font(14), "la")
    text = wrapped(draw, tile.reason, font(12), TILE - 24)
    draw.multiline_text((12, 36), text, PALE, font(12), spacing=4)
    return square


def font(size: int) -> Font:
    """Return Pillow's own font, `size` pixels high."""
    return ImageFont.load_default(size)


def shortened(draw: ImageDraw.ImageDraw, text: str, face: Font, width: int) -> str:
    """Return `text`, cut with an ellipsis where it is wider than `width` pixels."""
    if draw.textlength(text, face) <= width:
        return text
    while text and draw.textlength(f"{text}…", face) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrapped(draw: ImageDraw.ImageDraw, text: str, face: Font, width: int) -> str:
    """Return at most six lines of `text`, none wider than `width` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, face) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = lines[:6]
    return "\n".join(shortened(draw, line, face, width) for line in lines)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    params = snakemake.params
    for crop, faces, output in zip(
        params.crops, snakemake.input.faces, snakemake.output, strict=True
    ):
        main(
            faces=faces,
            dataset=params.dataset,
            crop=crop,
            seed=params.seed,
            output=output,
        )
    report_result(f"{len(params.crops)} pictures of faces")
