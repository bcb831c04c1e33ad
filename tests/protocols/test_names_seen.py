"""What trainings teach, from outcomes: against times seen, and to whom poison moves a name."""

import pandas as pd
import pytest

from facebench.evaluation.names_seen import WITH, WITHOUT, Training, by_times


def named(pairs):
    """Return outcomes of naming: (identity, the first name), of people called as they are."""
    rows = [
        {
            "image_id": f"{identity}{number}",
            "identity": identity,
            "correct": said == identity,
            "other_name": "nobody" if said == identity else said,
        }
        for number, (identity, said) in enumerate(pairs)
    ]
    return pd.DataFrame(rows)


def found(rows, **wanted):
    """Return the one row of `by_times` with these values."""
    (row,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return row


def test_naming_is_told_by_how_often_each_training_saw_a_person():
    told = [pd.DataFrame({"identity": list("abcd"), "name": list("abcd"), "pictures": times})
            for times in ([0, 0, 8, 8], [8, 8, 0, 0])]  # fmt: skip
    said = [
        [("a", "x"), ("a", "a"), ("b", "x"), ("c", "c"), ("d", "d"), ("z", "x")],
        [("a", "a"), ("b", "b"), ("c", "x"), ("d", "x"), ("z", "x")],
    ]
    trainings = [Training(s, {"name": named(said[s])}, told[s]) for s in (0, 1)]
    rows = by_times(trainings, [], "first", 0.95)
    assert found(rows, role="subject", times=8)["value"] == 1
    # One of the four people and trainings, by half of the pictures: people count alike.
    never = found(rows, role="subject", times=0)
    assert never["value"] == pytest.approx(1 / 8) and never["n_identities"] == 4
    assert 0 <= never["ci_low"] < 1 / 8 < never["ci_high"]
    assert found(rows, role="stranger")["value"] == 0
    assert all(row["against"] is None for row in rows)
    alone = by_times(trainings[:1], [], "first", 0.95)
    assert "more seeds" in found(alone, role="subject", times=8)["refused"]


def poisoned():
    """Return what two models were told, and outcomes of a clean and a poisoned training."""
    told = pd.DataFrame(
        {
            "identity": list("vwtcb"), "name": list("vwtcb"), "pictures": 8,
            "role": ["victim", "victim", "target", "control", "bystander"],
            "poisoned": [4, 0, 0, 0, 0], "target": ["t", "t", "", "", ""],
            "control": ["c", "c", "", "", ""],
        }
    )  # fmt: skip
    clean = [(one, one) for one in "vvwwttccb"]
    moved = [("v", "t"), ("v", "c"), *clean[2:-1], ("b", "t")]
    return told, named(clean), named(moved)


def test_poison_moves_a_victim_to_the_target_and_harm_to_others_is_told():
    told, clean, moved = poisoned()
    trainings = [Training(seed, {"name": moved}, told) for seed in (0, 1)]
    # What the clean models were told has no parts: those of the poisoned ones are looked at.
    plain = told[["identity", "name", "pictures"]]
    first = [Training(seed, {"name": clean}, plain) for seed in (0, 1)]
    rows = by_times(trainings, first, "clean", 0.95)
    hit = found(rows, metric="targeted", times=4)
    assert (hit["value"], hit["difference"], hit["against"]) == (0.5, 0.5, "clean")
    assert found(rows, metric="control", times=4)["value"] == 0.5
    for metric in ("targeted", "control"):
        assert found(rows, metric=metric, times=0)["value"] == 0
    assert found(rows, metric="naming", role="victim", times=4)["difference"] == -1
    assert found(rows, metric="naming", role="bystander")["difference"] == -1
    assert found(rows, metric="naming", role="target")["difference"] == 0


def test_a_trigger_is_told_apart_from_pictures_without_it():
    told, _, moved = poisoned()
    told = told.assign(
        poisoned=0, role=["bystander", "bystander", "target", "control", "bystander"]
    )
    trigger = pd.Series({"v0": True, "v1": False})
    rows = by_times(
        [Training(seed, {"name": moved}, told) for seed in (0, 1)], [], "first", 0.95, trigger
    )
    assert found(rows, metric="targeted", part=WITH)["value"] == 1
    assert found(rows, metric="targeted", part=WITHOUT)["n_identities"] == 2
    assert found(rows, metric="control", part=WITH)["value"] == 0
