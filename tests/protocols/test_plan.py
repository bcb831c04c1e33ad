"""Which tables a study ends with: what a data set or a model can't serve is left out."""

import pytest

from facebench.attacks import ATTACKS
from facebench.errors import UserError
from facebench.study import attack_plan, embed_jobs, measurable, plan

CONFIG = {
    "study": "mine",
    "evaluate": {
        "datasets": ["lfw", "mine"],
        "crops": ["tight"],
        "models": ["clip", "dlib"],
        "protocols": ["view2", "identify", "name"],
    },
    "datasets": {
        "lfw": {"reader": "lfw", "files": {"pairs": {"name": "pairs.txt"}}},
        "mine": {"reader": "folder", "names": False},
    },
    "models": {"clip": {"family": "open_clip"}, "dlib": {"family": "dlib"}},
}


def test_the_plan_leaves_out_what_cannot_be_served():
    assert plan.metric_tables(CONFIG) == [
        "results/mine/lfw/tight/clip/metrics/view2.parquet",
        "results/mine/lfw/tight/clip/metrics/identify.parquet",
        "results/mine/lfw/tight/clip/metrics/name.parquet",
        "results/mine/lfw/tight/dlib/metrics/view2.parquet",
        "results/mine/lfw/tight/dlib/metrics/identify.parquet",
        "results/mine/mine/tight/clip/metrics/identify.parquet",
        "results/mine/mine/tight/dlib/metrics/identify.parquet",
    ]
    assert plan.comparison_tables(CONFIG) == [
        "results/mine/lfw/tight/comparisons.parquet",
        "results/mine/mine/tight/comparisons.parquet",
    ]
    assert ("tight", "name", "clip") in plan.compared(CONFIG, "lfw")
    assert ("tight", "name", "dlib") not in plan.compared(CONFIG, "lfw")


def test_a_data_set_can_take_part_in_less_than_the_others():
    only = {"lfw": {"crops": ["full"], "protocols": ["name"], "attacked_crops": []}}
    study = {**CONFIG["evaluate"], "crops": ["tight", "full"], "attacks": ["noise"], "only": only}
    config = {**CONFIG, "evaluate": study, "attacks": {"noise": {"kind": "noise"}}}
    of_lfw = [path for path in plan.metric_tables(config) if path.startswith("results/mine/lfw/")]
    assert of_lfw == ["results/mine/lfw/full/clip/metrics/name.parquet"]
    assert list(plan.evaluated(config)) == [("lfw", "full"), ("mine", "tight"), ("mine", "full")]
    assert attack_plan.attacked_datasets(config) == ["mine"]
    only["mine"] = {"attacked_crops": ["full"]}
    assert attack_plan.attacked(config) == [("mine", "full")]
    only["mine"] = {"attacked_crops": ["loose"]}
    said = "evaluate.only leaves mine no crop in which attacks are tried."
    assert said in measurable.left_out(config) and attack_plan.attacked(config) == []
    study["only"] = {"lfw": {"crops": ["loose"]}}
    assert "evaluate.only leaves lfw none of the study's crops." in measurable.left_out(config)


def test_what_only_later_tables_depend_on_is_no_option_of_a_protocol():
    config = {"poison": {"margin": 0.05, "seed": 3}, "identify": {"margin": 1}}
    for protocol in ("poison", "index_poison"):
        assert plan.options_of(config, protocol) == {"seed": 3}
    assert plan.options_of(config, "identify") == {"margin": 1}
    assert plan.options_of({"hubs": {"seed": 3}}, "hubs_by_name") == {"seed": 3}
    assert plan.options_of(config, "verify") == {}


@pytest.mark.parametrize(
    ("attacks", "experiments", "tables"),
    [
        (["hub"], ["hub_pictures"], False),
        (["called"], [], False),
        (["cloak", "noise"], ["poison"], True),
        (["hub", "cloak", "noise"], ["poison", "hub_pictures"], True),
        ([], [], False),
    ],
)
def test_pictures_that_are_to_be_found_are_no_cloaks(attacks, experiments, tables):
    options = {"threats": ["gallery"], "shares": [1], "reencoded": ["gallery"], "defences": []}
    kinds = {"hub": "hub", "called": "hub", "cloak": "fawkes", "noise": "noise"}
    config = {
        **CONFIG,
        "evaluate": {**CONFIG["evaluate"], "attacks": attacks, "reencodings": ["half"]},
        "attacks": {
            name: {"kind": kind, "by_name": name == "called"} for name, kind in kinds.items()
        },
        "poison": {**options, "my_cloaks": ["mine"]},
    }
    hidden = [name for name in attacks if name not in ("hub", "called")]
    assert attack_plan.experiments_on(config, "mine", "clip") == experiments
    assert attack_plan.cloaks(config) == list(attack_plan.attacks(config)) == hidden
    saved = [f"{name}+half" for name in hidden]
    assert set(attack_plan.cloak_variants(config)) == {*hidden, *saved, *(["clean+half"] * tables)}
    assert set(attack_plan.variants(config)) == {*attack_plan.cloak_variants(config), *attacks}
    assert bool(attack_plan.results(config)) == tables


def test_people_who_join_a_protocol_by_name_are_embedded_with_their_names():
    study = {
        **CONFIG["evaluate"],
        "datasets": ["lfw"],
        "protocols": ["scale", "identity_inference"],
        "together": True,
    }
    named = {"reader": "folder", "names": True}
    config = {
        **CONFIG,
        "evaluate": study,
        "datasets": {**CONFIG["datasets"], "crowd": named, "unread": named},
        "scale": {"strangers": ["crowd", "lfw"]},
        "identity_inference": {"never_read": ["unread"]},
        "poison": {"decoys": []},
    }
    assert plan.strangers(config, "lfw") == ["crowd", "unread"]
    assert plan.strangers_with_names(config, "lfw") == ["unread"]
    reading = ["clip", "dlib"]
    for dataset, models in (("lfw", ["clip"]), ("unread", ["clip"]), ("crowd", [])):
        assert [m for m in reading if embed_jobs.needs_names(config, dataset, m)] == models
    config["identity_inference"]["never_read"] = ["mine"]  # whose people have no names
    with pytest.raises(UserError, match="never_read names 'mine'; allowed: lfw, crowd, unread"):
        measurable.something_to_measure({**config, "scale": {"strangers": [], "sizes": [10]}})


def test_sizes_of_galleries_are_made_of_the_smallest():
    config = {**CONFIG, "scale": {"sizes": [50, 75], "strangers": []}}
    with pytest.raises(UserError, match="scale.sizes has 75.*multiples of the smallest, 50"):
        measurable.something_to_measure(config)


def test_every_kind_of_attack_is_tried_as_a_cloak_or_as_a_hub():
    assert [name for name, kind in ATTACKS.items() if not kind.hides] == ["hub"]
