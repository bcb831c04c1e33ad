"""The commands that pages print: they name the study on show, and where it was run."""

import os
import re
import shlex
from pathlib import Path

from dashboard.data import places, settings
from dashboard.data.missing import Missing
from dashboard.data.settings import CHECKOUT
from facebench.study.dataset_files import one_variable


def run(*arguments: str) -> str:
    """Return the command that runs the study on show; empty where its configuration isn't known.

    arguments: options of Snakemake.
    """
    return _run(settings.study_file(), *arguments) if known() else ""


def run_another(study: str) -> str:
    """Return the command that runs a study of `studies/`, or the default one, beside that on show.

    Its results then lie beside those on show.
    """
    return _run(None if study == places.DEFAULT else CHECKOUT / "studies" / f"{study}.yaml")


def _run(configuration: Path | None, *arguments: str) -> str:
    inner = " ".join(shlex.quote(one) for one in [*arguments, *_directory()])
    if not re.fullmatch(r"[\w./+:@ -]*", inner):  # `make` would read more into it
        return _snakemake(configuration, "", *arguments)
    study = [f"STUDY={shlex.quote(_short(configuration))}"] if configuration else []
    given = _folders(configuration)
    return " ".join([*given, "make run", *study, *([f'ARGS="{inner}"'] if inner else [])])


def snakemake(target: str, *options: str) -> str:
    """Return the command that makes a file, or all files of a pattern; without one, the study.

    >>> snakemake("results/a b/*/x.parquet").rpartition(" -- ")[2]
    "'results/a b/'*/x.parquet"
    """
    return _snakemake(settings.study_file(), target, *options)


def _snakemake(configuration: Path | None, target: str, *options: str) -> str:
    own = ["--configfile", _short(configuration)] if configuration else []
    words = [*own, *_directory(), *options]
    start = [*_folders(configuration), ".venv/bin/snakemake --cores all"]
    command = " ".join([*start, *map(shlex.quote, words)])
    quoted = "*".join(map(shlex.quote, target.split("*")))
    return f"{command} -- {quoted}" if target else command


def known() -> bool:
    """Return whether the configuration of the study on show is known."""
    return places.study() == places.DEFAULT or settings.study_file() is not None


def _folders(configuration: Path | None) -> list[str]:
    """Return the variables that a study reads folders of the user's from, each with its folder.

    That of this process where it is set, or else one to be filled in.
    """
    try:
        config = settings.of_file(configuration)
        wanted = config["evaluate"]
        specs = [config[kind][name] for kind in ("datasets", "attacks") for name in wanted[kind]]
        given = [str(one[key]) for one in specs for key in ("folder", "published") if key in one]
    except (Missing, AttributeError, KeyError, TypeError, ValueError):
        return []
    names = [name for name in map(one_variable, given) if name]
    folders = {name: os.environ.get(name, f"path/to/{name.lower()}") for name in names}
    return [f"{name}={shlex.quote(folder)}" for name, folder in folders.items()]


def _directory() -> list[str]:
    """Return the option that names where the study was run, if that isn't this checkout."""
    return [] if places.root() == CHECKOUT else ["--directory", str(places.root())]


def _short(path: Path) -> str:
    """Return a path as it is written below the checkout, where commands are run."""
    path = Path(os.path.abspath(path))
    return str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)
