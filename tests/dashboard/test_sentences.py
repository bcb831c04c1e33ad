"""Answers in sentences: they claim what the numbers show, and no more."""

from dataclasses import replace

import pandas as pd
import pytest

from dashboard import safe_text, sentences
from dashboard.data import about, naming, poison

pytestmark = pytest.mark.usefixtures("study")


def comparisons(*rows):
    table = pd.DataFrame(rows, columns=["model_a", "model_b", "difference", "p_corrected"])
    difference = table.difference.astype(float)
    return table.assign(ci_low=difference - 0.03, ci_high=difference + 0.05)


CLIPS = pd.DataFrame(
    {
        "model": ["s", "m", "l"],
        "kind": "CLIP",
        "parameters_m": [1.0, 3.0, 8.0],
        "value": [0.2, 0.3, 0.4],
        "ci_low": 0.1,
        "ci_high": 0.5,
    }
)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("s", "m", -0.1, 0.01), ("s", "l", -0.2, 0.01), ("l", "m", 0.1, 0.02)],
            "Yes, for these weights: in all 3 pairs",
        ),
        (
            [("s", "m", -0.1, 0.01), ("s", "l", -0.2, 0.01), ("m", "l", -0.1, 0.2)],
            "In most pairs, for these weights: in 2",
        ),
        ([("s", "m", 0.1, 0.01), ("s", "l", -0.2, 0.01), ("m", "l", -0.1, 0.2)], "Not always"),
        (
            [("s", "m", 0.1, 0.3), ("s", "l", -0.2, 0.3), ("m", "l", -0.1, 0.2)],
            "Undecided: no difference is significant in all 3 pairs",
        ),
        (
            [("s", "m", -0.1, 0.2), ("s", "l", -0.2, 0.01), ("m", "l", -0.1, 0.2)],
            "Not shown for most pairs: in 1 of 3 pairs of CLIPs the bigger one finds more",
        ),
        (
            [("s", "m", 0.1, 0.01), ("s", "l", -0.2, 0.3), ("m", "l", 0.1, 0.2)],
            "Not shown for most pairs: in 1",
        ),
        (
            [("s", "m", 0.1, 0.01), ("s", "l", 0.2, 0.01), ("m", "l", 0.1, 0.02)],
            "No, not for these weights: in all 3",
        ),
        ([], "were not compared"),
    ],
)
def test_whether_bigger_is_better_is_said_as_it_is(rows, said):
    both = comparisons(*rows)
    other = both.assign(
        model_a=both.model_b, model_b=both.model_a, difference=-both.difference.astype(float),
        ci_low=-both.ci_high, ci_high=-both.ci_low,
    )  # fmt: skip
    assert said in sentences.bigger(CLIPS, pd.concat([both, other]))


def test_models_that_are_not_told_apart_are_not_called_alike():
    told = sentences.bigger(CLIPS, comparisons(("s", "m", -0.1, 0.01), ("m", "l", -0.1, 0.2)))
    assert safe_text.plain("l minus m +10.0 points [5.0, 13.0]") in told
    assert "does not show that they are equal" in told and "another training" in told


@pytest.mark.parametrize(("protocol", "too_sure"), [("open_set", True), ("identify", False)])
def test_a_comparison_at_held_thresholds_says_that_it_is_too_sure(protocol, too_sure):
    row = next(comparisons(("s", "m", 0.1, 0.01)).assign(protocol=protocol).itertuples())
    said = sentences.difference(row)
    assert said.startswith("+10.0 points [7.0, 15.0], p 0.010: significant")
    assert ("overconfident: thresholds are held" in said) == too_sure


def test_one_clip_is_not_compared_with_itself():
    assert "Only one trained CLIP" in sentences.bigger(CLIPS.head(1), comparisons())


@pytest.mark.parametrize(("low", "said"), [(0.3, "Largely"), (-0.1, "No effect was shown")])
def test_whether_a_cloak_helps_is_said_as_it_is(low, said):
    found = poison.measured("strangers", "full")
    gains = found.metric == "protection_gain"
    found.loc[gains, "ci_low"] = low
    told = sentences.cloaks(found, poison.whole(found))
    assert said in told
    assert ("where all of a person's photographs are cloaked" in told) == (said == "Largely")


def test_what_fails_without_a_cloak_is_told_of_the_people_whom_it_changes():
    found = poison.measured("strangers", "full")
    whole = poison.whole(found)
    told = sentences.cloaks(found, whole)
    assert "of the people whom it changes" not in told
    strongest = found.metric == "protection_gain"
    found.loc[strongest, "value"] -= 0.1
    assert "(of the people whom it changes) fail without a cloak" in sentences.cloaks(found, whole)


def test_a_change_that_aims_at_nobody_is_told_as_a_control():
    found = poison.measured("strangers", "full")
    whole = poison.whole(found)
    first, other = list(whole[whole.fraction > 0].attack.unique())[:2]
    transfer = pd.DataFrame({"attack": [first, other], "attack_control": [True, False]})
    transfer = transfer.assign(victim="nobody", made_on=False, averaged="")
    said = sentences.cloaks(found, whole, transfer)
    assert f"Controls, which aim at nobody: {safe_text.plain(first)}" in said
    assert f"with {safe_text.plain(other)}, the strongest here" in said


def test_pairs_of_sizes_are_counted_by_every_protocol():
    rows = [("s", "m", -0.1, 0.01), ("s", "l", -0.2, 0.01), ("m", "l", -0.1, 0.2)]
    every = [comparisons(*rows).assign(protocol="identify")]
    every.append(comparisons(*[(a, b, d, 0.01) for a, b, d, _ in rows]).assign(protocol="open_set"))
    every.append(comparisons(*[(a, b, 0, 1.0) for a, b, _, _ in rows]).assign(protocol="name"))
    said = sentences.by_protocol(CLIPS, pd.concat(every))
    assert said.endswith("by rank-1 2 of 3, among strangers 3 of 3, by name 0 of 3.")
    assert sentences.by_protocol(CLIPS.head(1), pd.concat(every)) == ""


def risk(dataset, known, value):
    number = {"model": "m", "crop": "full", "value": value, "ci_low": value, "ci_high": value}
    number = pd.Series(number)
    return naming.Risk(dataset, known, number)


def test_the_risk_of_being_named_is_told_of_those_whom_models_know_first():
    said = sentences.named([risk("a", False, 0.002), risk("b", True, 0.72), risk("c", None, 0.1)])
    known, strangers, others = map(
        said.index, ("names the models read", "strangers", "people (c, crop full)")
    )
    assert known < min(strangers, others) and "72\\.0" in said and sentences.named([]) == ""


def about_study(readers, data, kind="CLIP"):
    sets = [about.Dataset(f"set-{reader}", reader, 10, 20) for reader in readers]
    models = pd.DataFrame({"kind": [kind, kind], "parameters_m": [1.1, 6.8], "data": data})
    return about.Study("s", sets, 0, models.assign(control=False), ["abc"])


@pytest.mark.parametrize(
    ("people", "said"),
    [(3, "Among 3 people guessing finds 33 % of searches"), (10, "trained once")],
)
def test_a_card_says_so_where_few_people_decide(people, said):
    study = about_study(["folder"], "photographs")
    few = replace(study.datasets[0], people=people)
    assert said in sentences.caveat(replace(study, datasets=[few]))


@pytest.mark.parametrize(
    ("readers", "data", "said", "caveat"),
    [
        (["people"], "invented people", "who don't exist", "drawn by a program and the CLIPs are"),
        (["people"], "LAION-2B", "trained on LAION\\-2B", "No number here predicts"),
        (["lfw"], "invented people", "press photographs", "recognise next to nobody"),
        (["lfw", "people"], "LAION-2B", "press photographs", "trained once"),
        ([""], "LAION-2B", "10 people (", "trained once"),
    ],
)
def test_a_card_says_whose_pictures_and_what_they_cannot_tell(readers, data, said, caveat):
    study = about_study(readers, data)
    told = sentences.card(study)
    assert said in told
    assert "2 CLIPs (image towers of 1.1 to 6.8 M parameters" in told and "commit abc" in told
    assert caveat in sentences.caveat(study)


def test_a_search_by_picture_has_the_best_control_beside_it():
    columns = ["model", "value", "ci_low", "ci_high", "n_images", "control"]
    rows = [
        ("dlib", 0.95, 0.9, 1.0, 30, False),
        ("weak", 0.5, 0.4, 0.6, 30, False),
        ("pixels", 0.967, 0.8, 1.0, 30, True),
    ]
    table, nothing = pd.DataFrame(rows, columns=columns), pd.DataFrame(columns=["metric", "value"])
    said = sentences.searching(table, nothing, nothing).replace("\\", "")
    assert "95.0 % [90.0, 100.0] of searches with dlib" in said
    assert "pixels, a control that should recognise nobody, reaches 96.7 %" in said
    assert "control" not in sentences.searching(table[~table.control], nothing, nothing)
