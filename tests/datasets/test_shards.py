"""Pictures in tars as img2dataset writes them: listed and opened where they lie."""

import gzip
import os
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facebench.datasets import READERS, decode_check
from facebench.errors import UserError
from facebench.pictures import files, reading
from facebench.pictures.crops import Picture, whole
from facebench.study.plan import has_names
from scripts import crop, landmarks, list_images
from tests.toys.listing import listed
from tests.toys.tars import noise, samples, write_shards, write_tar

#: Who is on a picture, by the last digit of its key: nothing is said of the third.
WHO = {"0": {"who": "ann", "called": "Ann Lee"}, "1": {"who": 7}, "2": {}, "3": {"who": ["a"]}}


def said(key):
    return WHO[key[-1]]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_shards(tmp_path_factory.mktemp("web") / "tars", (3, 2), said)


@pytest.fixture
def few(tmp_path):
    """A tar of two pictures that a test may spoil."""
    return write_shards(tmp_path / "tars", (2,)) / "00000.tar"


def test_every_picture_is_a_stranger_unless_a_field_says_who_it_shows(root):
    images = READERS["shards"](root, {}).images
    assert list(images.path)[2:4] == ["00000.tar/000000002.jpg", "00001.tar/000010000.jpg"]
    assert list(images.identity) == [path.replace(".tar/", "/") for path in images.path]
    assert images.name.isna().all()


def test_fields_of_the_json_are_identity_and_name(root):
    images = READERS["shards"](root, {}, identity="who", name="called").images
    assert list(images.identity.fillna("nobody")) == ["ann", "7", "nobody", "ann", "7"]
    assert list(images.name.fillna("")) == ["Ann Lee", "", "", "Ann Lee", ""]


def test_a_field_that_is_no_single_value_is_nobody(tmp_path):
    write_shards(tmp_path / "tars", (4,), said)
    images, _ = listed(tmp_path, tmp_path / "tars", "shards", identity="who")
    assert list(images.status) == ["ok", "ok", "no-identity", "no-identity"]
    assert images.reason[3] == "Its JSON says nothing under 'who'."


def test_a_data_set_has_names_if_a_field_gives_them():
    assert has_names({"reader": "shards", "name": "called"})
    assert not has_names({"reader": "shards", "names": True})


def test_the_table_is_that_of_the_same_files_in_folders(root, tmp_path):
    tables = []
    for tar in sorted(root.glob("*.tar")):
        with tarfile.open(tar) as archive:
            archive.extractall(tmp_path / "plain" / tar.name, filter="data")
    for place, reader in ((root, "shards"), (tmp_path / "plain", "folder")):
        (tmp_path / reader).mkdir()
        images, _ = listed(tmp_path / reader, place, reader)
        tables.append(images.drop(columns=["identity"]))
    assert list(tables[0].status) == ["ok"] * 5
    assert tables[0].equals(tables[1])


def test_pixels_and_bytes_are_those_of_the_member(root):
    path = root / "00001.tar" / "000010001.jpg"
    with files.opened(path) as file:
        assert file.read() == noise(4) == files.content(path)
    assert reading.is_plain(path) and reading.read_picture(path).shape == (32, 32, 3)
    assert whole(Picture(path), None, 512).image == noise(4)
    ways = reading.read_ways(path, 6)
    assert np.array_equal(ways[1] if 1 in ways else ways[0], reading.read_picture(path))
    assert files.state(path).st_ino == (root / "00001.tar").stat().st_ino


def test_the_headers_of_a_tar_are_read_once_until_it_changes(few, monkeypatch):
    scans, scan = [], tarfile.open
    monkeypatch.setattr(tarfile, "open", lambda *a, **k: scans.append(1) or scan(*a, **k))
    for _ in range(3):
        reading.read_picture(few / "000000000.jpg")
    assert len(scans) == 1
    write_tar(few, samples(0, [noise(8), noise(9)]))
    os.utime(few, ns=(1, 1))
    scans.clear()
    assert files.content(few / "000000000.jpg") == noise(8)
    assert len(scans) == 1


def test_a_folder_may_be_called_like_a_tar(tmp_path):
    folder = tmp_path / "a.tar" / "b"
    folder.mkdir(parents=True)
    (folder / "1.jpg").write_bytes(noise(0))
    assert files.tar_of(folder / "1.jpg") is None
    inside = write_tar(tmp_path / "a.tar" / "c.tar", [("x.jpg", noise(1))]) / "x.jpg"
    assert files.content(inside) == noise(1)


def test_members_of_any_order_and_spelling_are_found(tmp_path):
    tar = write_tar(
        tmp_path / "0.tar", [("./d/b.jpg", noise(1)), ("a.jpg", noise(0)), ("a.jpg", noise(2))]
    )
    assert list(READERS["shards"](tmp_path, {}).images.path) == ["0.tar/a.jpg", "0.tar/d/b.jpg"]
    assert files.content(tar / "a.jpg") == noise(2)
    assert files.content(tar / "d" / "b.jpg") == noise(1)


def test_a_member_that_is_no_picture_has_a_reason(tmp_path):
    cut = noise(1)[:-40]
    write_tar(tmp_path / "tars" / "0.tar", samples(0, [noise(0), b"<html>", b"", cut]))
    images, _ = listed(tmp_path, tmp_path / "tars", "shards")
    assert list(images.status) == ["ok"] + ["unreadable"] * 3
    for reason, words in zip(images.reason[1:], ("no picture", "empty", "cut short"), strict=True):
        assert words in reason


def test_a_member_that_is_gone_is_one_picture(few):
    assert decode_check.inspect(few / "9.jpg", 10**6).reason.endswith("there is no such file.")
    row = dict.fromkeys(crop.WHO, "") | {"path": "00000.tar/9.jpg", "status": "ok", "reason": ""}
    found = crop.face_row(row, few.parent, {"kind": "whole", "max_side": 64})
    assert (found["status"], found["reason"][:20]) == ("unreadable", "It can't be opened: ")


def cut(tar):
    tar.write_bytes(tar.read_bytes()[:-10_000])


def cut_between_members(tar):
    with tarfile.open(tar) as archive:
        last = archive.getmembers()[-1]
    tar.write_bytes(tar.read_bytes()[: last.offset])


def compressed(tar):
    tar.write_bytes(gzip.compress(tar.read_bytes()))


def compressed_by_name(tar):
    Path(f"{tar}.gz").write_bytes(gzip.compress(tar.read_bytes()))


def no_tar(tar):
    tar.write_bytes(b"<html>" * 1000)


def broken_json(tar):
    write_tar(tar, [("a.jpg", noise(0)), ("a.json", b'{"who": ')])


def listed_json(tar):
    write_tar(tar, [("a.jpg", noise(0)), ("a.json", b"[1]")])


def nested_json(tar):
    write_tar(tar, [("a.jpg", noise(0)), ("a.json", b"[" * 10**6)])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut, r"00000\.tar is no tar, or cut short or damaged \(.*\): fetch it again, or remove"),
        (cut_between_members, r"damaged \(its end is missing\): fetch it again"),
        (compressed, r"00000\.tar is compressed, .*: unpack it to a plain tar"),
        (compressed_by_name, r"00000\.tar\.gz is compressed, .*: unpack it to a plain tar"),
        (no_tar, r"00000\.tar is no tar"),
        (broken_json, r"a\.json in .*00000\.tar is no JSON"),
        (listed_json, r"a\.json in .*00000\.tar is JSON, but no object of fields"),
        (nested_json, r"a\.json in .*00000\.tar is no JSON"),
        (Path.unlink, r"there is no \.tar file in"),
    ],
)
def test_tars_that_can_not_be_used_are_refused_in_a_sentence(few, tmp_path, spoil, words):
    spoil(few)
    with pytest.raises(UserError, match=words) as told:
        listed(tmp_path, few.parent, "shards", identity="who")
    assert str(told.value).startswith("datasets.mine: ") and "\n" not in str(told.value)


def test_a_tar_of_the_list_that_vanished_stops_the_step(few):
    few.unlink()
    row = dict.fromkeys(crop.WHO, "") | {"path": "00000.tar/000000000.jpg", "status": "ok"}
    for step in (
        lambda: landmarks.find(row, few.parent, lambda pixels: [], {"choose": "centre"}),
        lambda: crop.face_row(row, few.parent, {"kind": "whole", "max_side": 64}),
        lambda: decode_check.inspect(few.parent / row["path"], 10**6),
    ):
        with pytest.raises(UserError, match=r"00000\.tar is gone, with the pictures in it"):
            step()


def test_strangers_are_listed_part_by_part_as_they_are_as_a_whole(tmp_path, monkeypatch):
    root = write_shards(tmp_path / "tars", (3, 4, 1))
    again = [noise(1), noise(20), noise(1), b"no picture", noise(20), noise(6)]
    write_tar(root / "00002.tar", samples(2, again))
    write_tar(root / "00003.tar", [("notes.txt", b"no picture")])
    tables = []
    for name in ("parts", "whole"):
        (tmp_path / name).mkdir()
        listed(tmp_path / name, root, "shards")
        files = [tmp_path / name / f"{table}.parquet" for table in ("images", "pairs")]
        tables.append([file.read_bytes() for file in files])
        monkeypatch.setattr(type(READERS["shards"]), "parts", lambda self, *a, **k: None)
    assert tables[0] == tables[1]
    table = pd.read_parquet(tmp_path / "parts" / "images.parquet").set_index("path")
    assert list(table.status).count("duplicate") == 4
    assert table.reason["00002.tar/000020002.jpg"].startswith("It has the same bytes as 00000.tar/")


def test_a_killed_list_goes_on_where_its_last_tar_ended(tmp_path, monkeypatch):
    root, again = write_shards(tmp_path / "tars", (2, 2, 2)), []
    inspect_all = list_images.inspect_all

    def counting(root, paths, *rest):
        if len(again) == 2 and not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            raise KeyboardInterrupt
        again.append(paths[0])
        return inspect_all(root, paths, *rest)

    monkeypatch.setattr(list_images, "inspect_all", counting)
    with pytest.raises(KeyboardInterrupt):
        listed(tmp_path, root, "shards")
    listed(tmp_path, root, "shards")
    assert [path[:9] for path in again] == ["00000.tar", "00001.tar", "00002.tar"]
