"""Several trainings of one recipe: its `seeds` become recipes, and models, of one seed each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facebench.study.user_files import TRAINED


def with_seeds(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked configuration in which every training is a recipe of its own.

    Of a recipe `x` with `seeds` [0, 7] these are `x-0` and `x-7`. A model whose path is `trained/x`
    becomes one for each of them, with the same endings, in the registry and in `evaluate`.
    """
    recipes: dict[str, Any] = {}
    ends: dict[str, list[str]] = {}
    for name, spec in config["pretrain"]["recipes"].items():
        alone = {key: value for key, value in spec.items() if key != "seeds"}
        for seed in spec.get("seeds", []):
            recipes[f"{name}-{seed}"] = {**alone, "seed": seed}
            ends.setdefault(f"{TRAINED}/{name}", []).append(f"-{seed}")
        if "seeds" not in spec:
            recipes[name] = alone
    models: dict[str, Any] = {}
    behind: dict[str, list[str]] = {}
    for name, spec in config["models"].items():
        for end in ends.get(spec.get("path"), [""]):
            models[f"{name}{end}"] = {**spec, "path": f"{spec['path']}{end}"} if end else spec
            behind.setdefault(name, []).append(f"{name}{end}")
    names = [each for name in config["evaluate"]["models"] for each in behind[name]]
    return {
        **config,
        "models": models,
        "evaluate": {**config["evaluate"], "models": names},
        "pretrain": {**config["pretrain"], "recipes": recipes},
    }


def recipe_of(name: str, spec: Mapping[str, Any]) -> str:
    """Return what a training is one seed of, as the study's file calls it.

    >>> recipe_of("x-7", {"seed": 7}), recipe_of("mini-s", {"seed": 0})
    ('x', 'mini-s')
    """
    return name.removesuffix(f"-{spec['seed']}")


def clashing(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every training, or model, that would have the name of another."""
    pretrain, models = config.get("pretrain"), config.get("models")
    recipes = pretrain.get("recipes") if isinstance(pretrain, Mapping) else None
    if not isinstance(recipes, Mapping) or not isinstance(models, Mapping):
        return  # the schema says so
    for name, spec in recipes.items():
        seeds = spec.get("seeds") if isinstance(spec, Mapping) else None
        for seed in seeds if isinstance(seeds, list) else []:
            if f"{name}-{seed}" in recipes:
                yield f"pretrain.recipes.{name}.seeds: there is another {name}-{seed}; rename it"
            for model, entry in models.items():
                if _is_of(entry, name) and f"{model}-{seed}" in models:
                    yield f"models.{model}: there is another {model}-{seed}; rename that one"
        if isinstance(seeds, list) and seeds:
            ours = [model for model, entry in models.items() if _is_of(entry, name)]
            yield from _named_elsewhere(config, ours)


def _is_of(entry: Any, recipe: str) -> bool:
    return isinstance(entry, Mapping) and entry.get("path") == f"{TRAINED}/{recipe}"


def _named_elsewhere(config: Mapping[str, Any], ours: Sequence[str]) -> Iterator[str]:
    """Yield a sentence where one of `ours`, which has several seeds, must be a single model."""
    study, attacks = config.get("evaluate"), config.get("attacks")
    places: dict[str, Any] = {}
    if isinstance(study, Mapping):
        places["evaluate.features"] = study.get("features")
        fusions = study.get("fusions")
        for name, parts in fusions.items() if isinstance(fusions, Mapping) else ():
            places[f"evaluate.fusions.{name}"] = parts
    for name, spec in attacks.items() if isinstance(attacks, Mapping) else ():
        if isinstance(spec, Mapping):
            places[f"attacks.{name}.surrogates"] = spec.get("surrogates")
    for where, named in places.items():
        for model in named if isinstance(named, list | dict) else ():
            if model in ours:
                yield f"{where}: {model} has several seeds; give its recipe `seed`, not `seeds`"
