"""List every picture of a data set: whose it is, how large, and why it can't be used."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from facebench.datasets import READERS
from facebench.datasets.decode_check import inspect_all
from facebench.datasets.listing import Listing
from facebench.datasets.parts import EXAMPLES, Listed, Parts, csv_of, listed
from facebench.datasets.selection import SELECTION_KEYS, chosen, no_pairs
from facebench.datasets.walk import NOBODY, nobody_in, nobody_there
from facebench.errors import UserError
from facebench.logs import LOG, log_to, report_result
from facebench.pictures.files import state
from facebench.store.records import (
    Record,
    code_version,
    extend,
    file_sha256,
    library_versions,
)
from facebench.store.shards import forget, in_shards
from facebench.store.tables import write_stream, write_table
from facebench.study import seen
from facebench.texts import counted, one_line

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
    cloaks: Sequence[str] = (),
) -> None:
    """Write the tables `images` and `pairs` of a data set.

    cloaks: endings of the names of files that are cloaked versions of the one beside them, and no
    pictures of the data set.
    """
    choice = {key: value for key, value in options.items() if key in SELECTION_KEYS}
    own = {key: value for key, value in options.items() if key not in SELECTION_KEYS}
    root, others = Path(pictures), {key: Path(path) for key, path in files.items()}
    record = partial(
        extend, {}, "data",
        dataset=dataset, reader=reader, options=dict(options),
        archive=file_sha256(archive) if archive else None,
        files={key: file_sha256(path) for key, path in files.items()},
        code=code_version(code), libraries=library_versions("pillow", "pandas", "numpy"),
    )  # fmt: skip
    try:
        parts = None if choice or cloaks else READERS[reader].parts(root, others, **own)
        if parts is not None:
            found = inspect_parts(root, parts, pixels, code, threads, pieces)
            write_parts(found, record, images_output, pairs_output)
            return forget(pieces)
        listing = READERS[reader](root, others, **own)
        listing = without_cloaks(in_order(listing), cloaks)
        LOG.info("%s files to look at in %s", f"{len(listing.images):,}", pictures)
        paths = list(listing.images["path"])
        findings = inspect_files(root, paths, pixels, code, threads, pieces)
        if (findings["status"] == "other").all():
            strange = counted(len(findings), "other file", "other files")
            raise UserError(f"there are no pictures in it, only {strange}.")
        without = without_pictures(listing, findings)
        images, pairs = chosen(listing, findings, **choice)
        if len(images) and (images["reason"] == NOBODY).all():
            raise UserError(nobody_in(pictures))
        if not (images["status"] == "ok").any():
            raise UserError(f"none of its pictures can be used: {why_none(images)}")
    except UserError as error:
        raise UserError(f"datasets.{dataset}: {error}") from error
    full = record(
        # Where there are none, the record is as if nobody had looked.
        **({"without_pictures": without} if without else {}),
        pictures=pictures_sha256(images),
        alike=int(images["looks_like"].notna().sum()),
    )
    log_findings(images, pairs, without)
    write_table(pairs, pairs_output, full)
    write_table(images, images_output, full)
    forget(pieces)


def write_parts(
    found: Listed,
    record: Callable[..., Record],
    images_output: str | Path,
    pairs_output: str | Path,
) -> None:
    """Write the tables of pictures that were listed in parts. record: takes what they are."""
    if not found.counts["ok"]:
        raise UserError(f"none of its pictures can be used: {why_none(found.some_not_ok())}")
    full = record(pictures=found.sha256, alike=0)
    bad = sum(found.counts.values()) - found.counts["ok"]
    for status, some in sorted(found.examples.items()):
        log_bad(found.counts[status], status, some)
    whole = counted(sum(found.counts.values()), "picture", "pictures")
    report_result(f"{whole}, each a stranger" + (f", {bad:,} can't be used" if bad else ""))
    write_table(no_pairs(), pairs_output, full)
    write_stream(found.tables(), found.schema, images_output, full)


def why_none(images: pd.DataFrame) -> str:
    """Return why no picture can be used, in a sentence or two.

    >>> lost = {"status": ["unreadable"] * 2, "reason": ["It is empty."] * 2, "path": ["a", "b"]}
    >>> why_none(pd.DataFrame(lost))
    '2 are unreadable (a: It is empty.).'
    """
    if images.empty:
        return "no person has as many as min_images asks for."
    words = []
    for status, rows in images.groupby("status", sort=False):
        first = rows.iloc[0]
        verb = counted(len(rows), "is", "are")
        words.append(f"{verb} {status} ({one_line(first['path'])}: {first['reason']})")
    return f"{', '.join(words)}."


def in_order(listing: Listing) -> Listing:
    """Return `listing` in the order of its paths, which must be some and different."""
    images = listing.images.sort_values("path", ignore_index=True)
    if images.empty:
        raise UserError("there are no pictures in it.")
    if images["path"].duplicated().any():
        twice = images.loc[images["path"].duplicated(), "path"].iloc[0]
        raise UserError(f"the picture {one_line(twice)} is listed twice.")
    return replace(listing, images=images)


def without_pictures(listing: Listing, findings: pd.DataFrame) -> list[str]:
    """Return the folders that should be a person's, and the people, of whom there is no picture.

    Empty folders, and those in which every file is something else. `findings` are of the files of
    `listing`, row by row.
    """
    other = (findings["status"] == "other").to_numpy()
    only = pd.Series(other).groupby(listing.images["identity"].to_numpy()).all()
    return sorted([*listing.empty, *(str(name) for name in only.index[only])])


def without_cloaks(listing: Listing, endings: Sequence[str]) -> Listing:
    """Return `listing` without the files that are called like one beside them with an ending."""
    if not endings:
        return listing
    stems = [str(PurePosixPath(path).with_suffix("")).lower() for path in listing.images["path"]]
    known = set(stems)
    named = [
        [stem.removesuffix(ending.lower()) for ending in endings if stem.endswith(ending.lower())]
        for stem in stems
    ]
    cloaked = np.array([any(original in known for original in some) for some in named], bool)
    lonely = np.array([bool(some) for some in named], bool) & ~cloaked
    if cloaked.any():
        left = counted(int(cloaked.sum()), "file is", "files are")
        LOG.info("%s left to the attacks whose endings they have: %s", left, ", ".join(endings))
    if lonely.any():
        LOG.warning(
            "%s like cloaked pictures, but without an original beside them: they count as pictures",
            counted(int(lonely.sum()), "file is called", "files are called"),
        )
    return replace(listing, images=listing.images[~cloaked].reset_index(drop=True))


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
    return table.to_pandas().astype({"width": "Int32", "height": "Int32", "orientation": "Int8"})


def inspect_parts(
    root: Path, parts: Parts, pixels: int, code: str, threads: int, pieces: str | Path
) -> Listed:
    """Return the same for a data set that is listed in parts, with whose the pictures are."""
    key = {
        "root": str(root.absolute()),
        "pixels": pixels,
        "files": files_state(root, parts.files),
        "code": code,
        **library_versions("pillow", "pandas"),
    }
    return listed(parts, lambda paths: inspect_all(root, paths, pixels, threads), key, pieces)


def files_state(root: Path, paths: list[str]) -> str:
    """Return a hash of the names, and of the sizes and times of the files or tars they are in."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            found = state(root / path)
            text = f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0"
        except OSError:
            text = f"{path}\0\0\0"
        digest.update(text.encode())
    return digest.hexdigest()


def pictures_sha256(images: pd.DataFrame) -> str:
    """Return a hash of all pictures and whose they are."""
    return hashlib.sha256(csv_of(images).encode()).hexdigest()


def log_findings(images: pd.DataFrame, pairs: pd.DataFrame, without: Sequence[str]) -> None:
    """Log the number of pictures, those that can't be used, and copies.

    without: folders of people without a picture.
    """
    if without:
        LOG.warning("%s", nobody_there(without))
    bad = images[images["status"] != "ok"]
    for status, rows in bad.groupby("status"):
        some = rows[["path", "reason"]].head(EXAMPLES).itertuples(index=False, name=None)
        log_bad(len(rows), str(status), some)
    if copies := int(images["looks_like"].notna().sum()):
        LOG.warning(
            "%s like another one of the same person, as a copy does that was saved again or shrunk:"
            " `looks_like` in images.parquet. To find such a mate takes no recognition of a face",
            counted(copies, "picture looks", "pictures look"),
        )
    one = pairs["image_id_a"] == pairs["image_id_b"]
    if one.any():
        LOG.warning(
            "%s of two copies of one picture", counted(int(one.sum()), "pair is", "pairs are")
        )
    people = counted(images["identity"].nunique(), "person", "people")
    found = [f"{counted(len(images), 'picture', 'pictures')} of {people}"]
    found += [counted(len(pairs), "pair", "pairs")] if len(pairs) else []
    found += [f"{len(bad):,} can't be used"] if len(bad) else []
    if without:
        found.append(counted(len(without), "folder without a picture", "folders without a picture"))
    found += [counted(copies, "looks like another", "look like others")] if copies else []
    report_result(", ".join(found))


def log_bad(count: int, status: str, some: Iterable[tuple[str, str]]) -> None:
    """Log how many pictures have a status other than ok, and of some why: (path, reason)."""
    LOG.info("%s %s:", counted(count, "is", "are"), status)
    for path, reason in some:
        LOG.info("  %s: %s", one_line(path), one_line(reason))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    params = snakemake.params
    if params.watched:
        seen.remember(params.watched, params.memory, params.state, snakemake.threads)
    main(
        dataset=snakemake.wildcards.dataset,
        pictures=params.pictures,
        archive=params.archive or None,
        files=params.files,
        reader=params.reader,
        options=params.options,
        pixels=params.pixels,
        code=params.code,
        threads=snakemake.threads,
        pieces=params.pieces,
        images_output=snakemake.output.images,
        pairs_output=snakemake.output.pairs,
        cloaks=params.cloaks,
    )
