"""Pairs: mistakes, scores and curves against plain counts; links, privacy, and what is refused."""

from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pytest

from dashboard.data import pairs, pictures, search, trade_off
from dashboard.data.missing import Missing
from dashboard.parts.person import search_address
from facebench.protocols.verify import verify
from facebench.store import layout
from facebench.store.tables import read_record, write_table
from tests.toys.dashboard_tables import DATASET, HOSTILE
from tests.toys.pages import captions, missing, texts

pytestmark = pytest.mark.usefixtures("study")

#: The vectors of mini-m are in two parts; random-s makes many mistakes.
MODELS = ["mini-s", "mini-m", "random-s"]


def where(model):
    return DATASET, "full", model


@pytest.mark.parametrize("model", MODELS)
def test_mistakes_are_what_search_shows(model):
    known = search.vectors(*where(model)[:2], "clean", model)
    found = pairs.mistakes(*where(model))
    wrong = found.table.set_index("image_id")
    assert found.searched == len(known.ids) == 90 and wrong.index.is_unique
    for image_id, identity in zip(known.ids, known.identity, strict=True):
        seen = search.nearest(DATASET, "full", model, known.of(image_id), 89, image_id)
        own = seen[seen.identity == identity].iloc[0]
        if seen.identity[0] == identity:
            assert image_id not in wrong.index
            continue
        row = wrong.loc[image_id]
        assert (row.identity, row.other_id, row.other) == (
            identity,
            seen.image_id[0],
            seen.identity[0],
        )
        assert (row.mate_id, row["rank"]) == (own.image_id, own.name + 1)
        assert row.score == pytest.approx(seen.similarity[0], abs=1e-6)
        assert row.margin == pytest.approx(seen.similarity[0] - own.similarity, abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_all_pairs_give_the_numbers_of_the_protocol(model):
    known = search.vectors(*where(model)[:2], "clean", model)
    found = pairs.all_pairs(*where(model))
    assert (len(found.mates), len(found.others)) == (90, 90 * 89 / 2 - 90)
    people = pd.factorize(known.identity, sort=True)[0]
    far = np.array([0.01, 0.1, 0.5])
    told = verify(known.rows.all(), np.arange(90), people, 30, far, trade_off.DRAWS, trade_off.SEED)
    true, false = found.rates(told.threshold)
    assert true == pytest.approx(told.tar, abs=0.012) and (false <= far + 1e-9).all()
    curve = trade_off.curve(*where(model))
    assert curve.rate.is_monotonic_increasing and curve.value.is_monotonic_increasing
    assert (curve.ci_low <= curve.value).all() and (curve.value <= curve.ci_high).all()
    low, high = np.quantile(told.draws[:, :3], [0.025, 0.975], axis=0)
    for place, rate in enumerate(far):
        for mine, theirs in (("value", told.tar), ("ci_low", low), ("ci_high", high)):
            drawn = np.interp(rate, curve.rate, curve[mine])
            assert drawn == pytest.approx(theirs[place], abs=0.05), (mine, rate)


@pytest.mark.parametrize("cells", [1, 500, 2000])
def test_blocks_change_nothing(monkeypatch, cells):
    made = pairs.mistakes, pairs.all_pairs, trade_off.curve
    whole = [make(*where("random-s")) for make in made]
    monkeypatch.setattr(pairs, "CELLS", cells)
    monkeypatch.setattr(trade_off, "CELLS", cells)
    wrong, found, curve = (make.__wrapped__(*where("random-s")) for make in made)
    pd.testing.assert_frame_equal(wrong.table, whole[0].table)
    assert np.array_equal(found.others, whole[1].others)
    assert np.array_equal(found.mates, whole[1].mates)
    pd.testing.assert_frame_equal(curve, whole[2])


def test_pairs_on_the_wrong_side_are_beside_the_threshold_or_far_from_it():
    found = pairs.all_pairs(*where("random-s"))
    threshold = float(np.median(found.mates))
    for surest in (False, True):
        accepted, rejected = found.wrong(threshold, 5, surest)
        assert (accepted.a != accepted.b).all() and (rejected.a == rejected.b).all()
        assert (accepted.score >= threshold).all() and (rejected.score < threshold).all()
        assert accepted.score.is_monotonic_decreasing == surest
        assert rejected.score.is_monotonic_increasing == surest
    known = search.vectors(DATASET, "full", "clean", "random-s")
    one = accepted.iloc[0]
    assert known.of(one.a_id) @ known.of(one.b_id) == pytest.approx(found.others[0], abs=1e-6)


def test_pictures_of_nobody_take_no_part(mine, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    path = mine.parents[1] / layout.metadata(DATASET, "full", "clean", "mini-s")
    table = pd.read_parquet(path)
    table.loc[[0, 40], "identity"] = None
    write_table(table, path, read_record(path))
    found = pairs.all_pairs(*where("mini-s"))
    assert len(found.seen.ids) == 88 and len(found.mates) == 86


@pytest.mark.parametrize(("limit", "part"), [("MOST_SEARCHED", "Taken for whom"),
                                             ("MOST_PAIRED", "Scores")])  # fmt: skip
def test_what_is_too_large_is_said_in_a_sentence(mine, show, monkeypatch, limit, part):
    monkeypatch.setattr(pairs, limit, 89)
    (told, *_) = missing(show(mine, "pairs", part))
    assert "90 pictures are too many for this page" in told and "up to 89" in told


def links(app):
    """Return what the addresses of all links to the page Search say."""
    return [dict(parse_qsl(one.proto.query_string)) for one in app.get("page_link")]


@pytest.mark.parametrize("most", [500, 2])
def test_every_picture_leads_to_its_own_search(full, show, monkeypatch, most):
    monkeypatch.setattr(search, "MOST_PEOPLE", most)
    app = show(full, "pairs", "Taken for whom", model="random-s")
    wrong = pairs.mistakes(*where("random-s")).table.sort_values("margin", ascending=False)
    asked = links(app)
    for place, (image, who) in enumerate(
        [("image_id", "identity"), ("other_id", "other"), ("mate_id", "identity")]
    ):
        row = wrong.iloc[0]
        expected = search_address(*where("random-s"), row[who], row[image])
        assert asked[place] == expected
        opened = show(full, "search", **asked[place])
        assert opened.selectbox(key="person").value == row[who]
        mine = search.pictures_of(*where("random-s"), row[who])
        assert mine[opened.selectbox(key="photo").value - 1] == row[image]
        assert opened.selectbox(key="model").value == "random-s"


@pytest.mark.parametrize("identity", HOSTILE)
def test_a_name_that_means_harm_is_only_a_person_in_a_link(full, show, identity):
    (image_id, *_) = search.pictures_of(*where("mini-s"), identity)
    address = search_address(*where("mini-s"), identity, image_id)
    assert show(full, "search", **address).selectbox(key="person").value == identity


@pytest.mark.parametrize("part", ["Taken for whom", "Two people", "Scores"])
def test_faces_are_blurred_where_that_is_asked_for(full, show, monkeypatch, part):
    blurred, blur = [], pictures.blur
    monkeypatch.setattr(pictures, "blur", lambda image: blurred.append(1) or blur(image))
    app = show(full, "pairs", part, model="random-s")
    seen = len(captions(app))
    assert seen and not blurred
    monkeypatch.setenv("FACEBENCH_FACES", "blurred")
    app = show(full, "pairs", part, model="random-s")
    assert any("Faces are blurred" in text for text in texts(app))
    # A picture that is on the page twice is read once.
    assert 0 < len(blurred) <= len(captions(app)) == seen


def test_the_threshold_moves_the_shares_and_the_pairs(full, show):
    app = show(full, "pairs", "Scores", model="random-s")
    said = []
    for place in (0.1, 0.9):
        slider = app.slider(key="threshold")
        slider.set_value(round(slider.min + place * (slider.max - slider.min), 3)).run()
        assert not app.exception and missing(app) == []
        said.append(([float(one.value.split()[0]) for one in app.metric], captions(app)))
    (low, low_pairs), (high, high_pairs) = said
    assert low[0] > high[0] and low[1] > high[1] and low_pairs != high_pairs
    found = pairs.all_pairs(*where("random-s"))
    assert high == [round(100 * float(share), digits) for share, digits in
                    zip(found.rates(np.array(slider.value)), (1, 3), strict=True)]  # fmt: skip


def test_another_model_whose_scores_lie_elsewhere_has_its_own_threshold(full, show):
    app = show(full, "pairs", "Scores", model="mini-s")
    app.slider(key="threshold").set_value(app.slider(key="threshold").min).run()
    app.selectbox(key="model").set_value("pixels").run()
    assert not app.exception and missing(app) == []
    slider = app.slider(key="threshold")
    assert slider.min <= slider.value <= slider.max


def test_at_first_two_people_are_those_who_are_mistaken_most_surely(full, show):
    app = show(full, "pairs", "Two people", model="random-s")
    wrong = pairs.mistakes(*where("random-s")).table
    worst = wrong.loc[wrong.margin.idxmax()]
    assert app.selectbox(key="person").value == worst.identity
    assert app.selectbox(key="other_person").value == worst.other
    table = pairs.between(*where("random-s"), worst.identity, worst.other, 2)
    assert len(table) == 4 * 3 and set(table.a_number) == {1, 2}
    app.selectbox(key="other_person").set_value(worst.identity).run()
    assert any("two different people" in text for text in missing(app))


def test_one_person_alone_has_no_pairs_of_two(monkeypatch):
    alone = pairs.Shown(np.array(["a", "b"], object), np.zeros(2, int), np.array(["p"], object),
                        np.eye(2, dtype=np.float32))  # fmt: skip
    monkeypatch.setattr(pairs, "shown", lambda *_: alone)
    with pytest.raises(Missing, match="none of two people"):
        pairs.all_pairs.__wrapped__(*where("mini-s"))
    assert pairs.mistakes.__wrapped__(*where("mini-s")).table.empty
