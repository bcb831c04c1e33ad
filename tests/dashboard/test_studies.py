"""Several studies: chosen in the sidebar, told on every page, put beside each other."""

import json
import shutil

import pandas as pd
import pytest

from dashboard.data import commands, places, two_studies
from dashboard.data.missing import Missing
from facebench.store import layout
from facebench.store.tables import read_table, write_table
from tests.toys.dashboard_tables import CROPS, write_results, write_second
from tests.toys.pages import PAGES, linked, texts


def test_a_study_is_chosen_for_all_pages_and_in_the_address(full, show):
    app = show(full, "models", study="second")
    assert list(app.selectbox(key="study").options) == ["default", "second"]
    assert app.selectbox(key="crop").options == [CROPS[0]]
    assert "random-s" not in list(linked(app)[0]["model"])
    assert all("study=second" in link for link in linked(app)[0].record)
    app.selectbox(key="study").select("default").run()
    assert app.selectbox(key="crop").options == CROPS


@pytest.mark.parametrize("name", ["gone", "../store", ""])
def test_a_study_that_is_not_there_is_not_chosen(full, show, name):
    app = show(full, "models", study=name)
    assert app.selectbox(key="study").value == "default"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_the_study_is_about(full, show, page):
    told = " ".join(texts(show(full, page)))
    for said in ("people who don't exist", "2 CLIPs", "1 made for faces", "2 that should recognise",
                 "commit 0123456789ab", "**What this can't tell**"):  # fmt: skip
        assert said in told, said


def test_people_of_other_data_sets_in_the_gallery_are_not_counted_as_the_own(tmp_path, show):
    results = write_results(tmp_path, people=5, views=2)
    metrics = read_table(results / "metrics.parquet")
    metrics.loc[metrics.protocol == "poison", ["n_images", "n_identities"]] = 999
    write_table(metrics, results / "metrics.parquet", {})
    told = " ".join(texts(show(results, "overview")))
    assert "10 pictures" in told and "999 pictures" not in told


def test_a_study_of_decoys_alone_counts_its_own_pictures_and_promises_no_rate(tmp_path, show):
    results = write_results(tmp_path, people=5, views=2)
    metrics = read_table(results / "metrics.parquet")
    attacked = metrics[metrics.attack != "clean"].assign(n_images=999, n_identities=5)
    write_table(attacked, results / "metrics.parquet", {})
    told = " ".join(texts(show(results, "overview")))
    assert "10 pictures" in told and "999 pictures" not in told
    assert "5 people are few, searched for among others" in told and "guessing finds" not in told


def test_a_study_with_nothing_in_common_comes_last_and_is_told_why(mine, show):
    other = mine.parent / "another"
    shutil.copytree(mine.parent / "second", other)
    metrics = read_table(other / "metrics.parquet").assign(crop="elsewhere")
    write_table(metrics, other / "metrics.parquet", {})
    app = show(mine, "two_studies")
    assert list(app.selectbox(key="other").options) == ["second", "another"]
    told = " ".join(texts(show(mine, "two_studies", other="another"))).replace("\\", "")
    assert "have no number in common of strangers. Crop: default has full and background;" in told
    assert "another has elsewhere." in told


def test_two_studies_stand_beside_each_other(full, show):
    app = show(full, "two_studies", protocol="Identification")
    assert list(app.selectbox(key="other").options) == ["second"]
    (table,) = [one.value for one in app.dataframe]
    assert list(table.model) == ["mini-s", "mini-m", "mini-face", "pixels"]
    assert table.here[0].startswith("91.0 % [") and table.there[0].startswith("45.5 % [")
    assert table.by[0].endswith("-45.5 points")
    assert "study=default" in table.record[0] and "study=second" in table.record_there[0]
    told = " ".join(texts(app)).replace("\\", "")
    assert "Only default has the model random-s." in told
    assert "Only default has the crop background." in told
    assert "Identification, draws: not set in default, 20 in second" in told


def test_reading_another_study_ends_with_its_block(study):
    with places.showing("second"):
        assert places.study() == "second"
    assert places.study() == "default"
    with pytest.raises(Missing, match="no study"), places.showing("../other"):
        pass


def test_one_study_alone_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / "a"))
    row = {name: ["a"] for name in ("dataset", "crop")}
    write_table(pd.DataFrame(row), tmp_path / "results" / "a" / "other.parquet", {})
    with pytest.raises(Missing, match="metrics.parquet"):
        two_studies.others()


@pytest.mark.parametrize(("study", "dataset", "crop", "said"), [
    ("default", "people", "tight", "make run STUDY=studies/budget.yaml ARGS="),
    ("poison", "people", "tight", "make run ARGS="),
    ("lfw", "lfw", "tight", "study=lfw-2 'statistics={seed: 1}'"),
    ("nobody-s", "x", "y", ""),
])  # fmt: skip
def test_one_study_alone_says_how_a_second_is_made(mine, show, study, dataset, crop, said):
    shutil.rmtree(mine.with_name("second"))
    metrics = pd.read_parquet(mine / "metrics.parquet").assign(dataset=dataset, crop=crop)
    write_table(metrics, mine / "metrics.parquet", {})
    app = show(mine.rename(mine.with_name(study)), "two_studies")
    told = " ".join(texts(app))
    assert "shows a number of both for every model, the difference" in told
    commands = [code.value for code in app.code]
    assert (said in commands[0]) if said else commands == []


def test_numbers_of_an_older_layout_beside_a_study_are_told_and_not_shown(mine, show):
    old = mine.parent / "metrics.parquet"
    write_table(pd.DataFrame({"a": [1]}), old, {})
    app = show(mine.parent, "models")
    assert app.selectbox(key="study").value == "default" and len(linked(app)) == 1
    assert any("older version" in one.value for one in app.sidebar.caption)


@pytest.mark.parametrize(
    ("name", "elsewhere", "said"),
    [
        ("default", False, "make run"),
        ("lfw", False, "make run STUDY=studies/lfw.yaml"),
        ("default", True, 'make run ARGS="--directory {root}"'),
        ("lfw", True, 'make run STUDY=studies/lfw.yaml ARGS="--directory {root}"'),
        ("nobody-s", False, ""),
        ("mine", False, "MY_PHOTOS=path/to/my_photos make run STUDY=studies/mine.yaml"),
        (
            "my-cloaks",
            False,
            "MY_PHOTOS=path/to/my_photos MY_CLOAKS='a b' make run STUDY=studies/my-cloaks.yaml",
        ),
    ],
)
def test_a_command_says_which_study_and_where(tmp_path, monkeypatch, name, elsewhere, said):
    monkeypatch.delenv("MY_PHOTOS", raising=False)
    monkeypatch.setenv("MY_CLOAKS", "a b")
    root = tmp_path if elsewhere else commands.CHECKOUT
    monkeypatch.setenv("FACEBENCH_RESULTS", str(root / layout.RESULTS / name))
    assert commands.run() == said.format(root=root)


def test_the_file_of_a_study_may_have_another_name(tmp_path, monkeypatch):
    path = tmp_path / "any.yaml"
    path.write_text("study: mine")
    monkeypatch.setenv("FACEBENCH_STUDY", str(path))
    monkeypatch.setenv("FACEBENCH_RESULTS", str(commands.CHECKOUT / layout.RESULTS / "mine"))
    assert commands.run() == f"make run STUDY={path}"
    # A folder that `make` would read as more than a name.
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "a $(b)" / layout.RESULTS / "mine"))
    assert commands.run().endswith(f"--configfile {path} --directory '{tmp_path}/a $(b)'")


def test_records_that_agree_have_no_difference(full, study):
    row = pd.read_parquet(full / "metrics.parquet").iloc[0]
    pair = {"record": row.record, "record_other": row.record}
    assert two_studies.differences(pair, "default") == []
    assert two_studies.differences(pair, "second") != []


def test_a_second_study_shares_what_is_in_store(mine, show):
    other = write_second(mine, "third")
    made = pd.read_parquet(other / "records.parquet")
    assert json.loads(made.json[0])["data"]["reader"] == "people"
    app = show(other, "search")
    assert app.selectbox(key="study").value == "third" and app.image
