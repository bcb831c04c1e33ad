"""Cloaks of several sizes and on whole photographs, and entries for everybody, on their pages."""

import pandas as pd
import pytest

from dashboard.data import attack_specs, hubs, numbers, photographs, poison, sizes
from facebench.store import layout
from facebench.store.tables import write_table
from tests.toys.dashboard_tables import DATASET, RECORD
from tests.toys.pages import linked, missing, texts

HERE = (DATASET, "full")
CLOAK = {"kind": "clip-cloak", "linf": 8, "l2": 4, "step": 1, "surrogates": ["mini-s"], "people": 9}


def write_spec(folder, attack, **spec):
    """Write faces of an attack that say with which options it was made."""
    record = {**RECORD, "attack": {"name": attack, "spec": spec}}
    table = pd.DataFrame({"image_id": ["a"], "status": ["ok"]})
    write_table(table, folder.parents[1] / layout.faces(*HERE, attack), record)


def test_sizes_of_one_cloak_are_a_family_and_what_differs_otherwise_is_not(mine, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    write_spec(mine, "a-2", **{**CLOAK, "linf": 2, "l2": 1, "step": 0.25})
    write_spec(mine, "a-8", **CLOAK)
    write_spec(mine, "a-9", **{**CLOAK, "surrogates": ["mini-m"]})
    write_spec(mine, "large", **{**CLOAK, "linf": 30})
    known = attack_specs.families(*HERE, ["a-2", "a-8", "a-9", "large", "b-1", "b-2"])
    assert known == {"a-2": "a", "a-8": "a", "a-9": "a-9", "large": "a", "b-1": "b", "b-2": "b"}
    assert sizes.several(known) == ["a-2", "a-8", "large", "b-1", "b-2"]


def test_a_cloak_on_photographs_is_beside_the_same_one_on_the_crop(mine, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    write_spec(mine, "photo-cloak-8", **CLOAK, photographs=["full"])
    write_spec(mine, "clip-cloak-16", **{**CLOAK, "linf": 16})
    write_spec(mine, "clip-cloak", **CLOAK)
    write_spec(mine, "photo-noise-8", kind="noise", linf=8, photographs=["full"])
    table = photographs.beside_the_crop(poison.measured(*HERE), *HERE, "photo-cloak-8")
    assert list(dict.fromkeys(table.made)) == [
        "photo-cloak-8: whole photograph",
        "clip-cloak: crop",
        "photo-noise-8: whole photograph (control)",
    ]
    best = table[table.model == "mini-s"].set_index("attack").value
    assert best["photo-cloak-8"] == pytest.approx(0.3) and best["clip-cloak"] > 0.5


def test_a_line_a_model_and_the_control_dashed_from_clean_on(full, show):
    app = show(full, "poisoning", "Visible cost")
    assert app.selectbox(key="sized").options == ["clip-cloak"]
    table = linked(app)[1]
    assert set(table.attack) == {"clip-cloak", "clip-cloak-16", "noise", "noise-16"}
    gains = numbers.metrics(dataset=DATASET, crop="full", metric="protection_gain")
    mine = table[(table.model == "mini-s") & (table.attack == "clip-cloak-16")].value.iloc[0]
    known = gains[(gains.model == "mini-s") & (gains.attack == "clip-cloak-16")].value.iloc[0]
    assert mine == pytest.approx(100 * known)


def test_what_became_of_faces_is_said(full, show):
    app = show(full, "poisoning", "Photographs")
    said = " ".join(texts(app)).replace("\\", "")
    assert "no face is found any more: 10.0 % of photo-cloak-8 and 10.0 % of photo-noise-8" in said
    (table,) = [one.value for one in app.dataframe if "face_moved" in one.value]
    assert list(table.face_moved) == [0.04, 0.04]


def test_hubs_are_beside_natural_ones_and_the_price_of_defences_is_told(full, show, study):
    app = show(full, "poisoning", "Hubs", hubs_top="10", hubs_count="people")
    one, more, half, behind, prices = linked(app)
    assert set(one.kind_of_entry) == {
        "the middle of what is stored", "a natural hub: nothing is added"
    }  # fmt: skip
    assert (more[more.entries == 50].groupby("model").value.max() > 90).all()
    assert set(behind.defence) == {"no defence", "gate", "scan of 1 % of the index"}
    assert list(half["value"].unique()) == [50] and set(prices.cost) == {
        "right person first, lost", hubs.REFUSED
    }  # fmt: skip
    (needed,) = [t.value for t in app.dataframe if "mini-s" in t.value and "model" not in t.value]
    assert list(needed["mini-s"]) == ["50", "more than 50"]


def test_what_an_index_leaves_of_one_entry_is_beside_an_exact_search(full, show, study):
    tables = linked(show(full, "poisoning", "Hubs", hubs_top="10"))
    (through,) = [table for table in tables if "index" in table]
    one = through[through.model == "mini-s"]
    assert list(one["index"]) == [hubs.EXACT, "ivf-pq 1", "ivf-pq 4"]
    assert list(one["value"]) == [1.8, 0.4, 0.9]


def test_hubs_alone_are_shown_where_no_picture_was_attacked(mine, show):
    metrics = pd.read_parquet(mine / "metrics.parquet")
    kept = metrics[metrics.protocol.isin(["identify", "hubs"])]
    write_table(kept, mine / "metrics.parquet", {})
    app = show(mine, "poisoning")
    assert missing(app) == [] and len(linked(app)) == 5
