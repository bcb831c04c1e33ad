"""Several studies in one folder: each keeps its results, and what they share is made once."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest

from tests.toys.workflow import NAME, RESULTS, STUDY, copied, files_in, jobs, workflow

pytestmark = pytest.mark.workflow
PLACE = "tiny-people/tight/clean/random-tiny"


def part_of_the_study(name, models, protocols, **evaluate):
    """Return a study of less than `STUDY`, under another name."""
    study = deepcopy(STUDY)
    study["evaluate"] |= {
        "datasets": ["tiny-people"],
        "crops": ["tight"],
        "models": models,
        "protocols": protocols,
        **evaluate,
    }
    return {**study, "study": name}


def numbers_of(directory, study, **where):
    """Return the metrics of a study, those rows in which columns have some values."""
    table = pd.read_parquet(directory / "results" / study / "metrics.parquet")
    for column, value in where.items():
        table = table[table[column] == value]
    return table.drop(columns="record").reset_index(drop=True)


@pytest.fixture(scope="module")
def shared(run_dir, tmp_path_factory):
    """A copy of the small study's folder, in which a second one ran, of less."""
    directory = copied(run_dir, tmp_path_factory.mktemp("shared") / "run")
    before = files_in(directory / "store"), files_in(directory / RESULTS)
    done = workflow(directory, part_of_the_study("second", ["pixels"], ["identify"]))
    return directory, before, done


def test_a_second_study_makes_only_its_own_numbers(shared):
    directory, (store, results), done = shared
    assert not {"weights", "landmarks", "list_images", "render_people"} & set(jobs(done))
    after = files_in(directory / "store")
    assert {path: file[1] for path, file in after.items()} == {p: f[1] for p, f in store.items()}
    made = {path for path in after if after[path] != store[path]}
    assert all("/index/" in path for path in made)
    assert files_in(directory / RESULTS) == results


def test_both_studies_have_their_results(shared):
    directory, _, _ = shared
    where = {"dataset": "tiny-people", "crop": "tight", "model": "pixels", "protocol": "identify"}
    mine = numbers_of(directory, "second")
    assert (directory / "results" / "second" / "summary.md").exists()
    pd.testing.assert_frame_equal(mine, numbers_of(directory, NAME, **where))


@pytest.fixture(scope="module")
def apart(shared):
    """The same folder after a study with vectors in two parts and a job for every protocol."""
    directory, _, _ = shared
    everything = STUDY["evaluate"]["protocols"]
    study = part_of_the_study("apart", ["random-tiny"], everything, together=False)
    study["datasets"]["tiny-people"]["parts"] = 2
    whole = np.load(directory / "store" / PLACE / "img_emb" / "img_emb_0000.npy")
    target = "results/apart/metrics.parquet"
    return directory, whole, workflow(directory, study, "--", target)


def test_vectors_in_parts_are_those_of_the_whole(apart):
    directory, whole, done = apart
    folder = directory / "store" / PLACE
    parts = [np.load(folder / "img_emb" / f"img_emb_000{part}.npy") for part in range(2)]
    assert len(list((folder / "img_emb").iterdir())) == 2
    assert [len(part) for part in parts] == [60, 60]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    people = [
        pd.read_parquet(folder / "metadata" / f"metadata_000{part}.parquet") for part in range(2)
    ]
    faces = pd.read_parquet(directory / "store/tiny-people/tight/clean/faces.parquet")
    assert list(pd.concat(people).image_id) == list(faces.image_id)
    # Two of faces, one of names.
    assert jobs(done)["embed"] == 3


def test_every_protocol_is_a_job_of_its_own(apart):
    _, _, done = apart
    assert jobs(done)["evaluate"] == len(STUDY["evaluate"]["protocols"])


def test_the_numbers_are_those_of_the_whole_in_one_job(apart):
    directory, _, _ = apart
    where = {"dataset": "tiny-people", "crop": "tight", "model": "random-tiny"}
    mine = numbers_of(directory, "apart")
    assert set(mine.protocol) == set(STUDY["evaluate"]["protocols"])
    pd.testing.assert_frame_equal(mine, numbers_of(directory, NAME, **where))
