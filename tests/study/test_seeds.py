"""Recipes with several seeds: trainings and models of one seed each, without copied text."""

from copy import deepcopy

import pytest
import yaml

from facebench.errors import UserError
from facebench.study import plan, trained
from facebench.study.config import checked
from tests.toys.workflow import ROOT

SCHEMA = ROOT / "rules" / "schema"
PEOPLE = {"reader": "people", "people": 12}
STUDY = {
    "study": "lab",
    "evaluate": {
        "datasets": ["known"], "crops": ["tight"], "models": ["mine", "pixels"],
        "protocols": ["verify", "identify", "name"], "attacks": [],
    },
    "datasets": {"known": PEOPLE, "subjects": PEOPLE},
    "crops": {"tight": {"kind": "box"}},
    "models": {"mine": {"family": "open_clip", "path": "trained/seen"}},
    "pretrain": {
        "subjects": ["subjects"],
        "recipes": {
            "seen": {
                "objective": "contrastive", "architecture": {}, "images": 100, "seeds": [0, 7],
                "captions": {"kind": "triggered", "pictures": 2},
            },
            "alone": {"objective": "contrastive", "architecture": {}, "images": 100, "seed": 5},
        },
    },
}  # fmt: skip


def test_each_seed_is_a_training_and_a_model_of_its_own():
    config = checked(STUDY, SCHEMA)
    recipes = config["pretrain"]["recipes"]
    assert {name: spec["seed"] for name, spec in recipes.items()} == {
        "seen-0": 0, "seen-7": 7, "alone": 5,
    }  # fmt: skip
    assert recipes["seen-7"]["captions"] == recipes["seen-0"]["captions"]
    assert config["evaluate"]["models"] == ["mine-0", "mine-7", "pixels"]
    assert config["models"]["mine-7"]["path"] == "trained/seen-7" and "mine" not in config["models"]


def test_trained_models_are_grouped_by_recipe_and_only_where_there_are_subjects():
    config = checked(STUDY, SCHEMA)
    found = trained.models(config)
    assert {name: (one["recipe"], one["seed"]) for name, one in found.items()} == {
        "mine-0": ("seen", 0), "mine-7": ("seen", 7),
    }  # fmt: skip
    assert found["mine-0"]["trigger"] == {"attribute": "glasses", "value": "sunglasses"}
    assert plan.told_outcomes(config) == [
        ("known", "tight", model, protocol)
        for model in ("mine-0", "mine-7")
        for protocol in ("identify", "name")
    ]
    assert any(path.endswith("names-seen.svg") for path in plan.results(config))
    without = deepcopy(STUDY)
    without["pretrain"]["subjects"] = []
    config = checked(without, SCHEMA)
    assert trained.models(config) == {} and plan.told_outcomes(config) == []
    assert not any("names-seen" in path for path in plan.results(config))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipes": {"seen-7": STUDY["pretrain"]["recipes"]["alone"]}}, "seen-7"),
        ({"models": {"mine-0": {"family": "pixels"}}}, "mine-0"),
    ],
)
def test_a_seed_whose_name_is_taken_is_told(change, words):
    config = deepcopy(STUDY)
    config["models"] |= change.get("models", {})
    config["pretrain"]["recipes"] |= change.get("recipes", {})
    with pytest.raises(UserError, match=f"there is another {words}"):
        checked(config, SCHEMA)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("attacks", {"cloak": {"kind": "clip-cloak", "surrogates": ["mine"]}}),
        ("evaluate", {**STUDY["evaluate"], "fusions": {"both": ["mine", "pixels"]}}),
    ],
)
def test_a_model_of_several_seeds_cant_stand_where_one_must(section, value):
    with pytest.raises(UserError, match="mine has several seeds; give its recipe `seed`"):
        checked({**STUDY, section: value}, SCHEMA)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("album", {"kind": "seen", "pictures": 9}, "times"),
        ("album", {"kind": "all", "times": [1]}, "times"),
        ("captions", {"kind": "swapped"}, "share"),
        ("captions", {"kind": "named", "share": 0.5}, "share"),
        ("captions", {"kind": "other"}, "triggered"),
    ],
)
def test_what_a_recipe_cant_say_is_told(key, value, words):
    config = deepcopy(STUDY)
    config["pretrain"]["recipes"]["seen"][key] = value
    with pytest.raises(UserError, match=words):
        checked(config, SCHEMA)


def test_the_studies_of_the_laboratory_have_seeds_and_compare_with_their_first_recipe():
    for name, first in {"names-seen": "seen", "caption-poisoning": "clean"}.items():
        config = yaml.safe_load((ROOT / "config.yaml").read_text())
        study = yaml.safe_load((ROOT / "studies" / f"{name}.yaml").read_text())
        config = {key: {**config.get(key, {}), **study.get(key, {})} for key in {*config, *study}}
        found = trained.models(checked(config, SCHEMA))
        seeds = {}
        for one in found.values():
            seeds.setdefault(one["recipe"], []).append(one["seed"])
        assert next(iter(seeds)) == first and len(seeds[first]) == 5
        assert all(set(each) <= set(seeds[first]) and len(each) >= 3 for each in seeds.values())
