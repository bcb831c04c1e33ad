"""Nearest pictures: with an index and without, cloaked, from vectors in parts."""

import numpy as np
import pandas as pd
import pytest

from dashboard.data import search
from facebench.store import layout
from facebench.store.tables import read_record, write_table
from tests.toys.dashboard_tables import DATASET
from tests.toys.pages import captions, missing, texts

pytestmark = pytest.mark.usefixtures("study")


@pytest.mark.parametrize("model", ["mini-s", "mini-m"])
def test_without_a_written_index_the_same_is_found(mine, monkeypatch, model):
    who = search.vectors("strangers", "full", "clean", model)
    with_one = search.nearest("strangers", "full", model, who.of(who.ids[0]), 5)
    for path in mine.parents[1].glob(layout.index("*", "*", "*", "*")):
        path.unlink()
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    without = search.nearest("strangers", "full", model, who.of(who.ids[0]), 5)
    pd.testing.assert_frame_equal(with_one, without)


# The vectors of mini-m are in two parts.
@pytest.mark.parametrize("model", ["mini-s", "mini-m"])
def test_an_index_finds_what_a_product_finds(model):
    known = search.vectors("strangers", "full", "clean", model)
    vector = known.of(f"{5:016x}")
    found = search.nearest("strangers", "full", model, vector, 4, f"{5:016x}")
    exact = np.argsort(-(known.rows.all() @ vector), kind="stable")
    assert list(found.image_id) == list(known.ids[exact[exact != 5][:4]])


def test_a_cloaked_gallery_holds_the_cloaked_pictures_of_one_person():
    known = search.vectors("strangers", "full", "clean", "mini-s")
    who = known.identity[0]
    vector = known.of(f"{0:016x}")
    found = search.nearest("strangers", "full", "mini-s", vector, 90, cloaked=("clip-cloak", who))
    cloaked = found[found.variant == "clip-cloak"]
    assert set(cloaked.identity) == {who} and len(cloaked) == 3 and len(found) == 90


def test_at_first_somebody_is_searched_for_whom_the_best_model_finds(full, show):
    app = show(full, "search")
    assert any("the first of all is one of them" in text for text in texts(app))
    assert captions(app)[1].startswith("**1** ✓ same person · similarity 0.")
    wrong = [text for text in captions(app)[1:] if "✗ somebody else" in text]
    assert len(wrong) == 10 and all("similarity" in text for text in wrong)


def test_where_nobody_is_found_the_first_person_is_shown(mine, monkeypatch, show):
    monkeypatch.setattr(search, "MOST_TRIED", 0)
    app = show(mine, "search")
    person = app.selectbox(key="person")
    assert person.value == next(iter(search.matching(DATASET, "")))


@pytest.mark.parametrize(("by", "offered"), [
    ("Words", {"mini-s", "mini-m", "random-s"}),
    ("A photograph of yours", {"mini-s", "mini-m", "mini-face", "random-s", "pixels"}),
])  # fmt: skip
def test_only_models_that_can_do_it_are_offered(full, show, by, offered):
    app = show(full, "search", by)
    assert set(app.selectbox(key="model").options) == offered
    assert app.selectbox(key="model").value == "mini-s" and missing(app) == []


def test_where_no_model_can_do_it_that_is_said(mine, show):
    for path in mine.parents[1].glob(layout.model("*")):
        path.write_text(path.read_text().replace('"text": true', '"text": false'))
    assert "No model of this study reads text, as a CLIP does." in missing(
        show(mine, "search", "Words")
    )


def test_crops_that_an_upload_cannot_be_cut_to_are_not_offered_and_it_is_said_why(mine, show):
    path = mine.parents[1] / layout.faces(DATASET, "full")
    box = {"kind": "box", "margin": 0.0, "max_side": 64}
    write_table(
        pd.read_parquet(path), path, {**read_record(path), "faces": {"crop": "full", **box}}
    )
    app = show(mine, "search", "A photograph of yours", crop="full")
    assert app.selectbox(key="crop").options == ["background"]
    assert any("Not offered for photographs: full." in text for text in texts(app))
    assert "full" in show(mine, "search").selectbox(key="crop").options
