"""In which crop each model answers a person, and which crops the terminal shows."""

from pathlib import Path

import pytest
import yaml

from facebench.study import attack_plan, plan
from facebench.study.model_files import with_registry

ROOT = Path(__file__).parents[2]


def study(crops, models, own):
    """Return what these functions read of a study: models with the crop they were trained on."""
    registry = {name: {"family": "pixels", "facts": {}} for name in models}
    for name, crop in own.items():
        registry[name]["facts"] = {"crop": crop}
    attacks = {"mine": {"kind": "ready-made", "folder": "x"}}
    evaluate = {"datasets": ["d"], "crops": crops, "models": models, "attacks": ["mine"]}
    return {"models": registry, "attacks": attacks, "evaluate": evaluate}


@pytest.mark.parametrize(
    ("crops", "own", "answers"),
    [
        # Every crop is a model's own: the floor answers in the first.
        (["chip", "aligned"], {"b": "chip", "c": "aligned"},
         [("chip", "a"), ("chip", "b"), ("aligned", "c")]),
        # One is nobody's own: the floor answers there.
        (["chip", "tight"], {"b": "chip", "c": "chip"},
         [("chip", "b"), ("chip", "c"), ("tight", "a")]),
        # A model whose own crop isn't tried is like any other.
        (["tight", "full"], {"b": "chip"},
         [(crop, model) for crop in ("tight", "full") for model in "abc"]),
        (["full"], {}, [("full", "a"), ("full", "b"), ("full", "c")]),
    ],
)  # fmt: skip
def test_a_model_answers_in_the_crop_that_it_was_trained_on(crops, own, answers):
    config = study(crops, ["a", "b", "c"], own)
    assert attack_plan.answering(config, "d") == answers


@pytest.mark.parametrize("name", ["mine", "my-cloaks", "lfw-photographs"])
def test_the_studies_of_photographs_have_the_crops_of_their_face_models(name):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    evaluate = yaml.safe_load((ROOT / "studies" / f"{name}.yaml").read_text())["evaluate"]
    models = with_registry(config)["models"]
    own = plan.own_crops({"models": models, "evaluate": evaluate})
    assert own == {"dlib": "chip", "sface": "aligned"}
