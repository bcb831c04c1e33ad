"""Attacks in the workflow: what is planned, what runs, and what is refused before anything does."""

import re
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
import yaml

from facebench.errors import UserError
from facebench.store.tables import read_record
from facebench.study.config import checked
from facebench.study.dataset_files import ready_made
from tests.toys.attacks import pictures
from tests.toys.models import tiny_clip
from tests.toys.workflow import ROOT, jobs, workflow

pytestmark = pytest.mark.workflow
FOLDER = "store/tiny-people/tight"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder, and a study of a few people with a tiny model as surrogate."""
    directory = tmp_path_factory.mktemp("attacks")
    tiny_clip(directory / "weights")
    model = {"family": "open_clip", "path": str(directory / "weights"), "threads": 1}
    cloak = {"kind": "clip-cloak", "people": 3, "surrogates": ["tiny"], "steps": 3, "batch": 4}
    return directory, {
        "evaluate": {
            "datasets": ["tiny-people"],
            "crops": ["tight"],
            "models": ["tiny"],
            "protocols": ["identify"],
            "attacks": ["cloak", "photo"],
            "reencodings": ["jpeg-30"],
        },
        # In parts, so that an attack reads its surrogate's clean vectors from several files.
        "datasets": {
            "tiny-people": {"reader": "people", "people": 6, "views": 3, "size": 96, "parts": 2}
        },
        "models": {"tiny": model},
        "attacks": {"cloak": cloak, "photo": {**cloak, "photographs": ["tight"]}},
        "poison": {"reencoded_attacks": ["cloak"]},
    }


VARIANTS = [f"{FOLDER}/cloak+jpeg-30/tiny/img_emb/img_emb_{part}.npy" for part in ("0000", "0001")]
PEOPLE = [path.replace("img_emb", "metadata").replace(".npy", ".parquet") for path in VARIANTS]


@pytest.fixture(scope="module")
def done(study):
    """The folder after some variants were made."""
    directory, config = study
    workflow(directory, config, "--", *VARIANTS, f"{FOLDER}/photo/faces.parquet")
    return directory


def test_variants_are_made_and_embedded(done):
    cloaked, images = pictures(done / FOLDER / "cloak" / "faces.parquet")
    clean, before = pictures(done / FOLDER / "clean" / "faces.parquet")
    again, saved = pictures(done / FOLDER / "cloak+jpeg-30" / "faces.parquet")
    mine = np.flatnonzero(cloaked.attack_status == "ok")
    assert len(mine) == 9 and (cloaked.status == "not-attacked").sum() == 9
    assert cloaked.image_id.tolist() == clean.image_id.tolist() == again.image_id.tolist()
    for i in mine:
        change = np.abs(images[i].astype(int) - before[i])
        assert 0 < change.max() <= 8 and not np.array_equal(saved[i], images[i])
    people = pd.concat([pd.read_parquet(done / path) for path in PEOPLE])
    assert people.image_id.tolist() == cloaked.image_id.iloc[mine].tolist()
    assert [np.load(done / path).shape for path in VARIANTS] == [(5, 16), (4, 16)]


def test_a_photograph_is_attacked_saved_and_cut_out_anew(done):
    faces, images = pictures(done / FOLDER / "photo" / "faces.parquet")
    mine = np.flatnonzero(faces.attack_status == "ok")
    found = [i for i in mine if faces.status[i] == "ok"]
    saved = sorted(
        (done / "store" / "tiny-people" / "photographs" / "photo" / "images").rglob("*.png")
    )
    assert len(saved) == len(mine) == 9 and len(found) >= 5
    assert all(images[i] is not None for i in found)


def test_a_number_s_record_names_attack_surrogates_and_re_encoding(done):
    record = read_record(done / PEOPLE[0])
    assert record["attack"]["name"] == "cloak" and record["attack"]["spec"]["steps"] == 3
    assert record["attack"]["models"][0]["model"] == "tiny"
    assert record["reencode"] == {**record["reencode"], "name": "jpeg-30", "quality": 30}
    assert str(done) not in str(record)


def test_nothing_is_made_twice_and_an_option_only_where_it_counts(done, study):
    _, config = study
    assert jobs(workflow(done, config, "--", *VARIANTS)) == {}
    config = deepcopy(config)
    config["attacks"]["cloak"]["mem_mb"] = 7000
    assert jobs(workflow(done, config, "--dry-run", "--", *VARIANTS)) == {}
    config["attacks"]["cloak"]["steps"] = 4
    planned = jobs(workflow(done, config, "--dry-run", "--", *VARIANTS))
    assert planned == {"attack": 1, "reencode": 1, "embed": 2}


def test_a_surrogate_without_gradients_is_refused(study):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["attacks"]["cloak"] = {
        **study[1]["attacks"]["cloak"],
        "surrogates": ["pixels", "pixles"],
    }
    with pytest.raises(UserError) as error:
        checked(config, ROOT / "rules" / "schema")
    assert "pixels can't be a surrogate" in str(error.value)
    assert "attacks.cloak.surrogates: models defines no 'pixles'" in str(error.value)


@pytest.mark.parametrize("name", ["clean", "Cloak", "a+b"])
def test_an_attack_may_not_be_called_like_a_folder_beside_it(name):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["attacks"][name] = {"kind": "noise"}
    with pytest.raises(UserError, match=re.escape(f"'{name}'")):
        checked(config, ROOT / "rules" / "schema")


def test_a_folder_of_ready_made_pictures_that_is_not_there_is_told(study, tmp_path):
    config = deepcopy(study[1])
    config["attacks"]["mine"] = {"kind": "ready-made", "folder": "$NO_SUCH_VARIABLE"}
    config["evaluate"]["attacks"] = ["mine"]
    failed = workflow(tmp_path, config, "--dry-run", check=False)
    words = "NO_SUCH_VARIABLE isn't set, which attacks.mine.folder reads: set it to a folder of cl"
    assert failed.returncode and words in failed.stdout + failed.stderr
    with pytest.raises(UserError, match="nothing at"):
        ready_made("mine", {"folder": str(tmp_path / "not-there")})
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="not a folder"):
        ready_made("mine", {"folder": str(tmp_path / "file")})
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no picture"):
        ready_made("mine", {"folder": str(tmp_path / "empty")})
    assert ready_made("mine", {"folder": str(tmp_path)}) == str(tmp_path)
    assert ready_made("noise", {"kind": "noise"}) is None
