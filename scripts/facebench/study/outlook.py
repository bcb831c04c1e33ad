"""What a study is going to take, told before it runs: downloads, large models, minutes if known."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from facebench.logs import duration
from facebench.models import missing_weights, to_download
from facebench.models.hub import cache, in_words
from facebench.store import layout
from facebench.study import measurable, workload
from facebench.study.dataset_files import brings_folder, not_here, sources
from facebench.study.picture_counts import pictures
from facebench.study.user_files import trained_folders
from facebench.texts import counted

Config = Mapping[str, Any]

#: How long shipped studies took on two cores: docs/results-run-time.md, studies/.
TOOK = {
    "default": "4 minutes", "lfw": "40 minutes", "poison": "17 minutes",
    "typographic": "a minute where the default study was run", "pretraining": "two hours",
}  # fmt: skip
#: Computed: the pictures to be shown, and rendered, at the rates in docs/models.md.
COMPUTED = {"names-seen": "75 minutes", "caption-poisoning": "40 minutes"}
#: How long studies of one's own photographs take on two cores: seconds for the start of all steps,
#: and for a photograph. From processor time with 90 rendered ones of 320 pixels, rounded up.
OWN = {"mine": (20.0, 0.15), "my-cloaks": (40.0, 0.35)}
#: No time below this is promised.
LEAST = 60


def missing_files(config: Config) -> list[str]:
    """Return a sentence on every cause for which files are neither here nor downloadable.

    Data sets come first: without one, no model's weights are of use.
    """
    alike: dict[str, list[str]] = {}
    for dataset in _datasets(config):
        spec = config["datasets"][dataset]
        gone = [file for file in not_here(dataset, spec) if not file.get("urls")]
        if gone:
            files = " and ".join(file["name"] for file in gone)
            size = in_words([file.get("download_mb") for file in gone])
            them = "it" if len(gone) == 1 else "them"
            archive = str(spec.get("archive", ""))
            set_it = f", or set {archive[1:]} to the archive's path" if archive[:1] == "$" else ""
            said = (
                f"{files}{size}, which can't be downloaded by a program: put {them} into {{}}"
                f"{set_it}. docs/adding.md says where to get {them}."
            )
            alike.setdefault(said, []).append(dataset)
    missing = [*_of_datasets(alike), *missing_weights(_fetched_models(config))]
    return [*_empty_folders(config), *missing]


def _empty_folders(config: Config) -> Iterator[str]:
    """Yield a sentence on every folder of the user's that is there and holds no file."""
    for dataset in _datasets(config):
        spec = config["datasets"][dataset]
        if brings_folder(dataset, spec):
            folder = Path(sources(dataset, spec).pictures)
            if folder.is_dir() and not any(files for _, _, files in os.walk(folder)):
                yield f"datasets.{dataset}: the folder {folder} holds no file."


def lines(config: Config, in_full: bool = False) -> Iterator[str]:
    """Yield what a study will take: what is downloaded, the work of large models, the time.

    in_full: that work model by model, and not in a line.
    """
    study = config["evaluate"]
    what = f"{counted(len(study['models']), 'model', 'models')} on {', '.join(study['datasets'])}"
    yield f"Study {config['study']}: {what}{time_of(config)}."
    yield from (f"warning: {sentence}" for sentence in measurable.warnings(config))
    if fetched := [*_to_fetch(config)]:
        yield f"To download: {'; '.join(each.said for each in fetched)}. {room(fetched)}"
    if workload.is_long(config):
        yield from workload.in_full(config) if in_full else [workload.in_a_line(config)]


def time_of(config: Config) -> str:
    """Return how long a shipped study takes, as the end of a sentence; empty where not known.

    For one's own photographs it depends on how many there are.
    """
    study, took = config["study"], TOOK.get(config["study"])
    if study in OWN:
        start, each = OWN[study]
        names = config["evaluate"]["datasets"]
        count = sum(pictures(name, config["datasets"][name]) for name in names)
        said = counted(count, "photograph", "photographs")
        took = duration(max(LEAST, start + each * count))
        return f" ({said}); about {took} on two cores, more where photographs are large"
    if study in COMPUTED:
        return f"; about {COMPUTED[study]} on two cores, as computed and never measured"
    return f"; about {took} on two cores" if took else ""


class Fetch(NamedTuple):
    """What is downloaded: in words, its sizes where they are known, and into which folder."""

    said: str
    megabytes: Sequence[float | None]
    folder: Path


def room(fetched: Sequence[Fetch]) -> str:
    """Return how much is free where downloads go, and whether that is too little for them.

    Only sizes that are known count, and nothing of what is made of the files.
    """
    needed: dict[int, float] = {}
    places: dict[int, Path] = {}
    for each in fetched:
        whole = each.folder.absolute()
        there = next(place for place in (whole, *whole.parents) if place.exists())
        disk = there.stat().st_dev
        places.setdefault(disk, there)
        needed[disk] = needed.get(disk, 0) + sum(size or 0 for size in each.megabytes) * 1e6
    said = []
    for disk, place in places.items():
        free = shutil.disk_usage(place).free
        where = "on this disk" if disk == Path().stat().st_dev else f"on the disk of {place}"
        short = (
            f": not enough for these {needed[disk] / 1e9:,.1f} GB" if needed[disk] > free else ""
        )
        said.append(f"{free / 1e9:,.{0 if free > 1e10 else 1}f} GB are free {where}{short}.")
    return " ".join(said)


def _fetched_models(config: Config) -> dict[str, Any]:
    """Return the entries of a study's models and surrogates, without those it trains itself."""
    study = config["evaluate"]
    attacks = [config["attacks"][name] for name in study["attacks"]]
    surrogates = [name for attack in attacks for name in attack.get("surrogates", [])]
    specs = {name: config["models"][name] for name in [*study["models"], *surrogates]}
    ours = trained_folders(config)
    return {name: spec for name, spec in specs.items() if spec.get("path") not in ours}


def _of_datasets(alike: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the sentences on missing files, each with the data sets that need these."""
    for said, names in alike.items():
        keys = " and ".join(f"datasets.{name}" for name in names)
        folders = " and ".join(os.path.abspath(layout.downloads(name)) for name in names)
        yield f"{keys} {'needs' if len(names) == 1 else 'need'} {said.format(folders)}"


def _to_fetch(config: Config) -> Iterator[Fetch]:
    """Yield what is downloaded."""
    for dataset in _datasets(config):
        for file in not_here(dataset, config["datasets"][dataset]):
            if file.get("urls"):
                sizes = [file.get("download_mb")]
                said = f"{file['name']} of {dataset}{in_words(sizes)}"
                yield Fetch(said, sizes, Path(layout.fetched(dataset, file["name"])).parent)
    specs = _fetched_models(config)
    if names := to_download(specs):
        sizes = [specs[name].get("download_mb") for name in names]
        few = ", ".join(names) if len(names) < 5 else counted(len(names), "model", "models")
        yield Fetch(f"the weights of {few}{in_words(sizes)}", sizes, cache())


def _datasets(config: Config) -> list[str]:
    """Return the data sets that a study evaluates or takes decoys from."""
    return list(dict.fromkeys([*config["evaluate"]["datasets"], *config["poison"]["decoys"]]))
