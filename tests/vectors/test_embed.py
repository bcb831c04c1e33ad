"""Embedding: unit rows in the order of the faces, whatever the batch, the shard or a kill."""

import json

import numpy as np
import pandas as pd
import pytest

from facebench.errors import UserError
from facebench.models import load
from facebench.models.encoder import Encoder
from facebench.pictures.preprocess import Preprocess
from facebench.store.tables import read_record
from facebench.vectors.embedding_loop import as_rows, as_table, encode_faces
from scripts import weights
from tests.toys.faces import embed_one, faces_of
from tests.toys.models import tiny_clip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with faces.parquet (600 rows) and a tiny model's weights."""
    folder = tmp_path_factory.mktemp("study")
    table = faces_of(600, folder / "faces.parquet", np.random.default_rng(0))
    tiny_clip(folder / "clip")
    spec = {"family": "open_clip", "path": str(folder / "clip")}
    weights.main(model="tiny", spec=spec, output=folder / "m.json")
    return folder, table


def run(study, output, **changes):
    """Embed the study's faces; return the rows and the metadata."""
    folder, _ = study
    return embed_one(folder / "faces.parquet", folder / "m.json", output, **changes)


def test_rows_are_unit_float32_in_the_order_of_the_usable_faces(study, tmp_path):
    rows, metadata = run(study, tmp_path)
    ok = study[1][study[1].status == "ok"]
    assert rows.shape == (len(ok), 16) and rows.dtype == np.float32 and rows.flags["C_CONTIGUOUS"]
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    people = pd.read_parquet(metadata)
    assert list(people.columns) == ["image_id", "image_path", "identity"]
    assert people.image_path.tolist() == ok.path.tolist()
    assert people.identity.tolist() == ok.identity.tolist()
    assert not list(tmp_path.glob("work*"))


@pytest.mark.parametrize(
    "changes",
    [{"batch_size": 1}, {"batch_size": 7}, {"shard": 50, "batch_size": 7}, {"threads": 2}],
    ids=str,
)
def test_neither_batches_nor_shards_nor_threads_change_a_row(study, tmp_path, changes):
    rows, _ = run(study, tmp_path / "a", batch_size=64)
    others, _ = run(study, tmp_path / "b", **changes)
    np.testing.assert_allclose(others, rows, atol=1e-5)


def test_the_record_says_what_the_rows_depend_on(study, tmp_path):
    record = read_record(run(study, tmp_path, preprocess="exact")[1])
    assert record["data"] == {"reader": "made"} and record["faces"] == {"crop": "tight"}
    made = record["embed"]
    assert made["preprocess"]["variant"] == "exact"
    assert made["preprocess"]["interpolation"] == "bilinear"
    assert (
        made["weights_sha256"]
        == json.loads((study[0] / "m.json").read_text())["record"]["weights_sha256"]
    )
    assert {"family", "model", "dtype", "device", "libraries", "dim", "code"} <= set(made)
    assert str(tmp_path) not in json.dumps(record) and str(study[0]) not in json.dumps(record)
    fast = read_record(run(study, tmp_path, preprocess="fast")[1])
    assert fast["embed"]["preprocess"]["variant"] == "fast"


def test_both_variants_of_preprocessing_agree_closely(study, tmp_path):
    fast, _ = run(study, tmp_path / "a", preprocess="fast")
    exact, _ = run(study, tmp_path / "b", preprocess="exact")
    assert not np.array_equal(fast, exact)
    assert (np.sum(fast * exact, axis=1) > 0.9999).all()


class Interrupted(Exception):
    """What stops an encoder in a test."""


def counting(encoder, stop_after=None):
    """Return the encoder with a list of the sizes of its batches; it may stop after some."""
    sizes = []

    def encode(pixels):
        if stop_after is not None and len(sizes) == stop_after:
            raise Interrupted
        sizes.append(len(pixels))
        return encoder.encode(pixels)

    return Encoder(encoder.dim, encoder.preprocess, encode), sizes


def rows_of(*arguments, **options):
    """Return the rows that `encode_faces` yields as one array."""
    return np.concatenate(list(encode_faces(*arguments, **options)))


def test_an_interrupted_job_goes_on_where_its_last_shard_ended(study, tmp_path):
    faces = study[0] / "faces.parquet"
    ok = np.flatnonzero(study[1].status == "ok")
    encoder = load({"family": "open_clip", "path": str(study[0] / "clip")}, device="cpu")
    options = {"variant": "fast", "folder": tmp_path, "key": {"a": 1}, "batch_size": 30}
    stopping, _ = counting(encoder, stop_after=9)
    with pytest.raises(Interrupted):
        rows_of(faces, ok, stopping, shard=100, **options)
    going_on, sizes = counting(encoder)
    rows = rows_of(faces, ok, going_on, shard=100, **options)
    assert sum(sizes) == len(ok) - 200, "two shards of 100 were done"
    fresh = rows_of(faces, ok, encoder, shard=100, **{**options, "folder": tmp_path / "x"})
    assert np.array_equal(rows, fresh)
    other, sizes = counting(encoder)
    rows_of(faces, ok, other, shard=100, **{**options, "key": {"a": 2}})
    assert sum(sizes) == len(ok), "pieces made under another key aren't used"


def test_no_usable_face_gives_an_empty_file(study, tmp_path):
    table = faces_of(4, tmp_path / "faces.parquet", np.random.default_rng(1))
    encoder = load({"family": "pixels"})
    none = np.flatnonzero(table.status == "nothing")
    rows = rows_of(tmp_path / "faces.parquet", none, encoder, "fast", tmp_path / "w", {})
    assert rows.shape == (0, 1024) and rows.dtype == np.float32


def test_undefined_numbers_are_refused():
    def encode(pixels):
        return np.full((len(pixels), 2), np.nan, np.float32)

    broken = Encoder(2, Preprocess(size=(8, 8)), encode)
    with pytest.raises(UserError, match="undefined numbers for 3 of 3"):
        as_rows(as_table([broken.encode(np.zeros((3, 3, 8, 8)))], 2))


def test_the_log_says_device_precision_rate_and_time_left(study, tmp_path, caplog):
    caplog.set_level("INFO", logger="facebench")
    run(study, tmp_path, shard=100)
    assert "tiny on cpu (float32, 1 threads), preprocessing fast" in caplog.text
    assert "/s" in caplog.text and "480 of 480 faces" in caplog.text and "left" in caplog.text
