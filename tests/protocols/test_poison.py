"""The poison protocol: its numbers against a plain second implementation, and its edges."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from facebench.protocols.poison.arrange import divide
from facebench.protocols.poison.experiments import Experiment, all_experiments, variants
from facebench.protocols.poison.groups import groups
from facebench.protocols.poison.ridge import RIDGE
from facebench.protocols.poison.run import run
from facebench.protocols.poison.single_pictures import alert_threshold
from facebench.protocols.poison.split import split
from facebench.protocols.poison.variants import gather, with_decoys
from facebench.store.faces import encode
from facebench.store.tables import METRIC_COLUMNS, read_table, write_table
from tests.toys.poison import OPTIONS, Poisoned, unit


def outcomes_of(toy, chosen, options=OPTIONS, names=("cloak",)):
    material = gather(toy.files("clean"), {name: toy.files(name) for name in names})
    options = {**options, "classifiers": ["nearest", "linear", "adaptive"]}
    return run(material, chosen, options).outcomes, divide(material, 0.7, 10, 0)


def plain_hits(toy, parts, poisoned, share, probe_vectors, linear=False, copies=False):
    """Return {person: hits}: the experiment as a reader of the definition would do it by hand.

    copies: others' poisoned pictures are in the gallery beside their clean ones.
    """
    hits, clean, people = {}, toy.vectors.astype(np.float32), toy.people
    for probe in parts.probes:
        person, vectors = people[probe], clean.copy()
        own = [
            i for i in parts.gallery[np.argsort(parts.order[parts.gallery])] if people[i] == person
        ]
        for i in own[: int(share * len(own) + 0.5)]:
            vectors[i] = poisoned[i]
        known, whose = vectors[parts.gallery], people[parts.gallery]
        if linear:
            base, owner = clean[parts.gallery].astype(float), whose
            if copies:
                others = whose != person
                base, owner = np.vstack([base, poisoned[parts.gallery]]), np.tile(whose, 2)
                known = np.vstack([known, poisoned[parts.gallery][others]])
                whose = np.concatenate([whose, whose[others]])
            weights = 1 / np.bincount(owner)[owner]
            centre = np.average(base, axis=0, weights=weights)
            gram = (base - centre).T @ np.diag(weights) @ (base - centre)
            ridge = RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
            known, weights = known - centre, np.diag(1 / np.bincount(whose)[whose])
            targets = weights @ np.eye(people.max() + 1)[whose]
            fit = np.linalg.solve(known.T @ weights @ known + ridge, known.T @ targets)
            named = np.argmax((probe_vectors[probe] - centre) @ fit)
        else:
            named = whose[np.argmax(known @ probe_vectors[probe])]
        hits[person] = hits.get(person, 0) + int(named == person)
    return hits


@pytest.mark.parametrize(
    ("threat", "share"),
    [("gallery", 0.0), ("gallery", 0.5), ("gallery", 1.0), ("probe", 1.0), ("both", 0.5)],
)
def test_one_experiment_is_what_a_plain_loop_finds(tmp_path, threat, share):
    toy = Poisoned(tmp_path, people=25, each=7, noise=0.8)
    cloaked = toy.attack("cloak", 1.0).astype(np.float32)
    table, parts = outcomes_of(toy, [Experiment("cloak", threat, share)])
    poisons_probes = threat != "gallery" and share > 0
    probes = cloaked if poisons_probes else toy.vectors.astype(np.float32)
    gallery_share = 0 if threat == "probe" else share
    for column in ("nearest", "linear", "adaptive"):
        how = {"linear": column != "nearest", "copies": column == "adaptive"}
        plain = plain_hits(toy, parts, cloaked, gallery_share, probes, **how)
        assert dict(zip(np.unique(toy.people), table[column], strict=True)) == plain
    assert 0 < table["nearest"].sum() < table["probes"].sum()


def test_misses_are_counted_at_the_threshold_of_the_clean_run(tmp_path):
    toy = Poisoned(tmp_path, people=25, each=7, noise=0.8)
    cloaked = toy.attack("cloak", 0.7)
    table, parts = outcomes_of(
        toy, [Experiment("cloak", "gallery", 1.0), Experiment("cloak", "gallery", 0.0)]
    )
    whose, asked = toy.people[parts.gallery], toy.people[parts.probes]
    strangers = np.where(
        asked[:, None] == whose, -np.inf, toy.vectors[parts.probes] @ toy.vectors[parts.gallery].T
    ).max(axis=1)
    threshold = np.sort(strangers)[::-1][int(0.3 * len(strangers)) - 1]
    for share, gallery in ((1.0, cloaked), (0.0, toy.vectors)):
        mates = np.where(
            asked[:, None] == whose, toy.vectors[parts.probes] @ gallery[parts.gallery].T, -np.inf
        ).max(axis=1)
        missed = (mates < strangers) | (mates < threshold - 1e-5)
        plain = np.bincount(asked, missed)
        assert table[table.fraction == share]["missed@0.3"].tolist() == plain.tolist()
        assert 0 < plain.sum() < len(asked)


def test_decoys_are_everybody_else(tmp_path):
    toy = Poisoned(tmp_path, people=25, each=4, noise=0.8)
    cloaked = toy.attack("cloak", 1.5)
    table, parts = outcomes_of(toy, [Experiment("cloak", "decoys", 1.0)])
    for probe in parts.probes:
        person = toy.people[probe]
        own = toy.people == person
        vectors = np.where(own[:, None], toy.vectors, cloaked)
        best = parts.gallery[np.argmax(vectors[parts.gallery] @ toy.vectors[probe])]
        assert table["nearest"][person] == (toy.people[best] == person)


def test_the_adaptive_classifier_learns_from_others_cloaks(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=6, dim=24, noise=0.3)
    shift = 1.5 * unit(toy.random.standard_normal((1, 24)))
    toy.write("cloak", unit(toy.vectors + shift), toy.status, np.full(180, "ok", object))
    table, _ = outcomes_of(toy, [Experiment("cloak", "probe", 1.0)])
    assert table["adaptive"].sum() > table["linear"].sum() + 10


def test_copies_of_others_that_changed_nothing_change_nothing(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=6, noise=0.8)
    toy.attack("cloak", 0.0)
    table, _ = outcomes_of(toy, [Experiment("cloak", "gallery", share) for share in (0.0, 1.0)])
    assert table["adaptive"].tolist() == table["linear"].tolist()
    assert 0 < table["linear"].sum() < table["probes"].sum()


def test_a_larger_share_poisons_the_same_pictures_and_more():
    parts = split(np.repeat(np.arange(9), 10), train=0.7, seed=3)
    before = parts.poisoned(0)
    assert not before.any()
    for share in (0.25, 0.5, 0.75, 1):
        now = parts.poisoned(share)
        assert (now >= before).all() and now.sum() > before.sum()
        before = now
    assert (np.flatnonzero(before) == parts.gallery).all()


def test_people_with_two_pictures_have_one_to_be_found_and_one_to_search_with(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=2, noise=0.3)
    toy.attack("cloak", 3.0)
    metrics, outcomes = toy.report()
    whole = outcomes[outcomes.threat == "gallery"].set_index("fraction")
    assert (outcomes["probes"] == 1).all()
    assert set(whole.loc[0.25, "share"]) == {0.0} and set(whole.loc[0.5, "share"]) == {1.0}
    found = metrics[(metrics.metric == "protection") & (metrics["at"] == "nearest")]
    found = found[found.threat == "gallery"].set_index("fraction").value
    assert found[0.0] == found[0.25] < found[0.5] == found[1.0]


def test_failures_stay_in_the_denominators(tmp_path):
    failed = split(np.repeat(np.arange(40), 4), 0.7, 10).probes[:10]
    toy = Poisoned(tmp_path, people=40, each=4, noise=0.0, failed=failed)
    toy.attack("cloak", 0.0)
    metrics, outcomes = toy.report()
    assert (outcomes.groupby(["threat", "fraction"])["failed"].sum() == 10).all()
    values = metrics[(metrics.metric == "protection") & (metrics["at"] != "adaptive")].value
    assert values.to_numpy() == pytest.approx(1 / 4)
    misses = metrics[metrics.metric == "fnir"].value
    assert misses.to_numpy() == pytest.approx(1 / 4)
    gains = metrics[metrics.metric == "protection_gain"].value
    assert (gains == 0).all()


def test_the_protected_of_whom_nothing_can_be_used_count_as_not_found(tmp_path):
    options = {**OPTIONS, "threats": ["gallery", "probe"], "shares": [1]}
    found = []
    for failed in ((), range(4)):
        toy = Poisoned(tmp_path, people=30, each=4, noise=0.1, failed=failed)
        toy.attack("cloak", 3.0, protected=range(6))
        metrics, outcomes = toy.report(options=options)
        assert outcomes.groupby("threat")["identity"].nunique().tolist() == [6, 6]
        found.append(metrics[(metrics.metric == "rank") & (metrics["at"] == "1")])
        found[-1] = found[-1].set_index(["threat", "fraction"]).value
    without, lost = found
    assert without["gallery", 0.0] == 1 and lost["gallery", 0.0] == pytest.approx(5 / 6)
    nobody = outcomes[outcomes.identity == "p000"]
    assert (nobody.failed == nobody.probes).all() and (nobody.nearest == 0).all()
    assert (nobody["share"] == 0).all()


def test_people_whom_ready_made_cloaks_leave_out_are_not_searched_for(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, failed=[0, 4, 5, 6, 7])
    toy.attack("cloak", 3.0, protected=range(3), spared=[0, 1, 2, 3, 8])
    _, outcomes = toy.report(options={**OPTIONS, "threats": ["gallery"]})
    assert set(outcomes.identity) == {"p001", "p002"}


def test_failures_to_cloak_count(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, noise=0.1)
    everything = range(120)
    toy.attack("cloak", 3.0, unchanged=everything)
    metrics, _ = toy.report()
    assert metrics[metrics.metric == "unchanged"].value.item() == 1
    assert (metrics[metrics.metric == "protection_gain"].value == 0).all()
    assert metrics[metrics.metric == "similarity"].value.item() == pytest.approx(1)


def test_only_the_protected_are_searched_for_and_others_are_bystanders(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4)
    toy.attack("cloak", 2.0, protected=range(8))
    _, outcomes = toy.report()
    many = outcomes.groupby(["threat", "fraction"])["identity"].nunique()
    assert set(many["gallery"]) == {8} and set(many["decoys"]) == {30}
    limited = {**OPTIONS, "bystanders": 12}
    _, outcomes = toy.report(options=limited)
    assert outcomes[outcomes.threat == "decoys"]["identity"].nunique() == 12


def test_nobody_protected_and_nobody_with_two_pictures_are_told_in_words(tmp_path):
    for each, protected in ((4, []), (1, None)):
        toy = Poisoned(tmp_path, people=12, each=each)
        toy.attack("cloak", 1.0, protected=protected)
        metrics, _ = toy.report()
        told = metrics[(metrics.metric == "protection") & metrics.value.isna()]
        assert set(told.threat) >= {"gallery", "probe", "both"}
        refused = toy.record("poison")["refused"]
        assert any("nobody can be searched for" in sentence for sentence in refused.values())


def test_a_model_that_gives_everything_the_same_vector_is_at_chance(tmp_path):
    toy = Poisoned(tmp_path, people=40, each=4)
    same = np.tile(unit(np.ones((1, 12))), (160, 1))
    toy.write("clean", same, toy.status)
    toy.write("cloak", same, toy.status, np.full(160, "ok", object))
    table, _ = outcomes_of(
        toy, [Experiment("cloak", "gallery", 1.0), Experiment("cloak", "gallery", 0.0)]
    )
    assert table["nearest"].sum() <= 2 and table["linear"].sum() <= 2


def test_decoys_of_another_data_set_only_make_it_harder(tmp_path):
    (tmp_path / "others").mkdir()
    toy = Poisoned(tmp_path, people=20, each=4, noise=0.9)
    toy.attack("cloak", 0.5)
    others = Poisoned(tmp_path / "others", people=200, each=2, noise=0.9, seed=5)
    alone, _ = toy.report()
    crowd, outcomes = toy.report(decoys={"people": others.files("clean")})
    key = ["metric", "at", "threat", "fraction", "reencode"]
    both = alone.set_index(key).value.to_frame("alone").join(crowd.set_index(key).value)
    protection = both.loc["protection"].loc[["nearest"]].drop("decoys", level="threat")
    assert (protection.value >= protection.alone).all()
    assert (protection.value > protection.alone).any()
    assert not outcomes.identity.str.startswith("people/").any()
    material = with_decoys(gather(toy.files("clean"), {}), {"people": others.files("clean")})
    assert len(material.people) == 80 + 400 and material.own == 80


def test_decoys_who_are_the_data_sets_own_people_are_left_out(tmp_path):
    (tmp_path / "others").mkdir()
    toy = Poisoned(tmp_path, people=6, each=4)
    toy.attack("cloak", 0.5)
    others = Poisoned(tmp_path / "others", people=10, each=2, seed=5)
    faces = read_table(others.files("clean").faces)
    faces.loc[1, "image_id"] = toy.ids[3]  # the same file
    with Image.open(BytesIO(toy.pictures[7])) as picture:
        copy = (np.asarray(picture) * 0.9).astype(np.uint8)  # another file of the same picture
    faces.at[4, "image"] = encode(copy)
    write_table(faces, others.files("clean").faces, {})
    _, outcomes = toy.report(decoys={"people": others.files("clean")})
    assert toy.record("poison")["left_out"] == {"people": ["p000", "p002"]}
    assert outcomes.identity.nunique() == 6
    own = toy.files("clean").faces
    material = with_decoys(gather(toy.files("clean"), {}), {"people": others.files("clean")}, own)
    assert len(material.people) == 24 + 16 and material.own == 24
    assert not {"people/p000", "people/p002"} & set(material.pictures.labels.identity)
    assert (material.rows["clean"][24:] >= 24).all()


def test_with_enough_folds_every_picture_is_searched_with_once(tmp_path):
    toy = Poisoned(tmp_path, people=10, each=5)
    toy.attack("cloak", 1.0)
    _, outcomes = toy.report(options={**OPTIONS, "folds": 9})
    assert (outcomes["probes"] == 5).all()
    assert (outcomes["found"].map(len) == 5).all() and (outcomes["rank"].map(len) == 5).all()


def test_every_number_is_a_row_of_the_table_with_an_interval_around_it(tmp_path):
    toy = Poisoned(tmp_path, people=40, each=5)
    cloaked = toy.attack("cloak", 1.0)
    toy.reencoded("clean+jpeg", toy.vectors)
    toy.reencoded("cloak+jpeg", cloaked)
    metrics, outcomes = toy.report(reencodings=["jpeg"])
    assert list(metrics.columns) == METRIC_COLUMNS
    key = ["metric", "at", "threat", "attack", "fraction", "reencode"]
    assert not metrics.duplicated(key).any()
    valued = metrics.dropna(subset=["ci_low"])
    assert ((valued.ci_low <= valued.value + 1e-9) & (valued.value <= valued.ci_high + 1e-9)).all()
    assert set(metrics.reencode) == {"none", "jpeg", "all:jpeg"}
    assert {"group:sex", "group:age_band"} <= set(outcomes.columns)
    baseline = outcomes[(outcomes.fraction == 0) & (outcomes.threat == "gallery")]
    assert baseline.groupby("reencode")["nearest"].sum().nunique() > 1


def test_only_what_is_asked_for_is_computed():
    options = {**OPTIONS, "threats": ["gallery"], "shares": [1], "defences": []}
    asked = all_experiments(options, ["a"], ["jpeg"])
    assert [(cell.share, cell.reencode) for cell in asked] == [
        (0.0, "none"), (0.0, "jpeg"), (1.0, "none"), (1.0, "jpeg"),
    ]  # fmt: skip
    assert variants(options, ["a"], ["jpeg"]) == ["clean+jpeg", "a", "a+jpeg"]
    assert variants({**options, "reencoded": []}, ["a"], ["jpeg"]) == ["a"]
    assert variants({**options, "shares": [0]}, ["a"], []) == ["a"]
    some = {**options, "reencoded_attacks": ["a"]}
    assert variants(some, ["a", "b"], ["jpeg"]) == ["clean+jpeg", "a", "a+jpeg", "b"]


def test_the_same_photo_is_not_the_same_person(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, noise=30.0)
    toy.attack("cloak", 0.1)
    metrics, _ = toy.report()
    same = metrics[metrics.metric == "same_photo"]
    assert same.value.item() > 0.95 and set(same.threat) == {"same-photo"}
    found = metrics[(metrics.metric == "rank") & (metrics["at"] == "1")].value
    assert (found < 0.3).all()


def test_a_cloak_that_moves_all_vectors_alike_is_detected(tmp_path):
    toy = Poisoned(tmp_path, people=30, each=4, noise=0.5)
    shift = 2 * unit(toy.random.standard_normal((1, 12)))
    toy.write("cloak", unit(toy.vectors + shift), toy.status, np.full(120, "ok", object))
    metrics, _ = toy.report()
    found = metrics.set_index("metric").value
    assert found["detector_recall"] > 0.9 and found["detector_precision"] > 0.9
    toy.attack("cloak", 0.3)
    metrics, _ = toy.report()
    assert metrics.set_index("metric").value["detector_precision"] < 0.8


def test_the_alerts_of_a_detector_are_as_many_as_stated(tmp_path):
    toy = Poisoned(tmp_path, people=80, each=5, noise=0.5)
    shift = unit(toy.random.standard_normal((1, 12)))
    moved = unit(toy.vectors + 2 * shift)
    mine = toy.people < 30
    said = np.where(mine, "ok", "not attacked").astype(object)
    status = np.where(mine, "ok", "not-attacked").astype(object)
    toy.write("cloak", moved, status, said, mine)
    metrics, _ = toy.report()
    found = metrics[metrics.metric.str.startswith("detector_") & (metrics["at"] == "0.01")]
    found = found.set_index("metric")
    assert found.value["detector_hits"] > 0.9
    assert found.value["detector_alerts"] < 0.1
    assert (found.ci_low <= found.value).all() and (found.value <= found.ci_high).all()
    assert (found.n_identities == 15).all()


def test_too_few_clean_pictures_can_state_no_rate_of_alerts(tmp_path):
    toy = Poisoned(tmp_path, people=20, each=4)
    toy.attack("cloak", 0.5)
    metrics, _ = toy.report()
    assert metrics[metrics.metric == "detector_hits"].value.isna().all()
    assert "detector_alerts" not in set(metrics.metric)
    assert "takes 99 clean" in toy.record("poison")["refused"]["detector_hits@0.01"]


@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_an_alert_threshold_is_exceeded_by_no_more_new_pictures_than_stated(rate):
    rng, exceeded = np.random.default_rng(0), []
    for _ in range(400):
        scores = rng.exponential(size=150)
        exceeded.append(rng.exponential(size=200) > alert_threshold(scores, rate))
    expected = int(rate * 151) / 151
    assert np.mean(exceeded) == pytest.approx(expected, rel=0.12)


def test_pictures_that_a_mask_was_made_from_count_apart_from_new_ones(tmp_path):
    toy = Poisoned(tmp_path, people=40, each=4, noise=0.3)
    sources = [i for i in range(160) if i % 4 < 2]
    strength = np.where(np.isin(np.arange(160), sources), 3.0, 0.2)[:, None]
    toy.attack("cloak", strength, made_from=sources)
    options = {**OPTIONS, "threats": ["gallery", "probe"], "shares": [0, 1], "folds": 4}
    metrics, outcomes = toy.report(options=options)
    probe = outcomes[(outcomes.threat == "probe") & (outcomes.fraction == 1)]
    clean = outcomes[(outcomes.threat == "probe") & (outcomes.fraction == 0)]
    known = metrics[metrics.threat == "probe"].set_index("metric")
    for ending, value in (("_made_from", 1), ("_new", 0)):
        rates = [
            [1 - np.mean([f for f, m in zip(o.found, p, strict=True) if m == value])
             for o, p in zip(table.itertuples(), probe.made_from, strict=True)]
            for table in (probe, clean)
        ]  # fmt: skip
        assert known.value[f"protection{ending}"] == pytest.approx(np.mean(rates[0]))
        gain = np.mean(rates[0]) - np.mean(rates[1])
        assert known.value[f"protection_gain{ending}"] == pytest.approx(gain)
    assert known.value["protection_made_from"] > known.value["protection_new"] + 0.3
    assert (probe.made_from.map(sum) == 2).all()
    others = outcomes[(outcomes.threat == "gallery") | (outcomes.fraction == 0)]
    assert others.made_from.map(lambda one: set(one) == {-1}).all()
    mean = metrics.set_index("metric").value
    assert mean["similarity_made_from"] < mean["similarity_new"]
    toy.attack("cloak", 1.0)
    metrics, outcomes = toy.report(options=options)
    assert "made_from" not in outcomes and not metrics.metric.str.endswith("_new").any()


def test_an_attribute_with_many_values_is_no_group():
    import pandas as pd

    table = pd.DataFrame({"identity": list("abcdefghij"), "age": range(10), "sex": list("mf") * 5})
    assert list(groups(table, ["age", "sex", "missing"])) == ["sex"]
