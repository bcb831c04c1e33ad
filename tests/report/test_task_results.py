"""A model's numbers in the shape of MTEB's results."""

import json

import numpy as np
import pandas as pd
import pytest

from facebench.store.tables import METRIC_COLUMNS, write_table
from scripts import task_results
from tools.verification import handed_on
from tools.verification.study import Study

ROWS = [
    ("a", "tight", "m", "identify", "rank", "1", "clean", 0.8, 0.7),
    ("a", "tight", "m", "identify", "rank", "5", "clean", 0.9, 0.8),
    ("a", "tight", "m", "verify", "auc", "", "clean", 0.95, np.nan),
    ("a", "tight", "m", "verify", "tar", "0.001", "clean", np.nan, np.nan),
    ("a", "tight", "m", "identify", "rank", "1", "cloak", 0.1, 0.0),
    ("a", "full", "m", "identify", "rank", "1", "clean", 0.5, np.nan),
    ("b", "tight", "m", "identify", "rank", "1", "clean", np.nan, np.nan),
    ("b", "tight", "m", "verify", "auc", "", "clean", 0.9, 0.8),
    ("a", "tight", "other", "identify", "rank", "1", "clean", 0.3, 0.2),
]
RECORDS = {one: {"data": {"pictures": f"sha of {one}"}} for one in "ab"}
NAMES = ["dataset", "crop", "model", "protocol", "metric", "at", "attack", "value", "ci_low"]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The result of the model m of a study, in whose run's folder a test is."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "study"
    metrics = pd.DataFrame(ROWS, columns=NAMES).assign(
        ci_high=lambda table: table.value + table.value - table.ci_low, threat="none", fraction=0.0,
        reencode="none", n_identities=9, n_images=20, n_failed=1, record=lambda table: table.dataset
    )  # fmt: skip
    write_table(metrics[METRIC_COLUMNS], folder / "metrics.parquet", {})
    records = [json.dumps(record) for record in RECORDS.values()]
    table = pd.DataFrame({"record": list(RECORDS), "json": records})
    write_table(table, folder / "records.parquet", {})
    task_results.main(
        metrics=folder / "metrics.parquet",
        records=folder / "records.parquet",
        outputs={"m": folder / "mteb" / "m.json"},
    )
    return json.loads((folder / "mteb" / "m.json").read_text(encoding="utf-8"))


def test_it_has_the_keys_of_a_task_result_and_no_others(written):
    """Those of `mteb.TaskResult`, which wants texts, splits of lists, and numbers or null."""
    assert set(written) == {
        "dataset_revision", "task_name", "mteb_version", "scores", "evaluation_time",
        "kg_co2_emissions",
    }  # fmt: skip
    assert isinstance(written["dataset_revision"], str) and isinstance(written["task_name"], str)
    assert written["mteb_version"] is written["evaluation_time"] is None
    for one in written["scores"]["test"]:
        assert isinstance(one["main_score"], float) and isinstance(one["hf_subset"], str)
        assert one["languages"] == ["zxx-Zxxx"]


def test_a_subset_is_a_data_set_and_crop_and_its_main_score_is_rank_1(written):
    tight, full = written["scores"]["test"]
    assert (tight["hf_subset"], full["hf_subset"]) == ("a/tight", "a/full")
    assert tight["main_score"] == tight["identify_rank_at_1"] == 0.8
    assert tight["main_score_ci_low"] == 0.7 and "main_score_ci_low" not in full
    assert tight["identify_rank_at_5"] == 0.9 and tight["verify_auc"] == 0.95
    assert (tight["n_identities"], tight["n_failed"], tight["record"]) == (9, 1, "a")


def test_what_was_refused_is_left_out(written):
    assert not any("tar" in name for name in written["scores"]["test"][0])
    assert not any(one["hf_subset"].startswith("b/") for one in written["scores"]["test"])


def test_verifying_names_a_file_that_was_changed(written, tmp_path):
    mine, path = Study("study", RECORDS, None), tmp_path / "results" / "study" / "mteb" / "m.json"
    assert list(handed_on.task_results(mine)) == []
    for text in (path.read_text(encoding="utf-8").replace("0.95", "0.96"), "[]"):
        path.write_text(text, encoding="utf-8")
        (told,) = handed_on.task_results(mine)
        assert "m.json: expected the numbers of metrics.parquet, found others" in str(told)
