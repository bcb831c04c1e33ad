"""Keys: a file is left alone while all that it was made from is the same."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facebench.store.faces import encode, write_faces
from facebench.store.keys import (
    content_of,
    content_of_file,
    key_of,
    read_content,
    read_key,
)
from facebench.store.tables import write_table
from tests.toys.faces import face_rows


def test_a_key_changes_with_every_part_and_not_with_their_order():
    key = key_of(step="crop", spec={"kind": "tight", "size": 96})
    assert key == key_of(spec={"size": 96, "kind": "tight"}, step="crop") and len(key) == 24
    others = [
        key_of(step="crop", spec={"kind": "tight", "size": 97}),
        key_of(step="embed", spec={"kind": "tight", "size": 96}),
        key_of(step="crop", spec={"kind": "tight", "size": 96}, code=""),
    ]
    assert len({key, *others}) == 4


@pytest.fixture
def rows():
    """Faces of more than one group of rows."""
    return face_rows(300, np.random.default_rng(0))


def test_the_content_of_faces_is_that_of_their_rows_whatever_their_record(tmp_path, rows):
    write_faces(rows, tmp_path / "a", {"faces": {"crop": "tight"}}, key="1")
    write_faces(iter(rows), tmp_path / "b", {"faces": {"crop": "full"}}, key="2")
    content = read_content(tmp_path / "a")
    assert content == read_content(tmp_path / "b") and len(content) == 24
    assert (read_key(tmp_path / "a"), read_key(tmp_path / "b")) == ("1", "2")
    changes = {
        "a pixel": {"image": encode(np.zeros((9, 9, 3), np.uint8))},
        "a name": {"name": "Ada"},
        "a status": {"status": "unreadable"},
    }
    for what, change in changes.items():
        write_faces([*rows[:-1], {**rows[-1], **change}], tmp_path / "c", {})
        assert read_content(tmp_path / "c") != content, what
    write_faces(rows[:-1], tmp_path / "c", {})
    assert read_content(tmp_path / "c") != content
    write_faces(rows[::-1], tmp_path / "c", {})
    assert read_content(tmp_path / "c") != content


def test_the_content_of_a_table_depends_on_neither_record_nor_chunks(tmp_path):
    frame = pd.DataFrame({"x": [1, 2, 3], "name": ["a", None, "c"]})
    write_table(frame, tmp_path / "a", {"step": 1}, key="k")
    write_table(frame, tmp_path / "b", {"step": 2}, rows_a_group=1)
    assert read_content(tmp_path / "a") == read_content(tmp_path / "b") != ""
    assert (read_key(tmp_path / "a"), read_key(tmp_path / "b")) == ("k", "")
    whole = pa.table({"x": [1, 2, 3]})
    assert content_of(pa.concat_tables([whole[:1], whole[1:]])) == content_of(whole)
    assert content_of(whole.rename_columns(["y"])) != content_of(whole)
    assert content_of(whole.replace_schema_metadata({"a": "b"})) == content_of(whole)


def test_the_content_of_a_table_is_the_same_after_it_was_written_and_read(tmp_path):
    table = pd.DataFrame(
        {
            "number": [1.0, None, np.nan],
            "truth": pd.array([True, None, False], "boolean"),
            "whole": pd.array([1, None, 3], "Int32"),
            "text": ["a", None, ""],
            "bytes": [b"a", None, b""],
            "numbers": [[1.0, 2.0], None, []],
            "texts": [["a", None], [], None],
            "lists": [[[1], [2, 3]], None, [[]]],
            "nothing": [None] * 3,
        }
    )
    write_table(table, tmp_path / "a", {})
    content = read_content(tmp_path / "a")
    assert content_of(pq.read_table(tmp_path / "a")) == content
    for column in table.columns.drop("nothing"):
        turned = table.assign(**{column: table[column][::-1].tolist()})
        for other in (turned, table.drop(columns=column)):
            write_table(other, tmp_path / "b", {})
            assert read_content(tmp_path / "b") != content, column
    # What stands for an empty cell is not what an empty cell is.
    write_table(table.assign(number=[1.0, 0.0, None]), tmp_path / "b", {})
    assert read_content(tmp_path / "b") != content


def test_what_is_no_table_of_ours_has_no_key(tmp_path):
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "theirs")
    (tmp_path / "half").write_bytes(b"PAR1")
    for name in ("theirs", "half", "none"):
        assert read_key(tmp_path / name) == ""
    assert read_content(tmp_path / "theirs") == ""


def test_the_content_of_a_file_is_that_of_its_bytes(tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(b"1")
    assert content_of_file(tmp_path / "a") == content_of_file(tmp_path / "b")
    (tmp_path / "b").write_bytes(b"2")
    assert content_of_file(tmp_path / "a") != content_of_file(tmp_path / "b")
    assert content_of_file(tmp_path / "none") == ""
