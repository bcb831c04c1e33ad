"""The experiments with attacks as their users run them: a small one, and the plan of large ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from tests.toys.attacks import blob
from tests.toys.workflow import NUMBERS, RESULTS, ROOT, jobs, workflow

pytestmark = pytest.mark.workflow

#: In the place of what a study takes from the registry, so that its plan needs no weights.
STAND_INS = {
    "datasets": {
        name: {"reader": "people", "people": 20, "views": 4} for name in ("people", "people-known")
    },
    "models": {
        f"mini-{size}": {"family": "random", "arch": "RN50"} for size in ("face", "s", "m", "l")
    },
}

STUDY = {
    "evaluate": {
        "datasets": ["few"],
        "crops": ["full"],
        "models": ["pixels"],
        "protocols": ["identify", "index_poison"],
        "attacks": ["noise"],
        "reencodings": ["jpeg-30"],
    },
    "datasets": {
        "few": {"reader": "people", "people": 5, "views": 4, "size": 48},
        "crowd": {"reader": "people", "people": 8, "views": 1, "size": 48, "first": 100},
    },
    "poison": {"my_cloaks": ["few"], "decoys": ["crowd"], "folds": 4},
    "statistics": {"draws": 100},
}


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    directory = tmp_path_factory.mktemp("poisoned")
    workflow(directory, STUDY)
    return directory


def test_a_study_with_an_attack_ends_in_tables_and_words(poisoned):
    results = poisoned / RESULTS
    metrics = pd.read_parquet(results / "metrics.parquet")
    assert {"identify", "poison", "index_poison"} <= set(metrics.protocol)
    poison = metrics[metrics.protocol == "poison"]
    assert {"none", "jpeg-30", "all:jpeg-30"} <= set(poison.reencode)
    assert poison[poison.metric == "linf"].value.item() == 8
    records = pd.read_parquet(results / "records.parquet")
    assert set(metrics.record) <= set(records.record)
    for kind in ("effects", "transfer", "groups", "votes"):
        assert (results / f"poison-{kind}.parquet").exists()
    summary = (results / "summary.md").read_text()
    assert "## few, full crop: cloaks" in summary and "| noise " in summary
    page = (results / "few" / "my-cloaks.md").read_text()
    assert "5 people are looked for among 8 people of crowd" in page
    assert page.count("of 4 |") == 10


def test_a_cloak_hides_from_the_small_clip_it_was_made_on_and_noise_of_its_size_does_not(tmp_path):
    attacks = ["clip-cloak", "noise", "blur"]
    study = {
        "evaluate": {
            "datasets": ["some"], "crops": ["tight"], "models": ["mini-s"],
            "protocols": ["identify"], "attacks": attacks, "only": {},
        },
        "datasets": {"some": {"reader": "people", "people": 40, "views": 3}},
        "attacks": {
            "clip-cloak": {"people": 30, "surrogates": ["mini-s"]},
            "noise": {"people": 30}, "blur": {"people": 30},
        },
        "landmarks": {"neural": False},
        "poison": {
            "threats": ["gallery"], "shares": [0, 1], "folds": 3,
            "defences": [], "classifiers": ["nearest"],
        },
    }  # fmt: skip
    effects = RESULTS / "poison-effects.parquet"
    workflow(tmp_path, study, *NUMBERS, str(effects))
    found = pd.read_parquet(tmp_path / effects).set_index("attack")
    assert (found.threat == "gallery").all() and (found.n_identities == 30).all()
    assert found.found_clean["clip-cloak"] > 0.6
    assert found.found["clip-cloak"] < found.found_clean["clip-cloak"] / 5
    assert found.gain["noise"] < 0.05 and found.gain["blur"] < 0.05
    sizes = pd.read_parquet(tmp_path / RESULTS / "metrics.parquet").query("metric == 'l2'")
    assert sizes.set_index("attack").value.between(3.8, 4.05).all() and len(sizes) == 3


def test_a_change_of_the_experiments_makes_no_attack_again(poisoned):
    study = {**STUDY, "poison": {**STUDY["poison"], "shares": [0, 1]}}
    planned = jobs(workflow(poisoned, study, "--dry-run"))
    assert planned["poison"] == 1 and not {"attack", "embed", "reencode", "crop"} & set(planned)


@pytest.mark.parametrize(
    ("name", "attacks"),
    [("poison", 13), ("typographic", 5), ("my-cloaks", 2)],
)
def test_the_studies_plan_their_whole_graph(tmp_path, name, attacks):
    for folder in ("photos", "cloaks"):
        (tmp_path / folder / "Anna").mkdir(parents=True)
        (tmp_path / folder / "Anna" / "1.png").touch()
    study = yaml.safe_load((ROOT / "studies" / f"{name}.yaml").read_text())
    merged = {**study}
    for registry, entries in STAND_INS.items():
        merged[registry] = {**entries, **study.get(registry, {})}
    env = {"MY_PHOTOS": str(tmp_path / "photos"), "MY_CLOAKS": str(tmp_path / "cloaks")}
    env |= {"MY_CROWD": "", "LFW_ARCHIVE": ""}
    planned = jobs(workflow(tmp_path, merged, "--dry-run", env=env))
    assert planned["attack"] == attacks
    assert planned["poison"] == len(study["evaluate"]["models"])
    assert planned.get("my_cloaks", 0) == (name == "my-cloaks")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (
            "MY_PHOTOS",
            "MY_PHOTOS isn't set, which datasets.mine.folder reads: set it to a folder with one",
        ),
        (
            "MY_CLOAKS",
            "MY_CLOAKS isn't set, which attacks.my-cloaks.folder reads: set it to a folder of",
        ),
    ],
)
def test_a_folder_that_is_not_given_is_asked_for(tmp_path, monkeypatch, missing, words):
    for name in ("MY_PHOTOS", "MY_CLOAKS"):
        monkeypatch.delenv(name, raising=False)
        if name != missing:
            monkeypatch.setenv(name, str(tmp_path / "mine"))
    (tmp_path / "mine").mkdir()
    study = yaml.safe_load((Path(ROOT) / "studies" / "my-cloaks.yaml").read_text())
    done = workflow(tmp_path, {**STAND_INS, **study}, "--dry-run", check=False)
    assert done.returncode != 0 and words in done.stdout + done.stderr


def test_photographs_and_cloaks_of_ones_own_become_an_answer(tmp_path):
    rng = np.random.default_rng(0)
    for person, cloaked in (("Anna", 5), ("Bea", 2), ("Cleo", 0)):
        face = blob(rng, 40, 40).astype(int)
        for i in range(5):
            photo = (face + rng.integers(-20, 20, face.shape)).clip(0, 255).astype(np.uint8)
            for folder, picture in (("photos", photo), ("cloaks", 255 - photo)):
                path = tmp_path / folder / person / f"{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                if folder == "photos" or i < cloaked:
                    Image.fromarray(picture).save(path)
    (tmp_path / "cloaks" / "Bea" / "2.png").write_bytes(b"no picture")
    study = yaml.safe_load((ROOT / "studies" / "my-cloaks.yaml").read_text())
    study["evaluate"] |= {"crops": ["full"], "models": ["pixels"]}
    study["datasets"] |= {"crowd": STUDY["datasets"]["crowd"]}
    env = {"MY_PHOTOS": str(tmp_path / "photos"), "MY_CLOAKS": str(tmp_path / "cloaks")}
    env |= {"MY_CROWD": "", "LFW_ARCHIVE": ""}
    answer = RESULTS / "mine" / "my-cloaks.md"
    workflow(tmp_path, study, "--", str(answer), env=env)
    page = (tmp_path / answer).read_text()
    anna, bea, cleo = page.split("## ")[1:4]
    # A negative hides; noise that changes as much, of which nothing is like the person, does not.
    assert "| pixels | 5 of 5 | 0 of 5 |" in anna and "with noise of the same size" in anna
    assert "| pixels | 5 of 5 | 5 of 5 |" in bea and "3 photos have no cloaked version" in bea
    assert "2.png can't be read" in bea
    assert "none of their 5 photos has a version of my-cloaks" in cleo


def test_decoys_that_do_not_exist_are_told_before_anything_runs(tmp_path):
    study = {**STUDY, "poison": {"decoys": ["nobody"]}}
    done = workflow(tmp_path, study, "--dry-run", check=False)
    assert "poison.decoys names 'nobody'" in done.stdout + done.stderr


def test_the_jobs_of_the_experiments_never_import_torch():
    names = "evaluate, my_cloaks, poison, poison_across"
    code = f"import sys; from scripts import {names}; print('torch' in sys.modules)"
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "False", done.stderr
