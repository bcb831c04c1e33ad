"""A made-up study, which the tests of the dashboard share, and copies of it to change."""

import shutil

import pytest

from tests.toys.browser import launched
from tests.toys.dashboard_tables import write_results, write_second
from tests.toys.pages import opened


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    """The folder of a whole study, beside another. Some people have names that mean harm."""
    folder = write_results(tmp_path_factory.mktemp("full"), hostile=True)
    write_second(folder)
    return folder


@pytest.fixture
def mine(full, tmp_path):
    """The folder of a copy of the study, which a test may change."""
    shutil.copytree(full.parents[1], tmp_path / "copy")
    return tmp_path / "copy" / "results" / full.name


@pytest.fixture
def study(full, monkeypatch):
    """The folder of the study, which the dashboard shows, with faces."""
    monkeypatch.setenv("FACEBENCH_RESULTS", str(full))
    monkeypatch.setenv("FACEBENCH_FACES", "shown")
    return full


@pytest.fixture
def show(monkeypatch):
    """Return a function that shows a page of some results, and asserts that nothing failed."""

    def page(results, name, part="", **address):
        monkeypatch.setenv("FACEBENCH_RESULTS", str(results))
        return opened(name, part, **address)

    return page


@pytest.fixture(scope="module")
def browser():
    """A real browser, where there is one."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            found = launched(playwright)
        except Error as error:
            pytest.skip(f"needs chromium: {error.message.splitlines()[0]}")
        yield found
        found.close()
