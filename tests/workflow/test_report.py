"""The report: one HTML file that needs no network."""

import re

import pytest

from tests.toys.workflow import RESULTS, STUDY, copied, jobs, workflow

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def made(run_dir, tmp_path_factory):
    """A copy of the small study, with its report."""
    mine = copied(run_dir, tmp_path_factory.mktemp("report") / "run")
    done = workflow(mine, STUDY, "--", "report")
    workflow(mine, STUDY, "--report", "report.html", "--", "report")
    return mine, jobs(done)


def test_only_its_pages_are_made(made):
    _, done = made
    assert set(done) <= {"summary_page", "claims_page", "cloaks_picture", "report"}
    assert {"summary_page", "claims_page"} <= set(done)


def test_it_holds_what_was_found_and_how_and_loads_nothing(made):
    mine, _ = made
    text = (mine / "report.html").read_text(encoding="utf-8")
    assert "What was found" in text and "claims.html" in text and "accuracy-size.svg" in text
    assert "How well do models recognise faces" in text
    assert not re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']https?://""", text)


def test_its_pages_show_names_as_text(made):
    mine, _ = made
    page = (mine / RESULTS / "report" / "summary.html").read_text(encoding="utf-8")
    assert "<table>" in page and "<h2>" in page
    assert "<script" not in page and "<img" not in page
