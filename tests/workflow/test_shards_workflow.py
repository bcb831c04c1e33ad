"""Pictures in tars go through a whole study: as strangers in its gallery, and in parts."""

import json

import numpy as np
import pandas as pd
import pytest

from facebench.store import layout
from facebench.vectors.stored import StoredVectors, read_ids
from tests.toys.tars import noise, samples, write_shards, write_tar
from tests.toys.workflow import RESULTS, workflow

pytestmark = pytest.mark.workflow

STUDY = {
    "evaluate": {
        "datasets": ["asked"],
        "crops": ["full"],
        "models": ["pixels"],
        "protocols": ["identify", "scale"],
        "attacks": [],
    },
    "datasets": {
        "asked": {"reader": "shards", "folder": "asked", "identity": "who"},
        "web": {"reader": "shards", "folder": "web", "parts": 2},
    },
    "scale": {"strangers": ["web"], "sizes": [10, 20], "draws": 2},
    "landmarks": {"tries": 1, "neural": False},
    "statistics": {"draws": 100},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a finished study of 8 people among 25 strangers, two of them one picture."""
    folder = tmp_path_factory.mktemp("shards")
    write_tar(
        folder / "asked" / "00000.tar",
        samples(0, [noise(100 + i) for i in range(16)], lambda key: {"who": int(key[-2:]) // 2}),
    )
    write_shards(folder / "web", (12, 12))
    write_tar(folder / "web" / "00002.tar", samples(2, [noise(0), noise(99)]))
    workflow(folder, STUDY, "--", str(RESULTS / "metrics.parquet"))
    return folder


def test_both_parts_have_the_vectors_of_their_pictures_in_the_order_of_the_tars(run):
    files = layout.vector_files("web", "full", layout.CLEAN, "pixels", 2)
    ids = [read_ids([run / path]) for path in files.metadata]
    assert [len(some) for some in ids] == [13, 12]
    images = pd.read_parquet(run / layout.images("web"))
    assert list(images.status).count("duplicate") == 1
    usable = images[images.status == "ok"]
    assert [*ids[0], *ids[1]] == list(usable.image_id)
    assert list(usable.path) == sorted(usable.path)
    rows = StoredVectors([run / path for path in files.embeddings]).all()
    assert rows.shape == (25, 1024) and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_people_are_searched_for_among_the_strangers(run):
    metrics = pd.read_parquet(run / RESULTS / "metrics.parquet")
    assert {"identify", "scale"} <= set(metrics.protocol)
    found = metrics[(metrics.protocol == "scale") & (metrics.metric == "rank1")]
    assert {"0", "10", "20"} <= set(found["at"])
    records = pd.read_parquet(run / RESULTS / "records.parquet")
    scale = next(r["scale"] for r in map(json.loads, records.json) if "scale" in r)
    assert scale["strangers"] == 25 and scale["left_out"] == {}
