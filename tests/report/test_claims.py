"""Claims of others, tested on a study's numbers."""

import numpy as np
import pandas as pd
import pytest

from facebench.report.claims import CLAIMS
from facebench.report.claims.answer import CONTRADICTED, SUPPORTED, UNDETERMINED
from facebench.report.claims.tables import Tables
from scripts import claims

MODELS = pd.DataFrame(
    [
        ("pixels", "raw pixels", True, 0.0, None), ("small", "CLIP", False, 1.0, "a"),
        ("big", "CLIP", False, 3.0, "a"), ("other", "CLIP", False, 9.0, "b"),
        ("face", "made for faces", False, 1.0, "c"),
    ],
    columns=["model", "kind", "control", "parameters_m", "data"],
)  # fmt: skip


def numbers(shares, crop="tight", protocol="identify"):
    """Return rank-1 of each model, with intervals of ten points."""
    return [
        {"dataset": "d", "crop": crop, "protocol": protocol, "metric": "rank", "at": "1",
         "attack": "clean", "threat": "none", "model": model, "value": value,
         "ci_low": value - 0.05, "ci_high": value + 0.05, "n_identities": 50, "n_images": 200}
        for model, value in shares.items()
    ]  # fmt: skip


def compared(shares, crop="tight", error=0.01, alike=()):
    """Return the differences of every two models; those `alike` are shown to be."""
    rows = []
    for one in shares:
        for two in shares:
            if one < two:
                gap = shares[one] - shares[two]
                rows.append(
                    {"dataset": "d", "crop": crop, "protocol": "identify", "metric": "rank",
                     "at": "1", "model_a": one, "model_b": two, "difference": gap,
                     "ci_low": gap - 2 * error, "ci_high": gap + 2 * error,
                     "p_corrected": 0.001 if abs(gap) > 2 * error else 0.6, "n_identities": 50,
                     "p_alike": 0.001 if {one, two} == set(alike) else 0.5}
                )  # fmt: skip
    return rows


def tables(shares, crops=("tight",), transfer=None, outcomes=None, **options):
    found = [row for crop in crops for row in numbers(shares.get(crop, shares), crop)]
    apart = [row for crop in crops for row in compared(shares.get(crop, shares), crop, **options)]
    return Tables(
        metrics=pd.DataFrame(found),
        comparisons=pd.DataFrame(apart),
        models=MODELS,
        transfer=None if transfer is None else pd.DataFrame(transfer),
        outcomes=lambda dataset, crop, model: (outcomes or {}).get((crop, model)),
        margin=0.05,
        confidence=0.95,
    )


def verdict(claim, study):
    (answer,) = CLAIMS[claim].test(study)
    return answer


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"pixels": 0.1, "small": 0.5, "big": 0.6}, SUPPORTED),
        ({"pixels": 0.1, "small": 0.11, "big": 0.6}, UNDETERMINED),
        ({"pixels": 0.5, "small": 0.3, "big": 0.4}, CONTRADICTED),
    ],
)
def test_recognition_is_what_no_control_can(shares, said):
    answer = verdict("zero-shot", tables(shares))
    assert answer.verdict == said
    assert answer.value == pytest.approx(min(shares["small"], shares["big"]) - shares["pixels"])


@pytest.mark.parametrize(
    ("shares", "alike", "said"),
    [
        ({"pixels": 0.1, "small": 0.5, "big": 0.7}, (), UNDETERMINED),
        ({"pixels": 0.1, "small": 0.7, "big": 0.5}, (), SUPPORTED),
        ({"pixels": 0.1, "small": 0.6, "big": 0.61}, (), UNDETERMINED),
        ({"pixels": 0.1, "small": 0.6, "big": 0.61}, ("big", "small"), SUPPORTED),
    ],
)
def test_size_is_judged_within_a_family_and_a_null_claim_takes_an_equivalence_test(
    shares, alike, said
):
    # A larger one of another family says nothing.
    answer = verdict("size", tables({**shares, "other": 0.2}, alike=alike))
    assert answer.verdict == said and "1 pair of CLIPs" in answer.evidence


def test_the_curve_that_never_falls_is_told():
    falls = verdict("size", tables({"pixels": 0.1, "small": 0.7, "big": 0.5}))
    assert "misses one by 10.0 points" in falls.evidence
    rises = verdict("size", tables({"pixels": 0.1, "small": 0.5, "big": 0.7}))
    assert "never falls." in rises.evidence


@pytest.mark.parametrize("claim", ["size", "crop-order"])
def test_where_nobody_is_recognised_nothing_is_said(claim):
    crops = {"tight": {"pixels": 0.02, "small": 0.03, "big": 0.02, "face": 0.03}}
    crops["full"] = crops["tight"]
    assert not [*CLAIMS[claim].test(tables(crops, crops=("tight", "full")))]


@pytest.mark.parametrize(
    ("value", "said"), [(0.8, SUPPORTED), (0.52, UNDETERMINED), (0.2, CONTRADICTED)]
)
def test_a_search_engine_recognises_where_most_nearest_pictures_are_right(value, said):
    study = tables({"pixels": 0.1, "small": 0.5})
    found = pd.DataFrame(numbers({"small": value, "big": value / 2}, protocol="neighbour"))
    study = study.__class__(**{**vars(study), "metrics": found})
    assert verdict("search-engine", study).verdict == said


def effect(victim, gain, kind="fawkes", made_on=False):
    return {"dataset": "d", "crop": "tight", "kind": kind, "attack": kind, "threat": "gallery",
            "fraction": 1.0, "averaged": "", "made_on": made_on, "victim": victim, "gain": gain,
            "ci_low": gain - 0.03, "ci_high": gain + 0.03, "surrogates": "x",
            "p_corrected": 0.001 if gain > 0.03 else 0.7, "found_clean": 0.9,
            "n_identities": 40}  # fmt: skip


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        ({"small": 0.0, "big": 0.01}, SUPPORTED),
        ({"small": 0.0, "big": 0.03}, UNDETERMINED),
        ({"small": 0.0, "big": 0.3}, CONTRADICTED),
        # On the model itself, and on one made for faces, is another claim.
        ({"small": 0.0, "face": 0.9}, SUPPORTED),
    ],
)
def test_robustness_is_shown_by_a_bound_and_not_by_a_large_p(gains, said):
    transfer = [effect(victim, gain) for victim, gain in gains.items()]
    transfer.append(effect("other", 0.9, made_on=True))
    study = tables({"pixels": 0.1, "small": 0.5}, transfer=transfer)
    assert verdict("fawkes", study).verdict == said
    assert not [*CLAIMS["lowkey"].test(study)]


def searches(right, people=30, views=3):
    """Return outcomes in which a share of each person's searches is right."""
    random = np.random.default_rng(0)
    who = np.repeat([f"p{i}" for i in range(people)], views)
    correct = random.random(len(who)) < right
    return pd.DataFrame(
        {"image_id": [f"i{i}" for i in range(len(who))], "identity": who, "gallery": 0,
         "correct": correct, "rank": np.where(correct, 1.0, 2.0),
         "other_identity": np.roll(who, views)}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("face", "around", "said"),
    [(0.8, 0.1, SUPPORTED), (0.5, 0.5, UNDETERMINED), (0.1, 0.8, CONTRADICTED)],
)
def test_face_and_surroundings_are_compared_in_the_same_pictures(face, around, said):
    outcomes = {("tight", "small"): searches(face), ("background", "small"): searches(around)}
    shares = {"pixels": 0.1, "small": 0.5}
    study = tables(shares, crops=("tight", "background"), outcomes=outcomes)
    answer = verdict("context", study)
    assert answer.verdict == said
    assert answer.value == pytest.approx(
        searches(face).correct.mean() - searches(around).correct.mean()
    )


def test_equal_areas_are_compared_where_a_study_has_them():
    found = {"tight": 0.8, "background": 0.1, "head-alone": 0.1, "around-head": 0.8}
    outcomes = {(crop, "small"): searches(right) for crop, right in found.items()}
    shares = {"pixels": 0.1, "small": 0.5}
    whole, equal = CLAIMS["context"].test(tables(shares, crops=tuple(found), outcomes=outcomes))
    assert (whole.verdict, equal.verdict) == (SUPPORTED, CONTRADICTED)
    assert equal.crop == "head-alone, around-head" and "as many pixels" in equal.evidence
    assert "different size" in whole.evidence


@pytest.mark.parametrize(
    ("second", "said"),
    [({"big": 0.5, "face": 0.8}, SUPPORTED), ({"big": 0.8, "face": 0.5}, CONTRADICTED),
     ({"big": 0.6, "face": 0.61}, UNDETERMINED)],
)  # fmt: skip
def test_the_order_of_kinds_changes_only_where_both_are_ahead_beyond_chance(second, said):
    first = {"pixels": 0.1, "big": 0.8, "face": 0.6}
    crops = {"tight": first, "full": {"pixels": 0.1, **second}}
    assert verdict("crop-order", tables(crops, crops=("tight", "full"))).verdict == said


def test_the_page_names_every_claim_and_what_was_not_measured():
    study = tables({"pixels": 0.1, "small": 0.5, "big": 0.6})
    text = claims.page({name: [*claim.test(study)] for name, claim in CLAIMS.items()})
    assert all(claim.says in text and claim.rule in text for claim in CLAIMS.values())
    assert "**d, tight: supported** (n = 50 people)" in text
    assert text.count(claims.NOT_MEASURED) == sum(
        not [*claim.test(study)] for claim in CLAIMS.values()
    )


def gain(fusion, part, difference, alike=0.5, at="0.001", tar=0.7):
    """Return the row of what a fusion gains over a part of it."""
    p = 0.001 if abs(difference) > 0.02 else 0.6
    return {"dataset": "d", "crop": "tight", "fusion": fusion, "part": part, "at": at,
            "tar_fusion": tar + difference, "tar_part": tar, "difference": difference,
            "ci_low": difference - 0.02, "ci_high": difference + 0.02, "p": p, "margin": 0.05,
            "p_alike": alike, "n_identities": 50}  # fmt: skip


@pytest.mark.parametrize(
    ("over_clip", "over_face", "alike", "said"),
    [
        (0.3, 0.05, 0.5, SUPPORTED),
        # Better than the worse one of its models alone, it doesn't help.
        (0.3, 0.01, 0.5, UNDETERMINED),
        (0.3, -0.05, 0.5, CONTRADICTED),
        # No difference is shown by the test of equivalence alone.
        (0.3, 0.01, 0.001, CONTRADICTED),
        (0.3, 0.03, 0.001, SUPPORTED),
    ],
)
def test_a_fusion_helps_where_it_beats_both_of_its_models(over_clip, over_face, alike, said):
    rows = [
        gain("both", "small", over_clip, tar=0.4),
        gain("both", "face", over_face, alike),
        # At a higher rate, with a control, and of two CLIPs, it is another question.
        gain("both", "face", -0.2, at="0.01"),
        gain("random", "face", -0.1),
        gain("random", "pixels", 0.5, tar=0.01),
        gain("clips", "small", -0.1),
        gain("clips", "big", -0.1),
    ]
    study = tables({"pixels": 0.1, "small": 0.5})
    study = study.__class__(**{**vars(study), "fusions": pd.DataFrame(rows)})
    answer = verdict("fusion", study)
    assert answer.verdict == said and answer.value == pytest.approx(over_face)
    assert "With a control: random less face -10.0 points [-12.0, -8.0]." in answer.evidence


def test_where_both_models_accept_nearly_nothing_a_fusion_shows_nothing():
    rows = [gain("both", part, 0.001, alike=0.001, tar=0.01) for part in ("small", "face")]
    study = tables({"pixels": 0.1, "small": 0.5})
    study = study.__class__(**{**vars(study), "fusions": pd.DataFrame(rows)})
    assert not [*CLAIMS["fusion"].test(study)]
