"""Files appear whole or not at all."""

import json
import os

import pytest

from facebench.errors import UserError
from facebench.store.atomic import move_folder, replacing, write_json


def test_a_file_appears_when_all_of_it_is_written(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with replacing(path) as part:
        part.write_text("whole")
        assert part.parent == path.parent and not path.exists()
    assert path.read_text() == "whole" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, "old"])
def test_a_failure_leaves_what_was_there_and_nothing_half_written(tmp_path, error, before):
    path = tmp_path / "a.txt"
    if before is not None:
        path.write_text(before)
    with pytest.raises(error), replacing(path) as part:
        part.write_text("ha")
        raise error
    assert list(tmp_path.iterdir()) == ([] if before is None else [path])
    assert before is None or path.read_text() == before


def test_a_failure_before_anything_is_written_is_told_as_it_is(tmp_path):
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt"):
        raise ZeroDivisionError
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_content_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace

    def forced(handle):
        done.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", forced)
    monkeypatch.setattr(os, "replace", lambda *names: done.append("name") or replace(*names))
    with replacing(tmp_path / "a.txt") as part:
        part.write_text("whole")
    assert done == [str(part), "name"]


def test_a_folder_is_moved_when_all_in_it_is_on_the_disk(tmp_path, monkeypatch):
    (tmp_path / "made" / "inner").mkdir(parents=True)
    (tmp_path / "made" / "inner" / "a").write_text("x")
    done = []
    monkeypatch.setattr(os, "sync", lambda: done.append((tmp_path / "to").exists()))
    move_folder(tmp_path / "made", tmp_path / "to")
    assert done == [False] and (tmp_path / "to" / "inner" / "a").read_text() == "x"


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(UserError, match="a.txt is a folder"), replacing(tmp_path / "a.txt") as part:
        part.write_text("x")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_json_is_whole_or_not_there(tmp_path):
    path = tmp_path / "a" / "b.json"
    write_json(path, {"name": "é", "value": 0.5})
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "é", "value": 0.5}
    before = path.read_bytes()
    with pytest.raises(ValueError):
        write_json(path, {"value": float("nan")})
    assert path.read_bytes() == before and [*path.parent.iterdir()] == [path]
