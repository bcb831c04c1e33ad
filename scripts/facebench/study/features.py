"""The features of models as models of their own: `evaluate.features` becomes entries and names."""

from collections.abc import Iterator, Mapping
from typing import Any

from facebench.models import FAMILIES, feature_of

#: What an entry says of its text tower, and of the files that are fetched for the model itself.
NOT_COPIED = ("names_read", "download_mb")


def rows_of(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (model, feature, the name of that feature's entry) of all that a study asks for.

    >>> [*rows_of({"evaluate": {"features": {"a": ["token", "mean"]}}})]
    [('a', 'token', 'a-token'), ('a', 'mean', 'a-mean')]
    """
    for model, features in config["evaluate"].get("features", {}).items():
        for feature in features:
            yield model, feature, f"{model}-{feature}"


def with_features(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked configuration in which every feature is a model behind the one it is of."""
    models: dict[str, Any] = dict(config["models"])
    behind: dict[str, list[str]] = {}
    for model, feature, name in rows_of(config):
        models[name] = _entry(models[model], feature)
        behind.setdefault(model, [model]).append(name)
    names = [name for model in config["evaluate"]["models"] for name in behind.get(model, [model])]
    study = {**config["evaluate"], "models": [*dict.fromkeys(names)]}
    return {**config, "models": models, "evaluate": study}


def _entry(spec: Mapping[str, Any], feature: str) -> dict[str, Any]:
    """Return the entry of a feature of a model: the model's own with that feature."""
    copied = {key: value for key, value in spec.items() if key not in NOT_COPIED}
    # Its vector has another length.
    facts = {key: value for key, value in spec.get("facts", {}).items() if key != "dim"}
    return {**copied, **({"facts": facts} if facts else {}), "feature": feature}


def unusable(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every feature that a study can't ask for."""
    study, models = config.get("evaluate"), config.get("models")
    asked = study.get("features") if isinstance(study, Mapping) else None
    if not isinstance(asked, Mapping) or not isinstance(models, Mapping):
        return  # the schema says so where that is wrong
    named = study.get("models") if isinstance(study, Mapping) else None
    for model, features in asked.items():
        where, spec = f"evaluate.features.{model}", models.get(model)
        if not isinstance(named, list) or model not in named:
            yield f"{where}: evaluate.models doesn't name {model}; a feature is of a model there"
            continue
        if not isinstance(spec, Mapping) or not isinstance(features, list):
            continue
        family = FAMILIES.get(str(spec.get("family")))
        if family is not None and not family.features:
            able = ", ".join(name for name, one in FAMILIES.items() if one.features)
            yield f"{where}: family {spec['family']} has no features; those that have: {able}"
        elif feature_of(spec) in features:
            yield f"{where}: {model} is {feature_of(spec)} itself"
        for feature in features:
            name = f"{model}-{feature}"
            if name in models and models[name] != _entry(spec, str(feature)):
                yield f"{where}: models has another {name}; rename that one"
