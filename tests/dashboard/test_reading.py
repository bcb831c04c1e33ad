"""Reading results: the right files, filtered, and again when they change."""

import json
import os

import pandas as pd
import pytest

from dashboard.data import cost, files, freshness, numbers, people, places, ranking
from dashboard.data.missing import Missing
from facebench.store import layout
from facebench.store.tables import write_table
from tests.toys.dashboard_tables import ATTACKS, DATASET, STUDY

pytestmark = pytest.mark.usefixtures("study")


def test_a_filter_takes_the_rows_that_pandas_would(full):
    whole = pd.read_parquet(full / "metrics.parquet")
    found = numbers.metrics(crop="full", model=["mini-s", "pixels"], **numbers.CLEAN)
    wanted = whole[
        (whole.crop == "full") & whole.model.isin(["mini-s", "pixels"]) & (whole.attack == "clean")
        & (whole.threat == "none") & (whole.reencode == "none")
    ]  # fmt: skip
    pd.testing.assert_frame_equal(found, wanted.reset_index(drop=True))
    assert numbers.metrics(model="nobody").empty
    assert numbers.distinct("model", crop="full") == list(whole.model.unique())


def test_how_sure_intervals_are_comes_from_their_records(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / "a"))
    made = [{"identify": {"statistics": {"confidence": sure}}} for sure in (0.9, 0.95)]
    rows = pd.DataFrame({"record": ["a", "b"], "json": [json.dumps(one) for one in made]})
    write_table(rows, tmp_path / "results" / "a" / "records.parquet", {})
    measured = pd.DataFrame({"record": ["a", "b", "lost"], "protocol": "identify"})
    assert numbers.confidence(measured[:1]) == "90 %"
    assert numbers.confidence(measured) == "90 % or 95 %"
    assert numbers.confidence(measured[2:]) == ""
    assert numbers.intervals_of(measured[2:]) == "intervals by resampling people"


def test_of_an_attack_only_the_pictures_count_that_it_was_tried_on(mine, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    job = {"step": "attack", "dataset": DATASET, "variant": ATTACKS[0]}
    whole = cost.pictures(job)
    for path in (mine.parents[1] / layout.STORE / DATASET).glob(f"*/{ATTACKS[0]}/faces.parquet"):
        table = pd.read_parquet(path)
        table.loc[table.index[::2], "attack_status"] = "not attacked"
        write_table(table, path, {}, rows_a_group=16)
    assert cost.pictures(job) == whole / 2


def test_a_changed_file_is_read_again(tmp_path, monkeypatch):
    folder = tmp_path / "results" / "a"
    monkeypatch.setenv("FACEBENCH_RESULTS", str(folder))
    for count in (1, 2):
        write_table(pd.DataFrame({"name": ["a"] * count}), folder / "metrics.parquet", {})
        assert len(files.table(places.result("metrics.parquet"))) == count


@pytest.mark.parametrize(
    "place",
    [
        layout.images("../../secret"),
        layout.images("/etc/passwd"),
        layout.faces("a", "../../../b"),
        layout.result(STUDY, "../../../secret.parquet"),
        layout.result("other-study", "metrics.parquet"),
        "config.yaml",
    ],
)
def test_no_name_leads_out_of_the_results(place):
    with pytest.raises(Missing, match="leads out"):
        places.absolute(place)
    with pytest.raises(Missing):
        files.matching(place)


@pytest.mark.parametrize(
    ("studies", "named", "shown"),
    [
        (["lfw", "default"], "", "default"),
        (["default", "lfw", "poison"], "", "default"),
        (["lfw", "poison"], "", "poison"),
        ([], "", "default"),
        (["default", "lfw"], "results/lfw", "lfw"),
        (["lfw"], "results", "lfw"),
        (["default"], "results/unfinished", "unfinished"),
    ],
)
def test_which_study_is_shown(tmp_path, monkeypatch, studies, named, shown):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEBENCH_RESULTS", named)
    for age, study in enumerate(studies):
        path = tmp_path / layout.result(study, "metrics.parquet")
        write_table(pd.DataFrame({"a": [1]}), path, {})
        os.utime(path, (age, age))
    assert places.study_folder() == tmp_path / "results" / shown
    assert places.absolute(layout.images("x")) == tmp_path / layout.images("x")


def test_what_is_missing_damaged_or_old_is_said(tmp_path, monkeypatch):
    path = tmp_path / "results" / "a" / "metrics.parquet"
    path.parent.mkdir(parents=True)
    monkeypatch.setenv("FACEBENCH_RESULTS", str(path.parent))
    place = places.result("metrics.parquet")
    with pytest.raises(Missing, match="There is no results/a/metrics.parquet yet"):
        files.table(place)
    path.write_bytes(b"PAR1 but not really")
    with pytest.raises(Missing, match="can't be read"):
        files.table(place)
    pd.DataFrame({"value": [1.0]}).to_parquet(path)
    with pytest.raises(Missing, match="lacks dataset, model"):
        files.table(place, ["dataset", "model", "value"])


def test_what_was_made_of_files_is_kept_until_one_of_them_changes(tmp_path):
    path, made = tmp_path / "a", []

    @freshness.cached_until_changed(most=1)
    def read(name):
        freshness.track(path)
        made.append(name)
        return path.read_text()

    path.write_text("old")
    assert [read("x"), read("x")] == ["old", "old"] and made == ["x"]
    path.write_text("newer")
    page = freshness.begin()
    assert read("x") == "newer" and read("x") == "newer" and made == ["x", "x"]
    assert not freshness.changed(page)
    path.unlink()
    assert freshness.changed(page)


def test_models_are_offered_with_the_best_first():
    offered = ranking.best_first("strangers", "full", ["pixels", "mini-s", "unknown"])
    assert offered == ["mini-s", "pixels", "unknown"]


def test_groups_have_intervals_that_hold_their_value():
    table = people.by_group("strangers", "full", ["mini-s"], "identify", "skin_tone")
    known = table.dropna(subset=["ci_low"])
    assert len(known) and ((known.ci_low <= known.value) & (known.value <= known.ci_high)).all()
    assert table.searches.sum() == 90
