"""The vectors of a fusion: whose they are, what is kept, and that both models' failures count."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from facebench.evaluation.fusion_gains import gains
from facebench.evaluation.pictures import load
from facebench.store.layout import VectorFiles
from facebench.store.tables import read_record, read_table
from facebench.vectors import fused
from facebench.vectors.stored import StoredVectors, read_ids
from scripts import fuse
from tests.toys.evaluation import STATISTICS, Toy

PEOPLE = np.repeat(np.arange(12), 4)
VERIFY = {"far": [0.2, 0.0001], "images": 20000}


@pytest.fixture
def toys(tmp_path):
    """Two models of the same pictures, which failed on 3 and on 2 of them, one of these alike."""
    return [
        Toy(tmp_path / "a", PEOPLE, 0.9, failed=(0, 7, 9), seed=1),
        Toy(tmp_path / "b", PEOPLE, 0.9, failed=(9, 47), seed=2),
    ]


def made(toys, folder, model="both", code="c"):
    """Put the vectors of two toys together; return their files."""
    rows, table = folder / "rows.npy", folder / "rows.parquet"
    fuse.main(
        model=model,
        code=code,
        vectors=[tuple(toy.vectors.embeddings[0] for toy in toys)],
        tables=[tuple(toy.vectors.metadata[0] for toy in toys)],
        embeddings=[rows],
        metadata=[table],
    )
    # The faces of a model that failed on nothing: a failure of either is one of the model.
    return VectorFiles(toys[0].vectors.faces, [str(rows)], [str(table)])


def test_a_picture_that_one_model_could_not_embed_is_failed(toys, tmp_path, monkeypatch):
    monkeypatch.setattr(fused, "BLOCK", 10)
    files = made(toys, tmp_path)
    ids = read_ids(files.metadata)
    failed = {f"{number:016x}" for number in (0, 7, 9, 47)}
    assert len(ids) == len(PEOPLE) - 4 and not failed & {*ids}
    pictures = load(*files)
    assert np.flatnonzero(pictures.failed).tolist() == [0, 7, 9, 47]
    rows = StoredVectors(files.embeddings).all()
    sides = []
    for toy in toys:
        own = read_ids(toy.vectors.metadata)
        sides.append(StoredVectors(toy.vectors.embeddings).all()[own.get_indexer(ids)])
    mean = sum(side @ side.T for side in sides) / 2
    assert np.abs(rows @ rows.T - mean).max() < 1e-6


def test_what_is_made_of_the_same_vectors_is_kept(toys, tmp_path):
    files = made(toys, tmp_path)
    rows, table = Path(files.embeddings[0]), Path(files.metadata[0])
    before, whole = table.stat().st_ino, rows.read_bytes()
    assert [*read_table(table)] == ["image_id", "image_path", "identity"]
    assert read_record(table)["embed"]["parts"] == [{"noise": 0.9}] * 2
    made(toys, tmp_path)
    assert table.stat().st_ino == before
    rows.write_bytes(whole + b"x")
    made(toys, tmp_path)
    assert rows.read_bytes() == whole and table.stat().st_ino != before
    made(toys, tmp_path, model="other")
    assert read_record(table)["embed"]["model"] == "other"


def test_a_fusion_gains_where_its_models_err_apart_and_not_with_itself(tmp_path):
    people = np.repeat(np.arange(40), 4)
    toys = [Toy(tmp_path / name, people, 1.4, seed=seed) for seed, name in enumerate("ab")]
    statistics = {**STATISTICS, "margin": 0.05}
    parts = {"a": load(*toys[0].vectors), "b": load(*toys[1].vectors)}
    found = gains(load(*made(toys, tmp_path)), parts, VERIFY, statistics)
    assert found["at"].tolist() == ["0.2", "0.2"], "a rate below what the data resolve is left out"
    assert (found.ci_low > 0).all() and (found.p < 0.01).all() and (found.n_identities == 40).all()
    assert np.allclose(found.tar_fusion - found.tar_part, found.difference)
    same = load(*made([toys[0]] * 2, tmp_path, code="d"))
    (row,) = gains(same, {"a": parts["a"]}, VERIFY, statistics).itertuples()
    assert abs(row.difference) < 0.005 and row.p_alike < 0.05 < row.p


def test_the_fusion_with_noise_is_compared_in_the_same_draws(tmp_path):
    """What a model and its near copy have in common cancels in the interval of their difference."""
    people = np.repeat(np.arange(40), 4)
    toys = [Toy(tmp_path / name, people, 1.2, seed=3) for name in "ab"]
    whole = load(*made(toys, tmp_path))
    alone = load(*toys[0].vectors)
    (row,) = gains(whole, {"a": alone}, VERIFY, {**STATISTICS, "margin": 0.05}).itertuples()
    assert row.ci_high - row.ci_low < 0.01


def test_other_pictures_are_refused(toys, tmp_path):
    other = Toy(tmp_path / "c", PEOPLE[:-4], 0.5)
    with pytest.raises(ValueError, match="of different pictures"):
        gains(load(*toys[0].vectors), {"c": load(*other.vectors)}, VERIFY, STATISTICS)


def test_of_models_that_are_alike_one_is_seldom_said_to_gain():
    random, people = np.random.default_rng(0), np.repeat(np.arange(60), 4)
    labels = pd.DataFrame({"image_id": [str(i) for i in range(len(people))]})

    def model(centres, hard):
        rows = centres[people] + 0.8 * hard * random.normal(size=(len(people), 16))
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return SimpleNamespace(
            labels=labels, people=people, rows=np.arange(len(people)), embeddings=rows
        )

    missed = []
    for number in range(30):
        # The same people, of whom some are hard for both.
        centres = random.normal(size=(60, 16))
        hard = np.exp(0.6 * random.normal(size=60))[people, None]
        one, two = model(centres, hard), model(centres, hard)
        options = {"far": [0.1, 0.01], "images": 20000}
        statistics = {"draws": 200, "seed": number, "confidence": 0.95, "margin": 0.05}
        found = gains(one, {"two": two}, options, statistics)
        missed += ((found.ci_low > 0) | (found.ci_high < 0)).tolist()
    assert len(missed) == 60 and sum(missed) <= 6
