"""Every page of the dashboard: with all results, none, half of them, and names that mean harm."""

import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dashboard_tables import HOSTILE, write_results
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent
PAGES = [
    "overview", "models", "find_me", "recognition", "poisoning", "names", "search", "cost",
    "provenance",
]  # fmt: skip
PARTS = {
    "recognition": ["Curves", "By crop", "By group", "Person by person"],
    "poisoning": [
        "Protection",
        "Visible cost",
        "Transfer",
        "Two models",
        "Index",
        "Before and after",
    ],
}
VIEWS = [(page, part) for page in PAGES for part in PARTS.get(page, [""])]


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("full") / "results")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("hostile") / "results", hostile=True)


@pytest.fixture
def show(monkeypatch):
    """Return a function that shows a page of some results, and asserts that nothing broke."""

    def page(results, name, **address):
        monkeypatch.setenv("FACEBENCH_RESULTS", str(results))
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
        app.query_params.update(address)
        if name != "overview":
            app.switch_page(f"views/{name}.py")
        app.run()
        assert not app.exception, [e.stack_trace for e in app.exception]
        return app

    return page


def texts(app):
    """Return all texts of a page that are rendered as Markdown."""
    kinds = ("markdown", "caption", "info", "warning", "error", "subheader", "title")
    return [element.value for kind in kinds for element in getattr(app, kind)] + captions(app)


def captions(app):
    """Return the captions of all pictures of a page."""
    return [caption for image in app.image for caption in image.captions]


def told(app):
    """Return what a page says to be missing."""
    return [element.value for element in app.info]


@pytest.mark.parametrize(("page", "part"), VIEWS)
def test_with_all_results_nothing_is_missing(full, show, page, part):
    app = show(full, page, **({"part": part} if part else {}))
    assert told(app) == []


@pytest.mark.parametrize("page", PAGES)
def test_without_results_a_page_says_what_to_run(tmp_path, show, page):
    app = show(tmp_path / "results", page)
    assert told(app) and any("make run" in code.value for code in app.code)


@pytest.mark.parametrize(("page", "part"), VIEWS)
def test_half_of_the_results_are_shown(full, tmp_path, show, page, part):
    half = tmp_path / "results"
    shutil.copytree(full, half)
    for name in ("models.parquet", "comparisons.parquet", "records.parquet"):
        (half / name).unlink()
    for name in ("poison-transfer.parquet", "poison-groups.parquet", "poison-votes.parquet"):
        (half / name).unlink()
    for path in half.glob("*/*/clean/*/outcomes"):
        shutil.rmtree(path)
    for path in half.glob("*/*/*/faces.parquet"):
        path.write_bytes(b"not a table")
    show(half, page, **({"part": part} if part else {}))


def test_an_older_schema_is_named(full, tmp_path, show):
    old = tmp_path / "results"
    shutil.copytree(full, old)
    metrics = pd.read_parquet(old / "metrics.parquet").drop(columns=["fraction", "record"])
    metrics.to_parquet(old / "metrics.parquet")
    app = show(old, "models")
    assert "another version" in told(app)[0] and "fraction, record" in told(app)[0]


@pytest.mark.parametrize(("page", "part"), VIEWS)
def test_names_that_mean_harm_are_only_words(hostile, show, page, part):
    app = show(hostile, page, **({"part": part} if part else {}))
    for text in texts(app):
        assert "<img" not in text.replace("\\<img", ""), text
        assert "![" not in text.replace("\\!\\[", ""), text


def test_somebody_with_a_name_that_means_harm_can_be_searched_for(hostile, show):
    app = show(hostile, "search", person=HOSTILE[0])
    assert app.selectbox(key="person").value == HOSTILE[0]
    assert any("show the person searched for" in text for text in texts(app))


@pytest.mark.parametrize(("reader", "named"), [("folder", False), ("people", True)])
def test_a_photograph_that_is_brought_names_nobody_real(full, show, monkeypatch, reader, named):
    import show as shown
    from data import live, upload

    faces = pd.read_parquet(full / "strangers" / "full" / "clean" / "faces.parquet")
    picture = faces.image.iloc[0]
    monkeypatch.setattr(upload, "_reader", lambda dataset: reader)
    monkeypatch.setattr("data.settings.own", lambda: ["strangers"])
    monkeypatch.setattr("streamlit.file_uploader", lambda *_, **__: BytesIO(picture))
    monkeypatch.setattr(upload, "cropped", lambda *_: picture)
    monkeypatch.setattr(live, "of_picture", lambda *_: np.full(16, 0.25, np.float32))
    tables = []
    monkeypatch.setattr(shown, "csv_button", lambda table, name: tables.append(table))
    app = show(full, "search", by="A photograph of yours")
    app.checkbox(key="consent").check().run()
    assert not app.exception and len(captions(app)) == 1 + 12
    seen = texts(app) + [str(element.proto) for element in app.image]
    seen.append(tables[-1].to_csv())
    assert any("Ana" in text or "s0p" in text for text in seen) is named


def test_a_page_is_made_anew_when_its_results_change(full, tmp_path, show):
    mine = tmp_path / "results"
    shutil.copytree(full, mine)
    app = show(mine, "models")
    metrics = pd.read_parquet(mine / "metrics.parquet")
    metrics[metrics.model != "mini-m"].to_parquet(mine / "metrics.parquet")
    app.run()
    assert "mini-m" not in list(app.dataframe[0].value["model"])


def test_the_address_carries_what_is_shown(full, show):
    app = show(full, "models", crop="background", number="Nearest picture is of the same person")
    assert app.selectbox(key="crop").value == "background"
    assert app.selectbox(key="number").value == "neighbour:rank:1"


def test_a_number_leads_to_its_record(full, show):
    app = show(full, "models")
    link = app.dataframe[0].value["record"].iloc[0]
    assert link.startswith("provenance?number=aaaabbbbcccc")
    asked = {"number": "aaaabbbbcccc", "protocol": "identify", "metric": "rank", "at": "1"}
    place = {"dataset": "strangers", "crop": "tight", "model": "mini-s"}
    app = show(full, "provenance", **asked)
    assert "git checkout 0123456789ab" in app.code[0].value
    assert place["dataset"] in app.code[0].value


def test_the_workflows_own_results_are_read(run_dir, show):
    for page, part in VIEWS:
        app = show(run_dir / "results", page, **({"part": part} if part else {}))
        # So few people resolve little, which a page may say; but nothing may be missing or strange.
        if page not in ("find_me", "poisoning", "overview"):
            strange = ("There is no ", "another version", "be read", "not of one run")
            assert not [t for t in told(app) if any(word in t for word in strange)], (page, part)
