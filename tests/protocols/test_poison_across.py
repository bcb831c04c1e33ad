"""What takes several models: transfer without flattery, tests, votes; and it in words."""

import contextlib

import numpy as np
import pandas as pd
import pytest

from facebench.protocols.poison.effects import effects
from facebench.protocols.poison.paired import Attack
from facebench.protocols.poison.transfer import COMMON, HELD_OUT, TRANSFER_COLUMNS, transfer
from facebench.protocols.poison.votes import either, votes
from facebench.report import attack_tables
from facebench.store import layout
from facebench.store.tables import METRIC_COLUMNS, read_table, write_table
from facebench.study.attack_plan import OVER_MODELS
from scripts import poison_across

STATISTICS = {"draws": 200, "confidence": 0.95, "seed": 0}
ATTACKS = {
    "cloak": Attack("clip-cloak", ("a",)),
    "noise": Attack("noise", control=True),
}


def outcomes(found, people=40, probes=2, seed=0):
    """Outcomes of one model: `found` is the chance that a probe is found, by (attack, share)."""
    random, tables = np.random.default_rng(seed), []
    for (attack, share), chance in found.items():
        hits = random.random((people, probes)) < chance
        tables.append(
            pd.DataFrame(
                {
                    "identity": [f"p{i:02d}" for i in range(people)],
                    "attack": attack,
                    "threat": "gallery",
                    "fraction": share,
                    "reencode": "none",
                    "probes": probes,
                    "share": share,
                    "nearest": hits.sum(axis=1),
                    "linear": hits.sum(axis=1),
                    "found": hits.tolist(),
                    "group:sex": ["f", "m"] * (people // 2),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


@pytest.fixture
def models():
    same = {("noise", 0.0): 1.0, ("noise", 1.0): 1.0, ("cloak", 0.0): 1.0}
    return {
        "a": outcomes({**same, ("cloak", 1.0): 0.0}),
        "b": outcomes({**same, ("cloak", 1.0): 0.5}, seed=1),
        "c": outcomes({**same, ("cloak", 1.0): 0.7}, seed=2),
        "pixels": outcomes({key: 0.0 for key in [*same, ("cloak", 1.0)]}),
    }


def test_an_attack_is_never_summarised_on_models_it_was_made_on(models):
    table = transfer(models, ATTACKS, ["pixels"], STATISTICS)
    mean = table[(table.attack == "cloak") & (table.averaged != "")].iloc[0]
    assert mean.models == 2 and not mean.made_on and np.isnan(mean.p)
    single = table[(table.attack == "cloak") & (table.averaged == "")].set_index("victim")
    assert mean.gain == pytest.approx(single.loc[["b", "c"], "gain"].mean())
    assert single.loc["a", "gain"] == 1 and single.made_on.tolist() == [True, False, False, False]
    assert mean.ci_low < mean.gain < mean.ci_high
    assert mean.protected_low < mean.protected_share < mean.protected_high
    assert mean.protected_share == pytest.approx(mean.gain / mean.found_clean)


def test_all_attacks_are_summarised_on_the_same_models_where_there_are_any(models):
    both = ATTACKS | {"other": Attack("lowkey", ("b",))}
    models = {
        name: pd.concat([table, table[table.attack == "cloak"].assign(attack="other")])
        for name, table in models.items()
    }
    table = transfer(models, both, ["pixels"], STATISTICS)
    means = table[table.averaged != ""]
    assert set(means.victim) == {COMMON} and set(means.averaged) == {"c"} and len(means) == 3
    every = both | {"third": Attack("fawkes", ("a", "c"))}
    table = transfer(models, every, ["pixels"], STATISTICS)
    means = table[table.averaged != ""].set_index("attack")
    assert set(means.victim) == {HELD_OUT}
    assert means.averaged.to_dict() == {"cloak": "b, c", "noise": "a, b, c", "other": "a, c"}
    assert means.models.tolist() == [2, 3, 2]
    (_, _, lines), *_ = attack_tables.sections(
        table.assign(dataset="toy", crop="tight"), pd.DataFrame(columns=METRIC_COLUMNS)
    )
    assert lines[1][-3].endswith("protected (b, c)") and lines[1][0] == "cloak (a)"


def test_what_is_protected_is_of_what_was_found_search_by_search():
    found = outcomes({("cloak", 0.0): 1.0, ("cloak", 1.0): 1.0}, people=4, probes=2)
    clean, now = found.fraction == 0, found.fraction == 1
    lists = {"clean": [[True, True], [True, False], [False, False], [True, True]],
             "now": [[False, True], [False, True], [True, True], [True, True]]}  # fmt: skip
    for rows, name in ((clean, "clean"), (now, "now")):
        found.loc[rows, "found"] = pd.Series(lists[name], index=found.index[rows])
        found.loc[rows, "nearest"] = [sum(one) for one in lists[name]]
    (row,) = transfer({"b": found}, {"cloak": Attack("x", ("b",))}, [], STATISTICS).to_dict(
        "records"
    )
    assert row["found_clean"] == 5 / 8 and row["found"] == 6 / 8 and row["gain"] == -1 / 8
    assert row["protected_share"] == pytest.approx(2 / 5)


@pytest.mark.parametrize("control_has_both", [True, False])
def test_cloaks_that_only_the_searching_photos_have_are_not_lost(control_has_both):
    same = {("noise", 0.0): 1.0, ("noise", 1.0): 0.9}
    found = outcomes({**same, ("cloak", 0.0): 1.0, ("cloak", 1.0): 0.2})
    found.loc[found.attack == "cloak", "threat"] = "probe"
    if control_has_both:
        searching = found[found.attack == "noise"].assign(threat="probe")
        found = pd.concat([found, searching], ignore_index=True)
    table = transfer({"b": found}, ATTACKS, [], STATISTICS)
    threats = table.drop_duplicates("attack").set_index("attack").threat
    assert threats["cloak"] == "probe"
    assert threats["noise"] == ("probe" if control_has_both else "gallery")
    table = table.assign(dataset="toy", crop="tight")
    none = pd.DataFrame(columns=METRIC_COLUMNS)
    titles = [title for title, *_ in attack_tables.sections(table, none)]
    assert len(titles) == (1 if control_has_both else 2)
    assert any("searched with are cloaked" in title for title in titles)
    numbers = pd.DataFrame([{"dataset": "toy", "crop": "tight"}]).reindex(columns=METRIC_COLUMNS)
    (told,) = attack_tables.sentences(table, numbers)
    assert "cloak hides people beyond chance" in told
    assert ("noise leaves" in told) == control_has_both


def test_effects_are_tested_with_a_correction_for_all_of_them(models):
    table = effects(models, ATTACKS, 0.05, STATISTICS)
    assert len(table) == 4 * 2 * 2 and set(table.classifier) == {"nearest", "linear"}
    assert (table.p_corrected >= table.p).all()
    cloak = table[(table.attack == "cloak") & (table.model == "a")]
    noise = table[(table.attack == "noise")]
    assert (cloak.p_corrected < 1e-3).all() and (noise.p_corrected == 1).all()
    assert ((table.ci_low <= table.gain) & (table.gain <= table.ci_high)).all()


def test_that_a_control_costs_next_to_nothing_is_tested_and_of_a_cloak_it_is_not(models):
    wide, narrow = (effects(models, ATTACKS, margin, STATISTICS) for margin in (0.2, 0.01))
    for table, margin in ((wide, 0.2), (narrow, 0.01)):
        noise, cloak = table[table.attack == "noise"], table[table.attack == "cloak"]
        assert (noise.equivalent_margin == margin).all()
        assert cloak[["equivalent_margin", "p_equivalent"]].isna().all(axis=None)
    assert (wide[wide.attack == "noise"].p_equivalent < 0.05).all()
    assert (narrow[narrow.attack == "noise"].p_equivalent > 0.05).all()


def test_two_models_find_whom_either_finds(models):
    table = votes(models, ATTACKS, ["pixels"], STATISTICS)
    assert set(zip(table.model_a, table.model_b, strict=True)) == {
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    }
    row = table[(table.attack == "cloak") & (table.model_a == "b")].iloc[0]
    assert row.found_either > max(row.found_a, row.found_b)
    parts = [models[m].query("attack == 'cloak' and fraction == 1") for m in "bc"]
    hits = either(*(part.reset_index(drop=True) for part in parts))
    assert row.found_either == pytest.approx(hits.mean() / 2)
    made = table[table.attack == "cloak"].set_index(["model_a", "model_b"]).made_on
    assert made.tolist() == ["a", "a", ""]


def tables_of(folder, faces):
    """Write outcomes of one model by data set; return the four tables that are made of them."""
    attacks = {
        "cloak": {"kind": "clip-cloak", "surrogates": ["a"], "control": False},
        "noise": {"kind": "noise", "surrogates": [], "control": True},
    }
    outputs = {kind: str(folder / f"poison-{kind}.parquet") for kind in OVER_MODELS}
    with contextlib.chdir(folder):
        for dataset, table in faces.items():
            write_table(table, layout.outcomes("study", dataset, "tight", "b", "poison"), {})
        poison_across.main(
            study="study",
            faces=[(dataset, "tight") for dataset in faces],
            models=["b"],
            attacks=attacks,
            controls=[],
            vote=True,
            margin=0.05,
            statistics=STATISTICS,
            code="0123",
            outputs=outputs,
        )
    return {kind: read_table(path) for kind, path in outputs.items()}


def test_the_tables_hold_all_data_sets_also_those_with_nothing_in_them(tmp_path, models):
    found = tables_of(tmp_path, {"toy": models["b"], "none": models["b"].iloc[:0]})
    assert len(found["transfer"]) == 4 and set(found["transfer"].dataset) == {"toy"}
    assert set(found["transfer"].crop) == {"tight"} and found["votes"].empty
    flags = found["transfer"].drop_duplicates("attack").set_index("attack").attack_control
    assert flags.to_dict() == {"cloak": False, "noise": True}
    both = tables_of(tmp_path, {"toy": models["b"], "other": models["b"]})
    assert both["effects"].dataset.value_counts().to_dict() == {"toy": 4, "other": 4}
    nothing = tables_of(tmp_path, {"none": models["b"].iloc[:0]})
    assert all(table.empty for table in nothing.values())
    assert list(nothing["transfer"].columns) == TRANSFER_COLUMNS


def test_the_words_name_controls_beside_each_effect(models):
    table = transfer(models, ATTACKS, ["pixels"], STATISTICS).assign(dataset="toy", crop="tight")
    numbers = [
        {"metric": "dssim", "attack": "cloak", "value": 0.0123},
        {"metric": "failed_to_cloak", "attack": "cloak", "value": 0.05},
        {"metric": "unchanged", "attack": "cloak", "value": 0.0},
    ]
    common = {"dataset": "toy", "crop": "tight", "protocol": "poison", "reencode": "none"}
    common |= {"model": "a", "threat": "none", "at": ""}
    metrics = pd.DataFrame([{**common, **row} for row in numbers])
    ((title, head, lines),) = attack_tables.sections(table, metrics)
    assert "100 % of the person's photos in the gallery" in title
    assert head == ["attack", "a", "b", "c", "pixels", "other models", "changed", "failed"]
    assert [line[0] for line in lines] == ["none", "cloak (a)", "noise"]
    assert lines[1][1] == "0.0 % *=" and lines[1][-2:] == ["0.0123", "5 %"]
    said = attack_tables.sentences(table, metrics)
    assert "from 100.0 % found to 0.0 % (beyond chance); noise leaves 100.0 %." in said[0]
    assert "hides people beyond chance from all 2 models that it was not made on" in said[1]
    (weak, *_) = attack_tables.sentences(table.assign(p_corrected=0.2), metrics)
    assert "points, not shown to be more than chance); noise leaves" in weak
    assert "within chance" not in weak
    assert attack_tables.sentences(attack_tables.NOTHING, metrics) == []


def test_an_attack_that_protects_other_people_is_compared_with_these(models):
    few = models["b"].query("attack == 'cloak' and identity < 'p10'").assign(nearest=1)
    many = models["b"].query("attack == 'noise'")
    table = transfer({"b": pd.concat([few, many])}, ATTACKS, [], STATISTICS)
    _, lines = attack_tables.table(table, pd.DataFrame(columns=METRIC_COLUMNS))
    assert [line[1] for line in lines] == ["100.0 %", "50.0 % of 50.0 %", "100.0 %"]
    table = table.assign(dataset="toy", crop="tight")
    one = dict.fromkeys(METRIC_COLUMNS, "") | {"dataset": "toy", "crop": "tight"}
    said = attack_tables.sentences(table, pd.DataFrame([one]))
    assert said[0].endswith(
        "on which it was not made; it finds as many with it as without it, or more."
    )


def test_names_written_on_pictures_are_told_and_are_no_recognition():
    row = dict.fromkeys(METRIC_COLUMNS, "") | {"dataset": "toy", "crop": "tight", "model": "a"}
    row |= {"protocol": "typographic", "attack": "label"}
    values = {"true_top1_clean": 0.9, "true_top1": 0.2, "written_top1": 0.7}
    values |= {"written_top1_clean": 0.1}
    metrics = pd.DataFrame([{**row, "metric": name, "value": v} for name, v in values.items()])
    (said,) = attack_tables.sentences(attack_tables.NOTHING, metrics)
    assert "label makes a say the written name for 70.0 % (without it 10.0 %)" in said
    assert set(metrics.protocol) <= set(attack_tables.PROTOCOLS)


def test_entries_for_everybody_are_told_beside_the_hubs_of_the_index():
    row = dict.fromkeys(METRIC_COLUMNS, "") | {"dataset": "toy", "crop": "tight", "model": "a"}
    row |= {"protocol": "hubs", "metric": "hits"}
    values = {("centroid", "1/1"): 0.1, ("centroid", "20/1"): 0.4, ("centroid", "20/10"): 0.9}
    values |= {("random", "20/1"): 0.0, ("natural", "20/1"): 0.05, ("enrolled", "20/1"): 0.95}
    rows = [
        {**row, "threat": f"hub-{kind}", "at": at, "value": value, "fraction": 0.04}
        for (kind, at), value in values.items()
    ]
    metrics = pd.DataFrame(rows)
    (said,) = attack_tables.sentences(attack_tables.NOTHING, metrics)
    assert (
        "one of 20 entries for everybody (centroid; 4 % of the index) comes first in 40.0 % of"
        in (said)
    )
    assert said.endswith("searches, of 1 in 10.0 %; of as many of the index's own hubs in 5.0 %.")
    assert set(metrics.protocol) <= set(attack_tables.PROTOCOLS)
    (said,) = attack_tables.sentences(attack_tables.NOTHING, metrics.iloc[:3])
    assert said.endswith("of searches, of 1 in 10.0 %.")
