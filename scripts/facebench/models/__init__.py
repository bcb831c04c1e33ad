"""Models: an entry of the registry is the keyword arguments of its family.

`FAMILIES[family](**spec)` returns an `Encoder`. Importing this package loads no library of models;
the families do that when they load one.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.models import (
    dlib_family,
    fusion,
    onnx_family,
    openclip_family,
    pixels,
    random_family,
    sface_family,
    timm_family,
    vectors,
)
from facebench.models.encoder import Encoder, check_rows
from facebench.models.features import DEFAULT
from facebench.models.hub import Found, Unserved, Wanted, how_to_get_all, hub_answers
from facebench.places import local
from facebench.store.damage import read_json, undamaged
from facebench.store.records import file_sha256, library_versions
from facebench.timing import loading

Spec = Mapping[str, Any]

#: Keys of a registry entry that are for the workflow and for readers, not for the family.
COMMON = ("family", "facts", "names_read", "sha256", "threads", "gpu", "mem_mb", "download_mb")


@dataclass(frozen=True)
class Family:
    """How to load a model, where its files are, how large it is, and what it can do.

    kind: its name for readers. libraries: distributions whose versions its vectors depend on.
    beside: names the files beside its weights that hold part of them. text: it reads text.
    gradients: it can be a surrogate. control: it recognises nobody. elsewhere: its vectors were
    made elsewhere, and their files have their sha256 in the record when they are read. features:
    it may be asked for a `feature` other than its embedding. fused: its vectors are made of those
    of two other models.
    """

    load: Callable[..., Encoder]
    parameters: Callable[..., tuple[int, int]]
    wanted: Callable[..., Wanted] | None = None
    kind: str = "made for faces"
    libraries: tuple[str, ...] = ()
    beside: Callable[[Path], list[str]] | None = None
    text: bool = False
    gradients: bool = False
    control: bool = False
    elsewhere: bool = False
    features: bool = False
    fused: bool = False

    def versions(self) -> dict[str, str]:
        """Return the installed versions of `libraries`."""
        return library_versions(*self.libraries)

    def __call__(self, **spec: Any) -> Encoder:
        """Return the loaded model."""
        return self.load(**spec)


FAMILIES = {
    "open_clip": Family(
        openclip_family.load,
        openclip_family.parameters,
        openclip_family.wanted,
        kind="CLIP",
        libraries=("open-clip-torch", "torch", "torchvision"),
        text=True,
        gradients=True,
        features=True,
    ),
    "timm": Family(
        timm_family.load,
        timm_family.parameters,
        timm_family.wanted,
        libraries=("timm", "torch", "torchvision"),
        gradients=True,
    ),
    "random": Family(
        random_family.load,
        random_family.parameters,
        random_family.wanted,
        kind="untrained CLIP",
        libraries=("open-clip-torch", "torch", "torchvision"),
        text=True,
        gradients=True,
        control=True,
        features=True,
    ),
    "dlib": Family(
        dlib_family.load,
        dlib_family.parameters,
        dlib_family.wanted,
        libraries=("torch", "torchvision"),
        gradients=True,
    ),
    "sface": Family(
        sface_family.load,
        sface_family.parameters,
        sface_family.wanted,
        libraries=("onnx", "torch", "torchvision"),
        gradients=True,
    ),
    "pixels": Family(pixels.load, pixels.parameters, kind="raw pixels", control=True),
    "onnx": Family(
        onnx_family.load,
        onnx_family.parameters,
        onnx_family.wanted,
        libraries=("onnxruntime",),
        beside=onnx_family.external,
    ),
    "vectors": Family(
        vectors.load,
        vectors.parameters,
        vectors.wanted,
        kind="vectors made elsewhere",
        elsewhere=True,
    ),
    "fusion": Family(fusion.load, fusion.parameters, kind="fusion of two models", fused=True),
}


def arguments(spec: Spec) -> dict[str, Any]:
    """Return the part of a registry entry that its family takes.

    The default feature is left out: what is said of a model is the same whether it is named.

    >>> arguments({"family": "random", "arch": "RN50", "facts": {"licence": "mit"}, "threads": 4})
    {'arch': 'RN50'}
    """
    return {
        key: value
        for key, value in spec.items()
        if key not in COMMON and (key, value) != ("feature", DEFAULT)
    }


def feature_of(spec: Spec) -> str:
    """Return which of `FEATURES` the rows of a model of this entry are."""
    return str(spec.get("feature", DEFAULT))


def is_fusion(spec: Any) -> bool:
    """Return whether an entry is a fusion of two others; False for what is no entry at all."""
    family = FAMILIES.get(str(spec.get("family"))) if isinstance(spec, Mapping) else None
    return family is not None and family.fused


def load(
    spec: Spec,
    files: Mapping[str, str | Path] | None = None,
    device: str = "auto",
    precision: str = "auto",
    features: Sequence[str] = (),
) -> Encoder:
    """Return the model of a registry entry; `files` (see `find`) are looked for if not given.

    features: more than one of `FEATURES`, all of one pass, in place of the entry's one.
    Raises `UserError` for one that can't be loaded or tells no pictures apart.
    """
    found = find(spec).files if files is None else {k: Path(v) for k, v in files.items()}
    family, given = FAMILIES[spec["family"]], arguments(spec)
    if features:
        given["feature"] = tuple(features)
    with loading():
        encoder = family(files=found, device=device, precision=precision, **given)
        named = {"weights": found.get("weights", f"The family {spec['family']}"), **spec}
        keys = ("path", "repo", "arch", "weights")
        check_rows(encoder, str(next(named[key] for key in keys if key in named)))
    return encoder


def find(spec: Spec) -> Found:
    """Return a model's files, downloaded where needed and allowed."""
    wanted = FAMILIES[spec["family"]].wanted
    return Found({}) if wanted is None else wanted(**arguments(spec)).find()


def other_hashes(family: str, files: Mapping[str, Path]) -> dict[str, Any]:
    """Return the sha256 of a model's other files, for its record.

    `config_sha256`, say, and `data_sha256` by name of the files that hold part of the weights.
    """
    hashes: dict[str, Any] = {
        f"{what}_sha256": file_sha256(path) for what, path in files.items() if what != "weights"
    }
    beside = FAMILIES[family].beside
    if beside is not None and (names := beside(files["weights"])):
        hashes["data_sha256"] = {
            name: file_sha256(files["weights"].parent / name) for name in names
        }
    return hashes


def read_description(path: str | Path) -> dict[str, Any]:
    """Return the description of a model that the rule `weights` wrote.

    Raises `UserError` if the weights are gone or their sha256 has changed.
    """
    model = read_json(path)
    with undamaged(path):
        name, weights = model["model"], model["files"].get("weights")
        sha256 = model["record"]["weights_sha256"]
    if weights is None:
        return model
    again = f"Delete {path} and run again."
    if not Path(weights).exists():
        raise UserError(f"The weights of {name} are no longer at {weights}. {again}")
    if file_sha256(weights) != sha256:
        raise UserError(f"The weights of {name} at {weights} have changed. {again}")
    return model


def state(spec: Spec) -> list[tuple[str, int, int]]:
    """Return name, size and time of the files of a model given by `path`: what a rule watches.

    A file's tensors, or its table, may be in others whose names begin as its own; all are watched,
    and so is the config of an open_clip network beside it.
    Empty where nothing is there: `missing_weights` says so in words.
    """
    states = []
    for place in [local(spec[key]) for key in ("path", "ids") if key in spec]:
        base = place if place.is_dir() else place.parent
        files = [*base.rglob("*")] if place.is_dir() else [*base.glob(f"{escape(place.stem)}*")]
        files += [] if place.is_dir() else [base / name for name in openclip_family.CONFIG]
        stats = [(file, file.stat()) for file in sorted({*files}) if file.is_file()]
        states += [(f"{f.relative_to(base)}", stat.st_size, stat.st_mtime_ns) for f, stat in stats]
    return states


def reads_text(spec: Spec) -> bool:
    """Return whether a model of this entry has a text tower, whose vectors are in its space."""
    return FAMILIES[spec["family"]].text and feature_of(spec) == DEFAULT


def missing_weights(models: Mapping[str, Spec]) -> list[str]:
    """Return sentences on models whose files are neither here nor downloadable.

    One for every model that has files of its own, and one for all whose files are on the hub.
    Called before any job. Cheap: looks into the hub's cache and, unless HF_HUB_OFFLINE is set, asks
    the hub for headers. Where huggingface_hub isn't installed (the models have an environment of
    their own), it returns nothing.
    """
    try:
        from huggingface_hub import constants
    except ImportError:
        return []
    online, sentences = not constants.is_offline_mode(), []
    unserved: dict[str, Unserved] = {}
    for name, spec in models.items():
        wanted = FAMILIES[spec["family"]].wanted
        try:
            missing = None if wanted is None else wanted(**arguments(spec)).missing(online)
        except UserError as error:
            missing = str(error)
        if isinstance(missing, Unserved):
            online = online and hub_answers()
            unserved[name] = missing
        elif missing:
            sentences.append(f"{name}: {missing}")
    sizes = {n: models[n]["download_mb"] for n in unserved if "download_mb" in models[n]}
    return sentences + ([how_to_get_all(unserved, sizes)] if unserved else [])


def to_download(models: Mapping[str, Spec]) -> list[str]:
    """Return the models whose files are not on this machine; asks nobody."""
    try:
        import huggingface_hub  # noqa: F401
    except ImportError:
        return []
    names = []
    for name, spec in models.items():
        wanted = FAMILIES[spec["family"]].wanted
        with suppress(UserError):  # `missing_weights` tells it
            names += [name] if wanted and wanted(**arguments(spec)).uncached() else []
    return names
