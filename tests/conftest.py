"""The whole workflow, run once, small, on invented people: what most tests look at."""

import pytest

from tests.toys.damaged_files import make_nasty_folder
from tests.toys.workflow import SHARED, STUDY, workflow


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark every test that looks at a run of the workflow, wherever it is."""
    for item in items:
        if "run_dir" in getattr(item, "fixturenames", ()):
            item.add_marker("workflow")


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory):
    """The folder in which the workflow was run on `STUDY`."""
    directory = tmp_path_factory.mktemp("run")
    make_nasty_folder(directory / "photos")
    workflow(directory, STUDY)
    return directory


@pytest.fixture(scope="session")
def lfw_archive():
    """The real LFW archive, where the machine has it."""
    archive = SHARED / "lfw-deepfunneled.tgz"
    if not archive.exists():
        pytest.skip("needs the LFW archive in ../shared/datasets")
    return archive
