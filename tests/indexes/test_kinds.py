"""Every kind of index: made, stored, opened and searched."""

import json

import numpy as np
import pytest
import yaml

from facebench.errors import UserError
from facebench.indexes import kinds, stored
from facebench.indexes.kinds import INDEXES
from facebench.indexes.search import nearest
from facebench.study.config import checked, read_schema
from facebench.vectors.stored import StoredVectors, save_rows
from scripts import index as step
from tests.toys.workflow import ROOT

SCHEMA = ROOT / "rules" / "schema"
#: Kinds that need no server, with the options that have no default here.
HERE = {name: {} for name, kind in INDEXES.items() if not kind.elsewhere}
HERE |= {"factory": {"recipe": "IVF{lists},SQfp16"}, "on-disk": {"part": 1500}}


def spec(kind, **options):
    """Return the section `index` with all defaults."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    return checked({**config, "index": {"kind": kind, **options}}, SCHEMA)["index"]


@pytest.fixture(scope="module")
def rows():
    """Unit rows in clusters, as pictures of people are: 4,000 of 500 people."""
    random = np.random.default_rng(0)
    people = np.repeat(random.normal(size=(500, 16)), 8, axis=0)
    found = people + 0.3 * random.normal(size=people.shape)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("kind", HERE)
def test_a_kind_finds_most_of_what_an_exact_search_finds(tmp_path, rows, kind):
    vectors = StoredVectors.of(rows)
    made = stored.make(vectors, tmp_path / "index.json", spec(kind, **HERE[kind]))
    assert made["kind"] == kind and (made["rows"], made["numbers"]) == rows.shape
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"index.json", *INDEXES[kind].files}
    index = stored.read(tmp_path / "index.json", vectors)
    scores, found = nearest(index, rows[:400], 5)
    exact = rows[:400] @ rows.T
    right = np.argsort(-exact, axis=1, kind="stable")[:, :5]
    assert (found == right).mean() > 0.99
    np.testing.assert_allclose(scores, np.take_along_axis(exact, found, 1), atol=1e-5)


def test_fewer_probes_find_less_and_the_settings_are_obeyed(tmp_path, rows):
    vectors, shares = StoredVectors.of(rows), []
    for probes in (1, 64):
        stored.make(vectors, tmp_path / "index.json", spec("ivf-flat", probes=probes))
        found = nearest(stored.read(tmp_path / "index.json", vectors), rows[:400], 5)[1]
        right = np.argsort(-(rows[:400] @ rows.T), axis=1, kind="stable")[:, :5]
        shares.append((found == right).mean())
    assert shares[0] < 0.95 < shares[1] == 1


def test_auto_is_exact_as_far_as_memory_allows(tmp_path, rows):
    vectors = StoredVectors.of(rows)
    for memory, chosen in ((1, "flat"), (0.0001, "ivf-rabitq")):
        made = stored.make(vectors, tmp_path / "index.json", spec("auto", memory=memory))
        assert made["chosen"] == chosen
        assert nearest(stored.read(tmp_path / "index.json", vectors), rows[:1], 1)[1] == [[0]]


def test_an_index_of_other_vectors_is_refused(tmp_path, rows):
    stored.make(StoredVectors.of(rows[:100]), tmp_path / "index.json", spec("flat"))
    with pytest.raises(UserError, match="is an index of other vectors: delete it and run again"):
        stored.read(tmp_path / "index.json", StoredVectors.of(rows))


@pytest.mark.parametrize(
    ("recipe", "said"),
    [("Nonsense", "recipe Nonsense can't be made"), ("IVF{wrong},Flat", "no other braces")],
)
def test_a_recipe_that_cant_be_used_is_named(tmp_path, rows, recipe, said):
    with pytest.raises(UserError, match=said):
        stored.make(StoredVectors.of(rows), tmp_path / "i.json", spec("factory", recipe=recipe))


def test_the_configuration_allows_the_kinds_that_there_are():
    kind = read_schema(SCHEMA)["properties"]["index"]["properties"]["kind"]
    assert set(kind["enum"]) == set(INDEXES) and kind["default"] in INDEXES


def test_a_kind_that_is_registered_is_made_with_its_settings(tmp_path, rows, monkeypatch):
    asked = []

    def make(vectors, folder, share):
        asked.append((len(vectors), share))
        return INDEXES["flat"].make(vectors, folder)

    monkeypatch.setitem(INDEXES, "half", kinds.Kind(make, INDEXES["flat"].open))
    stored.make(StoredVectors.of(rows), tmp_path / "i.json", {"kind": "half", "share": 0.5})
    assert asked == [(4000, 0.5)]
    assert len(stored.read(tmp_path / "i.json", StoredVectors.of(rows))) == 4000


def test_an_index_of_parts_is_that_of_the_whole(tmp_path, rows):
    for number, part in enumerate(np.array_split(rows, 3)):
        save_rows(part, tmp_path / f"{number}.npy")
    save_rows(rows, tmp_path / "whole.npy")
    embeddings = [[tmp_path / f"{i}.npy" for i in range(3)], [tmp_path / "whole.npy"]]
    outputs = [tmp_path / "parts" / "index.json", tmp_path / "whole" / "index.json"]
    step.main(embeddings=embeddings, spec={"kind": "flat"}, outputs=outputs)
    parts, whole = (
        stored.read(path, StoredVectors(vectors))
        for path, vectors in zip(outputs, embeddings, strict=True)
    )
    for one, other in zip(nearest(parts, rows, 5), nearest(whole, rows, 5), strict=True):
        assert np.array_equal(one, other)
    assert json.loads(outputs[0].read_text()) == json.loads(outputs[1].read_text())
    assert sorted(path.name for path in outputs[0].parent.iterdir()) == [
        "index.faiss",
        "index.json",
    ]
