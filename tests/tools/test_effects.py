"""Tables of effects in the texts, of numbers that are known."""

from types import SimpleNamespace

import pandas as pd
import pytest

from facebench.errors import UserError
from tools.quoting import effects, tables

WHERE = {"dataset": "d", "crop": "c"}
EFFECT = {
    **WHERE,
    "attack": "cloak",
    "found_clean": 0.8,
    "gain": 0.5,
    "ci_low": 0.4,
    "ci_high": 0.6,
}


def effect(model, threat, fraction, classifier="nearest", reencode="none", found=0.3, p=0.01):
    same = {"model": model, "threat": threat, "fraction": fraction, "classifier": classifier}
    return {**EFFECT, **same, "reencode": reencode, "found": found, "p_corrected": p}


@pytest.fixture
def results():
    found = [
        effect("a", "gallery", 0.5, found=0.7, p=0.2), effect("a", "gallery", 1.0),
        effect("b", "gallery", 1.0, found=0.1),
        effect("a", "gallery", 1.0, classifier="linear", found=0.35),
        effect("a", "gallery", 1.0, reencode="jpeg", found=0.4),
        effect("a", "probe", 1.0, found=0.2),
        {**effect("a", "gallery", 1.0), "attack": "other"},
    ]  # fmt: skip
    transfer = [
        {**EFFECT, "victim": victim, "averaged": "", "control": victim == "pixels",
         "made_on": victim == "a", "surrogates": "a", "found": 0.3, "attack_control": False,
         "p_corrected": 0.01 if victim == "a" else 0.5}
        for victim in ("pixels", "a", "b")
    ]  # fmt: skip
    votes = [
        {**EFFECT, "model_a": "a", "model_b": "b", "made_on": "a", "found_either": 0.3,
         "found_either_clean": 0.9}
    ]  # fmt: skip
    number = {**WHERE, "attack": "clean", "ci_low": 0.1, "ci_high": 0.3}
    index = [
        {**number, "model": model, "protocol": "index_poison", "threat": "index-inserted",
         "metric": metric, "at": at, "value": value}
        for model in ("a", "b")
        for metric, at, value in (
            ("rank1", "0", 0.9), ("others_rank1", "0", 0.8), ("rank1", "2", 0.2),
            ("poison_in_top", "2/1", 0.5), ("poison_in_top", "2/10", 0.6),
            ("others_rank1", "2", 0.7), ("rank1", "10", None), ("others_rank1", "10", None),
        )
    ]  # fmt: skip
    index += [
        {**number, "model": "a", "protocol": "typographic", "threat": "typographic",
         "attack": "label", "metric": f"true_top1{when}", "at": "", "value": value}
        for when, value in (("_clean", 0.4), ("", 0.2))
    ]  # fmt: skip
    index += [
        {**number, "model": model, "protocol": protocol, "threat": threat, "attack": attack,
         "metric": metric, "at": at, "value": value, **more}
        for model, protocol, threat, attack, metric, at, value, more in (
            ("a", "hubs", "hub-seen", "clean", "hits", "50/10", 0.2, {}),
            ("a", "hubs", "hub-random", "clean", "hits", "50/10", None, {}),
            ("b", "hubs", "hub-seen", "clean", "hits", "50/1", 0.2, {}),
            ("a", "hubs", "hub-seen", "clean", "gate_recall", "1", 1.0, {"ci_low": None}),
            ("a", "hubs", "hub-seen", "clean", "entries_for_half", "10", 50, {"ci_low": None}),
            ("a", "hubs", "none", "clean", "rank1_lost", "scan 0.01", -0.01, {}),
            ("a", "hub_pictures", "hub-picture", "hub", "hits", "1/1", 0.0, {}),
        )
    ]  # fmt: skip
    index += [
        {**number, "model": "a", "protocol": "poison", "threat": "gallery", "attack": "cloak",
         "metric": metric, "at": "", "value": value}
        for metric, value in (("face_lost", 0.025), ("face_moved", 0.01234), ("dssim", 0.02))
    ]  # fmt: skip
    index += [
        {**number, "model": "a", "protocol": "poison", "threat": "probe", "attack": "mask",
         "metric": f"protection_gain_{what}", "at": "nearest", "fraction": 1, "reencode": "none",
         "value": value}
        for what, value in (("made_from", 0.25), ("new", 0.0))
    ]  # fmt: skip
    index += [
        {**number, "model": "a", "protocol": "scale", "threat": threat, "metric": metric, "at": at,
         "value": value}
        for threat, metric, at, value in (
            ("scale-real", "rank1", "0", 0.9), ("scale-real", "rank1", "1000", 0.5),
            ("scale-simulated", "rank1", "0", 0.9), ("scale-simulated", "rank1", "1000", 0.6),
            ("scale-real", "fnir", "1000/0.1", 0.4),
            ("scale-real", "law", "power/1e+09", 0.2), ("scale-real", "law_error", "power", -0.01),
        )
    ]  # fmt: skip
    index += [
        {**number, "model": "a", "protocol": "indices", "threat": "none", "metric": metric,
         "at": at, "value": value}
        for metric, at, value in (
            ("build_seconds", "flat", 3), ("bytes", "flat", 1024), ("recall1", "flat/4", 0.9),
            ("recall1_lowest", "flat/4", 0.8), ("recall10", "flat/4", 0.7),
            ("rank1", "flat/4", 0.6), ("rank1", "exact", 0.7), ("lost", "flat/4", 0.1),
            ("speed_one", "flat/4", 1234), ("speed_all", "flat/4", 2345),
        )
    ]  # fmt: skip
    stored = {"poison-effects": found, "poison-votes": votes, "metrics": index}
    return SimpleNamespace(
        table=lambda name: pd.DataFrame(stored[name]),
        transfer=pd.DataFrame(transfer),
        folder="results/study",
    )


@pytest.mark.parametrize(
    ("key", "head", "lines"),
    [
        ("changes d c", ["attack", "a", "b"],
         [["cloak", "-50.0 [-60.0, -40.0]*=", "-50.0 [-60.0, -40.0]"]]),
        ("shares d c cloak", ["share", "a", "b"],
         [["50.0 %", "70.0 %", "-"], ["100.0 %", "30.0 %*", "10.0 %*"]]),
        ("threats d c cloak", ["threat", "a", "b"],
         [["gallery", "30.0 %* (-50.0 [-60.0, -40.0])", "10.0 %* (-50.0 [-60.0, -40.0])"],
          ["probe", "20.0 %* (-50.0 [-60.0, -40.0])", "-"]]),
        ("again d c cloak", ["saved again", "a", "b"],
         [["none", "80.0 % -> 30.0 %*", "80.0 % -> 10.0 %*"],
          ["jpeg", "80.0 % -> 40.0 %*", "-"]]),
        ("undone d c cloak", ["saved again", "a", "b"],
         [["none", *["-50.0 [-60.0, -40.0]*"] * 2], ["jpeg", "-50.0 [-60.0, -40.0]*", "-"]]),
        ("classifiers d c cloak", ["found by", "a", "b"],
         [["nearest", "80.0 % -> 30.0 %*", "80.0 % -> 10.0 %*"],
          ["linear", "80.0 % -> 35.0 %*", "-"]]),
        ("frames d c,x a,b", ["attack", "made on", "found by a, c", "found by b, x"],
         [["none", "", "80.0 %", "-"],
          ["cloak", "a", "30.0 % (-50.0 [-60.0, -40.0]*=)", "-"]]),
        ("faces d c", ["attack", "no face found any more", "landmarks moved", "changed"],
         [["cloak", "2.5 %", "0.0123", "0.0200"]]),
        ("masks d c mask", ["photographs", "a"],
         [["that the mask was made from", "-25.0 [-30.0, -10.0]"],
          ["new ones", "+0.0 [-30.0, -10.0]"]]),
        ("study: entries d c inserted", ["entries", "a", "b"],
         [["0", *["90.0 [10.0, 30.0] / - / 80.0"] * 2],
          ["2", *["20.0 [10.0, 30.0] / 60.0 / 70.0"] * 2], ["10", *["- / - / -"] * 2]]),
        ("reached d c hubs hits 50/10", ["entries", "a", "b"],
         [["seen", "20.0 [10.0, 30.0]", "-"]]),
        ("reached d c hubs gate_recall 1", ["entries", "a"], [["seen", "100.0"]]),
        ("reached d c hub_pictures hits 1/1", ["entries", "a"],
         [["hub: picture", "0.0 [10.0, 30.0]"]]),
        ("reached d c hubs entries_for_half 10", ["entries", "a"], [["seen", "50"]]),
        ("grown d c rank1", ["strangers", "a"],
         [["none", "90.0 [10.0, 30.0]"], ["1,000 people", "50.0 [10.0, 30.0]"],
          ["1,000 simulated", "60.0 [10.0, 30.0]"]]),
        ("grown d c fnir 0.1", ["strangers", "a"], [["1,000 people", "40.0 [10.0, 30.0]"]]),
        ("laws d c",
         ["model", "strangers", "law", "predicted less measured", "in 1,000,000,000 entries"],
         [["a", "people", "power", "-1.0 [10.0, 30.0]", "20.0 [10.0, 30.0]"]]),
        ("trials d c a",
         ["index", "probes", "nearest found", "in the worst build", "ten nearest found",
          "right person first", "lost to the index", "searches/s, one thread", "all threads",
          "bytes a vector", "made in"],
         [["flat", "4", "90.0 %", "80.0 %", "70.0 %", "60.0 %", "10.0", "1,234", "2,345", "1,024",
           "3 s"]]),
        ("defended d c hubs rank1_lost", ["defence", "a"], [["scan 0.01", "-1.0 [10.0, 30.0]"]]),
    ],
)  # fmt: skip
def test_a_table_says_what_the_numbers_say(results, key, head, lines):
    found = tables.table(results, key)
    assert found["head"] == head and found["lines"] == lines


def test_votes_and_written_names(results):
    (line,) = effects.votes(results, "d", "c", "cloak")[1]
    assert line == ["a + b =", "90.0 %", "30.0 %", "50.0 [40.0, 60.0]"]
    head, (line,) = effects.written(results, "d", "c")
    assert line == ["label", "a", "40.0 % [10.0, 30.0]", "20.0 % [10.0, 30.0]", *["-"] * 4]
    assert len(head) == 8


def test_a_table_of_nothing_is_refused(results):
    with pytest.raises(UserError, match="holds nothing for the table"):
        tables.table(results, "shares d c noise")
