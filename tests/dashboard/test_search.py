"""Nearest pictures: with an index and without, cloaked, from vectors in parts."""

import numpy as np
import pandas as pd
import pytest

from dashboard.data import search
from facebench.store import layout

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
