"""A run that is killed again and again: what was made stays, and the end is the same."""

import json
import re
from copy import deepcopy

import pandas as pd
import pytest

from tests.toys.workflow import NUMBERS, RESULTS, STUDY, files_in, jobs, killed, workflow

pytestmark = pytest.mark.workflow

LAST = STUDY["evaluate"]["protocols"][-1]


def study_of(*crops):
    """Return the part of `STUDY` that is about rendered people, in some crops."""
    study = deepcopy(STUDY)
    study["evaluate"] |= {"datasets": ["tiny-people"], "crops": list(crops)}
    return study


def vectors_of(directory, model):
    """Return the files of a model's vectors, and those of its names, without unfinished ones."""
    return {
        path: file
        for path, file in files_in(directory / "store").items()
        if model in path and "models/" not in path and not path.endswith(".part")
    }


def log_of_embed(directory):
    """Return the log of the one job that made vectors of `random-tiny`."""
    (log,) = directory.glob("logs/embed__*/random-tiny-*.log")
    return log.read_text()


@pytest.fixture(scope="module")
def survived(tmp_path_factory):
    """A study that was killed while rendering, embedding and evaluating, then given a crop more.

    Returns its folder, and what was seen on the way.
    """
    directory = tmp_path_factory.mktemp("survived")
    seen = {}

    def whole_people():
        return directory.glob("work/render_people/tiny-people/s*/*.jpg")

    def rendering():
        return any(whole_people())

    def shards():
        return directory.glob("work/embed/tiny-people/clean/random-tiny-*/0/*.parquet")

    def embedding():
        return len(list(shards())) >= 3

    def evaluating():
        folder = directory / RESULTS / "tiny-people" / "tight" / "random-tiny" / "metrics"
        return any(folder.glob("*.parquet")) and not (folder / f"{LAST}.parquet").exists()

    killed(directory, study_of("tight"), rendering)
    seen["rendered"] = files_in(directory / "work" / "render_people" / "tiny-people")
    pixels = "store/tiny-people/tight/clean/pixels/metadata/metadata_0000.parquet"
    one_by_one = ("--cores", "1", "--prioritize", pixels, "--")
    killed(directory, study_of("tight"), embedding, *one_by_one)
    seen["pictures"] = files_in(directory / "data" / "tiny-people" / "images")
    seen["shards"] = len(list(shards()))
    seen["pixels"] = vectors_of(directory, "pixels")
    seen["half"] = vectors_of(directory, "random-tiny")
    killed(directory, study_of("tight"), evaluating)
    seen["resumed"], seen["tight"] = log_of_embed(directory), files_in(directory / "store")
    seen["last"] = workflow(directory, study_of("tight", "background"), *NUMBERS)
    return directory, seen


def test_what_was_rendered_is_not_rendered_again(survived):
    _, seen = survived
    whole = {path: file for path, file in seen["rendered"].items() if path.startswith("s")}
    assert whole and len(seen["pictures"]) > 120
    assert whole.items() <= seen["pictures"].items()


def test_no_vector_is_made_twice(survived):
    _, seen = survived
    assert 0 < seen["shards"] < 120 and not seen["half"]
    told = re.search(r"([\d,]+) of 120 faces were done before; going on", seen["resumed"])
    assert told and int(told[1]) == seen["shards"]
    assert "result: 168 vectors" in seen["resumed"]  # 48 names in it


def test_another_models_vectors_stay_as_they_are(survived):
    directory, seen = survived
    assert seen["pixels"] and seen["pixels"].items() <= seen["tight"].items()


def test_one_crop_more_adds_its_own_files_and_changes_no_other(survived):
    directory, seen = survived
    now = files_in(directory / "store")
    # An index is made from all vectors at once, and quickly.
    before = {path: file for path, file in seen["tight"].items() if "/index/" not in path}
    assert before.items() <= now.items()
    added = {path.split("/")[1] for path in now.keys() - seen["tight"].keys()}
    assert added == {"background"}
    ran = jobs(seen["last"])
    assert ran["embed"] == 2 and not {"render_people", "list_images", "landmarks"} & set(ran)
    assert "result: 120 vectors, 1 set of faces kept" in log_of_embed(directory)


def test_the_end_is_that_of_a_run_that_nobody_disturbed(survived, run_dir):
    directory, _ = survived
    ours, theirs = (
        {path: file[1] for path, file in files_in(where / "store").items() if "nasty" not in path}
        for where in (directory, run_dir)
    )
    assert ours == theirs
    mine, whole = (
        pd.read_parquet(where / RESULTS / "metrics.parquet") for where in (directory, run_dir)
    )
    whole = whole[whole.dataset == "tiny-people"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, whole)
    assert not (directory / "work").exists() or not any((directory / "work").rglob("*.parquet"))
    records = pd.read_parquet(directory / RESULTS / "records.parquet")
    assert all("embed" in json.loads(text) for text in records.json)
