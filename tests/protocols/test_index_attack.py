"""Index poisoning against a search that is done from scratch, and names written on pictures."""

import json

import numpy as np
import pandas as pd
import pytest

from facebench.protocols.poison import index_attack as poisoning
from facebench.protocols.poison.index_search import Index, best
from facebench.protocols.poison.split import split
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
    none = np.zeros(12, bool)
    listed = np.full(12, 4)
    return Index(vectors[~probe], people[~probe], vectors[probe], people[probe], none, listed)


def from_scratch(entries, names, probe, person):
    """Return the place of the first entry called `person`, and who comes first."""
    order = np.argsort(-(entries.astype(float) @ probe), kind="stable")
    right = np.flatnonzero(names[order] == person)
    return (right[0] + 1 if len(right) else np.inf), names[order[0]], order


@pytest.mark.parametrize("kind", ["inserted", "relabelled"])
def test_added_entries_do_what_a_new_search_says(index, kind):
    top = best(index)
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
        assert found.right[index.people != victim].sum() == still


def test_swapped_names_do_what_a_new_search_says(index):
    top = best(index)
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
        assert found.right[index.people != victim].sum() == still


def test_more_entries_do_more_and_cost_more(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, noise=0.4)
    metrics, outcomes = toy.index_report(OPTIONS)
    assert list(metrics.columns) == METRIC_COLUMNS
    inserted = metrics[metrics.threat == "index-inserted"].set_index(["metric", "at"])
    first = inserted.loc["rank1"].value
    assert first["0"] > first["30"] and first.is_monotonic_decreasing
    assert inserted.value["poison_in_top", "30/10"] >= inserted.value["poison_in_top", "1/10"]
    assert inserted.fraction["rank1", "30"] == pytest.approx(30 / (90 + 30))
    numbers = metrics.dropna(subset=["value"])
    assert (numbers.ci_low <= numbers.value).all() and (numbers.value <= numbers.ci_high).all()
    assert set(numbers.metric) == {"rank1", "poison_in_top", "median_rank", "others_rank1"}
    others = numbers[numbers.metric == "others_rank1"]
    assert (others.n_identities == 30).all()
    assert outcomes.identity.nunique() == 15
    swapped = metrics[(metrics.threat == "index-swapped") & (metrics.metric == "rank1")]
    assert np.isnan(swapped.set_index("at").value["30"])
    assert "fewer such entries" in str(toy.record("index_poison"))


FAILED = (0, 1, 2, 3, 4, 8, 17, 30, 31)


def test_pictures_that_failed_stay_in_the_denominators(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, noise=0.4, failed=FAILED)
    metrics, outcomes = toy.index_report({**OPTIONS, "victims": 30})
    parts = split(toy.people, 0.7, 10)
    lost = np.isin(np.arange(120), FAILED)
    gallery = parts.gallery[~lost[parts.gallery]]
    right = [
        not lost[probe]
        and toy.people[gallery[np.argmax(toy.vectors[gallery] @ toy.vectors[probe])]]
        == toy.people[probe]
        for probe in parts.probes
    ]
    clean = outcomes[outcomes.entries == 0]
    assert clean.groupby("kind")["searches"].sum().tolist() == [len(parts.probes)] * 3
    numbers = metrics.set_index(["threat", "metric", "at"])
    for kind in OPTIONS["kinds"]:
        first = numbers.loc[(f"index-{kind}", "rank1", "0")]
        assert first.value == pytest.approx(np.mean(right)) and first.n_identities == 30
        assert first.n_images == 120 and first.n_failed == len(FAILED)
        place = f"index-{kind}", "others_rank1", "0"
        assert numbers.value[place] == pytest.approx(np.mean(right))
    nobody = outcomes[outcomes.identity == "p000"]
    assert set(nobody.kind) == set(OPTIONS["kinds"])
    assert (nobody[nobody.kind == "inserted"].entries == [0, *OPTIONS["entries"]]).all()
    assert np.isinf(np.concatenate(nobody["mate_rank"].tolist())).all()
    assert np.isinf(np.concatenate(nobody["poison_rank"].tolist())).all()
    assert (nobody.others_right == nobody.others_right_clean).all()


def test_victims_do_not_depend_on_what_failed(tmp_path):
    drawn = []
    for failed in ((), FAILED, range(0, 120, 2)):
        toy = Poisoned(tmp_path, people=30, each=4, noise=0.4, failed=failed)
        _, outcomes = toy.index_report({**OPTIONS, "kinds": ["inserted"]})
        drawn.append(sorted(outcomes.identity.unique()))
    assert drawn[0] == drawn[1] == drawn[2] and len(drawn[0]) == 15


def test_an_index_in_which_everything_failed_finds_nobody(tmp_path):
    toy = Poisoned(tmp_path, people=5, each=4, failed=range(1, 20))
    metrics, _ = toy.index_report(OPTIONS)
    found = metrics[metrics.metric.isin(["rank1", "others_rank1", "poison_in_top"])]
    assert (found.value.dropna() == 0).all() and (found[found["at"] == "0"].value == 0).all()


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
    done = np.where(toy.status == "ok", "ok", "not attacked").astype(object)
    toy.write("written", moved, toy.status, done)
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


def test_pictures_that_failed_are_named_nobody_and_count(tmp_path):
    failed = [0, 1, 2, 3, 4, 9]
    toy = Poisoned(tmp_path, people=20, each=4, noise=0.2, failed=failed)
    other = (toy.people + 1) % 20
    theirs = np.array([f"p{i:03d}" for i in other], object)
    theirs[failed] = None
    lead = np.stack([toy.vectors[toy.people == i].mean(axis=0) for i in other])
    found, outcomes = named(toy, theirs, unit(0.2 * toy.vectors + lead))
    assert len(outcomes) == 80 and np.isinf(outcomes.true_clean).sum() >= 6
    usable = 1 - (4 + 1 + 1) / 80
    assert found["true_top1_clean"] == pytest.approx(usable)
    assert found["written_top1"] == pytest.approx(usable)
    assert "unwritten_top1" not in found


def test_people_without_a_name_are_left_out(tmp_path):
    toy = Poisoned(tmp_path, people=6, each=4)
    faces = read_table(toy.path("clean-faces.parquet"))
    faces["name"] = faces["name"].where(toy.people > 1)
    write_table(faces, toy.path("clean-faces.parquet"), {})
    _, outcomes = named(toy, pd.Series([None] * 24), toy.vectors)
    assert set(outcomes.identity) == {"p002", "p003", "p004", "p005"}
