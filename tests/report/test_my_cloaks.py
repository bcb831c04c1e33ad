"""A person's own answer: what it says, how sure it is, and what it must not say."""

import numpy as np
import pandas as pd
import pytest

from facebench.protocols.poison.my_cloaks import mcnemar, needed, people
from facebench.report.my_cloaks import answer
from facebench.store.tables import read_record, read_table, write_table
from scripts import my_cloaks


def outcomes(found, identity="Anna"):
    """One model's outcomes: `found` is what each search finds, without and with the cloak."""
    rows = []
    for share, hits in zip((0.0, 1.0), found, strict=True):
        hits = [bool(hit) for hit in hits]
        row = {"identity": identity, "attack": "my-cloaks", "threat": "gallery", "fraction": share}
        row |= {"reencode": "none", "probes": len(hits), "nearest": sum(hits), "found": hits}
        rows.append(row)
    return pd.DataFrame(rows)


def page(models, pictures=None, invented=False, decoys=None):
    table = people({("tight", name): outcome for name, outcome in models.items()})
    listed = {} if pictures is None else {"my-cloaks": pictures}
    return answer(table, listed, decoys or {"lfw": 5000}, invented)


def test_a_cloak_that_does_nothing_is_told_so_with_how_many_photos_it_takes():
    same = outcomes(([1] * 5, [1] * 5))
    text = page({"a": same, "b": same, "c": same, "d": outcomes(([0] * 5, [0] * 5))})
    assert "**Found at rank 1 by 3 of 4 models: no effect of the cloak was shown.**" in text
    assert "5 searches are few" in text and "photos to search with" in text
    assert "5,000 people of lfw" in text and "rendered" not in text


def test_a_cloak_that_hides_is_told_so_with_how_sure_it_is():
    text = page({"a": outcomes(([1] * 12, [0] * 12)), "b": outcomes(([1] * 12, [1] * 12))})
    assert "by 1 of 2 models (without the cloak by 2): the cloak hides from a beyond chance" in text
    assert "By chance alone" in text


def test_few_searches_are_never_beyond_chance():
    text = page({"a": outcomes(([1] * 5, [0] * 5))})
    assert "no effect of the cloak was shown" in text and "the cloak hides" not in text


def test_who_is_never_found_is_given_no_all_clear():
    text = page({"a": outcomes(([0] * 9, [0] * 9))})
    assert "nor whether other models find this person" in text and "too rarely" in text


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
    finn = outcomes(([0] * 5, [0] * 5), "Finn")
    text = page({"a": pd.concat([outcomes(([1] * 5, [1] * 5)), finn])}, pictures)
    assert "0 of their photos can be used" in text.split("## Finn")[1]
    anna, bea, cleo, dora = text.split("## ")[1:5]
    assert anna.startswith("Anna") and "Found at rank 1" in anna
    assert "none of their 2 photos has a version of my-cloaks" in bea and "can't be read" in bea
    assert "There is no picture for" not in bea
    assert "1 of their photos can be used" in cleo and "`poison.shares`" in dora
    assert "Eve" not in text
    nobody = answer(people({}), {"my-cloaks": pictures}, {}, False)
    assert "# Nobody could be searched for" in nobody and "none of their 2 photos" in nobody


def test_the_photos_needed_are_enough_and_one_less_is_not():
    random = np.random.default_rng(0)
    for share, models in ((0.5, 1), (0.3, 4)):
        searches = 1000
        need = int(needed(searches, searches, int(share * searches), 0, models))
        level = 0.05 / models
        seen = {
            n: np.mean([mcnemar(lost, 0) < level for lost in random.binomial(n, share, 4000)])
            for n in (need, need - 2)
        }
        assert seen[need] > 0.78 and seen[need - 2] < 0.82
    assert np.isnan(needed(10, 0, 0, 0, 1))


def test_nobody_and_several_attacks_are_pages_too(tmp_path):
    assert "Nobody could be searched for" in answer(people({}), {}, {}, False)
    both = pd.concat([outcomes(([1] * 6, [1] * 6)), outcomes(([1] * 6, [1] * 6))])
    both["attack"] = ["x", "x", "y", "y"]
    assert page({"a": both}).count("### ") == 2


def test_the_page_and_its_numbers_are_written(tmp_path):
    write_table(outcomes(([1] * 8, [0] * 8)), tmp_path / "o.parquet", {})
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
        code="0123",
        text=text,
        table=table,
    )
    assert "## Anna" in (tmp_path / "a.md").read_text(encoding="utf-8")
    assert read_record(table)["my_cloaks"]["code"]["sources"] == "0123"
    row = read_table(table).iloc[0]
    assert (row.lost, row.found) == (8, 0) and row.p == pytest.approx(2 * 0.5**8)
