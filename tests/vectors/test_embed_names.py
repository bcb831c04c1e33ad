"""Text embeddings of names: the people's, invented ones, and templates around them."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from facebench.errors import UserError
from facebench.models import load
from facebench.store.tables import read_table, write_table
from facebench.study.config import read_schema
from facebench.vectors.distractor_names import FAMILY, MEN, WOMEN, invented_names
from facebench.vectors.embedding_loop import encode_sentences
from scripts import embed, weights
from tests.toys.faces import SETTINGS, faces_of
from tests.toys.models import tiny_clip
from tests.toys.workflow import ROOT

TEMPLATES = ["{}", "a photo of {}", "{} in a suit"]
PEOPLE = ["Zoë Ångström", "Ada Lovelace", None, "Ada Lovelace", "Hidden Person", "Bo Li"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with images.parquet and a tiny model's weights."""
    folder = tmp_path_factory.mktemp("study")
    status = ["ok", "ok", "ok", "ok", "unreadable", "ok"]
    table = pd.DataFrame({"name": PEOPLE, "status": status})
    write_table(table, folder / "images.parquet", {"data": {"reader": "made"}})
    tiny_clip(folder / "clip")
    spec = {"family": "open_clip", "path": str(folder / "clip")}
    weights.main(model="tiny", spec=spec, output=folder / "m.json")
    return folder


def run(study, output, templates=TEMPLATES, distractors=10, read=""):
    """Embed the study's names; return the arrays of the file."""
    file = output / "names.npz"
    embed.main(
        faces=[],
        weights=[study / "m.json"],
        part=0,
        parts=1,
        settings=SETTINGS,
        work=output / "work",
        embeddings=[],
        metadata=[],
        images=[study / "images.parquet"],
        templates=templates,
        distractors=distractors,
        read=read,
        names=[file],
    )
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def test_the_file_holds_people_then_invented_names_in_every_template(study, tmp_path):
    found = run(study, tmp_path)
    assert found["names"][:3].tolist() == ["Ada Lovelace", "Bo Li", "Zoë Ångström"]
    assert found["pool"].tolist() == ["people"] * 3 + ["invented"] * 7
    assert found["templates"].tolist() == TEMPLATES
    assert found["embeddings"].shape == (3, 10, 16) and found["embeddings"].dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found["embeddings"], axis=2), 1, atol=1e-6)
    assert not (tmp_path / "work").exists()


def test_names_that_were_read_are_a_pool_of_their_own(study, tmp_path):
    file = tmp_path / "read.txt"
    file.write_text("\ufeffRead  One\nBo Li\n\nRead One\n" + "Name\n", encoding="utf8")
    found = run(study, tmp_path, distractors=5, read=file)
    assert found["pool"].tolist() == ["people"] * 3 + ["invented"] * 2 + ["read"] * 2
    assert found["names"][-2:].tolist() == ["Read One", "Name"]
    # Bo Li is one of the people, and on the list.
    assert found["was_read"].tolist() == [False, True, False, False, False, True, True]
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="isn't UTF-8 text"):
        run(study, tmp_path, distractors=5, read=file)


def test_the_names_that_the_small_models_read_are_those_of_their_training():
    from facebench.people.who.identity import draw_identity

    people = [*range(1000, 3000), *range(300, 600)]
    listed = (ROOT / "weights" / "names-read.txt").read_text(encoding="utf8").splitlines()
    assert listed == [draw_identity(0, number).name for number in people]


def test_every_row_is_the_text_towers_for_its_own_sentence(study, tmp_path):
    found = run(study, tmp_path)
    encoder = load({"family": "open_clip", "path": str(study / "clip")}, device="cpu")
    for t, template in enumerate(TEMPLATES):
        for n, name in enumerate(found["names"]):
            row = encoder.encode_text([template.format(name)])[0]
            np.testing.assert_allclose(found["embeddings"][t, n], row, atol=1e-5)


def test_the_record_names_the_prompts_by_their_hash(study, tmp_path):
    def made(**changes):
        return json.loads(str(run(study, tmp_path, **changes)["record"]))["embed_text"]

    first = made()
    assert first["names"] == {"people": 3, "invented": 7, "read": 0}
    assert first["logit_scale"] == pytest.approx(1 / 0.07, rel=1e-5)  # of an untrained CLIP
    assert first["weights_sha256"] and first["device"] == "cpu"
    assert made()["prompts_sha256"] == first["prompts_sha256"]
    assert made(templates=TEMPLATES[:2])["prompts_sha256"] != first["prompts_sha256"]
    assert made(distractors=0)["prompts_sha256"] != first["prompts_sha256"]


def test_names_are_kept_while_the_prompts_are_the_same(study, tmp_path, monkeypatch):
    shutil.copytree(study, tmp_path / "study")
    mine = tmp_path / "study"
    first = run(mine, tmp_path)
    monkeypatch.setattr(embed, "load", lambda *_: pytest.fail("the model is loaded"))
    before = (tmp_path / "names.npz").stat().st_mtime_ns
    table = read_table(mine / "images.parquet")
    # Another picture of somebody who is known, and one more that can't be used.
    more = pd.DataFrame({"name": ["Bo Li", "Not Used"], "status": ["ok", "unreadable"]})
    write_table(pd.concat([table, more]), mine / "images.parquet", {"data": {"reader": "other"}})
    again = run(mine, tmp_path)
    assert (tmp_path / "names.npz").stat().st_mtime_ns == before
    assert np.array_equal(again["embeddings"], first["embeddings"])
    listed = tmp_path / "read.txt"
    listed.write_text("Bo Li\n", encoding="utf8")
    for changes in ({"templates": TEMPLATES[:2]}, {"distractors": 9}, {"read": listed}):
        with pytest.raises(pytest.fail.Exception, match="the model is loaded"):
            run(mine, tmp_path, **changes)
    write_table(table.assign(name="Somebody Else"), mine / "images.parquet", {})
    with pytest.raises(pytest.fail.Exception, match="the model is loaded"):
        run(mine, tmp_path)
    (tmp_path / "names.npz").write_bytes(b"half")
    with pytest.raises(pytest.fail.Exception, match="the model is loaded"):
        run(study, tmp_path)


def test_faces_and_names_share_one_loaded_model(study, tmp_path, monkeypatch):
    faces_of(10, tmp_path / "faces.parquet", np.random.default_rng(0))
    loaded, real = [], embed.load
    monkeypatch.setattr(embed, "load", lambda *given: loaded.append(1) or real(*given))
    embed.main(
        faces=[tmp_path / "faces.parquet"],
        weights=[study / "m.json"],
        part=0,
        parts=1,
        settings=SETTINGS,
        work=tmp_path / "work",
        embeddings=[tmp_path / "e.npy"],
        metadata=[tmp_path / "m.parquet"],
        images=[study / "images.parquet"],
        templates=TEMPLATES,
        distractors=10,
        names=[tmp_path / "names.npz"],
    )
    assert loaded == [1] and len(np.load(tmp_path / "e.npy")) == 8
    with np.load(tmp_path / "names.npz", allow_pickle=False) as names:
        assert np.array_equal(names["embeddings"], run(study, tmp_path / "alone")["embeddings"])


def test_pieces_and_batches_change_nothing(study, tmp_path):
    encoder = load({"family": "open_clip", "path": str(study / "clip")}, device="cpu")
    sentences = [f"a photo of {name}" for name in invented_names(40)]
    whole = encode_sentences(sentences, encoder, tmp_path / "a", {})
    parts = encode_sentences(sentences, encoder, tmp_path / "b", {}, batch_size=3, shard=11)
    np.testing.assert_allclose(parts, whole, atol=1e-5)


def test_a_model_without_a_text_tower_is_refused(tmp_path):
    with pytest.raises(UserError, match="no text tower"):
        encode_sentences(["a"], load({"family": "pixels"}), tmp_path, {})


def test_invented_names_are_different_repeatable_and_half_womens():
    names = invented_names(1000, avoid=["Mary Smith"])
    assert len(set(names)) == 1000 and "Mary Smith" not in names
    given = [name.split()[0] for name in names]
    assert sum(name in WOMEN.split() for name in given) == 500
    assert sum(name in MEN.split() for name in given) == 500
    assert all(name.split()[1] in FAMILY.split() for name in names)
    assert invented_names(10) == invented_names(500)[:10]
    assert set(WOMEN.split()).isdisjoint(MEN.split())


def test_the_default_templates_are_the_21_and_each_takes_one_name():
    schema = read_schema(ROOT / "rules" / "schema")
    templates = schema["properties"]["name"]["properties"]["templates"]["default"]
    assert len(set(templates)) == 21
    assert all(template.format("X").count("X") == 1 for template in templates)
