"""Configuration, registries and the few helpers that rules share: all Python of the Snakefile."""

import re
import sys
from hashlib import sha256
from modulefinder import ModuleFinder
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, f"{workflow.basedir}/scripts")

from facebench.config import checked
from facebench.errors import UserError
from facebench.models import arguments, missing_weights, state
from facebench.plan import folders, something_to_measure
from facebench.records import file_sha256
from facebench.sources import (
    ORIGIN_KEYS,
    fetched,
    fingerprint,
    local_path,
    ready_made,
    sources,
    unobtainable,
)
from facebench.terminal import what_next

try:
    config = checked(config, f"{workflow.basedir}/rules/config.schema.yaml")
    EVALUATE = config["evaluate"]
    PRETRAIN = config["pretrain"]
    for dataset in EVALUATE["datasets"]:
        sources(dataset, config["datasets"][dataset])
    for attack in EVALUATE["attacks"]:
        ready_made(attack, config["attacks"][attack])
    something_to_measure(config)
except UserError as error:
    raise WorkflowError(str(error)) from None


def one_of(names):
    """Return a wildcard constraint: one of these names; what matches nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


# A variant of the faces that wasn't saved again: as they are, or after an attack.
ONCE = one_of(["clean", *config["attacks"]])

# What rule `pretrain` makes.
TRAINED = [f"trained/{recipe}" for recipe in PRETRAIN["recipes"]]


wildcard_constraints:
    dataset=one_of(config["datasets"]),
    crop=one_of(config["crops"]),
    attack=one_of(config["attacks"]),
    reencoding=one_of(config["reencodings"]),
    variant=rf"(?:{ONCE})(?:\+(?:{one_of(config['reencodings'])}))?",
    model=one_of(config["models"]),
    recipe=one_of(PRETRAIN["recipes"]),


def library(script):
    """Return a hash of the package files that a script imports, at any depth, and their data.

    As a parameter of the script's rule it makes an edit of any of them rerun the rule, and nothing
    else: neither a checkout nor a touched file does.
    """
    finder = ModuleFinder(path=[f"{workflow.basedir}/scripts"])
    finder.run_script(f"{workflow.basedir}/scripts/{script}")
    files = {Path(module.__file__) for module in finder.modules.values() if module.__file__}
    package = Path(workflow.basedir) / "scripts" / "facebench"
    used = {file for file in files if file.is_relative_to(package)}
    used |= {data for file in used for data in file.parent.glob("*.toml")}
    digest = sha256()
    for file in sorted(used):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def sources_of(wildcards):
    """Return where the files of a data set are: see `facebench.sources`."""
    return sources(wildcards.dataset, config["datasets"][wildcards.dataset])


def pictures(wildcards):
    """Return the folder of a data set's pictures: the user's own, or what `unpack` makes."""
    return sources_of(wildcards).pictures


def archive(wildcards):
    """Return the archive that a data set's pictures come from; nothing for a folder."""
    return sources_of(wildcards).archive or []


def other_files(wildcards):
    """Return the files of a data set that are not pictures: lists of people, pairs, landmarks."""
    return list(sources_of(wildcards).files.values())


def file_keys(wildcards):
    """Return what each of `other_files` is: pairs, identity, attributes, ..."""
    return list(sources_of(wildcards).files)


def remote_file(wildcards):
    """Return the name, mirrors and sha256 of a file that `fetch` gets."""
    files = config["datasets"][wildcards.dataset].get("files", {}).values()
    return next(file for file in files if file["name"] == wildcards.file)


def remote_sha256(wildcards):
    """Return the sha256 that a fetched file must have; its own where none is known."""
    file = remote_file(wildcards)
    return file.get("sha256") or file_sha256(fetched(wildcards.dataset, file["name"]))


def reader_options(wildcards):
    """Return the options of a data set's reader."""
    spec = config["datasets"][wildcards.dataset]
    return {key: value for key, value in spec.items() if key not in ORIGIN_KEYS}


def picture_state(wildcards):
    """Return what changes when a picture comes into, or leaves, a folder used in place."""
    spec = config["datasets"][wildcards.dataset]
    mine = [pictures(wildcards)] if "folder" in spec else []
    mine += [local_path(spec["published"], "published")] if "published" in spec else []
    return " ".join(fingerprint(folder) for folder in mine)


def datasets_read_by(*readers):
    """Return a wildcard constraint: the data sets that one of these readers reads."""
    names = [name for name, spec in config["datasets"].items() if spec["reader"] in readers]
    return one_of(names)


def contact_sheets():
    """Return the contact sheets of the study: one for every data set and crop."""
    return [f"{folder}/contact-sheet.jpg" for _, folder in folders(config)]


def what_to_load(wildcards):
    """Return the part of a model's entry that says what it is, without facts and resources."""
    spec = config["models"][wildcards.model]
    identity = {key: spec[key] for key in ("family", "sha256") if key in spec}
    return {**arguments(spec), **identity}


def training_results():
    """Return the picture of the training, where the study trains models."""
    return ["results/training.svg"] if TRAINED else []


def trained(wildcards):
    """Return the folder of a model that this workflow trains itself; nothing for any other."""
    path = config["models"][wildcards.model].get("path")
    return path if path in TRAINED else []


def state_of_weights(wildcards):
    """Return what changes when the files of a model given by its path do.

    A model that this workflow trains is an input of its rule instead.
    """
    return [] if trained(wildcards) else state(config["models"][wildcards.model])


def attack_spec(wildcards):
    """Return the part of an attack's entry that its result depends on, its folder found."""
    spec = config["attacks"][wildcards.attack]
    folder = ready_made(wildcards.attack, spec)
    found = {"folder": folder} if folder else {}
    return {key: value for key, value in {**spec, **found}.items() if key != "mem_mb"}


def attack_state(wildcards):
    """Return what changes when a picture comes into, or leaves, the folder of ready-made ones."""
    folder = ready_made(wildcards.attack, config["attacks"][wildcards.attack])
    return fingerprint(folder) if folder else ""


def surrogates_gpu(wildcards):
    """Return how many GPUs an attack uses where there are any: as many as its surrogates."""
    surrogates = config["attacks"][wildcards.attack].get("surrogates", [])
    return max((config["models"][name]["gpu"] for name in surrogates), default=0)


def surrogate_files(pattern):
    """Return an input function: the files that `pattern` gives for an attack's surrogates."""

    def files(wildcards):
        surrogates = config["attacks"][wildcards.attack].get("surrogates", [])
        return expand(pattern, surrogate=surrogates, allow_missing=True)

    return files


def show_summary():
    """Print the summary, unless the run was asked for something else than the whole study."""
    summary = Path("results/summary.md")
    metrics = Path("results/metrics.parquet")
    if summary.exists() and metrics.exists() and asked_for_all():
        print(summary.read_text())
        print(what_next(summary.parent, workflow.basedir), flush=True)


def asked_for_all():
    """Return whether this run was to bring the whole study about."""
    targets = workflow.dag_settings.targets if workflow.dag_settings else ()
    return not targets or "all" in targets


def check_files():
    """Refuse to start when files are neither here nor to be had, one sentence each."""
    attacks = [config["attacks"][name] for name in EVALUATE["attacks"]]
    surrogates = [name for attack in attacks for name in attack.get("surrogates", [])]
    specs = {name: config["models"][name] for name in [*EVALUATE["models"], *surrogates]}
    made_here = {name for name, spec in specs.items() if spec.get("path") in TRAINED}
    missing = missing_weights({name: specs[name] for name in specs.keys() - made_here})
    for dataset in [*EVALUATE["datasets"], *config["poison"]["decoys"]]:
        missing += unobtainable(dataset, config["datasets"][dataset])
    if missing:
        raise WorkflowError("\n".join(missing))
