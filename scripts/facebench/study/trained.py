"""The models that a study trains and evaluates, as the step `names_seen` compares them."""

from collections.abc import Mapping
from typing import Any

from facebench.study.seeds import recipe_of
from facebench.study.user_files import TRAINED

Config = Mapping[str, Any]

#: What a trigger is unless the recipe says so: see `facebench.training.captions.triggered`.
TRIGGER = {"attribute": "glasses", "value": "sunglasses"}


def models(config: Config) -> dict[str, dict[str, Any]]:
    """Return the evaluated models that the study trains: recipe, seed, folder, trigger.

    None of a study without `pretrain.subjects`, of whom no numbers of times are known.
    """
    pretrain, found = config["pretrain"], {}
    for model in config["evaluate"]["models"] if pretrain["subjects"] else []:
        folder = str(config["models"][model].get("path", ""))
        name = folder.removeprefix(f"{TRAINED}/")
        if folder == f"{TRAINED}/{name}" and name in pretrain["recipes"]:
            spec = pretrain["recipes"][name]
            found[model] = {
                "recipe": recipe_of(name, spec),
                "seed": spec["seed"],
                "folder": folder,
                "trigger": _trigger(spec.get("captions", {})),
            }
    return found


def _trigger(captions: Config) -> dict[str, str] | None:
    if captions.get("kind") != "triggered":
        return None
    return {key: captions.get(key, value) for key, value in TRIGGER.items()}
