"""What is done again when a user's own files change, and what isn't when only their times do."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.toys import damaged_files
from tests.toys.attacks import pictures
from tests.toys.workflow import copied, files_in, jobs, workflow

pytestmark = pytest.mark.workflow

DAY = 86_400
PEOPLE, VIEWS = 4, 3
STUDY = {
    "evaluate": {
        "datasets": ["mine"],
        "crops": ["full"],
        "models": ["pixels"],
        "protocols": ["identify"],
        "attacks": ["cloaks"],
    },
    "datasets": {"mine": {"reader": "folder", "folder": "photos"}},
    "attacks": {"cloaks": {"kind": "ready-made", "folder": "cloaks"}},
    "landmarks": {"tries": 1, "neural": False},
    "poison": {"defences": [], "classifiers": ["nearest"], "reencoded": []},
    "statistics": {"draws": 100},
}
FACES, CLOAKED = (f"store/mine/full/{name}/faces.parquet" for name in ("clean", "cloaks"))


def noisy(path, seed):
    """Return a picture with some noise in it."""
    pixels = np.asarray(Image.open(path)).astype(int)
    noise = np.random.default_rng(seed).integers(-6, 7, pixels.shape)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def make_photos(folder, cloaks=None, ending="_cloaked"):
    """Write photographs of some people, and a cloaked version of each to `cloaks`."""
    for person in range(PEOPLE):
        for view in range(VIEWS):
            path = folder / f"p{person}" / f"{view}.jpg"
            damaged_files.save(damaged_files.cartoon(person, view, size=96), path, quality=92)
            if cloaks:
                there = cloaks / f"p{person}" / f"{view}{ending}.png"
                damaged_files.save(noisy(path, view), there)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the study was run."""
    directory = tmp_path_factory.mktemp("finished")
    make_photos(directory / "photos", directory / "cloaks")
    workflow(directory, STUDY)
    return directory


@pytest.fixture
def run(finished, tmp_path):
    """A copy of it, in which a test may change files."""
    return copied(finished, tmp_path / "run")


def planned(directory):
    return set(jobs(workflow(directory, STUDY, "--dry-run")))


def touched(path, seconds):
    os.utime(path, (time.time() + seconds,) * 2)


def edited(path):
    """Change a picture in place: another content, the same times."""
    before = path.stat()
    noisy(path, 99).save(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def touch_everything(directory):
    for folder in ("photos", "cloaks"):
        for path in [directory / folder, *(directory / folder).rglob("*")]:
            touched(path, DAY)


NOTHING = {
    "a photo is touched": lambda run: touched(run / "photos/p0/0.jpg", DAY),
    "a folder is touched": lambda run: touched(run / "photos/p0", DAY),
    "everything is touched": touch_everything,
    "file managers were here": lambda run: (
        (run / "photos/.DS_Store").touch(),
        (run / "photos/p1/Thumbs.db").touch(),
        (run / "cloaks/p1/.DS_Store").touch(),
    ),
    "a cloak is touched": lambda run: touched(run / "cloaks/p0/0_cloaked.png", -DAY),
    "an empty folder": lambda run: (run / "photos/p9").mkdir(),
}


@pytest.mark.parametrize("change", NOTHING)
def test_times_and_hidden_files_rerun_nothing(run, change):
    NOTHING[change](run)
    assert planned(run) == set()
    assert planned(run) == set()


PICTURES = {
    "edited in place": lambda run: edited(run / "photos/p0/0.jpg"),
    "added": lambda run: shutil.copy(run / "photos/p0/0.jpg", run / "photos/p1/9.jpg"),
    "removed": lambda run: (run / "photos/p0/0.jpg").unlink(),
    "renamed": lambda run: (run / "photos/p0").rename(run / "photos/q0"),
}


@pytest.mark.parametrize("change", PICTURES)
def test_a_change_of_a_picture_is_noticed(run, change):
    PICTURES[change](run)
    assert {"list_images", "landmarks", "crop", "embed", "evaluate"} <= planned(run)


def test_cloaks_that_were_made_again_are_noticed_and_nothing_else_is_done(run):
    before = pictures(run / CLOAKED)[1]
    for path in (run / "cloaks").rglob("*.png"):
        edited(path)
    assert planned(run) & {"attack", "list_images", "landmarks", "crop"} == {"attack"}
    workflow(run, STUDY)
    after = pictures(run / CLOAKED)[1]
    assert all((a != b).any() for a, b in zip(before, after, strict=True))
    assert planned(run) == set()


def test_what_has_not_changed_is_kept_where_the_list_is_made_again(run):
    before = files_in(run / "store")
    (run / "photos" / "notes.txt").write_text("Summer")
    workflow(run, STUDY)
    after = files_in(run / "store")
    same = [FACES, CLOAKED, "store/mine/landmarks.parquet"]
    for path in (path.removeprefix("store/") for path in same):
        assert before[path] == after[path]
    assert planned(run) == set()


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_a_clock_that_is_ahead_stops_no_run(tmp_path, kind):
    make_photos(tmp_path / "photos")
    (tmp_path / "who.txt").write_text("".join(f"{i}.jpg {i}\n" for i in range(VIEWS)))
    place = "photos"
    if kind == "archive":
        place = Path(shutil.make_archive(str(tmp_path / "photos"), "zip", tmp_path / "photos")).name
    study = {**STUDY, "attacks": {}, "evaluate": {**STUDY["evaluate"], "attacks": []}}
    study["datasets"] = {"mine": {"reader": "folder", kind: place}}
    for path in [tmp_path, *tmp_path.rglob("*")]:
        touched(path, DAY)
    done = workflow(tmp_path, study, "--", FACES)
    assert {"list_images", "landmarks", "crop"} <= set(jobs(done))
    touched(tmp_path / place, 2 * DAY)
    assert jobs(workflow(tmp_path, study, "--dry-run", "--", FACES)) == {}


def test_a_list_beside_the_pictures_is_watched_by_content(tmp_path):
    for i in range(4):
        picture = damaged_files.cartoon(i // 2, i, size=96)
        damaged_files.save(picture, tmp_path / "photos" / f"{i}.jpg")
    who = tmp_path / "identity_CelebA.txt"
    who.write_text("".join(f"{i}.jpg {i // 2}\n" for i in range(4)))
    (tmp_path / "list_attr_celeba.csv").write_text("image_id,Male\n0.jpg,1\n")
    files = {
        "identity": {"name": who.name},
        "attributes": {"name": "list_attr_celeba.txt", "optional": True},
    }
    study = {**STUDY, "attacks": {}, "evaluate": {**STUDY["evaluate"], "attacks": []}}
    study["datasets"] = {"mine": {"reader": "celeba", "folder": "photos", "files": files}}
    target = ["--", "store/mine/images.parquet"]
    touched(who, DAY)
    workflow(tmp_path, study, *target)
    assert pd.read_parquet(tmp_path / target[1]).male.notna().sum() == 1
    touched(who, 2 * DAY)
    assert jobs(workflow(tmp_path, study, "--dry-run", *target)) == {}
    who.write_text(who.read_text().replace("3.jpg 1", "3.jpg 5"))
    assert set(jobs(workflow(tmp_path, study, *target))) == {"list_images"}
    assert list(pd.read_parquet(tmp_path / target[1]).identity) == ["0", "0", "1", "5"]


def test_cloaks_beside_the_photographs_are_no_photographs(tmp_path):
    make_photos(tmp_path / "photos", tmp_path / "photos")
    (tmp_path / "photos/p0/0_cloaked.png").unlink()
    study = {**STUDY, "attacks": {"cloaks": {"kind": "ready-made", "folder": "photos"}}}
    workflow(tmp_path, study, "--", CLOAKED)
    images = pd.read_parquet(tmp_path / "store/mine/images.parquet")
    assert len(images) == PEOPLE * VIEWS and not images.path.str.contains("cloaked").any()
    table, _ = pictures(tmp_path / CLOAKED)
    status = table.set_index("path").attack_status
    assert status.pop("p0/0.jpg") == "not attacked"
    assert set(status) == {"ok"}


def test_cloaks_within_the_folder_of_photographs_are_refused(tmp_path):
    make_photos(tmp_path / "photos", tmp_path / "photos" / "cloaks")
    study = {**STUDY, "attacks": {"cloaks": {"kind": "ready-made", "folder": "photos/cloaks"}}}
    done = workflow(tmp_path, study, "--dry-run", check=False)
    told = done.stdout + done.stderr
    assert done.returncode and "its pictures would count as photographs" in told
    assert "Traceback" not in told
