"""Photographs, archives and lists that somebody brings are never lost, wherever they lie."""

import os
import shutil
from pathlib import Path

import pytest

from facebench.errors import UserError
from facebench.fetching.archives import MADE
from facebench.study.user_files import check_user_files
from scripts import unpack
from tests.toys import damaged_files
from tests.toys.workflow import jobs, workflow

#: What a person might do next: nothing forced, everything anew, tidy up, only look.
WAYS = [[], ["--forceall"], ["--delete-all-output"], ["--dry-run"]]

CELEBA = {
    "reader": "celeba",
    "files": {"archive": {"name": "img.zip"}, "identity": {"name": "who.txt"}},
}


def study(attacks=None, **datasets):
    """Return a study of the data set `mine`, with a model that needs no file."""
    return {
        "evaluate": {
            "datasets": ["mine"],
            "crops": ["full"],
            "models": ["pixels"],
            "protocols": ["identify"],
            "attacks": list(attacks or {}),
        },
        "datasets": datasets,
        "attacks": attacks or {},
    }


def photos(folder):
    """Put three photographs into `folder`, and return it."""
    for person, number in ((0, 1), (0, 2), (1, 1)):
        path = Path(folder) / f"p{person}" / f"{person}{number}.jpg"
        damaged_files.save(damaged_files.cartoon(person, number), path)
    return folder


def archive(path):
    """Put an archive of photographs at `path`."""
    packed = photos(path.parent / "packed")
    shutil.make_archive(str(path.with_suffix("")), "zip", packed)
    shutil.rmtree(packed)


def files(directory):
    """Return every file and link below `directory` that no run made, with its content."""
    own = {"results", "store", "logs", "benchmarks", ".snakemake", "work", "study.yaml", MADE}
    kept = [path for path in directory.rglob("*") if not own & set(path.parts)]
    return {path: path.read_bytes() for path in kept if path.is_file()}


def a_folder(run):
    photos(run / "data/mine/images")
    return study(mine={"reader": "folder", "folder": "data/mine/images"})


def a_link_to_it(run):
    photos(run / "data/mine/images")
    (run / "elsewhere").symlink_to("data")
    return study(mine={"reader": "folder", "folder": "elsewhere/mine/images"})


def a_folder_behind_a_link(run):
    photos(run / "disk/mine/images")
    (run / "data").symlink_to("disk")
    return study(mine={"reader": "folder", "folder": str(run / "disk/mine/images")})


def the_output_of_another(run):
    photos(run / "data/other/images")
    archive(run / "other.zip")
    other = {"reader": "folder", "archive": "other.zip"}
    return study(mine={"reader": "folder", "folder": "data/other/images"}, other=other)


def all_data(run):
    photos(run / "data/mine/images")
    return study(mine={"reader": "folder", "folder": "data"})


def an_archive(run):
    archive(run / "data/mine/files/photos.zip")
    return study(mine={"reader": "folder", "archive": "data/mine/files/photos.zip"})


def lists(run):
    photos(run / "photos")
    (run / "data/mine/files").mkdir(parents=True)
    (run / "data/mine/files/who.txt").write_text("01.jpg 1\n")
    spec = {**CELEBA, "folder": "photos", "files": {"identity": {"name": "who.txt"}}}
    spec["files"]["identity"]["path"] = "data/mine/files/who.txt"
    return study(mine=spec)


def files_that_nothing_names(run):
    archive(run / "data/mine/files/img.zip")
    (run / "data/mine/files/who.txt").write_text("01.jpg 1\n")
    return study(mine=CELEBA)


def cloaks(run):
    photos(run / "photos")
    photos(run / "data/cloaks/images")
    cloaked = {"kind": "ready-made", "folder": "data/cloaks/images", "endings": [""]}
    return study({"cloaked": cloaked}, mine={"reader": "folder", "folder": "photos"})


def cloaks_in_the_results(run):
    photos(run / "photos")
    photos(run / "results/mine/cloaked")
    cloaked = {"kind": "ready-made", "folder": "results/mine/cloaked", "endings": [""]}
    return study({"cloaked": cloaked}, mine={"reader": "folder", "folder": "photos"})


def pictures_unpacked_by_hand(run):
    archive(run / "photos.zip")
    photos(run / "data/mine/images")
    return study(mine={"reader": "folder", "archive": "photos.zip"})


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            a_folder,
            "move it out of there, for example to photos/mine, and set datasets.mine.folder",
        ),
        (a_link_to_it, "datasets.mine.folder is elsewhere/mine/images, and data/mine/"),
        (a_folder_behind_a_link, "and data/mine/images is deleted"),
        (the_output_of_another, "and data/other/images is deleted"),
        (all_data, "datasets.mine.folder is data, and in it is data/"),
        (
            an_archive,
            "datasets.mine.archive is data/mine/files/photos.zip, and data/mine",
        ),
        (lists, "files.identity.path is data/mine/files/who.txt, and data/mine/files is"),
        (files_that_nothing_names, "img.zip would be deleted there when it is fetched: move it to"),
        (cloaks, "attacks.cloaked.folder is data/cloaks/images, and data/cloaks/images"),
        (cloaks_in_the_results, "attacks.cloaked.folder is results/mine/cloaked, and results is"),
        (pictures_unpacked_by_hand, "data/mine/images is not from this workflow"),
    ],
)
def test_what_lies_where_a_rule_writes_is_refused_and_stays(tmp_path, make, words):
    given = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert before
    # The check comes before anything that depends on the way.
    for way in WAYS if make is a_folder else [["--delete-all-output"]]:
        done = workflow(tmp_path, given, *way, check=False)
        assert {path: path.read_bytes() for path in before if path.exists()} == before
        told = done.stdout + done.stderr
        assert done.returncode != 0 and jobs(done) == {}
        assert words in told and "Exception" not in told


def a_folder_of_photos(run):
    photos(run / "photos")
    return study(mine={"reader": "folder", "folder": "photos"})


def an_archive_in_the_downloads(run):
    archive(run / "data/mine/downloads/photos.zip")
    return study(mine={"reader": "folder", "archive": "data/mine/downloads/photos.zip"})


def files_in_the_downloads(run):
    archive(run / "data/mine/downloads/img.zip")
    (run / "data/mine/downloads/who.txt").write_text("01.jpg 1\n02.jpg 1\n11.jpg 2\n")
    return study(mine=CELEBA)


def a_link_to_photos_where_pictures_are_unpacked(run):
    photos(run / "photos")
    archive(run / "photos.zip")
    (run / "data/mine").mkdir(parents=True)
    (run / "data/mine/images").symlink_to("../../photos")
    (run / "photos" / MADE).touch()
    return study(mine={"reader": "folder", "archive": "photos.zip"})


@pytest.mark.workflow
@pytest.mark.parametrize(
    "make",
    [
        a_folder_of_photos,
        an_archive_in_the_downloads,
        files_in_the_downloads,
        a_link_to_photos_where_pictures_are_unpacked,
    ],
)
def test_what_lies_elsewhere_is_used_and_stays(tmp_path, make):
    given = make(tmp_path)
    before = files(tmp_path)
    for way in WAYS[:3]:
        done = workflow(tmp_path, given, *way, "--", "store/mine/images.parquet")
        assert before.items() <= files(tmp_path).items()
        if way == ["--forceall"]:
            assert jobs(done)["list_images"] == 1


@pytest.mark.workflow
def test_pictures_that_were_unpacked_can_be_kept_without_their_archive(tmp_path):
    archive(tmp_path / "photos.zip")
    target = ["--", "store/mine/images.parquet"]
    workflow(tmp_path, study(mine={"reader": "folder", "archive": "photos.zip"}), *target)
    (tmp_path / "photos.zip").unlink()
    mine = {"reader": "folder", "folder": "data/mine/images"}
    for way in WAYS[:3]:
        done = workflow(tmp_path, study(mine=mine), *way, *target, check=False)
        assert len(list(tmp_path.glob("data/mine/images/*/*.jpg"))) == 3
        told = done.stdout + done.stderr
        assert "move it out of there, for example to photos/mine" in told
    (tmp_path / "photos").mkdir()
    (tmp_path / "data/mine/images").rename(tmp_path / "photos/mine")
    for way in (["--forceall"], ["--delete-all-output"]):
        workflow(tmp_path, study(mine={**mine, "folder": "photos/mine"}), *way, *target)
        assert len(list(tmp_path.glob("photos/mine/*/*.jpg"))) == 3


@pytest.mark.workflow
def test_a_file_that_no_data_set_names_is_not_fetched(tmp_path):
    given = study(mine={"reader": "folder", "folder": str(photos(tmp_path / "photos"))})
    done = workflow(tmp_path, given, "--", "data/mine/files/photos.zip", check=False)
    assert done.returncode != 0 and "StopIteration" not in done.stderr
    assert "datasets.mine.files names no photos.zip" in done.stderr


# The check alone, for spellings that would each need a run


def checked(datasets=None, models=None, recipes=()):
    config = {"datasets": datasets or {}, "attacks": {}, "models": models or {}}
    check_user_files({**config, "pretrain": {"recipes": dict.fromkeys(recipes, {})}})


@pytest.mark.parametrize(
    "folder",
    [
        "./data/../data/mine/images",
        "data/mine/images/",
        "data/mine/images/p0",
        "data/mine/images.part",
        "data/mine/files/link",
        "$HERE/data/mine/images",
        "$HERE/results/mine",
        "$HERE/store/mine/tight",
        "again/photos",
        "data/mine",
        ".",
        "..",
        "/",
        "trained/photos",
        "work",
    ],
)
def test_no_spelling_escapes_the_check(tmp_path, monkeypatch, folder):
    run = tmp_path / "run"
    photos(run / "data/mine/images/p0")
    (run / "data/mine/files").mkdir()
    (run / "data/mine/files/link").symlink_to(photos(tmp_path / "mine"))
    (run / "again").mkdir()
    (run / "again/photos").symlink_to(run / "data/mine/images")
    monkeypatch.chdir(run)
    monkeypatch.setenv("HERE", str(run))
    good = {"reader": "perturbed_faces", "folder": "../mine", "published": "../mine"}
    checked({"mine": good})
    for key in ("folder", "published"):
        with pytest.raises(UserError, match=f"datasets.mine.{key} is "):
            checked({"mine": {**good, key: folder}})


def test_a_model_may_be_one_that_was_trained_here_but_no_other_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trained/tiny").mkdir(parents=True)
    (tmp_path / "link").symlink_to("trained/tiny")
    checked(models={"a": {"path": "trained/tiny"}}, recipes=["tiny"])
    checked(models={"a": {"path": "link"}})
    for path in ("link", "./trained/tiny", os.path.abspath("trained/tiny"), "store/model.pt"):
        with pytest.raises(UserError, match="models.a.path is .*, for example to models/a"):
            checked(models={"a": {"path": path}}, recipes=["tiny"])


def test_what_unpack_made_is_marked_before_it_appears(tmp_path):
    archive(tmp_path / "photos.zip")
    unpack.main(tmp_path / "photos.zip", 50, 1, tmp_path / "images")
    assert (tmp_path / "images" / MADE).exists()
