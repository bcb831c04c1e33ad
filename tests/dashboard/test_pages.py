"""Every page of the dashboard: with all results, none, half of them, and older ones."""

import json
import shutil
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest

from dashboard import safe_text, vocabulary
from facebench.store import layout
from facebench.store.tables import write_table
from tests.toys.dashboard_tables import DATASET, HOSTILE, RECORD, STUDY, job
from tests.toys.pages import PAGES, VIEWS, captions, linked, missing, texts

#: How many tables of numbers of metrics.parquet are on a page, and what else it names as a source.
SOURCES = {
    ("overview", ""): (3, ()),
    ("models", ""): (
        1,
        (layout.result(STUDY, "comparisons.parquet"), layout.result(STUDY, "thresholds.json")),
    ),
    ("find_me", ""): (0, (layout.my_cloaks(STUDY, DATASET, "parquet"),)),
    ("names", "Everybody"): (2, ("outcomes/name.parquet",)),
    ("names", "One person"): (0, (layout.names(DATASET, "mini-s"),)),
    ("names", "Names read"): (2, ()),
    ("names", "Strangers"): (2, ()),
    ("recognition", "Curves"): (3, ("full/*/outcomes/open_set.parquet",)),
    ("recognition", "By crop"): (1, ()),
    ("recognition", "By group"): (0, ("full/*/outcomes/identify.parquet",)),
    ("recognition", "Person by person"): (0, ("full/mini-s/outcomes/identify.parquet",)),
    ("recognition", "Larger galleries"): (2, ()),
    ("poisoning", "Protection"): (3, ()),
    ("poisoning", "Visible cost"): (4, ()),
    ("poisoning", "Photographs"): (3, ()),
    ("poisoning", "Transfer"): (0, ("poison-transfer.parquet", "poison-groups.parquet")),
    ("poisoning", "Two models"): (0, ("poison-votes.parquet",)),
    ("poisoning", "Index"): (1, ()),
    ("poisoning", "Hubs"): (5, ()),
}
ASKED = ["record", "protocol", "metric", "at", "crop", "threat", "attack", "fraction", "reencode"]


def address(row):
    """Return what the link of a number asks for."""
    return dict(parse_qsl(urlsplit(row.record).query, keep_blank_values=True))


@pytest.mark.parametrize(("page", "part"), VIEWS)
def test_with_all_results_nothing_is_missing_and_names_that_mean_harm_are_only_words(
    full, show, page, part
):
    app = show(full, page, part)
    assert missing(app) == []
    for text in texts(app):
        assert "<img" not in text.replace("\\<img", ""), text
        assert "![" not in text.replace("\\!\\[", ""), text
    # Every table leads to what made it.
    tables, files = SOURCES.get((page, part), (len(linked(app)), ()))
    assert len(linked(app)) == tables
    metrics = pd.read_parquet(full / "metrics.parquet")
    known = {tuple(row) for row in metrics[ASKED].astype(str).to_numpy()}
    for row in pd.concat(linked(app)).itertuples() if tables else ():
        asked = address(row)
        assert tuple(asked[name] for name in ["number", *ASKED[1:]]) in known
    for file in files:
        said = [text for text in texts(app) if f"{file}`; made again by `" in text]
        assert len(said) == 1, file


@pytest.mark.parametrize("page", PAGES)
def test_without_results_a_page_says_what_to_run(tmp_path, show, page):
    app = show(tmp_path / "results", page)
    assert missing(app) and any("make run" in code.value for code in app.code)


def test_half_of_the_results_are_shown(mine, show):
    for name in ("models", "comparisons", "records"):
        (mine / f"{name}.parquet").unlink()
    for name in ("transfer", "groups", "votes"):
        (mine / f"poison-{name}.parquet").unlink()
    for path in mine.glob("*/*/*/outcomes"):
        shutil.rmtree(path)
    for path in mine.parents[1].glob(layout.faces("*", "*", "*")):
        path.write_bytes(b"not a table")
    for page, part in VIEWS:
        show(mine, page, part)


def test_an_older_schema_is_named(mine, show):
    metrics = pd.read_parquet(mine / "metrics.parquet").drop(columns=["fraction", "record"])
    metrics.to_parquet(mine / "metrics.parquet")
    (told,) = missing(show(mine, "models"))
    assert "another version" in told and "fraction, record" in told


def test_results_in_the_folders_of_an_older_version_are_named_in_a_sentence(tmp_path, show):
    for name in ("metrics.parquet", "strangers/images.parquet"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "results" / name, {})
    (told,) = missing(show(tmp_path / "results", "models"))
    assert "an older version of facebench" in told


def test_somebody_with_a_name_that_means_harm_can_be_searched_for(full, show):
    app = show(full, "search", person=HOSTILE[0])
    assert app.selectbox(key="person").value == HOSTILE[0]
    assert any("show the person searched for" in text for text in texts(app))


def test_of_two_people_with_one_name_both_can_be_searched_for(mine, show):
    path = mine.parents[1] / layout.images(DATASET)
    images = pd.read_parquet(path)
    alike = list(images.identity.unique()[-2:])
    images.loc[images.identity.isin(alike), "name"] = "Ana Twin"
    write_table(images, path, RECORD)
    for identity in alike:
        app = show(mine, "search", person=f"Ana Twin ({identity})")
        assert app.selectbox(key="person").value == identity


def test_two_models_whose_files_would_be_called_alike_are_shown_beside_each_other(mine, show):
    for path in mine.parents[1].glob(layout.vectors("*", "*", "*", "mini-m")):
        path.rename(path.with_name("mini_s"))
    metrics = pd.read_parquet(mine / "metrics.parquet").replace({"model": {"mini-m": "mini_s"}})
    metrics.to_parquet(mine / "metrics.parquet")
    app = show(mine, "search", model="mini-s", beside="mini_s")
    names = [safe_text.plain("mini-s"), safe_text.plain("mini_s")]
    assert [one.value for one in app.header] == names


def test_what_the_data_of_any_model_cannot_resolve_is_said(mine, show):
    records = pd.read_parquet(mine / "records.parquet")
    reasons = {"verify": {"refused": {"tar@0.0001": "Too few pairs."}}}
    told = records.record == job("full", "mini-m", "verify")
    records.loc[told, "json"] = json.dumps(reasons)
    records.to_parquet(mine / "records.parquet")
    app = show(mine, "recognition", part="Curves")
    assert any("Too few pairs" in text for text in texts(app))


@pytest.mark.parametrize(("reader", "named"), [("folder", False), ("people", True)])
def test_a_photograph_that_is_uploaded_names_nobody_real(full, show, monkeypatch, reader, named):
    from dashboard import elements
    from dashboard.data import live_models, upload

    faces = pd.read_parquet(full.parents[1] / layout.faces(DATASET, "full"))
    picture = faces.image.iloc[0]
    monkeypatch.setattr(upload, "_reader", lambda dataset: reader)
    monkeypatch.setattr("dashboard.data.settings.own", lambda: ["strangers"])
    monkeypatch.setattr("streamlit.file_uploader", lambda *_, **__: BytesIO(picture))
    monkeypatch.setattr(upload, "cropped", lambda *_: picture)
    monkeypatch.setattr(live_models, "of_picture", lambda *_: np.full(16, 0.25, np.float32))
    tables = []
    monkeypatch.setattr(elements, "csv_button", lambda table, name: tables.append(table))
    app = show(full, "search", by="A photograph of yours")
    app.checkbox(key="consent").check().run()
    assert not app.exception and len(captions(app)) == 1 + 12
    seen = texts(app) + [str(element.proto) for element in app.image]
    seen.append(tables[-1].to_csv())
    assert any("Ana" in text or "s0p" in text for text in seen) is named


def test_an_empty_cell_is_told_in_a_sentence_and_is_no_none(mine, show):
    found = pd.DataFrame({"image_id": ["a", "b"]})  # of one of the jobs the pictures are known
    write_table(found, mine.parents[1] / layout.landmarks(DATASET), RECORD)
    app = show(mine, "cost")
    (jobs,) = app.dataframe
    assert jobs.proto.placeholder == "–" and jobs.value.images.isna().sum() == 2
    assert any(text.startswith("“–”: the job goes through no pictures") for text in texts(app))


def test_a_page_is_made_anew_when_its_results_change(mine, show):
    app = show(mine, "models")
    metrics = pd.read_parquet(mine / "metrics.parquet")
    metrics[metrics.model != "mini-m"].to_parquet(mine / "metrics.parquet")
    app.run()
    assert "mini-m" not in list(app.dataframe[0].value["model"])


def test_the_address_carries_what_is_shown(full, show):
    app = show(full, "models", crop="background", number="Nearest picture is of the same person")
    assert app.selectbox(key="crop").value == "background"
    assert app.selectbox(key="number").value == "neighbour:rank:1"


@pytest.mark.parametrize(
    ("page", "chosen", "place"),
    [
        ("models", {}, 0),
        ("models", {"crop": "background"}, 3),
        ("poisoning", {}, 0),
        ("poisoning", {"threat": vocabulary.threat("probe")}, -1),
        ("poisoning", {"reencode": "jpeg-30", "share": "50 %"}, -1),
    ],
)
def test_a_number_leads_to_what_made_it_and_to_no_other(full, show, page, chosen, place):
    row = linked(show(full, page, **chosen))[0].iloc[place]
    app = show(full, "provenance", **address(row))
    assert app.metric[0].value == f"{row.value:.1f} % {row.interval}"
    said = " ".join([app.header[0].value, *texts(app), app.code[0].value])
    assert f"{chosen.get('crop', 'full')}/" in said and f"/{row.model}" in said
    assert chosen.get("threat", "") in said
    assert safe_text.plain(chosen.get("reencode", "")) in said


def test_an_address_that_says_less_leads_to_a_number_of_its_record(full, show):
    number = job("full", "mini-s", "identify")
    app = show(full, "provenance", number=number, protocol="identify", metric="rank", at="5")
    assert "git checkout 0123456789ab" in app.code[0].value
    assert app.header[0].value == "Found among the first 5"


def test_an_address_of_other_results_lets_one_be_chosen(full, show):
    app = show(full, "provenance", number="gone", protocol="identify", fraction="much")
    assert app.selectbox(key="which").value == 0


def test_the_workflows_own_results_are_read(run_dir, show):
    for page, part in VIEWS:
        app = show(run_dir / "results", page, part)
        # So few people resolve little, which a page may say; but nothing may be missing or strange.
        if page not in ("find_me", "poisoning", "overview"):
            strange = ("There is no ", "another version", "be read", "different runs")
            told = [text for text in missing(app) if any(word in text for word in strange)]
            assert told == [], (page, part)
