"""Ready-made pictures that lie where a data set's own pictures are.

Beside their originals, as programs for cloaking save them, they are told by the endings of their
names and are no pictures of the data set. A folder of them within a data set's would be one more
person.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.study.dataset_files import local_path, ready_made

Config = Mapping[str, Any]


def check_cloaks(config: Config) -> None:
    """Raise `UserError` if an attack's folder lies within the folder of an evaluated data set."""
    for dataset in config["evaluate"]["datasets"]:
        for attack, folder in _folders(config):
            mine = _folder_of(config, dataset)
            if mine and folder != mine and mine in folder.parents:
                raise UserError(
                    f"attacks.{attack}.folder is {folder}, which lies in datasets.{dataset}.folder,"
                    f" {mine}: its pictures would count as photographs. Move it out of there."
                )


def endings_beside(config: Config, dataset: str) -> list[str]:
    """Return the endings of names that tell cloaks in a data set's folder from its pictures.

    Those of all ready-made attacks: also of pictures that the attack takes from elsewhere.
    """
    if _folder_of(config, dataset) is None:
        return []
    attacks = [attack for attack, _ in _folders(config)]
    return sorted({e for attack in attacks for e in config["attacks"][attack]["endings"]} - {""})


def endings_of(config: Config, dataset: str, attack: str) -> list[str]:
    """Return the endings of an attack's pictures of a data set.

    In the data set's own folder, a name without an ending is the original's, unless no other ending
    is asked for.
    """
    endings: list[str] = config["attacks"][attack]["endings"]
    beside = dict(_folders(config)).get(attack) == _folder_of(config, dataset)
    return [ending for ending in endings if ending] or endings if beside else endings


def _folders(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield (attack, folder) of all ready-made pictures that are there."""
    for attack, spec in config["attacks"].items():
        with suppress(UserError):  # reported where the attack is used
            if folder := ready_made(attack, spec):
                yield attack, Path(os.path.realpath(folder))


def _folder_of(config: Config, dataset: str) -> Path | None:
    """Return the user's folder of a data set's pictures; None where they are elsewhere."""
    with suppress(UserError):  # reported where the data set is used
        if folder := local_path(config["datasets"][dataset].get("folder"), "folder"):
            return Path(os.path.realpath(folder))
    return None
