"""Every page of the dashboard: with all results, none, half of them, and names that mean harm."""

import json
import shutil
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import safe_text, vocabulary
from facebench.store.tables import write_table
from tests.toys.dashboard_tables import DATASET, HOSTILE, RECORD, job, write_results

ROOT = Path(__file__).parents[2]
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


def test_of_two_people_with_one_name_both_can_be_searched_for(full, tmp_path, show):
    mine = tmp_path / "results"
    shutil.copytree(full, mine)
    images = pd.read_parquet(mine / DATASET / "images.parquet")
    alike = list(images.identity.unique()[:2])
    images.loc[images.identity.isin(alike), "name"] = "Ana Twin"
    write_table(images, mine / DATASET / "images.parquet", RECORD)
    for identity in alike:
        app = show(mine, "search", person=f"Ana Twin ({identity})")
        assert app.selectbox(key="person").value == identity


def test_two_models_whose_files_would_be_called_alike_are_shown_beside_each_other(
    full, tmp_path, show
):
    mine = tmp_path / "results"
    shutil.copytree(full, mine)
    for path in mine.glob("*/*/*/mini-m"):
        path.rename(path.with_name("mini_s"))
    metrics = pd.read_parquet(mine / "metrics.parquet").replace({"model": {"mini-m": "mini_s"}})
    metrics.to_parquet(mine / "metrics.parquet")
    app = show(mine, "search", model="mini-s", beside="mini_s")
    assert [one.value for one in app.subheader] == [safe_text.plain("mini-s"), safe_text.plain("mini_s")]


def test_what_the_data_of_any_model_cannot_resolve_is_said(full, tmp_path, show):
    mine = tmp_path / "results"
    shutil.copytree(full, mine)
    records = pd.read_parquet(mine / "records.parquet")
    reasons = {"verify": {"refused": {"tar@0.0001": "Too few pairs."}}}
    told = records.record == job("full", "mini-m", "verify")
    records.loc[told, "json"] = json.dumps(reasons)
    records.to_parquet(mine / "records.parquet")
    app = show(mine, "recognition", part="Curves")
    assert any("Too few pairs" in text for text in texts(app))


@pytest.mark.parametrize(("reader", "named"), [("folder", False), ("people", True)])
def test_a_photograph_that_is_brought_names_nobody_real(full, show, monkeypatch, reader, named):
    from dashboard import elements as shown
    from dashboard.data import live_models, upload

    faces = pd.read_parquet(full / "strangers" / "full" / "clean" / "faces.parquet")
    picture = faces.image.iloc[0]
    monkeypatch.setattr(upload, "_reader", lambda dataset: reader)
    monkeypatch.setattr("dashboard.data.settings.own", lambda: ["strangers"])
    monkeypatch.setattr("streamlit.file_uploader", lambda *_, **__: BytesIO(picture))
    monkeypatch.setattr(upload, "cropped", lambda *_: picture)
    monkeypatch.setattr(live_models, "of_picture", lambda *_: np.full(16, 0.25, np.float32))
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


def linking(app):
    """Return the tables of a page whose numbers lead to how they were made."""
    return [one.value for one in app.dataframe if "record" in one.value]


#: How many tables of numbers of metrics.parquet are on a page, and what else it names as a source.
LINKED = {
    ("overview", ""): (3, ()),
    ("models", ""): (1, ("results/comparisons.parquet",)),
    ("find_me", ""): (0, ("results/strangers/my-cloaks.parquet",)),
    ("names", ""): (2, ("outcomes/name.parquet",)),
    ("recognition", "Curves"): (3, ("clean/*/outcomes/open_set.parquet",)),
    ("recognition", "By crop"): (1, ()),
    ("recognition", "By group"): (0, ("clean/*/outcomes/identify.parquet",)),
    ("recognition", "Person by person"): (0, ("clean/mini-s/outcomes/identify.parquet",)),
    ("poisoning", "Protection"): (3, ()),
    ("poisoning", "Visible cost"): (2, ()),
    ("poisoning", "Transfer"): (0, ("poison-transfer.parquet", "poison-groups.parquet")),
    ("poisoning", "Two models"): (0, ("poison-votes.parquet",)),
    ("poisoning", "Index"): (1, ()),
}


@pytest.mark.parametrize(("page", "part"), LINKED)
def test_every_table_leads_to_what_made_it(full, show, page, part):
    app = show(full, page, **({"part": part} if part else {}))
    tables, files = LINKED[page, part]
    linked = linking(app)
    assert len(linked) == tables
    known = {
        tuple(one)
        for one in pd.read_parquet(full / "metrics.parquet")[ASKED].astype(str).to_numpy()
    }
    for row in pd.concat(linked).itertuples() if linked else ():
        asked = dict(parse_qsl(urlsplit(row.record).query, keep_blank_values=True))
        assert tuple(asked[name] for name in ["number", *ASKED[1:]]) in known
    for file in files:
        said = [text for text in texts(app) if f"{file}`; made again by `" in text]
        assert len(said) == 1, file


ASKED = ["record", "protocol", "metric", "at", "crop", "threat", "attack", "fraction", "reencode"]


@pytest.mark.parametrize(
    ("page", "address", "place"),
    [
        ("models", {}, 0),
        ("models", {"crop": "background"}, 3),
        ("poisoning", {}, 0),
        ("poisoning", {"threat": vocabulary.threat("probe")}, -1),
        ("poisoning", {"reencode": "jpeg-30", "share": "50 %"}, -1),
    ],
)
def test_a_number_leads_to_what_made_it_and_to_no_other(full, show, page, address, place):
    row = linking(show(full, page, **address))[0].iloc[place]
    asked = dict(parse_qsl(urlsplit(row.record).query, keep_blank_values=True))
    app = show(full, "provenance", **asked)
    assert app.metric[0].value == f"{row.value:.1f} % {row.interval}"
    said = " ".join([app.subheader[0].value, *texts(app), app.code[0].value])
    assert f"{address.get('crop', 'full')}/" in said and f"/{row.model}" in said
    assert address.get("threat", "") in said
    assert safe_text.plain(address.get("reencode", "")) in said


def test_an_address_that_says_less_leads_to_a_number_of_its_record(full, show):
    number = job("full", "mini-s", "identify")
    app = show(full, "provenance", number=number, protocol="identify", metric="rank", at="5")
    assert "git checkout 0123456789ab" in app.code[0].value
    assert app.subheader[0].value == "Found among the first 5"


def test_an_address_of_other_results_lets_one_be_chosen(full, show):
    app = show(full, "provenance", number="gone", protocol="identify", fraction="much")
    assert app.selectbox(key="which").value == 0


def test_the_workflows_own_results_are_read(run_dir, show):
    for page, part in VIEWS:
        app = show(run_dir / "results", page, **({"part": part} if part else {}))
        # So few people resolve little, which a page may say; but nothing may be missing or strange.
        if page not in ("find_me", "poisoning", "overview"):
            strange = ("There is no ", "another version", "be read", "not of one run")
            assert not [t for t in told(app) if any(word in t for word in strange)], (page, part)
