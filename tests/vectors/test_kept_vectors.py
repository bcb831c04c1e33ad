"""The job `embed` makes what is missing or changed, and loads the model for nothing else."""

import json
import shutil

import numpy as np
import pytest

from facebench.models import FAMILIES
from facebench.store.faces import encode, write_faces
from facebench.store.keys import read_key
from facebench.store.tables import read_record, read_table
from facebench.vectors.stored import StoredVectors, read_ids
from scripts import embed, weights
from tests.toys.faces import RECORD, SETTINGS, embed_one, face_rows, faces_of, watched
from tests.toys.models import tiny_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A folder with a tiny CLIP model."""
    folder = tmp_path_factory.mktemp("clip")
    tiny_clip(folder)
    return folder


@pytest.fixture
def study(clip, tmp_path):
    """A folder with two sets of faces, a and b, and a model's description."""
    for seed, crop in enumerate("ab"):
        faces_of(30, tmp_path / f"{crop}.parquet", np.random.default_rng(seed))
    shutil.copytree(clip, tmp_path / "clip")
    describe(tmp_path)
    return tmp_path


def describe(folder):
    """Write the description of the model in a folder."""
    spec = {"family": "open_clip", "path": str(folder / "clip")}
    weights.main(model="tiny", spec=spec, output=folder / "m.json")


def run(folder, crops="ab", **changes):
    """Embed some crops into the same files each time; return their bytes."""
    files = [folder / f"{crop}{end}" for crop in crops for end in (".npy", "-meta.parquet")]
    embed.main(
        faces=[folder / f"{crop}.parquet" for crop in crops],
        weights=[folder / "m.json"],
        part=0,
        parts=1,
        settings=SETTINGS._replace(**changes),
        work=folder / "work",
        embeddings=files[::2],
        metadata=files[1::2],
    )
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture
def loads(monkeypatch):
    """The models that were loaded, and how many faces each batch had."""
    return watched(monkeypatch)


def no_model(*_):
    raise AssertionError("the model is loaded")


@pytest.mark.parametrize(
    "changes",
    [{}, {"batch_size": 3}, {"batch_size": "auto"}, {"shard": 7}, {"threads": 2}],
    ids=str,
)
def test_nothing_is_loaded_where_nothing_has_changed(study, monkeypatch, changes):
    before = run(study)
    monkeypatch.setattr(embed, "load", no_model)
    assert run(study, **changes) == before
    assert not (study / "work").exists()


def test_a_new_crop_alone_is_embedded(study, loads):
    run(study, "a")
    assert loads == ["loaded", 24]
    before = (study / "a.npy").stat().st_mtime_ns
    run(study, "ab")
    assert loads == ["loaded", 24] * 2 and (study / "a.npy").stat().st_mtime_ns == before
    fresh, _ = embed_one(study / "b.parquet", study / "m.json", study / "fresh")
    assert np.array_equal(np.load(study / "b.npy"), fresh)


def test_faces_that_changed_are_embedded_again_and_no_others(study, loads):
    before = run(study)
    rows = face_rows(30, np.random.default_rng(1))
    rows[0]["image"] = encode(np.zeros((30, 30, 3), np.uint8))
    write_faces(rows, study / "b.parquet", RECORD)
    loads.clear()
    after = run(study)
    assert loads == ["loaded", 24]
    assert [name for name in before if before[name] != after[name]] == ["b.npy", "b-meta.parquet"]
    rows = np.load(study / "b.npy")
    old = np.frombuffer(before["b.npy"][-rows.nbytes :], np.float32).reshape(rows.shape)
    assert np.flatnonzero((rows != old).any(axis=1)).tolist() == [0]


def test_faces_written_again_with_another_record_keep_their_vectors(study, loads):
    run(study)
    write_faces(face_rows(30, np.random.default_rng(1)), study / "b.parquet", {"faces": {"x": 1}})
    loads.clear()
    run(study)
    assert loads == []


@pytest.mark.parametrize(
    "changes", [{"preprocess": "exact"}, {"precision": "float32"}, {"code": "other"}], ids=str
)
def test_another_way_to_embed_makes_all_anew(study, loads, changes):
    run(study)
    keys = {read_key(study / f"{crop}-meta.parquet") for crop in "ab"}
    loads.clear()
    run(study, **changes)
    assert loads == ["loaded", 24, 24]
    assert len(keys | {read_key(study / f"{crop}-meta.parquet") for crop in "ab"}) == 4


@pytest.mark.parametrize("what", ["weights", "config", "library"])
def test_another_model_makes_all_anew(study, loads, monkeypatch, what):
    run(study, "a")
    if what == "weights":
        tiny_clip(study / "clip", seed=1)
    elif what == "config":
        config = json.loads((study / "clip" / "open_clip_config.json").read_text())
        config["preprocess_cfg"]["mean"] = [0.1, 0.1, 0.1]
        (study / "clip" / "open_clip_config.json").write_text(json.dumps(config))
    else:
        versions = {"torch": "0.0"}
        monkeypatch.setattr(type(FAMILIES["open_clip"]), "versions", lambda _: versions)
    describe(study)
    before, loads[:] = np.load(study / "a.npy"), []
    run(study, "a")
    assert loads == ["loaded", 24]
    assert np.array_equal(np.load(study / "a.npy"), before) == (what == "library")


def test_damaged_or_half_made_files_are_made_again(study, loads):
    before = run(study, "a")
    whole = (study / "a.npy").read_bytes()
    for damage in (
        lambda: (study / "a.npy").write_bytes(whole[:-4]),
        lambda: (study / "a.npy").unlink(),
        lambda: (study / "a-meta.parquet").unlink(),
        lambda: (study / "a-meta.parquet").write_bytes(b"PAR1"),
        # As after a crash between both: the rows of another run.
        lambda: np.save(study / "a.npy", np.load(study / "a.npy")[::-1]),
    ):
        damage()
        loads.clear()
        assert run(study, "a") == before and loads == ["loaded", 24]


def test_parts_made_side_by_side_are_the_rows_of_one(study, tmp_path):
    whole, metadata = embed_one(study / "a.parquet", study / "m.json", tmp_path / "whole")
    files = [
        embed_one(study / "a.parquet", study / "m.json", tmp_path / "parts", part=part, parts=3)
        for part in (2, 0, 1)
    ]
    tables = sorted(path for _, path in files)
    vectors = StoredVectors(sorted((tmp_path / "parts").glob("*.npy")))
    assert [len(rows) for rows in vectors.parts] == [8, 8, 8]
    np.testing.assert_allclose(vectors.all(), whole, atol=1e-6)
    assert read_ids(tables).tolist() == read_table(metadata).image_id.tolist()
    keys = {read_key(path) for path in [*tables, metadata]}
    assert len(keys) == 4, "a data set that is split another way is made anew"
    records = [read_record(path)["embed"] for path in [*tables, metadata]]
    assert len({record.pop("rows_sha256") for record in records}) == 4
    assert all(record == records[0] for record in records)


def test_a_data_set_with_fewer_faces_than_parts_has_empty_ones(study, tmp_path):
    faces_of(2, study / "few.parquet", np.random.default_rng(2))
    sizes = [
        embed_one(study / "few.parquet", study / "m.json", tmp_path / "few", part=i, parts=3)[
            0
        ].shape
        for i in range(3)
    ]
    assert sizes == [(1, 16), (1, 16), (0, 16)]
