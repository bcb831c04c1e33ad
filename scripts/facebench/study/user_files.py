"""Where rules write, and the check that no file of a user's lies there.

Snakemake deletes the output of a rule before the rule runs, so users' files must not be there.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from facebench.datasets import READERS
from facebench.errors import UserError
from facebench.fetching.archives import MADE
from facebench.places import local
from facebench.store.layout import RESULTS, STORE, downloaded, fetched
from facebench.study.dataset_files import brings_folder, expanded, sources

#: Folders of the working directory that are the workflow's own.
OWN = (".snakemake", "benchmarks", "logs", RESULTS, STORE, "work")

#: The folder of the models that the workflow trains, one folder each. They can be used later.
TRAINED = "trained"

#: Folders of each data set in data/ that rules write; `downloads` beside them is for users' files.
OF_A_DATASET = ("files", "images", "images.part")


def trained_folders(config: Mapping[str, Any]) -> list[str]:
    """Return the folders of the models that a study trains."""
    return [f"{TRAINED}/{recipe}" for recipe in config["pretrain"]["recipes"]]


def written(datasets: Iterable[str]) -> list[str]:
    """Return the places that rules write here, except trained models.

    Those of `datasets`, and those of other studies' data sets if they exist.
    """
    ours = [f"data/{dataset}/{folder}" for dataset in datasets for folder in OF_A_DATASET]
    theirs = [str(path) for folder in OF_A_DATASET for path in Path("data").glob(f"*/{folder}")]
    return list(dict.fromkeys([*OWN, *ours, *theirs]))


def check_user_files(config: Mapping[str, Any]) -> None:
    """Raise `UserError`, a sentence for everything that a run could delete, before any job."""
    places = written(config["datasets"])
    wrong = []
    for key, path, better in _named_by_user(config):
        if place := _place_around(path, [*places, TRAINED]):
            wrong.append(_refused(key, path, place, better))
        elif place := _place_within(path, [*places, TRAINED]):
            wrong.append(
                f"{key} is {path}, and in it is {place}, where this workflow writes: give it a"
                f" folder of its own, for example {better}, or choose another --directory."
            )
    recipes = trained_folders(config)
    for name, spec in config["models"].items():
        if "path" in spec and spec["path"] not in recipes:
            path = str(local(spec["path"]))
            if place := _place_around(path, [*places, *recipes]):
                wrong.append(_refused(f"models.{name}.path", path, place, f"models/{name}"))
    for dataset, spec in config["datasets"].items():
        wrong += _left_in_data(dataset, spec)
    if wrong:
        raise UserError("\n".join(dict.fromkeys(wrong)))


def _named_by_user(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (key, path, a better path) of all pictures and lists that a configuration names."""
    for name, spec in config["datasets"].items():
        where, files = f"datasets.{name}", f"data/{name}/downloads"
        for key in ("folder", "published"):
            yield from _filled_in(f"{where}.{key}", spec.get(key), f"photos/{name}")
        archives = spec.get("archive", [])
        for path in [archives] if isinstance(archives, str) else archives:
            yield from _filled_in(f"{where}.archive", path, files)
        for key, file in spec.get("files", {}).items():
            yield from _filled_in(f"{where}.files.{key}.path", file.get("path"), files)
        with suppress(UserError):  # reported where the data set is used
            for key, path in sources(name, spec).files.items():
                if path != fetched(name, spec["files"][key]["name"]):
                    yield f"{where}.files.{key}.path", path, files
    for name, spec in config["models"].items():
        if "names_read" in spec:
            yield f"models.{name}.names_read", str(local(spec["names_read"])), "models/names.txt"
    for name, spec in config.get("all_pairs", {}).get("lists", {}).items():
        yield f"all_pairs.lists.{name}.file", str(local(spec["file"])), f"lists/{name}.txt"
    for name, spec in config["attacks"].items():
        yield from _filled_in(f"attacks.{name}.folder", spec.get("folder"), f"photos/{name}")


def _filled_in(key: str, path: str | None, better: str) -> Iterator[tuple[str, str, str]]:
    with suppress(UserError):  # reported where the data set, or the attack, is used
        if path and (found := expanded(path, key)):
            yield key, found, better


def _refused(key: str, path: str, place: str, better: str) -> str:
    return (
        f"{key} is {path}, and {place} is deleted when this workflow makes it again: move"
        f" it out of there, for example to {better}, and set {key} to that."
    )


def _left_in_data(dataset: str, spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every file in the places of `fetch` and `unpack` that no rule made."""
    for file in spec.get("files", {}).values():
        mine, right = fetched(dataset, file["name"]), downloaded(dataset, file["name"])
        if os.path.exists(mine) and not os.path.exists(right):  # `fetch` makes both
            yield f"{mine} would be deleted there when it is fetched: move it to {right}."
    images = Path(f"data/{dataset}/images")
    unpacked = not READERS[spec["reader"]].rendered and not brings_folder(dataset, spec)
    if unpacked and images.is_dir() and any(images.iterdir()) and not (images / MADE).exists():
        yield (
            f"{images} is not from this workflow, which would delete it to unpack an archive: move"
            f" it to, for example, photos/{dataset} and set datasets.{dataset}.folder to that."
        )


def _place_around(path: str, places: Iterable[str]) -> str | None:
    """Return the first of the `places` that `path` is, or lies in; None if there is none."""
    above = _known_as(*_and_above(path))
    return next((place for place in places if above & _known_as(*_spellings(place))), None)


def _place_within(path: str, places: Iterable[str]) -> str | None:
    """Return the first of the `places` that lies in the folder `path`; None if there is none."""
    itself = _known_as(*_spellings(path))
    return next((place for place in places if itself & _known_as(*_and_above(place))), None)


def _spellings(path: str) -> list[str]:
    """Return the absolute path with its links, and without."""
    return [os.path.abspath(path), os.path.realpath(path)]


def _and_above(path: str) -> set[str]:
    both = [Path(spelling) for spelling in _spellings(path)]
    return {str(folder) for one in both for folder in (one, *one.parents)}


def _known_as(*paths: str) -> set[str | tuple[int, int]]:
    """Return the paths, and device and inode: these are the same through links and mounts."""
    known: set[str | tuple[int, int]] = set(paths)
    for path in paths:
        with suppress(OSError):
            stat = os.stat(path)
            known.add((stat.st_dev, stat.st_ino))
    return known
