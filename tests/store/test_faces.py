"""The faces store: what is written comes back, piece by piece, and half a file never shows."""

from itertools import count

import numpy as np
import pyarrow.parquet as pq
import pytest

from facebench.store.faces import (
    LABELS,
    ROWS_A_GROUP,
    SCHEMA,
    decode,
    encode,
    iter_images,
    iter_rows,
    open_faces,
    read_labels,
    read_rows,
    write_faces,
)
from facebench.store.tables import read_record


def row(i):
    ok = i % 7 != 3
    pixels = np.full((2, 3, 3), i % 256, np.uint8)
    return {
        "image_id": f"{i:016x}",
        "path": f"Zoë O'Neil/{i}.jpg",
        "identity": f"person {i // 2}",
        "name": None,
        "status": "ok" if ok else "no-face",
        "reason": "" if ok else "No face was found.",
        "width": 3 if ok else None,
        "height": 2 if ok else None,
        "image": encode(pixels) if ok else None,
    }


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    path = tmp_path_factory.mktemp("faces") / "new" / "faces.parquet"
    with pytest.MonkeyPatch.context() as patch:  # as if these pictures were large
        patch.setattr("facebench.store.faces.BYTES_A_GROUP", 0)
        assert write_faces(map(row, range(700)), path, {"faces": {"crop": "tight"}}) == 700
    return path


def test_a_file_has_the_columns_of_the_contract_in_groups_and_its_record(faces):
    file = pq.ParquetFile(faces)
    assert file.schema_arrow.equals(SCHEMA)
    assert [file.metadata.row_group(i).num_rows for i in range(3)] == [ROWS_A_GROUP] * 2 + [188]
    assert read_record(faces) == {"faces": {"crop": "tight"}}


@pytest.mark.parametrize(
    ("count", "size", "groups"),
    [(700, 10, [700]), (5000, 10, [4096, 904]), (600, 20_000, [256, 256, 88])],
)
def test_a_group_has_a_few_megabytes_of_pictures(tmp_path, count, size, groups):
    rows = ({**row(0), "image": bytes(size)} for _ in range(count))
    write_faces(rows, tmp_path / "faces.parquet", {})
    file = pq.ParquetFile(tmp_path / "faces.parquet").metadata
    assert [file.row_group(i).num_rows for i in range(file.num_row_groups)] == groups


@pytest.mark.parametrize(
    ("rows", "groups"), [([0, 1, 699], 2), ([254, 256], 2), ([600], 1), ([], 0), ([*range(700)], 3)]
)
def test_pictures_of_some_rows_are_read_from_their_row_groups_alone(
    faces, monkeypatch, rows, groups
):
    rows, read = np.array([i for i in rows if i % 7 != 3], int), []
    monkeypatch.setattr(
        "facebench.store.faces.read_rows", lambda *call: read.append(call[1]) or read_rows(*call)
    )
    images = list(iter_images(faces, rows))
    assert [decode(image)[0, 0, 0] for image in images] == (rows % 256).tolist()
    assert len(read) == groups


def test_labels_come_without_pixels(faces):
    labels = read_labels(faces)
    assert list(labels) == LABELS and len(labels) == 700
    assert labels.path[5] == "Zoë O'Neil/5.jpg"


@pytest.mark.parametrize(
    "rows",
    [
        slice(0, 1),
        slice(255, 257),
        slice(256, 512),
        slice(500, 9999),
        slice(None),
        slice(9, 9),
        slice(-1, None),
    ],
    ids=str,
)
def test_any_slice_of_rows_can_be_read(faces, rows):
    expected = [row(i) for i in range(700)][rows]
    assert read_rows(faces, rows).to_pylist() == expected
    with open_faces(faces) as file:
        some = read_rows(file, rows, ["path", "image"])
    assert some.to_pylist() == [{"path": r["path"], "image": r["image"]} for r in expected]


def test_only_the_row_groups_of_a_slice_are_read(faces, monkeypatch):
    read = []
    real = pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_groups", lambda self, g, **k: read.append(g) or real(self, g, **k)
    )
    read_rows(faces, slice(256, 512))
    read_rows(faces, slice(300, 513))
    assert read == [[1], [1, 2]]


def test_rows_can_be_walked_through_in_order(faces):
    assert list(iter_rows(faces, ["image_id"])) == [{"image_id": f"{i:016x}"} for i in range(700)]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("once", "again"):
        write_faces(map(row, range(700)), tmp_path / name, {"faces": {"crop": "tight"}})
    assert (tmp_path / "again").read_bytes() == (tmp_path / "once").read_bytes()


def test_a_file_without_rows_can_be_read(tmp_path):
    assert write_faces([], tmp_path / "none", {}) == 0
    assert len(read_labels(tmp_path / "none")) == 0
    assert read_rows(tmp_path / "none", slice(0, 5)).num_rows == 0


def test_a_crash_leaves_the_old_file(faces, tmp_path):
    path = tmp_path / "faces.parquet"
    write_faces(map(row, range(3)), path, {})
    with pytest.raises(ZeroDivisionError):
        write_faces((row(i // (300 - i)) for i in count()), path, {})
    assert len(read_labels(path)) == 3


def test_pictures_are_lossless():
    pixels = np.random.default_rng(0).integers(0, 256, (31, 17, 3), np.uint8)
    np.testing.assert_array_equal(decode(encode(pixels)), pixels)
