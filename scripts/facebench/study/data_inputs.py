"""Inputs and parameters of the rules that read a data set's own files.

Every function takes the configuration first and then, where it is an input or params function, the
wildcards of a job. What a rule makes is an input. A user's own files are parameters, with a state
that changes with them: Snakemake would go by their times, and refuses those ahead of the clock.
"""

from collections.abc import Callable, Mapping
from typing import Any

from facebench.errors import UserError
from facebench.store import layout
from facebench.store.records import file_sha256
from facebench.study import seen
from facebench.study.dataset_files import (
    ORIGIN_KEYS,
    Sources,
    code_page,
    own_archive,
    own_files,
    sources,
)

Config = Mapping[str, Any]


def sources_of(config: Config, wildcards: Any) -> Sources:
    """Return where the files of a data set are."""
    return sources(wildcards.dataset, config["datasets"][wildcards.dataset])


def pictures(config: Config, wildcards: Any) -> str:
    """Return the folder of a data set's pictures: the user's own, or what a rule makes."""
    return pictures_of(config, wildcards.dataset)


def pictures_of(config: Config, dataset: str) -> str:
    """Return the same for a data set by its name."""
    return sources(dataset, config["datasets"][dataset]).pictures


def place_of_pictures(config: Config, dataset: str) -> Callable[[Any], str]:
    """Return a params function: the folder of a data set's pictures."""
    return lambda wildcards: pictures_of(config, dataset)


def made_pictures(config: Config, wildcards: Any) -> list[str]:
    """Return the folder of a data set's pictures if a rule makes it, as an input."""
    return made_pictures_of(config, wildcards.dataset)


def made_pictures_of(config: Config, dataset: str) -> list[str]:
    """Return the same for a data set by its name."""
    folder = pictures_of(config, dataset)
    return [folder] if folder == layout.pictures(dataset) else []


def archive(config: Config, wildcards: Any) -> str:
    """Return the archive that a data set's pictures come from; "" for a folder."""
    return sources_of(config, wildcards).archive or ""


def fetched_archive(config: Config, wildcards: Any) -> list[str]:
    """Return the same if a rule fetches it, as an input."""
    found = archive(config, wildcards)
    mine = own_archive(wildcards.dataset, config["datasets"][wildcards.dataset])
    return [found] if found and not mine else []


def archive_state(config: Config, wildcards: Any) -> str:
    """Return what changes with a user's own archive; "" for one that is fetched."""
    mine = own_archive(wildcards.dataset, config["datasets"][wildcards.dataset])
    return seen.state((mine,), layout.seen("archive", wildcards.dataset)) if mine else ""


def encoding(config: Config, wildcards: Any) -> str:
    """Return the code page of the names in a data set's archive; "" where it isn't given."""
    return code_page(wildcards.dataset, config["datasets"][wildcards.dataset])


def other_files(config: Config, wildcards: Any) -> dict[str, str]:
    """Return the files of a data set that are not pictures, by what they are: pairs, identity."""
    return sources_of(config, wildcards).files


def fetched_files(config: Config, wildcards: Any) -> list[str]:
    """Return those of `other_files` that a rule fetches, as inputs."""
    mine = watched(config, wildcards)
    return [path for path in other_files(config, wildcards).values() if path not in mine]


def watched(config: Config, wildcards: Any) -> list[str]:
    """Return the user's own folders and files that a data set is listed from."""
    return own_files(wildcards.dataset, config["datasets"][wildcards.dataset])


def picture_state(config: Config, wildcards: Any) -> str:
    """Return what changes when one of the `watched` files does; "" where there are none."""
    mine = tuple(watched(config, wildcards))
    return seen.state(mine, layout.seen("dataset", wildcards.dataset)) if mine else ""


def remote_file(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the name and the sha256 of a file that `fetch` gets: what it is, not where."""
    files = config["datasets"][wildcards.dataset].get("files", {}).values()
    for file in files:
        if file["name"] == wildcards.file:
            return {key: file[key] for key in ("name", "sha256") if key in file}
    raise UserError(
        f"datasets.{wildcards.dataset}.files names no {wildcards.file}: nothing is fetched."
    )


def remote_sha256(config: Config, wildcards: Any) -> str:
    """Return the sha256 that a fetched file must have; its own where none is known."""
    file = remote_file(config, wildcards)
    return file.get("sha256") or file_sha256(layout.fetched(wildcards.dataset, file["name"]))


def reader_options(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the options of a data set's reader."""
    spec = config["datasets"][wildcards.dataset]
    return {key: value for key, value in spec.items() if key not in ORIGIN_KEYS}
