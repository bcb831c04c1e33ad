"""Hubs as protocols on a small data set."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from facebench.evaluation.hub_pictures import best_first
from facebench.protocols.hubs.groups import division, groups
from facebench.protocols.poison.split import split
from facebench.protocols.poison.variants import gather
from facebench.store.tables import read_table, write_table
from facebench.vectors.stored import StoredVectors
from tests.indexes.test_kinds import spec
from tests.toys.evaluation import Toy
from tests.toys.hubs import in_order, unit
from tests.toys.poison import Poisoned

OPTIONS = {
    "kinds": ["centroid", "seen", "optimised", "natural", "enrolled", "random"],
    "entries": [1, 3, 20],
    "top": [1, 5],
    "train": 0.5,
    "attacker": 0.25,
    "sample": 500,
    "sentinels": 0.25,
    "neighbours": 5,
    "budgets": [0.02, 0.1],
    "refused": 0.05,
    "indexes": [],
    "seed": 10,
}
PROTOCOLS = ("hubs", "hubs_by_name")


@pytest.fixture
def toy(tmp_path):
    return Toy(tmp_path, np.repeat(np.arange(40), 4), noise=0.8, failed=[0, 1, 2, 3, 9, 44])


def run(toy, protocol="hubs", **changes):
    """Run a protocol; return its numbers by threat, metric and at, and its outcomes."""
    metrics, outcomes = toy.run(protocol, options={protocol: {**OPTIONS, **changes}})
    numbers = metrics.reset_index().set_index(["threat", "metric", "at"]).sort_index()
    assert numbers.index.is_unique
    known = numbers.dropna(subset=["ci_low"])
    assert known.value.between(known.ci_low - 1e-12, known.ci_high + 1e-12).all()
    return numbers, outcomes


def test_numbers_are_those_of_a_search_from_scratch(toy):
    numbers, outcomes = run(toy)
    people, failed = toy.people, (toy.table.status != "ok").to_numpy()
    parts = split(people, 0.5, 10)
    who = groups(people[parts.probes], 0.25, 0.25, 10)
    ids = dict(zip(toy.table.image_id[~failed], StoredVectors(toy.vectors.embeddings).all(),
                   strict=True))  # fmt: skip
    gallery = [number for number in parts.gallery if not failed[number]]
    stored = [ids[toy.table.image_id[number]] for number in gallery]
    hub = unit(np.mean(stored, axis=0)[None])[0]
    hits, right, people_hit = {}, {}, set()
    for probe in parts.probes:
        person = people[probe]
        if person not in who.searched:
            continue
        hits.setdefault(person, []).append(False)
        right.setdefault(person, []).append(False)
        if failed[probe]:
            continue
        order = in_order(ids[toy.table.image_id[probe]], [*stored, hub])
        hits[person][-1] = len(stored) in order[:5]
        right[person][-1] = order[0] < len(stored) and people[gallery[order[0]]] == person
        people_hit |= {person} if hits[person][-1] else set()
    mean = {key: np.mean([np.mean(one) for one in found.values()]) for key, found in
            (("hits", hits), ("right", right))}  # fmt: skip
    assert numbers.value["hub-centroid", "hits", "1/5"] == pytest.approx(mean["hits"])
    assert numbers.value["hub-centroid", "rank1", "1"] == pytest.approx(mean["right"])
    share = len(people_hit) / len(who.searched)
    assert numbers.value["hub-centroid", "people_hit", "1/5"] == pytest.approx(share)
    assert (numbers.n_identities == len(who.searched)).all() and (numbers.n_failed == 6).all()
    assert sorted(outcomes.identity.unique()) == [f"p{person:03d}" for person in who.searched]
    assert len(outcomes) == sum(map(len, hits.values()))
    assert outcomes.failed.sum() == failed[np.isin(people, who.searched) & np.isin(
        np.arange(len(people)), parts.probes)].sum()  # fmt: skip
    assert not outcomes.right[outcomes.failed].any()
    assert np.isinf(outcomes.entries_centroid_5[outcomes.failed]).all()
    assert numbers.fraction["hub-centroid", "hits", "20/1"] == pytest.approx(20 / 100)
    assert numbers.fraction["hub-natural", "hits", "20/1"] == pytest.approx(20 / 80)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_more_entries_do_more_and_defences_leave_less(toy, protocol):
    numbers, _ = run(toy, protocol)
    for kind in OPTIONS["kinds"]:
        one = numbers.value[f"hub-{kind}"]
        if kind not in ("centroid", "seen"):  # of these, the smaller sets aren't part of the larger
            hits = [one.get(("hits", f"{many}/5"), 1.0) for many in OPTIONS["entries"]]
            assert hits == sorted(hits)
        for many in OPTIONS["entries"]:
            if ("hits", f"{many}/5") not in one:  # fewer searches were seen
                assert kind in ("seen", "optimised") and protocol == "hubs_by_name"
                continue
            assert one["hits", f"{many}/1"] <= one["hits", f"{many}/5"]
            assert one["hits", f"{many}/5"] <= one["people_hit", f"{many}/5"]
            if kind in ("natural", "enrolled"):
                continue
            assert one["rank1", f"{many}"] <= numbers.value["none", "rank1", "0"]
            for k in OPTIONS["top"]:
                assert one["hits_after_gate", f"{many}/{k}"] <= one["hits", f"{many}/{k}"]
                for budget in OPTIONS["budgets"]:
                    left = one["hits_after_scan", f"{many}/{k}/{budget}"]
                    assert left <= one["hits", f"{many}/{k}"]
                    assert one["scan_alarms", f"{many}/{budget}"] <= budget * (1 + many / 70)
    seen = numbers.value["hub-optimised"]
    assert seen["hits_seen", "3/1"] >= seen["hits", "3/1"]
    assert numbers.value["none", "one_entry", "1"] in {
        numbers.value[f"hub-{kind}", "hits", "1/1"] for kind in ("centroid", "seen", "optimised")
    }
    assert numbers.value["none", "gate_refused", ""] < 0.3
    assert {"gate", "scan 0.02", "scan 0.1"} == set(numbers.value["none", "rank1_lost"].index)


def test_a_hub_where_names_and_pictures_lie_apart_is_first_for_all_and_is_noticed(toy):
    """Text vectors have a part that no picture has, as in CLIP models: what has it, too, wins."""
    (path,) = toy.vectors.embeddings
    np.save(path, unit(np.load(path) * (np.arange(32) > 0)))
    with np.load(toy.files["names"]) as file:
        arrays = dict(file)
    texts = arrays["embeddings"] + 2 * (np.arange(32) == 0)
    arrays["embeddings"] = (texts / np.linalg.norm(texts, axis=-1, keepdims=True)).astype("f4")
    np.savez(toy.files["names"], **arrays)
    numbers, outcomes = run(toy, "hubs_by_name")
    for kind in ("seen", "optimised"):
        one = numbers.value[f"hub-{kind}"]
        assert one["hits", "1/1"] == one["people_hit", "1/1"] == one["hits_seen", "1/1"] == 1
        assert one["rank1", "1"] == 0 and one["entries_for_half", "1"] == 1
        assert one["gate_recall", "1"] == 1 and one["hits_after_gate", "1/1"] == 0
        assert one["scan_recall", "1/0.02"] == 1 and one["hits_after_scan", "1/1/0.02"] == 0
    assert numbers.value["none", "one_entry", "1"] == 1
    assert numbers.value["hub-random", "hits", "1/1"] < 1
    assert outcomes.identity.str.startswith("Person ").all() and outcomes.identity.is_unique
    assert toy.record("hubs_by_name")["strongest"] in ("seen", "optimised")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_more_than_there_is_is_refused_and_longer_lists_hold_everything(toy, protocol):
    numbers, _ = run(toy, protocol, entries=[1, 1000], top=[1, 500], neighbours=400)
    for kind in ("centroid", "seen", "optimised", "natural", "enrolled"):
        assert np.isnan(numbers.value[f"hub-{kind}", "hits", "1000/1"])
    assert "fewer" in str(toy.record(protocol)["refused"])
    assert numbers.value["hub-random", "people_hit", "1/500"] >= 0.9
    # Everybody is in every list: nobody stands out, so nobody is noticed.
    assert numbers.value["hub-random", "gate_recall", "1"] in (0, 1)
    assert (numbers.value["none", "rank1_lost"] >= 0).all()


def test_a_model_that_gives_everything_one_vector_has_no_hub(tmp_path):
    toy = Toy(tmp_path, np.repeat(np.arange(20), 4), noise=0.8)
    for path in toy.vectors.embeddings:
        np.save(path, np.repeat(np.load(path)[:1], 80, axis=0))
    numbers, _ = run(toy)
    for kind in ("centroid", "seen", "optimised", "random"):
        assert numbers.value[f"hub-{kind}", "hits", "3/5"] == 0


@pytest.mark.parametrize("people", [1, 2])
def test_too_few_people_are_refused_in_words(tmp_path, people):
    toy = Toy(tmp_path, np.repeat(np.arange(people), 4), noise=0.8)
    for protocol in PROTOCOLS:
        numbers, outcomes = run(toy, protocol)
        assert numbers.value.isna().all() and not len(outcomes)
        assert "three people" in str(toy.record(protocol)["refused"])


def test_everything_that_failed_stays_in_the_denominators(tmp_path):
    people = np.repeat(np.arange(12), 4)
    gone = split(people, 0.5, 10)
    toy = Toy(tmp_path, people, noise=0.8, failed=gone.gallery.tolist())
    numbers, _ = run(toy)
    assert numbers.value.isna().all()
    assert "No picture that should be in the index" in str(toy.record("hubs")["refused"])
    toy = Toy(tmp_path, people, noise=0.8, failed=gone.probes.tolist())
    numbers, outcomes = run(toy)
    assert numbers.value["none", "rank1", "0"] == 0 and outcomes.failed.all()
    assert numbers.value["hub-centroid", "hits", "20/5"] == 0
    assert np.isnan(numbers.value["hub-seen", "hits", "1/1"])
    assert "sentinel" in str(toy.record("hubs")["refused"])


def test_nobody_is_searched_for_whom_the_attacker_or_a_sentinel_knows(toy):
    """Other vectors for the sentinels change what is noticed, and nothing that is done."""
    before, _ = run(toy)
    parts = split(toy.people, 0.5, 10)
    who = groups(toy.people[parts.probes], 0.25, 0.25, 10)
    rows = toy.table.status == "ok"
    probe = np.isin(np.arange(len(toy.people)), parts.probes)
    mine = (probe & np.isin(toy.people, who.sentinels))[rows]
    (path,) = toy.vectors.embeddings
    vectors = np.load(path)
    vectors[mine] = np.random.default_rng(1).permutation(vectors[mine])
    np.save(path, vectors)
    after, _ = run(toy)
    assert not before.value.equals(after.value)
    for metric in ("hits", "people_hit", "hits_seen", "rank1"):
        same = before.index.get_level_values("metric") == metric
        assert before.value[same].equals(after.value[same])


def test_an_index_that_looks_at_all_entries_finds_what_is_there_and_one_that_doesnt_less(toy):
    numbers, _ = run(toy, indexes=[spec("flat"), spec("ivf-flat", probes=1)], kinds=["seen"])
    value = numbers.value["hub-seen"]
    for at in ("1/5", "3/5", "20/5", "20/1"):
        assert value["hits_by_index", f"{at}/flat"] == value["hits", at]
    some = [value["hits_by_index", f"{many}/5/ivf-flat 1"] for many in (1, 3, 20)]
    all_of_them = [value["hits", f"{many}/5"] for many in (1, 3, 20)]
    assert sum(some) > 0 and some != all_of_them


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_hubs_depend_neither_on_threads_nor_on_the_run(toy, protocol):
    found = []
    for threads, again in ((1, 0), (2, 1)):
        with threadpool_limits(threads):
            # Another option that changes nothing, so that the numbers are made again.
            numbers, _ = run(toy, protocol, sample=500 + again)
            found.append(numbers.drop(columns="record"))
    assert found[0].equals(found[1])


def test_pictures_for_everybody_are_judged_beside_the_same_ones_unchanged(tmp_path):
    toy = Poisoned(tmp_path, people=24, each=4, noise=0.5, failed=[0, 7])
    toy.vectors = unit(toy.vectors + 1.5)  # a narrow cone, whose middle is near to everybody
    toy.write("clean", toy.vectors, toy.status)
    parts = division(toy.people, 0.5, 0.25, 0.25, 10)[1]
    mine = np.isin(toy.people, parts.attacker)
    changed = np.where(mine & (toy.status == "ok"), "ok", "not attacked").astype(object)
    state = np.where(changed == "ok", "ok", "not-attacked").astype(object)
    state[toy.status != "ok"] = toy.status[toy.status != "ok"]
    hub = unit(np.repeat(toy.vectors.mean(axis=0)[None], len(mine), axis=0))
    toy.write("hub", hub, state, changed, mine)
    faces = toy.files("hub").faces
    spec = {"train": 0.5, "attacker": 0.25, "sentinels": 0.25, "division_seed": 10}
    value = np.where(changed == "ok", np.arange(len(mine)), np.nan)
    table = read_table(faces).assign(objective=value, target="part 1 of 1 of the searches")
    write_table(table, faces, {"attack": {"spec": spec}})
    options = {**OPTIONS, "entries": [1, 5, 500]}
    metrics, outcomes = toy.run("hub_pictures", toy.task(["hub"], attacks=["hub"], hubs=options))
    found = metrics.set_index(["threat", "metric", "at"]).value
    assert found["hub-picture", "hits", "1/5"] > found["hub-carrier", "hits", "1/5"]
    assert np.isnan(found["hub-picture", "hits", "500/1"])
    assert set(metrics["attack"]) == {"hub"}
    assert metrics.set_index("metric").value["failed_to_cloak"] == 0
    assert sorted(outcomes.identity.unique()) == [f"p{person:03d}" for person in parts.searched]
    stored = toy.vectors[np.setdiff1d(split(toy.people, 0.5, 10).gallery, [0, 7])]
    probes = np.setdiff1d(split(toy.people, 0.5, 10).probes, [0, 7])
    probes = probes[np.isin(toy.people[probes], parts.searched)]
    first = [len(stored) in in_order(toy.vectors[one], [*stored, hub[0]])[:5] for one in probes]
    assert outcomes.entries_picture_5.eq(1).sum() == sum(first)


def test_pictures_for_searches_by_name_are_judged_in_an_index_that_names_search(tmp_path):
    toy = Poisoned(tmp_path, people=24, each=4, noise=0.5)
    toy.write("clean", toy.vectors, toy.status)
    named = sorted(set(toy.names()))
    # Names lie apart from pictures, so one direction is nearest to all of them.
    apart = np.zeros(toy.dim)
    apart[0] = 3
    means = np.stack([toy.vectors[np.array(toy.names()) == who].mean(axis=0) for who in named])
    texts = unit(0.2 * means + apart).astype(np.float32)
    np.savez(
        toy.path("names.npz"), embeddings=texts[None], names=np.array(named),
        pool=np.array(["people"] * len(named)), templates=np.array(["{}"]),
        record=np.array('{"embed_text": {}}'),
    )  # fmt: skip
    parts = groups(np.arange(len(named)), 0.25, 0.25, 10)
    owners = [named[i] for i in parts.attacker]
    mine = np.isin(toy.names(), owners)
    changed = np.where(mine, "ok", "not attacked").astype(object)
    state = np.where(mine, "ok", "not-attacked").astype(object)
    hub = unit(np.repeat(texts[parts.attacker].mean(axis=0)[None], len(mine), axis=0))
    toy.write("hub", hub, state, changed, mine)
    faces = toy.files("hub").faces
    spec = {"train": 0.5, "attacker": 0.25, "sentinels": 0.25, "division_seed": 10}
    value = np.where(mine, 1.0, np.nan)
    table = read_table(faces).assign(objective=value, target="part 1 of 1 of the searches")
    write_table(table, faces, {"attack": {"spec": spec}})
    options = {**OPTIONS, "entries": [1, 5]}
    task = toy.task(["hub"], attacks=["hub"], hubs=options)
    metrics, outcomes = toy.run("hub_pictures_by_name", task)
    found = metrics.set_index(["threat", "metric", "at"]).value
    assert found["hub-picture", "hits", "1/1"] == 1
    assert found["hub-carrier", "hits", "1/1"] < 0.5
    assert sorted(outcomes.identity) == [named[i] for i in parts.searched]


def test_pictures_of_all_parts_of_the_searches_come_before_the_second_of_one(tmp_path):
    toy = Poisoned(tmp_path, people=6, each=2, noise=0.5)
    toy.write("clean", toy.vectors, toy.status)
    done = np.full(12, "ok", object)
    toy.write("hub", toy.vectors, toy.status, done, np.full(12, True))
    faces = toy.files("hub").faces
    parts = np.where(np.arange(12) < 9, "part 1", "part 2")
    table = read_table(faces).assign(objective=12.0 - np.arange(12), target=parts)
    write_table(table, faces, {"attack": {"spec": {}}})
    variants = gather(toy.files("clean"), {"hub": toy.files("hub")})
    order = best_first(variants, "hub", faces).tolist()
    assert order == [0, 9, 1, 10, 2, 11, 3, 4, 5, 6, 7, 8]
