"""Where the files of a data set are: the user's own, or where `fetch` and `unpack` put them.

Cheap to import: the workflow asks this before it plans a job.
"""

import codecs
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facebench.datasets import READERS
from facebench.datasets.walk import walk
from facebench.errors import UserError
from facebench.store import layout

#: The key, among a data set's `files`, of the archive that holds its pictures.
ARCHIVE = "archive"

#: Readers of folders with a folder for each person.
BY_PERSON = ("folder", "lfw")
#: What a path is expected to be, in a message.
PEOPLE = "a folder with one folder for each person, and their pictures in it"
PICTURES = "the folder of its pictures"
ARCHIVED = "a tar or zip archive of its pictures"
PUBLISHED = "the folder of the set perturbed_faces (docs/adding.md says where to get it)"
CLOAKS = (
    "a folder of cloaked pictures, in the same folders and with the same names as the originals"
)

#: Keys of a data set's entry that say where it comes from; all others are options of its reader.
ORIGIN_KEYS = ("reader", "files", "archive", "encoding", "folder", "parts")


@dataclass(frozen=True)
class Sources:
    """Paths of a data set: its folder of pictures, the archive these come from, other files."""

    pictures: str
    archive: str | None
    files: dict[str, str]


def sources(dataset: str, spec: Mapping[str, Any]) -> Sources:
    """Return where the files of the data set `dataset`, described by `spec`, are or will be.

    Raises `UserError` for a local path that is given but not there, and for a file that has
    neither a local copy nor a mirror.
    """
    where = f"datasets.{dataset}"
    by_person = spec["reader"] in BY_PERSON
    expected = PEOPLE if by_person else PICTURES
    folder = local_path(spec.get("folder"), f"{where}.folder", expected)
    archive = None if folder else local_path(spec.get("archive"), f"{where}.archive", ARCHIVED)
    if folder and not os.path.isdir(folder):
        given = as_given(spec["folder"], f"{where}.folder")
        raise UserError(f"{given}, which is not a folder: it must be {expected}.")
    if archive and os.path.isdir(archive):
        raise UserError(f"{where}.archive is {archive}, a folder: set {where}.folder instead.")
    published = spec.get("published")
    if published and local_path(published, f"{where}.published", PUBLISHED) is None:
        raise unset(published, f"{where}.published", PUBLISHED)
    known = spec.get("files", {})
    mine = folder or archive
    files = {
        key: path
        for key, file in known.items()
        if key != ARCHIVE and (path := _other_file(dataset, key, file, mine))
    }
    if folder:
        return Sources(folder, None, files)
    if archive is None and ARCHIVE in known:
        archive = layout.fetched(dataset, known[ARCHIVE]["name"])
    if archive is None and not READERS[spec["reader"]].rendered:
        for key in ("folder", "archive"):
            if isinstance(spec.get(key), str):  # one variable; anything else would have been found
                raise unset(spec[key], f"{where}.{key}", expected if key == "folder" else ARCHIVED)
        raise UserError(
            f"{where} says nowhere where its pictures are: set {where}.folder to a folder of"
            f" pictures or {where}.archive to a tar or zip archive of them."
        )
    return Sources(layout.pictures(dataset), archive, files)


def brings_folder(dataset: str, spec: Mapping[str, Any]) -> bool:
    """Return whether the pictures of a data set are in the user's own folder, existing or not."""
    try:
        return local_path(spec.get("folder"), f"datasets.{dataset}.folder") is not None
    except UserError:
        return True


def not_here(dataset: str, spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the entries of `files` that are needed and of which this machine has no copy."""
    found = sources(dataset, spec)
    wanted = {found.archive, *found.files.values()}
    return [
        file
        for file in spec.get("files", {}).values()
        if (fetched := layout.fetched(dataset, file["name"])) in wanted
        and not os.path.exists(layout.downloaded(dataset, file["name"]))
        and not os.path.exists(fetched)
    ]


def local_path(
    given: str | Sequence[str] | None, key: str, expected: str = "an existing path"
) -> str | None:
    """Return the first of the `given` paths that exists, with ~ and variables filled in.

    A path that is one unset variable counts as not given. Several paths are places to look in:
    only those that a variable names must exist. Raises `UserError` for a path that must; expected:
    what it should be, in words.
    """
    if given is None:
        return None
    for choice in [given] if isinstance(given, str) else given:
        path = expanded(choice, key)
        if path is None:
            continue
        if os.path.exists(path):
            return path
        if isinstance(given, str) or "$" in choice:
            way_out = "correct the path, or remove the key to do without it"
            if name := one_variable(choice):
                also = "" if isinstance(given, str) else ", or unset it to do without"
                way_out = f"set {name} to {expected}{also}"
            raise UserError(
                f"{as_given(choice, key)}, but there is nothing at {os.path.abspath(path)}:"
                f" {way_out}."
            )
    return None


def ready_made(attack: str, spec: Mapping[str, Any]) -> str | None:
    """Return the folder of the pictures that an attack takes; None for one that makes its own.

    Raises `UserError` where there is no such folder, or nothing in it.
    """
    if "folder" not in spec:
        return None
    key = f"attacks.{attack}.folder"
    folder = local_path(spec["folder"], key, CLOAKS)
    if folder is None:
        raise unset(spec["folder"], key, CLOAKS)
    given = as_given(spec["folder"], key)
    if not os.path.isdir(folder):
        raise UserError(f"{given}, which is not a folder: it must be {CLOAKS}.")
    if next(walk(folder, []), None) is None:
        raise UserError(f"{given}, which holds no picture: it must be {CLOAKS}.")
    return folder


def one_variable(choice: str) -> str | None:
    """Return the name of the environment variable that is all of a path; None for another path.

    >>> one_variable("$MY_PHOTOS"), one_variable("${HOME}"), one_variable("$HOME/photos")
    ('MY_PHOTOS', 'HOME', None)
    """
    found = re.fullmatch(r"\$(?:(\w+)|\{(\w+)\})", choice)
    return found and (found[1] or found[2])


def as_given(choice: str, key: str) -> str:
    """Return what somebody set to a path: the variable with its value, or the key."""
    name = one_variable(choice)
    return f"{name} (read by {key}) is {os.environ.get(name)}" if name else f"{key} is {choice}"


def unset(choice: str, key: str, expected: str) -> UserError:
    """Return the error for a path that is a variable without a value."""
    name = one_variable(choice) or choice
    return UserError(f"{name} isn't set, which {key} reads: set it to {expected}.")


def expanded(path: str, key: str) -> str | None:
    """Return `path` with ~ and environment variables filled in; None for one unset variable.

    >>> expanded("~x/$NOT_SET", "datasets.a.folder")
    Traceback (most recent call last):
    facebench.errors.UserError: datasets.a.folder uses the variable $NOT_SET, which isn't set.
    >>> expanded("$NOT_SET", "datasets.a.folder") is None
    True
    """
    filled = os.path.expanduser(os.path.expandvars(path))
    if left := re.search(r"\$(\w+|\{\w+\})", filled):
        if left[0] == path:
            return None
        raise UserError(f"{key} uses the variable {left[0]}, which isn't set.")
    if set(filled) & set("{}"):
        raise UserError(
            f"{key} is {filled}: Snakemake takes braces in paths for its own; rename it."
        )
    return filled or None


def own_files(dataset: str, spec: Mapping[str, Any]) -> list[str]:
    """Return the user's own folders and files that a data set is listed from, without an archive.

    All others are made by rules.
    """
    place = sources(dataset, spec)
    published = local_path(spec.get("published"), f"datasets.{dataset}.published")
    fetched = {layout.fetched(dataset, file["name"]) for file in spec.get("files", {}).values()}
    mine = [place.pictures] if place.pictures != layout.pictures(dataset) else []
    mine += [published] if published else []
    return mine + [path for path in place.files.values() if path not in fetched]


def own_archive(dataset: str, spec: Mapping[str, Any]) -> str | None:
    """Return the user's own archive of a data set's pictures; None where it is fetched, or none."""
    archive = sources(dataset, spec).archive
    known = spec.get("files", {}).get(ARCHIVE)
    return None if known and archive == layout.fetched(dataset, known["name"]) else archive


def code_page(dataset: str, spec: Mapping[str, Any]) -> str:
    """Return the code page of the names in a data set's archive; "" where it isn't given.

    Raises `UserError` for one that Python doesn't know.
    """
    name = str(spec.get("encoding", ""))
    try:
        "a".encode(name or "ascii")
        return name and codecs.lookup(name).name
    except LookupError:
        raise UserError(
            f"datasets.{dataset}.encoding is {name!r}, which is no code page that Python knows:"
            " use, for example, gbk, big5, cp932, euc_kr, cp850 or cp1251."
        ) from None


def _other_file(dataset: str, key: str, file: Mapping[str, Any], mine: str | None) -> str | None:
    """Return where a file other than the archive is; None for an optional one that isn't there."""
    if path := local_path(file.get("path"), f"datasets.{dataset}.files.{key}.path"):
        return path
    beside = _folders_to_look_in(mine)
    for folder in beside:
        for name in _names_of(file):
            if os.path.exists(path := os.path.join(folder, name)):
                return path
    put_there = os.path.exists(layout.downloaded(dataset, file["name"]))
    if put_there or file.get("urls") or (not mine and not file.get("optional")):
        return layout.fetched(dataset, file["name"])
    if file.get("optional"):
        return None
    raise UserError(
        f"datasets.{dataset} needs the file {file['name']}, which was looked for in"
        f" {' and '.join(os.path.abspath(folder) for folder in beside)}: put it there, or set"
        f" datasets.{dataset}.files.{key}.path to where it is."
    )


def _names_of(file: Mapping[str, Any]) -> list[str]:
    """Return what a user's copy of a file may be called.

    What can't be fetched is also found with commas, as Kaggle has CelebA's lists.
    """
    name = str(file["name"])
    stem, ending = os.path.splitext(name)
    return [name, f"{stem}.csv"] if ending == ".txt" and not file.get("urls") else [name]


def _folders_to_look_in(mine: str | None) -> list[str]:
    if mine is None:
        return []
    parent = os.path.dirname(os.path.normpath(mine)) or "."
    return [mine, parent] if os.path.isdir(mine) else [parent]
