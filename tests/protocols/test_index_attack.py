"""Index poisoning against a search that is done from scratch, and names written on pictures."""

import json

import numpy as np
import pandas as pd
import pytest

from facebench.protocols.poison import index_attack as poisoning
from facebench.protocols.poison.index_attack import Index
from facebench.store.tables import METRIC_COLUMNS, read_table, write_table
from tests.toys.poison import Poisoned, unit

OPTIONS = {
    "kinds": ["inserted", "relabelled", "swapped"],
    "entries": [1, 3, 30],
    "noise": 0.3,
    "victims": 15,
    "top": [1, 10],
}


@pytest.fixture
def index():
    random = np.random.default_rng(3)
    people = np.repeat(np.arange(12), 5)
    centres = random.standard_normal((12, 8))
    vectors = unit(centres[people] + 0.7 * random.standard_normal((60, 8))).astype(np.float32)
    probe = np.arange(60) % 5 == 0
    return Index(vectors[~probe], people[~probe], vectors[probe], people[probe])


def from_scratch(entries, names, probe, person):
    """Return the place of the first entry called `person`, and who comes first."""
    order = np.argsort(-np.round(entries @ probe, 5), kind="stable")
    right = np.flatnonzero(names[order] == person)
    return (right[0] + 1 if len(right) else np.inf), names[order[0]], order


@pytest.mark.parametrize("kind", ["inserted", "relabelled"])
def test_added_entries_do_what_a_new_search_says(index, kind):
    top = poisoning.best(index)
    for victim in range(12):
        if kind == "inserted":
            vectors, sources = poisoning.inserted(index, victim, 4, 0.3, 0), None
        else:
            sources = poisoning.lookalikes(index, victim, 4)
            vectors = index.probes[sources]
        found = poisoning.with_entries(index, victim, vectors, sources, top)
        entries = np.concatenate([index.entries, vectors])
        names = np.concatenate([index.names, np.full(4, -9)])
        still = 0
        for i, (probe, person) in enumerate(zip(index.probes, index.people, strict=True)):
            keep = np.ones(len(names), bool)
            if sources is not None:
                keep[len(index.names) :] = sources != i
            mate, first, order = from_scratch(entries[keep], names[keep], probe, person)
            still += int(first == person and person != victim)
            if person == victim:
                assert found.mate[0] == mate
                assert found.poison[0] == np.flatnonzero(names[keep][order] == -9)[0] + 1
        assert found.others[1] == still


def test_swapped_names_do_what_a_new_search_says(index):
    top = poisoning.best(index)
    for victim in range(12):
        assert poisoning.swapped(index, victim, 5, top) is None
        found = poisoning.swapped(index, victim, 4, top)
        other = poisoning.double(index, victim)
        names = index.names.copy()
        names[index.names == victim], names[index.names == other] = other, victim
        still = 0
        for probe, person in zip(index.probes, index.people, strict=True):
            mate, first, _ = from_scratch(index.entries, names, probe, person)
            still += int(first == person and person != victim)
            if person == victim:
                assert found.mate[0] == mate
        assert found.others[1] == still


def test_more_entries_do_more_and_cost_more(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, noise=0.4)
    metrics, outcomes = toy.index_report(OPTIONS)
    assert list(metrics.columns) == METRIC_COLUMNS
    inserted = metrics[metrics.threat == "index-inserted"].set_index(["metric", "at"])
    first = inserted.loc["rank1"].value
    assert first["0"] > first["30"] and first.is_monotonic_decreasing
    assert inserted.value["poison_in_top", "30/10"] >= inserted.value["poison_in_top", "1/10"]
    assert inserted.fraction["rank1", "30"] == pytest.approx(30 / (90 + 30))
    assert outcomes.identity.nunique() == 15
    swapped = metrics[(metrics.threat == "index-swapped") & (metrics.metric == "rank1")]
    assert np.isnan(swapped.set_index("at").value["30"])
    assert "fewer such entries" in str(toy.record("index_poison"))


def test_an_index_of_one_picture_a_person_has_nobody_to_poison(tmp_path):
    toy = Poisoned(tmp_path, people=10, each=1)
    metrics, _ = toy.index_report(OPTIONS)
    assert metrics.value.isna().all() and len(metrics) == 1


def named(toy, written_names, moved, target=None):
    """Write names, and an attack that writes `written_names` and gives the vectors `moved`.

    target: whose name a label with a name has, or would have.
    """
    people = sorted(set(toy.names()))
    centres = np.stack([toy.vectors[toy.people == i].mean(axis=0) for i in range(len(people))])
    np.savez(
        toy.path("names.npz"),
        embeddings=unit(centres)[None].astype(np.float32),
        names=np.array(people),
        pool=np.array(["people"] * len(people)),
        templates=np.array(["{}"]),
        record=np.array(json.dumps({"embed_text": {}})),
    )
    toy.write("written", moved, toy.status, np.full(len(toy.people), "ok", object))
    table = read_table(toy.path("written-faces.parquet")).assign(written=written_names)
    record = {"attack": {"spec": {"text": "other"}}}
    write_table(table.assign(target=target), toy.path("written-faces.parquet"), record)
    metrics, outcomes = toy.run("typographic", toy.task(["written"]))
    return metrics.set_index("metric").value, outcomes


def test_a_model_that_reads_is_led_astray_and_the_control_is_not(tmp_path):
    toy = Poisoned(tmp_path, people=20, each=4, noise=0.2)
    other = (toy.people + 1) % 20
    names = np.array(toy.names())
    theirs = np.array([f"p{i:03d}" for i in other])
    lead = np.stack([toy.vectors[toy.people == i].mean(axis=0) for i in other])
    found, outcomes = named(toy, theirs, unit(0.2 * toy.vectors + lead))
    assert found["true_top1_clean"] > 0.9 and found["true_top1"] < 0.1
    assert found["written_top1"] > 0.9 and found["written_top1_clean"] < 0.1
    assert found["true_top1_change"] < -0.8 and len(outcomes) == 80
    assert set(outcomes.text) == {"other"} and "unwritten_top1" not in found
    found, _ = named(toy, np.array(["xqzwv"] * 80), toy.vectors, theirs)
    assert found["true_top1_change"] == 0 and "written_top1" not in found
    assert found["unwritten_top1"] == found["unwritten_top1_clean"] < 0.1
    found, _ = named(toy, pd.Series([None] * 80), unit(0.2 * toy.vectors + lead), theirs)
    assert found["unwritten_top1"] > 0.9, "a control may hit the name by another way than reading"
    found, _ = named(toy, names, toy.vectors)
    assert found["written_top1"] == found["true_top1"]


def test_people_without_a_name_are_left_out(tmp_path):
    toy = Poisoned(tmp_path, people=6, each=4)
    faces = read_table(toy.path("clean-faces.parquet"))
    faces["name"] = faces["name"].where(toy.people > 1)
    write_table(faces, toy.path("clean-faces.parquet"), {})
    _, outcomes = named(toy, pd.Series([None] * 24), toy.vectors)
    assert set(outcomes.identity) == {"p002", "p003", "p004", "p005"}
