"""Tables carry the record of how they were made, and are never seen half-written."""

import contextlib

import pandas as pd
import pyarrow.parquet as pq

from facebench.store.records import extend, file_sha256
from facebench.store.tables import read_record, read_table, write_table


def test_a_table_carries_its_record(tmp_path):
    record = extend({"data": {"sha256": "ab"}}, "faces", crop="tight", sides=[1, 2])
    write_table(pd.DataFrame({"x": [1, 2]}), tmp_path / "t.parquet", record)
    assert read_record(tmp_path / "t.parquet") == record
    assert read_table(tmp_path / "t.parquet")["x"].tolist() == [1, 2]


def test_a_table_of_others_has_an_empty_record(tmp_path):
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "t.parquet")
    assert read_record(tmp_path / "t.parquet") == {}


def test_a_failed_write_leaves_the_old_table(tmp_path, monkeypatch):
    write_table(pd.DataFrame({"x": [1]}), tmp_path / "t.parquet", {})

    def broken(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(pq, "write_table", broken)
    with contextlib.suppress(OSError):
        write_table(pd.DataFrame({"x": [2]}), tmp_path / "t.parquet", {})
    assert read_table(tmp_path / "t.parquet")["x"].tolist() == [1]


def test_the_same_table_and_record_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_table(pd.DataFrame({"x": [1.5, None]}), tmp_path / name, {"seed": 1})
    assert file_sha256(tmp_path / "a") == file_sha256(tmp_path / "b")
