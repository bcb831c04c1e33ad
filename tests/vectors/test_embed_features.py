"""Several features of a model from one pass: what each file holds, and what is kept."""

import json
from pathlib import Path

import numpy as np
import pytest

from facebench.store.keys import read_key
from facebench.store.tables import read_record
from scripts import embed, weights
from tests.toys.faces import SETTINGS, embed_one, faces_of, watched
from tests.toys.models import tiny_clip

ROWS = {"projection": {}, "token": {"feature": "token"}, "mean": {"feature": "mean"}}


@pytest.fixture
def study(tmp_path):
    """A folder with two sets of faces, a and b, and descriptions of a model and its features."""
    for seed, crop in enumerate("ab"):
        faces_of(30, tmp_path / f"{crop}.parquet", np.random.default_rng(seed))
    tiny_clip(tmp_path / "clip")
    for name, feature in ROWS.items():
        spec = {"family": "open_clip", "path": str(tmp_path / "clip"), **feature}
        weights.main(model=f"tiny-{name}", spec=spec, output=tmp_path / f"{name}.json")
    return tmp_path


@pytest.fixture
def shown(monkeypatch):
    """The models that were loaded, and how many pictures each batch had."""
    return watched(monkeypatch)


def run(folder, features=tuple(ROWS), crops="ab"):
    """Embed all crops under some features in one job; return the paths of the rows, and tables."""
    files = [f"{folder}/{crop}-{feature}" for feature in features for crop in crops]
    rows, tables = ([f"{file}{end}" for file in files] for end in (".npy", ".parquet"))
    embed.main(
        faces=[folder / f"{crop}.parquet" for crop in crops],
        weights=[folder / f"{feature}.json" for feature in features],
        part=0, parts=1, settings=SETTINGS, work=folder / "work", embeddings=rows, metadata=tables,
    )  # fmt: skip
    return rows, tables


def test_one_pass_gives_what_a_pass_each_gives(study, shown):
    rows, tables = run(study)
    assert shown == ["loaded", 24, 24] and not (study / "work").exists()
    for place, (feature, crop) in enumerate((f, c) for f in ROWS for c in "ab"):
        alone, metadata = embed_one(
            study / f"{crop}.parquet", study / f"{feature}.json", study / "x"
        )
        together = np.load(rows[place])
        assert together.shape == alone.shape == (24, 16 if feature == "projection" else 32)
        np.testing.assert_allclose(together, alone, atol=2e-6)
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
        made, other = read_record(tables[place])["embed"], read_record(metadata)["embed"]
        assert made["feature"] == feature and made["model"] == f"tiny-{feature}"
        assert {**made, "rows_sha256": ""} == {**other, "rows_sha256": ""}
        assert read_key(tables[place]) == read_key(metadata), "it is kept whichever job it was in"


def test_a_model_that_has_its_vectors_keeps_them_when_features_are_asked_for(study, shown):
    rows, _ = run(study, ["projection"])
    before = [Path(path).read_bytes() for path in rows]
    shown.clear()
    run(study)
    assert shown == ["loaded", 24, 24] and [Path(path).read_bytes() for path in rows] == before
    shown.clear()
    run(study)
    assert shown == []


def test_the_default_feature_changes_nothing_that_is_said_of_a_model(study):
    plain = json.loads((study / "projection.json").read_text())
    spec = {"family": "open_clip", "path": str(study / "clip"), "feature": "projection"}
    named = weights.describe("tiny-projection", spec)
    assert named["record"] == plain["record"] and "feature" not in plain["record"]
    token = json.loads((study / "token.json").read_text())
    assert token["record"]["feature"] == "token" and not token["text"] and plain["text"]
