"""Vectors made elsewhere: whose they are is found or refused, and who has none counts as failed."""

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facebench.errors import UserError
from facebench.evaluation.identify import identify
from facebench.evaluation.pictures import load as load_pictures
from facebench.evaluation.task import Task
from facebench.models import load, missing_weights, read_description, state
from facebench.store.faces import write_faces
from facebench.store.tables import read_record
from scripts import weights
from tests.toys.faces import embed_one, faces_of
from tests.toys.pickles import Bomb

DIM = 8


@pytest.fixture
def study(tmp_path):
    """A folder with faces.parquet; return it and the table of the usable faces."""
    table = faces_of(40, tmp_path / "faces.parquet", np.random.default_rng(0))
    return tmp_path, table[table.status == "ok"].reset_index(drop=True)


def rows_of(n, dtype=np.float32):
    """Return n rows that point anywhere and have any length."""
    return np.random.default_rng(n).normal(size=(n, DIM)).astype(dtype)


def spec_of(folder, rows, table, suffix=".csv"):
    """Write rows and a table of whose they are; return a model's entry."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "mine.npy", rows)
    path = folder / f"mine{suffix}"
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    return {"family": "vectors", "path": str(folder / "mine.npy")}


def clip_retrieval(folder, rows, table, parts=1):
    """Write rows and whose they are as clip-retrieval does, in some files."""
    for what in ("img_emb", "metadata"):
        (folder / what).mkdir(parents=True)
    for number, at in enumerate(np.array_split(np.arange(len(rows)), parts)):
        np.save(folder / "img_emb" / f"img_emb_{number}.npy", rows[at])
        table.iloc[at].to_parquet(folder / "metadata" / f"metadata_{number}.parquet")
    return folder


def embedded(folder, spec, faces="faces.parquet"):
    """Run the scripts `weights` and `embed`; return the rows and the path of the metadata."""
    weights.main(model="mine", spec=spec, output=folder / "m.json")
    return embed_one(folder / faces, folder / "m.json", folder / "out" / Path(faces).stem)


def unit(rows):
    """Return rows of length 1."""
    return rows / np.linalg.norm(rows.astype(float), axis=1, keepdims=True)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("column", ["image_id", "image_path"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rows_are_found_by_picture_and_scaled_to_length_one(study, suffix, column, dtype):
    folder, ok = study
    table = ok.rename(columns={"path": "image_path"})[[column]]
    others = pd.DataFrame({column: [f"somebody else {i}" for i in range(5)]})
    shuffled = pd.concat([table, others]).sample(frac=1, random_state=0)
    rows = rows_of(len(shuffled), dtype)
    found, metadata = embedded(folder, spec_of(folder / "v", rows, shuffled, suffix))
    place = pd.Index(shuffled[column]).get_indexer(table[column])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, unit(rows[place]), atol=1e-6)
    assert pd.read_parquet(metadata).image_path.tolist() == ok.path.tolist()


def test_ids_that_look_like_numbers_stay_text_and_may_lie_elsewhere(study):
    folder, ok = study
    spec = spec_of(folder / "v", rows_of(len(ok)), ok[["image_id"]])
    (folder / "v" / "mine.csv").rename(folder / "ids.csv")
    with pytest.raises(UserError, match="there is no mine.parquet or mine.csv"):
        embedded(folder, spec)
    rows, _ = embedded(folder, {**spec, "ids": str(folder / "ids.csv")})
    assert ok.image_id[0] == "0" * 16 and len(rows) == len(ok)


@pytest.mark.parametrize("parts", [1, 3])
def test_a_folder_of_clip_retrieval_is_read(study, parts):
    folder, ok = study
    rows = rows_of(len(ok))
    table = ok.rename(columns={"path": "image_path"})[["image_path"]]
    place = clip_retrieval(folder / "v", rows, table, parts)
    found, metadata = embedded(folder, {"family": "vectors", "path": str(place)})
    np.testing.assert_allclose(found, unit(rows), atol=1e-6)
    hashes = read_record(metadata)["embed"]["vectors_sha256"]
    assert len(hashes) == 2 * parts and {len(value) for value in hashes.values()} == {64}


def test_pictures_without_a_vector_are_failures_that_stay_in_the_denominators(study):
    folder, ok = study
    rows = rows_of(len(ok))
    rows[3] = 0
    spec = spec_of(folder / "v", rows[2:], ok[["image_id"]][2:])
    found, metadata = embedded(folder, spec)
    assert len(found) == len(ok) - 3 and np.isfinite(found).all()
    made = read_record(metadata)["embed"]
    assert made["failed"] == {"There is no vector of it.": 3} and made["dim"] == DIM
    assert made["preprocess"] == {"variant": "made elsewhere"} and made["parameters"] == 0
    pictures = load_pictures(
        str(folder / "faces.parquet"), [str(metadata.with_name("img_emb_0.npy"))], [str(metadata)]
    )
    assert len(pictures.labels) == 40 and pictures.failed.sum() == 8 + 3
    lost = pictures.labels.path[pictures.failed]
    assert set(ok.path[[0, 1, 3]]) <= set(lost)
    task = Task(
        pictures=pictures,
        where=dict.fromkeys(("dataset", "crop", "model"), "x"),
        options={"gallery": 1, "galleries": 1, "distractors": True, "ranks": [1]},
        statistics={"draws": 100, "confidence": 0.95, "seed": 0},
        files={},
    )
    assert identify(task).numbers.table("").n_failed.unique().tolist() == [11]


def test_the_log_names_pictures_without_a_vector(study, caplog):
    folder, ok = study
    embedded(folder, spec_of(folder / "v", rows_of(len(ok) - 4), ok[["image_id"]][4:]))
    assert f"4 of {len(ok)} pictures have no vector" in caplog.text
    assert f"{ok.path[2]}, ..." in caplog.text and ok.path[3] not in caplog.text


def attacked(folder, name, again=None):
    """Write faces of an attack of this name; return the name of their file."""
    record = {"faces": {"crop": "tight"}, "attack": {"name": name}}
    record |= {"reencode": {"name": again}} if again else {}
    rows = pd.read_parquet(folder / "faces.parquet").astype(object)
    rows = rows.where(rows.notna(), None).to_dict("records")
    file = f"{name}+{again}.parquet" if again else f"{name}.parquet"
    write_faces(rows, folder / file, record)
    return file


def test_variants_have_vectors_of_their_own(study):
    folder, ok = study
    place, ids = folder / "v", ok[["image_id"]]
    clean, cloaked, again = (rows_of(len(ok)) + shift for shift in (0, 1, 2))
    clip_retrieval(place, clean, ids)
    spec = {"family": "vectors", "path": str(place)}
    np.testing.assert_allclose(embedded(folder, spec)[0], unit(clean), atol=1e-6)
    words = r"no vectors of cloak in the crop tight: there is no tight/cloak/img_emb/img_emb_\*"
    with pytest.raises(UserError, match=words):
        embedded(folder, spec, attacked(folder, "cloak"))
    clip_retrieval(place / "tight" / "cloak", cloaked, ids)
    clip_retrieval(place / "tight" / "cloak+half", again, ids)
    for name, rows in (("cloak", cloaked), ("cloak+half", again)):
        faces = attacked(folder, *name.split("+"))
        found, metadata = embedded(folder, spec, faces)
        np.testing.assert_allclose(found, unit(rows), atol=1e-6)
        hashes = read_record(metadata)["embed"]["vectors_sha256"]
        assert all(file.startswith(f"tight/{name}/") for file in hashes)
    clip_retrieval(place / "tight" / "clean", again, ids)
    np.testing.assert_allclose(embedded(folder, spec)[0], unit(again), atol=1e-6)
    flat = spec_of(folder / "flat", clean, ids)
    with pytest.raises(UserError, match="clean pictures only; those of cloak are looked for"):
        embedded(folder, flat, attacked(folder, "cloak"))


def changed(what, folder, ok):
    """Return an entry whose vectors are wrong in one way."""
    rows, ids = rows_of(len(ok)), ok[["image_id"]].copy()
    if what in ("nan", "inf"):
        rows[5, 2] = float(what)
    elif what == "count":
        rows = rows[1:]
    elif what == "twice":
        ids.loc[3, "image_id"] = ids.image_id[2]
    elif what == "nameless":
        ids.loc[3, "image_id"] = ""
    elif what == "column":
        ids.columns = ["id"]
    elif what == "strangers":
        ids["image_id"] += "x"
    elif what == "whole numbers":
        rows = (9 * rows).astype(np.int8)
    elif what == "flat":
        rows = rows[:, 0]
    elif what == "objects":
        rows = rows.astype(object)
    return spec_of(folder / "v", rows, ids)


REFUSED = {
    "nan": "infinite or undefined numbers, the first in row 5",
    "inf": "infinite or undefined numbers, the first in row 5",
    "count": "has 31 rows, but .*mine.csv has 32",
    "twice": "two vectors of image_id '0000000000000002'",
    "nameless": "rows that don't say which picture they are of",
    "column": "mine.csv has no column image_id or image_path",
    "strangers": r"No picture has a vector in .*like \['0000000000000000x'\].*'0000000000000000'",
    "whole numbers": r"holds int8",
    "flat": r"holds float32",
    "objects": "no plain .npy file",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_could_mix_pictures_up_is_refused(study, what):
    folder, ok = study
    with pytest.raises(UserError, match=REFUSED[what]):
        embedded(folder, changed(what, folder, ok))


def test_pickles_archives_and_halves_are_refused_unrun(study):
    folder, ok = study
    spec = spec_of(folder / "v", rows_of(len(ok)), ok[["image_id"]])
    whole = (folder / "v" / "mine.npy").read_bytes()
    np.savez(folder / "archive.npz", rows_of(2))
    archive = (folder / "archive.npz").read_bytes()
    for content in (pickle.dumps(Bomb(folder / "harm")), whole[:-40], archive, b""):
        (folder / "v" / "mine.npy").write_bytes(content)
        with pytest.raises(UserError, match="no plain .npy file|holds an archive"):
            embedded(folder, spec)
    assert not (folder / "harm").exists()


def test_folders_that_dont_fit_are_refused(study):
    folder, ok = study
    place = clip_retrieval(folder / "v", rows_of(len(ok)), ok[["image_id"]], parts=2)
    spec = {"family": "vectors", "path": str(place)}
    (place / "metadata" / "metadata_1.parquet").rename(place / "metadata" / "metadata_2.parquet")
    with pytest.raises(UserError, match="has only one of img_emb_1.npy and metadata_1"):
        embedded(folder, spec)
    (place / "metadata" / "metadata_2.parquet").rename(place / "metadata" / "metadata_1.parquet")
    np.save(place / "img_emb" / "img_emb_1.npy", np.ones((16, DIM + 1), np.float32))
    with pytest.raises(UserError, match="vectors of another length than img_emb_0.npy"):
        embedded(folder, spec)


def test_absent_vectors_are_said_before_any_job_and_changed_ones_noticed(study):
    folder, ok = study
    (folder / "empty").mkdir()
    spec = spec_of(folder / "v", rows_of(len(ok)), ok[["image_id"]])
    alone = spec_of(folder / "w", rows_of(len(ok)), ok[["image_id"]])
    (folder / "w" / "mine.csv").unlink()
    models = {
        "here": spec,
        "gone": {"family": "vectors", "path": str(folder / "gone.npy")},
        "empty": {"family": "vectors", "path": str(folder / "empty")},
        "alone": alone,
    }
    said = missing_weights(models)
    assert [sentence.split(":")[0] for sentence in said] == ["gone", "empty", "alone"]
    weights.main(model="mine", spec=spec, output=folder / "m.json")
    assert str(folder) not in json.dumps(read_description(folder / "m.json")["record"])
    before = state(spec)
    ok[["image_id"]][::-1].to_csv(folder / "v" / "mine.csv", index=False, sep=",", header=True)
    assert state(spec) != before and len(before) == 2
    np.save(folder / "v" / "mine.npy", rows_of(3))
    with pytest.raises(UserError, match="have changed"):
        read_description(folder / "m.json")
    with pytest.raises(UserError, match="made elsewhere; no picture can be added"):
        load(spec).encode(np.zeros((1, 3, 224, 224), np.uint8))


def test_vectors_are_kept_until_their_files_change(study):
    folder, ok = study
    spec = spec_of(folder / "v", rows_of(len(ok)), ok[["image_id"]])
    first, metadata = embedded(folder, spec)
    before = metadata.stat().st_mtime_ns
    hashes = read_record(metadata)["embed"]["vectors_sha256"]
    assert hashes.keys() == {"mine.npy", "mine.csv"}
    again, _ = embedded(folder, spec)
    assert np.array_equal(again, first) and metadata.stat().st_mtime_ns == before
    # The vectors stay, but it is said anew whose they are.
    spec_of(folder / "v", rows_of(len(ok)), ok[["image_id"]][::-1])
    turned, metadata = embedded(folder, spec)
    assert np.array_equal(turned, first[::-1])
    assert read_record(metadata)["embed"]["vectors_sha256"] != hashes


def test_parts_of_a_data_set_look_their_own_vectors_up(study):
    folder, ok = study
    spec = spec_of(folder / "v", rows_of(len(ok)), ok[["image_id"]])
    whole, _ = embedded(folder, spec)
    faces, description = folder / "faces.parquet", folder / "m.json"
    parts = [embed_one(faces, description, folder / "p", part=i, parts=3)[0] for i in range(3)]
    assert np.array_equal(np.concatenate(parts), whole)
