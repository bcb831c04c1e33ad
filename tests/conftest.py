"""The whole workflow, run once, small, on invented people: what most tests look at."""

import shutil

import pytest
from filelock import FileLock

from tests.toys.damaged_files import make_nasty_folder
from tests.toys.workflow import SHARED, STUDY, workflow

#: The first files of two workers: one compiles the renderer and makes `run_dir`, the other needs
#: neither for minutes.
FIRST = ("test_resuming.py", "test_browser.py")
LONG = ("workflow", "browser", "slow")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark every test that looks at a run of the workflow; put long files before short ones.

    A long file that is left for the end keeps one worker busy while the others have nothing to do.
    """
    long = set()
    for item in items:
        if "run_dir" in getattr(item, "fixturenames", ()):
            item.add_marker("workflow")
        if any(item.get_closest_marker(name) for name in LONG):
            long.add(item.path)
    places = {path: FIRST.index(path.name) - len(FIRST) for path in long if path.name in FIRST}
    items.sort(key=lambda item: places.get(item.path, item.path not in long))


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory, worker_id):
    """The folder in which the workflow was run on `STUDY`: one for all workers, for reading only.

    A test that changes it, or runs Snakemake there, does so in a copy.
    """
    base = tmp_path_factory.getbasetemp()
    directory = (base if worker_id == "master" else base.parent) / "run"
    finished = directory.with_name("run-finished")
    with FileLock(directory.with_name("run.lock")):
        if not finished.exists():
            shutil.rmtree(directory, ignore_errors=True)
            make_nasty_folder(directory / "photos")
            workflow(directory, STUDY)
            finished.touch()
    return directory


@pytest.fixture(scope="session")
def lfw_archive():
    """The real LFW archive, where the machine has it."""
    archive = SHARED / "lfw-deepfunneled.tgz"
    if not archive.exists():
        pytest.skip("needs the LFW archive in ../shared/datasets")
    return archive
