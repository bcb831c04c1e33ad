"""Comparing two trees of results: equal numbers, each kind of difference, and excuses."""

import shutil

import numpy as np
import pandas as pd
import pytest

from facebench.store import layout
from facebench.store.tables import METRIC_COLUMNS, read_table, write_table
from tools.compare_results import main

ROW = dict(zip(METRIC_COLUMNS, ["d", "c", "m", "identify", "rank", "1"], strict=False))
ROW |= {"threat": "none", "attack": "clean", "fraction": 0.0, "reencode": "none", "value": 0.5}
ROW |= {"ci_low": np.nan, "ci_high": 1 / 3, "n_identities": 3, "n_images": 4, "n_failed": 0}
FOUND = pd.DataFrame(
    {"image_id": ["a", "b"], "rank": [1.0, np.inf], "correct": pd.array([True, None], "boolean")}
)
POISON = pd.DataFrame({"identity": ["p"], "threat": ["gallery"], "rank": [np.array([1.0, 2.0])]})
ROWS = np.eye(2, 3, dtype=np.float32)


@pytest.fixture
def trees(tmp_path, monkeypatch):
    """The same study in the layout of before and in this one; returns both folders."""
    monkeypatch.chdir(tmp_path)
    old = tmp_path / "old" / "results"
    metrics = pd.DataFrame([ROW | {"record": "x"}, ROW | {"protocol": "written", "record": "x"}])
    write_table(metrics, old / "metrics.parquet", {})
    write_table(FOUND, old / "d/c/clean/m/outcomes/identify.parquet", {})
    write_table(POISON, old / "d/c/poison/m-outcomes.parquet", {})
    write_table(POISON, old / "d/c/poison/names/m-outcomes.parquet", {})
    write_vectors(old / "d/c/clean/m", [ROWS])
    write_names(old / "d/names/m.npz")

    metrics = metrics.replace("written", "typographic").assign(record="y")[::-1]
    write_table(metrics, layout.result("s", "metrics.parquet"), {})
    write_table(FOUND, layout.outcomes("s", "d", "c", "m", "identify"), {})
    for protocol in ("poison", "typographic"):
        write_table(POISON, layout.outcomes("s", "d", "c", "m", protocol), {})
    write_vectors(tmp_path / layout.vectors("d", "c", "clean", "m"), [ROWS[:1], ROWS[1:]])
    write_names(tmp_path / layout.names("d", "m"))
    return str(old), str(tmp_path / "results" / "s")


def write_vectors(folder, parts):
    (folder / "img_emb").mkdir(parents=True)
    start = 0
    for number, rows in enumerate(parts):
        np.save(folder / f"img_emb/img_emb_{number:04d}.npy", rows)
        ids = pd.DataFrame({"image_id": list("ab")[start : start + len(rows)]})
        write_table(ids, folder / f"metadata/metadata_{number:04d}.parquet", {})
        start += len(rows)


def write_names(path, rows=ROWS):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path, embeddings=rows[None], names=["A", "B"], pool=["people", "invented"], templates=["{}"]
    )


def test_the_same_numbers_in_both_layouts(trees, capsys):
    assert main(*trees) == 0
    said = capsys.readouterr().out
    for table in ("metrics: 2", "outcomes-identify: 2", "outcomes-poison: 1", "vectors: 2"):
        assert f"{table} rows in both, {table.split()[1]} equal" in said
    assert "outcomes-typographic: 1 rows in both" in said and "names: 2 rows in both" in said


def change(path, column, value):
    table = read_table(path)
    table[column] = pd.Series([value, *table[column][1:]], dtype=table[column].dtype)
    write_table(table, path, {})


def test_a_last_digit_is_seen(trees, capsys):
    change(layout.result("s", "metrics.parquet"), "value", np.nextafter(0.5, 1))
    assert main(*trees) == 1
    said = capsys.readouterr().out
    assert "1 differ (by 1.11e-16 at most)" in said
    assert "metrics/d/c/m/typographic/rank/1/none/clean/0.0/none value 0.5 -> 0.50" in said


def test_what_is_missing_and_what_is_infinite_is_seen(trees, capsys):
    path = layout.outcomes("s", "d", "c", "m", "identify")
    change(path, "correct", None)
    assert main(*trees) == 1
    assert "correct True -> <NA>" in capsys.readouterr().out
    write_table(FOUND.assign(rank=[np.inf, 1.0]), path, {})
    assert main(*trees) == 1
    assert "(by inf at most)" in capsys.readouterr().out


@pytest.mark.parametrize("rank", [[1.0, 3.0], [1.0]])
def test_lists_are_compared(trees, capsys, rank):
    change(layout.outcomes("s", "d", "c", "m", "poison"), "rank", np.array(rank))
    assert main(*trees) == 1
    assert "outcomes-poison/d/c/m/gallery/p rank [1. 2.] -> [1." in capsys.readouterr().out


def test_a_vector_and_the_order_of_vectors_are_compared(trees, capsys):
    folder = trees[1].replace("results/s", layout.vectors("d", "c", "clean", "m"))
    moved = ROWS[:1] + np.float32(1e-7)
    np.save(f"{folder}/img_emb/img_emb_0000.npy", moved)
    assert main(*trees) == 1
    assert "vectors: 2 rows in both, 1 equal" in capsys.readouterr().out
    shutil.rmtree(folder)
    assert main(*trees) == 1
    assert "2 only in the old" in capsys.readouterr().out


def test_rows_and_columns_of_one_tree_alone_are_named(trees, capsys):
    path = layout.result("s", "metrics.parquet")
    table = read_table(path)
    more = pd.concat([table, table[:1].assign(at="5")], ignore_index=True)
    write_table(more.assign(new=1), path, {})
    assert main(*trees) == 1
    said = capsys.readouterr().out
    assert "only in the new: 1 rows, such as metrics/d/c/m/typographic/rank/5/" in said
    assert "metrics/column new is in one table alone" in said


def test_what_may_differ_is_excused_by_a_reason(trees, tmp_path, capsys):
    change(layout.result("s", "metrics.parquet"), "value", 0.6)
    allowed = tmp_path / "allowed.txt"
    allowed.write_text("metrics/*/typographic/* # Ties share a rank now.\n")
    assert main(*trees, str(allowed)) == 0
    assert "1 rows. Ties share a rank now." in capsys.readouterr().out
    allowed.write_text("metrics/*/identify/* # Another row.\n")
    assert main(*trees, str(allowed)) == 1
    allowed.write_text("metrics/*\n")
    with pytest.raises(SystemExit, match="say after ' # ' why"):
        main(*trees, str(allowed))


def test_two_empty_trees_are_not_equal(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(SystemExit, match="holds no results"):
        main(str(tmp_path / "a" / "b"), str(tmp_path / "a" / "b"))
