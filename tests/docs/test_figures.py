"""Figures that the texts quote: those of docs/figures.json, which a tool takes from a run."""

import json
from pathlib import Path

import pytest

from facebench.errors import UserError
from tests.toys.dashboard_tables import write_results
from tools.quote import FIGURES, PAGES, ROOT
from tools.quoting import figures, tables, texts

KNOWN = json.loads(FIGURES.read_text(encoding="utf-8"))
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}


@pytest.mark.parametrize("page", TEXTS)
def test_the_texts_quote_the_figures_that_were_measured(page):
    text = TEXTS[page]
    assert list(texts.disagreeing(text, KNOWN["figures"], ROOT)) == []
    assert tables.filled(text, KNOWN["tables"]) == text
    assert texts.made_at(text, KNOWN["commits"]) == text


def test_the_results_of_the_readme_are_marked_and_every_figure_is_quoted():
    (region,) = texts.REGION.findall(TEXTS["README.md"])
    assert len([one for one in texts.marked(region) if one[1] == "figure"]) >= 20
    assert tables.keys(TEXTS["README.md"]) and len(tables.keys(TEXTS["results-people.md"])) >= 5
    quoted = {name for text in TEXTS.values() for _, kind, name in texts.marked(text)}
    assert set(KNOWN["figures"]) <= quoted
    assert {key for text in TEXTS.values() for key in tables.keys(text)} == set(KNOWN["tables"])
    assert {tables.study_of(key) for key in KNOWN["tables"]} == set(KNOWN["commits"])


FACTS = {"a": {"is": "value ...", "value": 83.9}, "b": {"is": "people ...", "value": 1200}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("84<!-- figure: a --> %", None),
        ("83.9<!-- figure:\n  a --> %", None),
        ("85<!-- figure: a --> %", "85 is to be 84: value"),
        ("83.8<!-- figure: a --> %", "83.8 is to be 83.9"),
        ("-84<!-- figure: a -->", "-84 is to be 84"),
        ("1,200<!-- figure: b -->", None),
        ("1200<!-- figure: b -->", None),
        ("1,100<!-- figure: b -->", "is to be 1,200"),
        ("84<!-- figure: a --><!-- figure: b -->", "84 is to be 1200"),
        ("84<!-- figure: c -->", "doesn't have"),
        ("98.9<!-- from: docs/results-lfw.md -->", None),
        ("97.77<!-- from: docs/results-lfw.md -->", "doesn't stand in docs/results-lfw.md"),
        ("98.9<!-- from: docs/no-such.md -->", "doesn't stand in"),
        ("<!-- figures -->12 of 255<!-- fixed --><!-- end of figures -->", "12 has no marker"),
        ("<!-- figures -->`12`, [a](b12.md), ViT-12<!-- end of figures -->", None),
    ],
)
def test_a_number_that_does_not_agree_is_told(text, said):
    found = list(texts.disagreeing(text, FACTS, ROOT))
    assert (found == []) if said is None else (len(found) == 1 and said in found[0])


def test_numbers_in_sentences_are_replaced_with_their_decimals():
    text = "85<!-- figure: a --> of 1,100<!-- figure: b -->, 7<!-- fixed -->, 0.1<!-- from: x -->"
    new = texts.replaced(text, FACTS)
    assert new == text.replace("85", "84").replace("1,100", "1,200")
    assert list(texts.disagreeing(texts.replaced("1<!-- figure: a -->", FACTS), FACTS, ROOT)) == []


def test_a_table_that_was_changed_is_seen():
    key, one = next(iter(KNOWN["tables"].items()))
    text = f"a\n<!-- table: {key} -->\n{tables.markdown(one)}<!-- end -->\nb"
    assert tables.filled(text, KNOWN["tables"]) == text
    assert tables.filled(text.replace("83.9", "99.9"), KNOWN["tables"]) == text


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return figures.Results(write_results(tmp_path_factory.mktemp("quoted"), people=6))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("value strangers full mini-s identify rank 1", 91),
        ("low strangers full mini-s identify rank 1", 86),
        ("high strangers full mini-s identify rank 1", 96),
        ("least value strangers full mini-s,mini-m identify rank 1", 76),
        ("most value strangers full mini-s,mini-m identify rank 1", 91),
        ("difference strangers full identify mini-s mini-m", 15),
        ("difference strangers full identify mini-m mini-s", -15),
        ("difference-low strangers full identify mini-m mini-s", -25),
        ("difference-high strangers full identify mini-m mini-s", -5),
        ("found-clean strangers full noise pixels", 80),
        ("found strangers full noise pixels", 30),
        ("lost strangers full noise pixels", 50),
        ("people strangers full", 6),
        ("pictures strangers full", 18),
        ("protected strangers full noise", 12),
    ],
)
def test_a_figure_is_what_its_words_say(results, words, value):
    assert figures.value(results, words) == pytest.approx(value)


@pytest.mark.parametrize(
    "words", ["value nobody full mini-s identify rank 1", "value strangers", "odd strangers full"]
)
def test_a_figure_that_results_lack_is_refused(results, words):
    with pytest.raises(UserError, match="holds no figure"):
        figures.value(results, words)


def test_without_results_it_says_what_to_run(tmp_path):
    with pytest.raises(UserError, match="run the study first"):
        figures.Results(Path(tmp_path))


def test_tables_are_made_of_results(results):
    one = tables.table(results, "recognition strangers full")
    assert one["before"].startswith("18 pictures; 6 people took part. So few tell little")
    assert one["head"][:2] == [
        "model",
        "rank-1",
    ]
    assert one["lines"][0][:2] == ["mini-s", "91.0 % [86.0, 96.0]"]
    cloaks = tables.table(results, "cloaks strangers full")
    assert [line[0] for line in cloaks["lines"]] == [
        "none",
        "clip-cloak (mini-s)",
        "noise (mini-s)",
    ]
    with pytest.raises(UserError, match="no table of the kind"):
        tables.table(results, "odd strangers full")
