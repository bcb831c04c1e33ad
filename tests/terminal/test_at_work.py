"""Which run is at work in a folder, as a second run, a plan and the dashboard tell it."""

import re

import pytest

from facebench import at_work, running
from tests.toys.working import RUN, STEP, working


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_living_run_says_which_it_is_since_when_and_how_far(here):
    with working(here, RUN.format(study="lfw")) as process:
        (work,) = at_work.runs(here)
        far = rf"since \d\d:\d\d \(process {process.pid}; 2 of 9 steps are done\)"
        assert re.fullmatch(f"A run of the study lfw is at work here, {far}", str(work))
        assert at_work.locked().startswith(f"{work}, and goes on.") and work.study == "lfw"
        assert "unlock" not in at_work.locked()
    assert list(here.glob(f"{running.FOLDER}/*.run")) and at_work.runs(here) == []


def test_a_step_that_outlives_its_run_is_waited_for(here):
    with working(here, STEP) as process:
        said = at_work.locked()
        assert f"still ending here (process {process.pid})" in said and "in a minute" in said


def test_a_lock_of_which_nobody_is_known_has_one_command(here):
    assert at_work.runs(here) == []
    command = f"`.venv/bin/snakemake --unlock --directory {here}`"
    assert command in at_work.locked() and at_work.locked().count("`") == 2


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", "\x00", '{"study": "a"}\n{"older": 1}'])
def test_what_a_run_says_may_be_half_written(here, text):
    (here / "a-1.run").write_text(text)
    assert running.said("a-1.run") == ({"study": "a"} if "study" in text else {})
