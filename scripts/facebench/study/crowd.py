"""Who else is in the gallery: the first data set of a list whose files are on this machine."""

from collections.abc import Mapping
from typing import Any

from facebench.datasets import READERS
from facebench.errors import UserError
from facebench.study.dataset_files import local_path, not_here

Config = Mapping[str, Any]

KEY = "decoys_first_of"


def decoys(config: Config) -> list[str]:
    """Return the decoys of a study: `poison.decoys`, and the first that is here of a list.

    A data set is here if its pictures are rendered, or if the folder, archive and files that it
    needs are on this machine. Raises `UserError` for a name that `datasets` doesn't define, for a
    path that is given but not there, and if none of the list is here.
    """
    given, choices = list(config["poison"]["decoys"]), config["poison"].get(KEY, [])
    for name in choices:
        if name not in config["datasets"]:
            raise UserError(
                f"poison.{KEY} names {name!r}; allowed: {', '.join(config['datasets'])}"
            )
    here = next((name for name in choices if is_here(name, config["datasets"][name])), None)
    if choices and here is None:
        raise UserError(
            f"poison.{KEY}: none of {', '.join(choices)} is on this machine. Set a variable that"
            " one of them names to where its pictures are, or add a data set of rendered people."
        )
    return given if here is None or here in given else [*given, here]


def is_here(dataset: str, spec: Mapping[str, Any]) -> bool:
    """Return whether all that a data set needs is on this machine, or is rendered."""
    own = [local_path(spec.get(key), f"datasets.{dataset}.{key}") for key in ("folder", "archive")]
    if READERS[spec["reader"]].rendered:
        return True
    if not any(own) and not spec.get("files"):
        return False
    return not not_here(dataset, spec)
