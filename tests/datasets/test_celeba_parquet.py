"""CelebA in Parquet files as the hub has it: listed and opened where they lie."""

import io
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from facebench.datasets import READERS
from facebench.errors import UserError
from facebench.people import draw_identity, draw_view, render
from facebench.pictures import files, parquet_rows, reading
from facebench.study.picture_counts import pictures
from tests.toys.listing import listed

#: Who is on each row of a partition's file.
WHO = {"train-00000-of-00002": [7, 7, 9, 9, 7], "test-00000-of-00001": [3, None, 3]}


def png(seed, view):
    """Return a picture of somebody who doesn't exist, saved without loss."""
    person = draw_identity(0, seed)
    file = io.BytesIO()
    render(person, draw_view(person, view), 48)[0].save(file, "PNG")
    return file.getvalue()


def write(path, people, contents=None, **columns):
    """Write a file with the copy's columns, two rows a row group."""
    contents = contents or [png(who or 0, view) for view, who in enumerate(people)]
    image = [{"bytes": content, "path": None} for content in contents]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = {
        "image": pa.array(image, kind),
        "celeb_id": pa.array(people, pa.int64()),
        "5_o_Clock_Shadow": pa.array([True] * len(people)),
        "Male": pa.array([who == 7 for who in people]),
        **columns,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({k: v for k, v in table.items() if v is not None}), path, 2)
    return path


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("celeba")
    for name, people in WHO.items():
        write(folder / "img_align+identity+attr" / f"{name}.parquet", people)
    (folder / "README.md").write_text("CelebA")
    return folder


def test_rows_are_people_with_attributes_and_a_partition(root):
    images = READERS["celeba_parquet"](root, {}).images
    assert list(images.path)[-2:] == [
        f"img_align+identity+attr/train-00000-of-00002.parquet/00000{row}.png" for row in (3, 4)
    ]
    assert list(images.identity.fillna("?")) == ["3", "?", "3", "7", "7", "9", "9", "7"]
    assert list(images.partition) == ["test"] * 3 + ["train"] * 5
    assert list(images.male) == [False] * 3 + [True, True, False, False, True]
    assert images.name.isna().all() and images["5_o_clock_shadow"].all()
    assert pictures("celeba-parquet", {"reader": "celeba_parquet"}) == 202_599


def test_a_partition_is_chosen_by_the_names_of_files_or_of_their_folders(root, tmp_path):
    images = READERS["celeba_parquet"](root, {}, partition=["test"]).images
    assert len(images) == 3
    write(tmp_path / "valid" / "0000.parquet", [1, 2])
    images = READERS["celeba_parquet"](tmp_path, {}).images
    assert list(images.partition) == ["valid"] * 2
    with pytest.raises(UserError, match="none of its .parquet files is of the partition test"):
        READERS["celeba_parquet"](tmp_path, {}, partition=["test"])
    write(tmp_path / "more.parquet", [1])
    with pytest.raises(UserError, match="more.parquet doesn't say of which partition it is"):
        READERS["celeba_parquet"](tmp_path, {})


def test_every_picture_is_that_of_its_row_whatever_the_order(root):
    file = root / "img_align+identity+attr" / "train-00000-of-00002.parquet"
    for row in (4, 0, 3, 1, 2, 0):
        path = file / f"{row:06d}.png"
        wanted = png(WHO["train-00000-of-00002"][row], row)
        assert files.content(path) == wanted
        assert np.array_equal(reading.read_picture(path), Image.open(io.BytesIO(wanted)))
    assert files.state(file / "000000.png").st_ino == file.stat().st_ino


def test_a_row_group_is_read_once_until_the_file_changes(tmp_path, monkeypatch):
    file = write(tmp_path / "train.parquet", [1, 1])
    reads, read = [], pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda *a, **k: reads.append(1) or read(*a, **k)
    )
    for _ in range(2):
        assert files.content(file / "000000.png") == png(1, 0)
        assert files.content(file / "000001.png") == png(1, 1)
    assert len(reads) == 1
    write(file, [2, 2])
    os.utime(file, ns=(1, 1))
    assert files.content(file / "000000.png") == png(2, 0) and len(reads) == 2


def test_the_table_of_pictures_says_what_each_row_is(tmp_path):
    contents = [png(1, 0), png(1, 1), b"", None, b"no picture", png(2, 0)]
    write(tmp_path / "c" / "test-0.parquet", [1, 1, 1, 1, 2, None], contents)
    images, _ = listed(tmp_path, tmp_path / "c", "celeba_parquet")
    bad = "unreadable"
    assert list(images.status) == ["ok", "ok", bad, bad, bad, "no-identity"]
    assert list(images.reason)[2:4] == ["It is empty (0 bytes)."] * 2
    assert images.reason[5] == "It has no celeb_id." and set(images.format.dropna()) == {"PNG"}


@pytest.mark.parametrize("name", ["000009.png", "-00001.png", "x.png", "", "٣.png"])
def test_a_row_that_is_not_there_is_a_missing_file(tmp_path, name):
    file = write(tmp_path / "train.parquet", [1])
    with pytest.raises(FileNotFoundError):
        parquet_rows.picture(str(file), name)


def test_files_of_another_kind_are_refused_with_their_name(tmp_path):
    with pytest.raises(UserError, match="there is no .parquet file in"):
        READERS["celeba_parquet"](tmp_path, {})
    file = tmp_path / "train.parquet"
    for columns, words in (
        ({"image": None}, "image"),
        ({"celeb_id": None}, "celeb_id"),
        ({"image": pa.array(["a"])}, "no field bytes"),
        ({"Path": pa.array([True])}, "an attribute called 'path'"),
    ):
        write(file, [1], **columns)
        with pytest.raises(UserError, match=rf"train.parquet .*{words}"):
            READERS["celeba_parquet"](tmp_path, {})
    file.write_bytes(write(file, [1]).read_bytes()[:-20])
    with pytest.raises(UserError, match=r"train.parquet is no Parquet file .* fetch it again"):
        READERS["celeba_parquet"](tmp_path, {})
    with pytest.raises(UserError, match=r"train.parquet is no Parquet file"):
        files.content(file / "000000.png")
    file.unlink()
    with pytest.raises(UserError, match="is gone, with the pictures in it"):
        files.content(file / "000000.png")
