"""What models call a person: the names, how sure, and what a page says where it can't."""

import numpy as np
import pytest
from scipy.special import softmax

from dashboard.data import called, people, search
from dashboard.data.missing import Missing
from facebench.store import layout
from facebench.store.tables import read_record, read_table, write_table
from tests.toys.dashboard_tables import DATASET
from tests.toys.pages import missing

WHERE = (DATASET, "full", "mini-s")


def test_names_and_confidences_are_those_of_a_softmax_over_all_names(study):
    identity = "s0p000004"
    name = people.names(DATASET)[identity]
    for pool, wrong in (("", "Invented"), ("read", "Read")):
        found = called.of_person(*WHERE, identity, name, pool)
        texts = called.texts(DATASET, "mini-s")[pool]
        known = search.vectors(DATASET, "full", "clean", "mini-s")
        rows = known.rows[np.flatnonzero(known.identity == identity)]
        sure = softmax(10 * rows.astype(float) @ texts.rows.T.astype(float), axis=1)
        assert sum(one.startswith(wrong) for one in texts.known) == 4 and len(texts.known) == 34
        sure = np.concatenate([sure, sure.mean(axis=0, keepdims=True)])
        assert list(found.image_id[:-1]) == list(known.ids[known.identity == identity])
        assert found.image_id.iloc[-1] == ""
        for row, shares in zip(found.itertuples(), sure, strict=True):
            order = np.argsort(-shares)[:3]
            assert row.called == list(texts.known[order])
            assert row.confidence == pytest.approx(shares[order])
            right = shares[list(texts.known).index(name)]
            assert row.true == pytest.approx(right)
            assert row.place == 1 + (shares > right).sum()


def test_names_that_were_read_come_first_and_models_without_any_are_left_out(mine, show):
    place = mine.parents[1] / layout.names(DATASET, "mini-m")
    with np.load(place) as file:
        arrays = dict(file)
    kept = arrays["pool"] != "read"
    arrays = {key: value[kept] if value.shape == kept.shape else value
              for key, value in arrays.items()}  # fmt: skip
    np.savez(place, **{**arrays, "embeddings": arrays["embeddings"][:, kept]})
    app = show(mine, "names", "One person")
    assert app.selectbox(key="wrong").value == "read"
    assert list(app.dataframe[0].value.model) == ["mini-s", "random-s"]
    said = " ".join(one.value for one in app.caption).replace("\\", "")
    assert "Left out: mini-m, of which no names are known that were read." in said
    app = show(mine, "names", "One person", wrong="invented names")
    assert set(app.dataframe[0].value.model) == {"mini-s", "mini-m", "random-s"}


def test_controls_come_last(study):
    assert called.trained_first(["random-s", "mini-m", "mini-s"]) == [
        "mini-m",
        "mini-s",
        "random-s",
    ]


def test_without_names_the_page_says_so_and_what_makes_them(mine, show):
    (mine.parents[1] / layout.names(DATASET, "mini-s")).unlink()
    app = show(mine, "names", "One person")
    assert any("There is no store/strangers/names/mini-s.npz yet" in one for one in missing(app))


def test_a_model_whose_scale_is_not_known_has_no_confidences(mine, monkeypatch):
    place = mine.parents[1] / layout.names(DATASET, "mini-s")
    with np.load(place) as file:
        arrays = dict(file)
    np.savez(place, **{**arrays, "record": np.array("{}")})
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    with pytest.raises(Missing, match="no scale of its own"):
        called.texts(DATASET, "mini-s")


@pytest.mark.parametrize(("reader", "warned"), [("people", False), ("lfw", True)])
def test_of_real_people_a_name_is_told_to_be_a_guess(mine, show, reader, warned):
    images = mine.parents[1] / layout.images(DATASET)
    record = read_record(images)
    record["data"]["reader"] = reader
    write_table(read_table(images), images, record)
    said = [one.value for one in show(mine, "names", "One person").warning]
    assert any("real people" in one for one in said) == warned
