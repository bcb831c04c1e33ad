"""List every picture of a data set: whose it is, how large, and why it can't be used."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.datasets import READERS
from facebench.datasets.decode_check import inspect_all
from facebench.datasets.listing import Listing
from facebench.datasets.selection import SELECTION_KEYS, chosen
from facebench.errors import UserError
from facebench.logs import LOG, log_to, report_result
from facebench.store.records import code_version, extend, file_sha256, library_versions
from facebench.store.shards import forget, in_shards
from facebench.store.tables import write_table

#: Pictures of a shard: about five seconds of work.
PIECE = 10_000


def main(
    *,
    dataset: str,
    pictures: str | Path,
    archive: str | Path | None,
    files: Mapping[str, str | Path],
    reader: str,
    options: Mapping[str, Any],
    pixels: int,
    code: str,
    threads: int,
    pieces: str | Path,
    images_output: str | Path,
    pairs_output: str | Path,
) -> None:
    """Write the tables `images` and `pairs` of a data set."""
    choice = {key: value for key, value in options.items() if key in SELECTION_KEYS}
    own = {key: value for key, value in options.items() if key not in SELECTION_KEYS}
    try:
        listing = READERS[reader](Path(pictures), {k: Path(v) for k, v in files.items()}, **own)
        listing = in_order(listing)
        LOG.info("%s files to look at in %s", f"{len(listing.images):,}", pictures)
        paths = list(listing.images["path"])
        findings = inspect_files(Path(pictures), paths, pixels, code, threads, pieces)
        images, pairs = chosen(listing, findings, **choice)
        if not (images["status"] == "ok").any():
            raise UserError(f"none of its pictures can be used. {why_none(images, listing.nobody)}")
    except UserError as error:
        raise UserError(f"datasets.{dataset}: {error}") from error
    record = extend(
        {},
        "data",
        dataset=dataset,
        reader=reader,
        options=dict(options),
        archive=file_sha256(archive) if archive else None,
        files={key: file_sha256(path) for key, path in files.items()},
        pictures=pictures_sha256(images),
        code=code_version(code),
        libraries=library_versions("pillow", "pandas", "numpy"),
    )
    log_findings(images, pairs)
    write_table(pairs, pairs_output, record)
    write_table(images, images_output, record)
    forget(pieces)


def why_none(images: pd.DataFrame, nobody: str) -> str:
    """Return why no picture can be used, in a sentence or two.

    >>> why_none(pd.DataFrame({"status": ["unreadable", "unreadable"], "reason": ["", ""]}), "x")
    '2 are unreadable.'
    """
    if images.empty:
        return "No person has as many pictures as min_images asks for."
    counts = images["status"].value_counts()
    words = [f"{count:,} are {status}" for status, count in counts.items()]
    hint = f" {nobody}" if "no-identity" in counts else ""
    return f"{', '.join(words)}.{hint}"


def in_order(listing: Listing) -> Listing:
    """Return `listing` in the order of its paths, which must be some and different."""
    images = listing.images.sort_values("path", ignore_index=True)
    if images.empty:
        raise UserError("there are no pictures in it.")
    if images["path"].duplicated().any():
        twice = images.loc[images["path"].duplicated(), "path"].iloc[0]
        raise UserError(f"the picture {twice} is listed twice.")
    return Listing(images, listing.pairs, listing.nobody)


def inspect_files(
    root: Path, paths: list[str], pixels: int, code: str, threads: int, pieces: str | Path
) -> pd.DataFrame:
    """Return what the files are: see `inspect_all`. A killed job's finished pieces are used."""
    key = {
        "root": str(root.absolute()),
        "pixels": pixels,
        "files": files_state(root, paths),
        "code": code,
        **library_versions("pillow"),
    }
    table = in_shards(
        pieces,
        key,
        len(paths),
        PIECE,
        lambda span: inspect_all(root, paths[span], pixels, threads),
        "files",
    )
    return table.to_pandas().astype({"width": "Int32", "height": "Int32"})


def files_state(root: Path, paths: list[str]) -> str:
    """Return a hash of the names, sizes and times of the files."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            state = os.stat(root / path)
            text = f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0"
        except OSError:
            text = f"{path}\0\0\0"
        digest.update(text.encode())
    return digest.hexdigest()


def pictures_sha256(images: pd.DataFrame) -> str:
    """Return a hash of all pictures and whose they are."""
    columns = images[["path", "image_id", "identity"]]
    text = columns.to_csv(index=False, header=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def log_findings(images: pd.DataFrame, pairs: pd.DataFrame) -> None:
    """Log the number of pictures and those that can't be used."""
    bad = images[images["status"] != "ok"]
    people = images["identity"].nunique()
    for status, rows in bad.groupby("status"):
        LOG.info("%s are %s:", f"{len(rows):,}", status)
        for path, reason in rows[["path", "reason"]].head(10).itertuples(index=False):
            LOG.info("  %s: %s", path, reason)
    found = [f"{len(images):,} pictures of {people:,} people"]
    found += [f"{len(pairs):,} pairs"] if len(pairs) else []
    found += [f"{len(bad):,} can't be used"] if len(bad) else []
    report_result(", ".join(found))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    params = snakemake.params
    main(
        dataset=snakemake.wildcards.dataset,
        pictures=snakemake.input.pictures,
        archive=snakemake.input.get("archive") or None,
        files=dict(zip(params.files, snakemake.input.files, strict=True)),
        reader=params.reader,
        options=params.options,
        pixels=params.pixels,
        code=params.code,
        threads=snakemake.threads,
        pieces=params.pieces,
        images_output=snakemake.output.images,
        pairs_output=snakemake.output.pairs,
    )
