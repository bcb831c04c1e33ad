"""A person's own answer: what it says, how sure it is, and what it must not say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from dashboard.data.my_cloaks import how_many
from facebench.protocols.poison.my_cloaks import mcnemar, needed, people
from facebench.report.my_cloaks import answer
from facebench.store.tables import read_record, read_table, write_table
from facebench.terminal import answers
from scripts import my_cloaks

ROOT = Path(__file__).parents[2]


def outcomes(found, identity="Anna"):
    """One model's outcomes: `found` is what each search finds, without and with the cloak."""
    rows = []
    for share, hits in zip((0.0, 1.0), found, strict=True):
        hits = [bool(hit) for hit in hits]
        row = {"identity": identity, "attack": "my-cloaks", "threat": "gallery", "fraction": share}
        row |= {"reencode": "none", "probes": len(hits), "nearest": sum(hits), "found": hits}
        rows.append(row)
    return pd.DataFrame(rows)


def page(models, pictures=None, invented=False, decoys=None, **known):
    table = people({("tight", name): outcome for name, outcome in models.items()})
    listed = {} if pictures is None else {"my-cloaks": pictures}
    return answer(table, listed, decoys or {"lfw": 5000}, invented, **known)


def test_a_cloak_that_does_nothing_is_told_so_with_how_many_photos_it_takes():
    same = outcomes(([1] * 10, [1] * 10))
    text = page({"a": same, "b": same, "c": same, "d": outcomes(([0] * 10, [0] * 10))})
    assert (
        "**Found without the cloak by a in 10 of 10 searches. Too few photos to tell what" in text
    )
    assert "what the cloak does: 10 searches, and it takes 19.**" in text
    assert "With 19 searches, one for each photo, a cloak that hides from half" in text
    assert "5,000 people of lfw" in text and "rendered" not in text


def test_which_model_still_finds_a_person_and_in_how_many_searches():
    one = page({"a": outcomes(([1] * 16, [1] * 15 + [0]))})
    assert (
        "**a finds this person in 15 of 16 searches with the cloak, in 16 without it: no effect"
        " of the cloak was shown.**" in one
    )
    assert "An answer takes 15 searches: with these, a cloak that hides from half" in one
    hit, miss = outcomes(([1] * 20, [1] * 20)), outcomes(([0] * 20, [0] * 20))
    many = page({"a": miss, "b": hit, "c": hit})
    assert "**2 of 3 models find this person in at least half of the searches with the" in many
    assert "; b in 20 of 20 searches with the cloak, in 20 without it: no effect" in many


def test_a_cloak_that_hides_is_told_so_with_how_sure_it_is():
    text = page({"a": outcomes(([1] * 12, [0] * 12)), "b": outcomes(([1] * 12, [1] * 12))})
    assert (
        "**The cloak hides this person beyond chance from a (found in 0 of 12 searches with the"
        " cloak, in 12 without it).** Still found by b (in 12 of 12)." in text
    )
    assert "By chance alone" in text


def test_few_searches_are_never_beyond_chance():
    text = page({"a": outcomes(([1] * 5 + [0] * 5, [0] * 10))})
    assert "Too few photos to tell" in text and "The cloak hides" not in text


def with_noise(cloaked, noisy, searches=16):
    """Outcomes of a cloak, and of noise of its size, that leave so many searches successful."""
    clean = [1] * searches
    tables = [
        outcomes((clean, [1] * hits + [0] * (searches - hits))).assign(attack=name)
        for name, hits in (("my-cloaks", cloaked), ("same-size", noisy))
    ]
    return pd.concat(tables)


@pytest.mark.parametrize(
    ("cloaked", "noisy", "said", "p_noise"),
    [
        (
            0,
            16,
            "in 0 of 16 searches with the cloak, in 16 without it, in 16 with noise of",
            2 * 0.5**16,
        ),
        (0, 1, "That it hides better than noise of the same size was not shown for a.", 1),
        (0, 0, "That it hides better than noise of the same size was not shown for a.", 1),
        (16, 16, "in 16 with noise of the same size: no effect of the cloak was shown.", 1),
    ],
)
def test_what_noise_of_the_same_size_did_stands_beside_every_cloak(cloaked, noisy, said, p_noise):
    controls = {"my-cloaks": "same-size"}
    table = people({("tight", "a"): with_noise(cloaked, noisy)}, controls)
    row = table.set_index("attack").loc["my-cloaks"]
    assert (row.control, row.found, row.found_control) == ("same-size", cloaked, noisy)
    assert row.p_control == pytest.approx(p_noise)
    noise = table.set_index("attack").loc["same-size"]
    assert noise.isna()[["control", "found_control", "p_control"]].all()
    text = answer(table, {}, {"lfw": 5000}, False, controls=controls)
    assert said in text and "| found with noise of its size |" in text
    assert f"| {cloaked} of 16 |" in text and f"| {noisy} of 16 |" in text
    # Its own searches have no part of the page.
    assert text.count("no effect of") + text.count("hides this person") == 1 and "###" not in text


def test_one_number_says_how_many_searches_an_answer_takes():
    found = [1] * 12 + [0] * 2
    table = people({("tight", "a"): outcomes((found, found))})
    (number,) = table.needed.unique()
    text = page({"a": outcomes((found, found))})
    assert f"14 searches, and it takes {number}.**" in text
    assert f"With {number} searches, one for each photo" in text
    assert f"it takes {number}." in how_many(table)
    assert f"it takes {number}." in answers(text)[1]
    two = people({("tight", name): outcomes((found, found)) for name in "ab"})
    assert two.needed.nunique() == 1 and two.needed[0] > number


def test_the_photos_that_are_asked_for_are_those_that_the_study_takes():
    study = yaml.safe_load((ROOT / "studies" / "my-cloaks.yaml").read_text())
    least = needed(1, 1, models=len(study["evaluate"]["models"]))
    for file in ("studies/my-cloaks.yaml", "README.md", "dashboard/data/my_cloaks.py"):
        assert f"{least} or more" in " ".join((ROOT / file).read_text().split()), file


def all_clear(text):
    """Return whether a text could be read as "you are safe"."""
    return any(words in text for words in ("nothing to hide", "is hidden from", "can't be found"))


@pytest.mark.parametrize("hits", range(5))
@pytest.mark.parametrize("searches", [1, 4, 9, 10, 40])
def test_who_is_hardly_found_gets_no_all_clear(searches, hits):
    hits = min(hits, searches)
    found = [1] * hits + [0] * (searches - hits)
    text = page({"a": outcomes((found, found)), "b": outcomes(([0] * searches, [0] * searches))})
    answer = text.split("## Anna")[1].split("## ")[0]
    assert not all_clear(text)
    # Two models take 17 searches at least; the more, the fewer of them succeed.
    assert ("Too few photos to tell" in answer) == (searches < 40)
    few = searches == 40 and 2 * hits < searches
    assert ("which says nothing about other models" in answer) == few
    if few or searches < 40:
        assert (f"found by a: in {hits} of {searches} search" in answer) == (hits > 0)
        assert ("No search had them first." in answer) == (hits == 0)


def test_what_found_means_stands_before_any_answer():
    first = page({"a": outcomes(([1] * 12, [0] * 12))}).split("\n\n")[1].replace("\n", " ")
    assert "a model *finds* a person if at least half of the searches succeed" in first


@pytest.mark.parametrize(
    ("trained_on", "said"),
    [
        ({"a": "WIT-400M", "b": "invented people"}, "Trained on photographs: a. **Not: b.** Such"),
        ({"a": "none", "b": "invented people"}, "**None of these models was trained on photo"),
        ({"a": "none", "b": ""}, "**Not: a.** Such a model recognises next to nobody"),
        ({"a": "none", "b": ""}, "doesn't say what trained b."),
        ({}, "doesn't say what trained a, b."),
    ],
)
def test_which_models_know_photographs_is_told(trained_on, said):
    one = outcomes(([0] * 12, [0] * 12))
    text = page({"a": one, "b": one}, trained_on=trained_on)
    assert said in text


def test_decoys_who_were_left_out_are_told():
    one = {"a": outcomes(([1] * 12, [1] * 12))}
    text = page(one, left_out={"lfw": ["<b>Ana", "Bo"], "other": []})
    assert "2 people are left out of lfw" in text and "&lt;b&gt;Ana, Bo." in text
    assert "left out of other" not in text
    many = page(one, left_out={"lfw": [f"p{i}" for i in range(9)]})
    assert "p4 and 4 more." in many and "p5" not in many


def test_photos_that_the_tool_left_unchanged_are_named_and_names_are_no_markup():
    pictures = pd.DataFrame(
        {
            "identity": "<b>|x",
            "path": ["x/1.jpg", "x/2.jpg", "x/3.jpg", "x/4.jpg"],
            "status": ["ok", "not-attacked", "ok", "no-face"],
            "attack_status": ["unchanged", "not attacked", "ok", "not attacked"],
            "attack_reason": ["", "2.jpg can't be read: <i>.", "", "No face was found."],
        }
    )
    text = page({"a": outcomes(([1] * 9, [1] * 9), "<b>|x")}, pictures, invented=True)
    assert "1 photo came out of the tool unchanged: `x/1.jpg`." in text
    assert "1 photo has no cloaked version, and may be what is found: `x/2.jpg`." in text
    assert "* 2.jpg can't be read: &lt;i&gt;." in text
    assert "1 photo could not be used at all: `x/4.jpg`." in text
    assert "<b>" not in text and "&lt;b&gt;\\|x" in text
    assert "rendered faces" in text


def test_what_is_odd_about_a_cloak_is_told_of_its_photos():
    odd = "It differs from the original by more than a cloak (12 dB): is it the same picture?"
    pictures = pd.DataFrame(
        {
            "identity": "Anna",
            "path": ["Anna/1.jpg", "Anna/2\r\n.jpg", "Anna/3.jpg"],
            "status": "ok",
            "attack_status": "ok",
            "attack_reason": [odd, odd, ""],
        }
    )
    text = page({"a": outcomes(([1] * 9, [0] * 9))}, pictures)
    assert "`Anna/1.jpg`, `Anna/2 .jpg`: It differs from the original by more than a cloak" in text
    assert text.count("12 dB") == 1 and "Anna/3.jpg" not in text


def test_everybody_is_told_why_there_is_no_answer():
    rows = [
        ("Anna", "ok", "ok", ""),
        ("Bea", "not-attacked", "not attacked", "There is no picture for Bea/1.jpg."),
        ("Bea", "not-attacked", "not attacked", "Bea_2.png can't be read."),
        ("Cleo", "ok", "ok", ""),
        ("Dora", "ok", "ok", ""),
        ("Dora", "ok", "ok", ""),
        (
            "Eve",
            "not-attacked",
            "not attacked",
            "This person is not among those who are protected.",
        ),
    ]
    pictures = pd.DataFrame(rows, columns=["identity", "status", "attack_status", "attack_reason"])
    pictures["path"] = [f"{name}/{i}.jpg" for i, name in enumerate(pictures.identity)]
    lost = [("Finn", "no-face", "not attacked", "No face was found.", "Finn/1.jpg")]
    pictures = pd.concat([pictures, pd.DataFrame(lost, columns=pictures.columns)])
    finn = outcomes(([0] * 12, [0] * 12), "Finn")
    text = page({"a": pd.concat([outcomes(([1] * 12, [1] * 12)), finn])}, pictures)
    assert "0 of their photos can be used" in text.split("## Finn")[1]
    anna, bea, cleo, dora = text.split("## ")[1:5]
    assert anna.startswith("Anna") and "the cloak does: 12 searches" in anna
    assert "none of their 2 photos has a version of my-cloaks" in bea and "can't be read" in bea
    assert "There is no picture for" not in bea
    assert "1 of their photos can be used" in cleo and "`poison.shares`" in dora
    assert "Eve" not in text
    nobody = answer(people({}), {"my-cloaks": pictures}, {}, False)
    assert "# Nobody could be searched for" in nobody and "none of their 2 photos" in nobody


def test_the_photos_needed_are_enough_and_one_less_is_not():
    random = np.random.default_rng(0)
    for share, models in ((0.5, 1), (0.3, 4), (0.25, 20)):
        searches = 1000
        need = needed(searches, int(2 * share * searches), models)
        level = 0.05 / models
        shown = [mcnemar(lost, 0) < level for lost in range(need + 1)]
        seen = {
            n: np.mean([shown[lost] for lost in random.binomial(n, share, 4000)])
            for n in (need, need - 2)
        }
        assert seen[need] > 0.78 and seen[need - 2] < 0.82
    # Nobody is found: as many as where everybody is.
    assert needed(10, 0, 1) == needed(10, 10, 1) == needed(10, 4, 1) < needed(10, 5, 1)


def test_nobody_and_several_attacks_are_pages_too(tmp_path):
    assert "Nobody could be searched for" in answer(people({}), {}, {}, False)
    both = pd.concat([outcomes(([1] * 6, [1] * 6)), outcomes(([1] * 6, [1] * 6))])
    both["attack"] = ["x", "x", "y", "y"]
    assert page({"a": both}).count("### ") == 2


def test_each_model_answers_in_its_own_crop_and_the_answer_is_one():
    same, hit = ([1] * 20, [1] * 20), ([1] * 20, [0] * 20)
    table = people(
        {
            ("chip", "pixels"): outcomes(same),
            ("chip", "dlib"): outcomes(hit),
            ("aligned", "sface"): outcomes(same),
        }
    )
    assert table.p_corrected.max() == 1 and set(table.needed) == {needed(20, 20, models=3)}
    text = answer(table, {}, {"lfw": 200}, False)
    assert "by 3 models" in text and "### " not in text and text.count("## Anna") == 1
    assert "**The cloak hides this person beyond chance from dlib in chip (found in 0 of" in text
    assert "Still found by pixels in chip (in 20 of 20), sface in aligned (in 20 of 20)." in text
    assert "| sface in aligned | 20 of 20 | 20 of 20 |" in text
    assert len(answers(text)) == 2 and "its crop\n(docs/crops.md)" in text


def test_the_terminal_names_the_cloak_where_there_are_several():
    both = pd.concat([outcomes(([1] * 6, [1] * 6)), outcomes(([1] * 6, [1] * 6))])
    both["attack"] = ["x", "x", "y", "y"]
    assert [line.split(":")[0] for line in answers(page({"a": both}))[1:]] == ["Anna, x", "Anna, y"]


def test_the_page_and_its_numbers_are_written(tmp_path):
    out = {"poison": {"left_out": {"lfw": ["Anna"]}}}
    write_table(outcomes(([1] * 8, [0] * 8)), tmp_path / "o.parquet", out)
    faces = pd.DataFrame({"image_id": ["1"], "identity": ["Anna"], "path": ["Anna/1.jpg"]})
    faces = faces.assign(status="ok", attack_status="ok", attack_reason="")
    write_table(faces, tmp_path / "f.parquet", {})
    text, table = str(tmp_path / "a.md"), str(tmp_path / "a.parquet")
    path = str(tmp_path / "f.parquet")
    my_cloaks.main(
        outcomes={("tight", "a"): str(tmp_path / "o.parquet")},
        attacks={"my-cloaks": path},
        decoys={"lfw": path},
        invented=False,
        trained_on={"a": "none"},
        controls={},
        code="0123",
        text=text,
        table=table,
    )
    said = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "## Anna" in said and "1 person is left out of lfw" in said
    assert "looked for among 0 people of lfw" in said and "None of these models was" in said
    assert read_record(table)["my_cloaks"]["code"]["sources"] == "0123"
    row = read_table(table).iloc[0]
    assert (row.lost, row.found) == (8, 0) and row.p == pytest.approx(2 * 0.5**8)
