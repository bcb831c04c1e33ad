"""Words of the dashboard: examples in docstrings, labels, harmless texts."""

import doctest
import importlib
from pathlib import Path

import pandas as pd
import pytest

from dashboard import number_text, safe_text, widgets
from dashboard.data import my_cloaks, upload
from dashboard.elements import tables
from facebench.pictures.crops import CROPS
from tests.toys.dashboard_tables import HOSTILE

ROOT = Path(__file__).parents[2]
#: All modules but those that serve or draw when they are imported.
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "dashboard").rglob("*.py"))
    if path.name not in ("app.py", "router.py") and path.parent.name != "views"
]


pytestmark = pytest.mark.usefixtures("study")


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize(
    "options",
    [["a", "b"], ["a\n", "a "], ["x" * 130 + "1", "x" * 130 + "2"], ["a", "a ", "a (a)"], [0.5, 1]],
)
def test_no_two_options_have_one_label(options):
    said = widgets.labels(options, lambda one: safe_text.tidy(one, 100))
    assert list(said) == options and len(set(said.values())) == len(options)


@pytest.mark.parametrize("share", [0.0025, 0.0015, 0.1235, 0.9995, 1.0])
def test_a_table_rounds_as_a_sentence_does(share):
    frame = pd.DataFrame({"value": [100 * share, float("nan")]})
    shown = tables.as_shown(frame, {"value": tables.share_column("value")})["value"]
    # A browser rounds halves up, so that none may be left to it.
    assert f"{shown[0]} %" == number_text.percent(share) and pd.isna(shown[1])


def test_what_is_searched_of_a_photograph_is_told_for_every_kind_of_crop():
    assert set(upload.SHOWN) == set(CROPS)


@pytest.mark.parametrize("name", HOSTILE)
def test_harm_in_markdown_is_taken_away(name):
    assert "](" not in safe_text.plain(name) and "<img" not in safe_text.plain(name).replace(
        "\\<", ""
    )
    assert "![" not in my_cloaks.harmless(name) and "<" not in my_cloaks.harmless(name)
