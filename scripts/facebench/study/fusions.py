"""Fusions of two models as models of their own: `evaluate.fusions` becomes entries and names."""

from collections.abc import Iterator, Mapping
from typing import Any

from facebench.models import is_fusion
from facebench.study.features import rows_of

Config = Mapping[str, Any]


def parts_of(config: Config) -> dict[str, tuple[str, str]]:
    """Return the fusions of a checked configuration that a study evaluates, each with its models.

    >>> models = {"both": {"family": "fusion", "of": ["a", "b"]}, "a": {"family": "pixels"}}
    >>> parts_of({"models": models, "evaluate": {"models": ["a", "both"]}})
    {'both': ('a', 'b')}
    """
    specs = {name: config["models"][name] for name in config["evaluate"]["models"]}
    return {name: tuple(spec["of"]) for name, spec in specs.items() if is_fusion(spec)}


def without(config: Config) -> list[str]:
    """Return the models of a study that are no fusion of others."""
    return [name for name in config["evaluate"]["models"] if not is_fusion(config["models"][name])]


def with_fusions(config: Config) -> dict[str, Any]:
    """Return a checked configuration in which every fusion is a model behind all others."""
    asked = config["evaluate"].get("fusions", {})
    entries = {name: _entry(parts) for name, parts in asked.items()}
    names = dict.fromkeys([*config["evaluate"]["models"], *entries])
    study = {**config["evaluate"], "models": [*names]}
    return {**config, "models": {**config["models"], **entries}, "evaluate": study}


def _entry(parts: list[str]) -> dict[str, Any]:
    """Return the entry of a fusion, with what the schema would fill in."""
    return {"family": "fusion", "of": [*parts], "threads": 1, "gpu": 0, "mem_mb": 2000}


def unusable(config: Config) -> Iterator[str]:
    """Yield a sentence for every fusion that a study can't ask for."""
    study, models = config.get("evaluate"), config.get("models")
    if not isinstance(study, Mapping) or not isinstance(models, Mapping):
        return  # the schema says so
    named, asked = study.get("models"), study.get("fusions")
    if not isinstance(named, list) or not isinstance(asked, Mapping):
        return
    try:
        known = {*map(str, named), *(name for _, _, name in rows_of(config))}
    except (AttributeError, TypeError):
        return
    given = {name: models[name] for name in map(str, named) if name in models}
    made = {name: spec.get("of") for name, spec in given.items() if is_fusion(spec)}
    for name, parts in {**made, **asked}.items():
        where = f"evaluate.fusions.{name}" if name in asked else f"models.{name}.of"
        if not isinstance(parts, list):
            continue
        for part in map(str, parts):
            if part in asked or part in made:
                yield f"{where}: {part} is a fusion itself; a fusion is of two models"
            elif part not in known:
                yield f"{where}: evaluate.models doesn't name {part}; a fusion is of models there"
        if name in asked and name in models and models[name] != _entry(parts):
            yield f"{where}: models has another {name}; give the fusion another name"
