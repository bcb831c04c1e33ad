"""List every picture of a data set: whose it is, how large, and why it can't be used."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from facebench.datasets import READERS
from facebench.datasets.decode_check import inspect_all
from facebench.datasets.listing import Listing
from facebench.datasets.selection import SELECTION_KEYS, chosen
from facebench.datasets.walk import NOBODY, nobody_in, nobody_there
from facebench.errors import UserError
from facebench.logs import LOG, log_to, report_result
from facebench.pictures.files import state
from facebench.store.records import code_version, extend, file_sha256, library_versions
from facebench.store.shards import forget, in_shards
from facebench.store.tables import write_table
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
    try:
        listing = READERS[reader](Path(pictures), {k: Path(v) for k, v in files.items()}, **own)
        listing = without_cloaks(in_order(listing), cloaks)
        LOG.info("%s files to look at in %s", f"{len(listing.images):,}", pictures)
        paths = list(listing.images["path"])
        findings = inspect_files(Path(pictures), paths, pixels, code, threads, pieces)
        if (findings["status"] == "other").all():
            others = counted(len(findings), "other file", "other files")
            raise UserError(f"there are no pictures in it, only {others}.")
        without = without_pictures(listing, findings)
        images, pairs = chosen(listing, findings, **choice)
        if len(images) and (images["reason"] == NOBODY).all():
            raise UserError(nobody_in(pictures))
        if not (images["status"] == "ok").any():
            raise UserError(f"none of its pictures can be used: {why_none(images)}")
    except UserError as error:
        raise UserError(f"datasets.{dataset}: {error}") from error
    record = extend(
        {},
        "data",
        # Where there are none, the record is as if nobody had looked.
        **({"without_pictures": without} if without else {}),
        dataset=dataset,
        reader=reader,
        options=dict(options),
        archive=file_sha256(archive) if archive else None,
        files={key: file_sha256(path) for key, path in files.items()},
        pictures=pictures_sha256(images),
        alike=int(images["looks_like"].notna().sum()),
        code=code_version(code),
        libraries=library_versions("pillow", "pandas", "numpy"),
    )
    log_findings(images, pairs, without)
    write_table(pairs, pairs_output, record)
    write_table(images, images_output, record)
    forget(pieces)


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
    columns = images[["path", "image_id", "identity"]]
    text = columns.to_csv(index=False, header=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def log_findings(images: pd.DataFrame, pairs: pd.DataFrame, without: Sequence[str]) -> None:
    """Log the number of pictures, those that can't be used, and copies.

    without: folders of people without a picture.
    """
    if without:
        LOG.warning("%s", nobody_there(without))
    bad = images[images["status"] != "ok"]
    for status, rows in bad.groupby("status"):
        LOG.info("%s %s:", counted(len(rows), "is", "are"), status)
        for path, reason in rows[["path", "reason"]].head(10).itertuples(index=False):
            LOG.info("  %s: %s", one_line(path), one_line(reason))
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
