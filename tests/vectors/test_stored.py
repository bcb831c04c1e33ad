"""Stored vectors: several files read as one array, whatever rows are asked for."""

import numpy as np
import pandas as pd
import pytest

from facebench.errors import UserError
from facebench.store.tables import write_table
from facebench.vectors import stored
from facebench.vectors.stored import StoredVectors, read_ids, save_rows

ROWS = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)


def saved(folder, ends):
    """Write `ROWS` in parts that end before the rows `ends`; return the paths."""
    paths = []
    for number, part in enumerate(np.split(ROWS, ends)):
        paths.append(folder / f"img_emb_{number:04d}.npy")
        save_rows(part, paths[-1])
    return paths


@pytest.mark.parametrize("ends", [[], [20], [1, 2, 49], [0, 20, 20, 50]], ids=str)
def test_parts_are_one_array_whatever_rows_are_asked_for(tmp_path, ends):
    vectors = StoredVectors(saved(tmp_path, ends))
    assert vectors.shape == (50, 6) and len(vectors) == 50
    assert np.array_equal(vectors.all(), ROWS) and vectors.all().flags["C_CONTIGUOUS"]
    rng = np.random.default_rng(1)
    for rows in (
        np.arange(50),
        np.arange(50)[::-1],
        rng.permutation(50)[:17],
        rng.integers(0, 50, 200),
        np.array([49]),
        np.array([], int),
    ):
        found = vectors[rows]
        assert found.dtype == np.float32 and found.flags["C_CONTIGUOUS"]
        assert np.array_equal(found, ROWS[rows])


def test_rows_in_memory_are_read_as_if_they_were_stored(tmp_path):
    kept = StoredVectors(saved(tmp_path, []))
    assert np.array_equal(StoredVectors.of(ROWS)[np.array([3, 1])], kept[np.array([3, 1])])
    assert StoredVectors.of(ROWS).shape == kept.shape


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 6, 49])
def test_numbers_that_are_not_finite_are_refused_with_their_file(tmp_path, monkeypatch, bad, row):
    monkeypatch.setattr(stored._blocks, "__defaults__", (7,))
    paths = saved(tmp_path, [20])
    rows = ROWS.copy()
    rows[row, 2] = bad
    save_rows(rows[20:] if row >= 20 else rows[:20], paths[int(row >= 20)])
    with pytest.raises(UserError, match=f"{paths[int(row >= 20)].name} has numbers that are not"):
        StoredVectors(paths)


def test_ids_of_all_parts_come_in_their_order(tmp_path):
    for number, ids in enumerate((["b", "a"], [], ["c"])):
        table = pd.DataFrame({"image_id": pd.array(ids, "str"), "identity": pd.array(ids, "str")})
        write_table(table, tmp_path / f"{number}.parquet", {})
    assert read_ids([tmp_path / f"{i}.parquet" for i in range(3)]).tolist() == ["b", "a", "c"]


def test_a_crash_leaves_the_old_rows(tmp_path, monkeypatch):
    save_rows(ROWS, tmp_path / "new" / "rows.npy")

    def broken(file, _):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "save", broken)
    with pytest.raises(OSError):
        save_rows(ROWS[:1], tmp_path / "new" / "rows.npy")
    assert np.array_equal(np.load(tmp_path / "new" / "rows.npy"), ROWS)
    assert len(list((tmp_path / "new").iterdir())) == 1
