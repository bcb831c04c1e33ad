"""Files of a run that were cut short end in one sentence, whichever step reads them."""

import json

import numpy as np
import pandas as pd
import pytest

from facebench.errors import UserError
from facebench.indexes import stored
from facebench.models import read_description
from facebench.store.damage import read_json, undamaged
from facebench.store.faces import iter_images, iter_rows, read_labels, write_faces
from facebench.store.keys import read_content, read_key
from facebench.store.tables import count_rows, read_record, read_schema, read_table, write_table
from facebench.vectors.names import Candidates, read_names_key, write_names
from facebench.vectors.stored import StoredVectors, save_rows

ROWS = np.eye(64, dtype=np.float32)


def table(path):
    write_table(pd.DataFrame({"a": range(2000)}), path, {"data": {}}, key="k")


def faces(path):
    who = {"image_id": "a", "path": "a", "identity": "a", "name": None, "status": "ok"}
    row = {**who, "reason": "", "width": 1, "height": 1, "image": bytes(range(256)) * 9}
    write_faces([row] * 5, path, {})


def names(path):
    found = Candidates([f"person {i}" for i in range(64)], [], [])
    write_names(path, rows=ROWS[None], names=found, templates=["{}"], record={}, key="k")


#: What is written, and who reads it.
READERS = {
    "table": (table, read_table),
    "its record": (table, read_record),
    "its columns": (table, read_schema),
    "its rows": (table, count_rows),
    "its hash": (table, read_content),
    "labels": (faces, read_labels),
    "faces": (faces, lambda path: list(iter_rows(path))),
    "pictures": (faces, lambda path: list(iter_images(path, np.arange(5)))),
    "vectors": (lambda path: save_rows(ROWS, path), lambda path: StoredVectors([path])),
    "index": (
        lambda path: stored.make(StoredVectors.of(ROWS), path, {"kind": "flat"}),
        lambda path: stored.read(path, StoredVectors.of(ROWS)),
    ),
    "model": (
        lambda path: path.write_text(json.dumps({"model": "x", "files": {}, "record": {}})),
        read_description,
    ),
}


@pytest.mark.parametrize("how", ["cut", "emptied", "zeros", "page", "folder"])
@pytest.mark.parametrize("what", READERS)
def test_a_damaged_file_is_named_with_the_way_out(tmp_path, what, how):
    write, read = READERS[what]
    path = tmp_path / "file"
    write(path)
    whole = path.read_bytes()
    path.unlink()
    damaged = {
        "cut": whole[: len(whole) * 2 // 3],
        "emptied": b"",
        "zeros": bytes(len(whole)),
        "page": b"<html>",
    }
    path.mkdir() if how == "folder" else path.write_bytes(damaged[how])
    with pytest.raises(UserError, match=f"{path} is .*: delete it and run again") as error:
        read(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("what", READERS)
def test_a_file_that_is_gone_is_named(tmp_path, what):
    with pytest.raises(UserError, match=f"{tmp_path / 'gone'} is gone: run again"):
        READERS[what][1](tmp_path / "gone")


def test_pixels_that_were_damaged_in_the_middle_are_told_when_they_are_read(tmp_path):
    path = tmp_path / "table"
    table(path)
    data = bytearray(path.read_bytes())
    data[8:200] = b"\xff" * 192
    path.write_bytes(data)
    with pytest.raises(UserError, match="is damaged: delete it"):
        read_table(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x93NUMPY", bytes(4000)])
def test_what_keys_are_asked_of_may_be_anything(tmp_path, content):
    for name in ("a.parquet", "a.npz"):
        (tmp_path / name).write_bytes(content)
    assert read_key(tmp_path / "a.parquet") == read_names_key(tmp_path / "a.npz") == ""
    names(tmp_path / "b.npz")
    whole = (tmp_path / "b.npz").read_bytes()
    (tmp_path / "b.npz").write_bytes(whole[: len(whole) // 2])
    assert read_names_key(tmp_path / "b.npz") == ""


def test_what_the_system_says_of_a_sound_file_stays_as_it_is(tmp_path):
    (tmp_path / "x").touch()
    for error in (PermissionError(13, "no"), OSError(5, "broken disk"), MemoryError()):
        with pytest.raises(type(error)), undamaged(tmp_path / "x"):
            raise error


def test_json_of_another_kind_is_damaged(tmp_path):
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(UserError, match="is damaged"):
        read_json(tmp_path / "a.json")
