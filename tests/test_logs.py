"""A step's log: in its file and on the terminal; errors for the user without a traceback."""

import subprocess
import sys

from facebench.logs import Progress

SCRIPT = """
from facebench.errors import UserError
from facebench.logs import LOG, log_to
log_to({log!r})
LOG.info("reading 3 faces")
raise {error}
"""


def run(tmp_path, error):
    log = tmp_path / "logs" / "step.log"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(log=str(log), error=error)],
        capture_output=True,
        text=True,
        cwd="scripts",
    )
    assert done.returncode == 1
    return log.read_text(), done.stderr


def test_a_user_error_is_one_sentence(tmp_path):
    for text in run(tmp_path, "UserError('No archive at x.tgz: put it there.')"):
        assert "reading 3 faces" in text and "No archive at x.tgz: put it there." in text
        assert "Traceback" not in text


def test_any_other_error_keeps_its_traceback(tmp_path):
    for text in run(tmp_path, "ValueError('odd')"):
        assert "Traceback" in text and "ValueError: odd" in text


def test_a_full_disk_is_one_sentence_whatever_a_library_says(tmp_path):
    more = "__import__('facebench.logs').logs.__dict__.update(FULL=1 << 60) or ValueError('odd')"
    for text in run(tmp_path, more):
        assert "The disk is full: make room and run again (ValueError)." in text
        assert "Traceback" not in text


def test_no_password_and_no_token_is_written(tmp_path):
    address = "https://me:s3cret@host/x?token=s3cret"
    for text in run(tmp_path, f"ValueError('{address}')"):
        assert "https://host/x?..." in text and "ValueError" in text
        assert "s3cret" not in text.replace(f"ValueError('{address}')", "")


def test_no_time_is_estimated_from_a_compilation(caplog):
    caplog.set_level("INFO", "facebench")
    now = [0.0]
    progress = Progress(300, "people", every=0, clock=lambda: now[0])
    for seconds in [26, *[1] * 59]:  # the first person takes 26 seconds, all others one each
        now[0] += seconds
        progress.step()
    said = caplog.messages
    assert said[:14] == [f"{i + 1} of 300 people" for i in range(14)]
    assert said[14] == "15 of 300 people, 1.0/s, 5 min left"
    assert said[-1] == "60 of 300 people, 1.0/s, 4 min left"


def test_a_slow_loop_is_told_by_the_hour(caplog):
    caplog.set_level("INFO", "facebench")
    now = [0.0]
    progress = Progress(4, "models", every=0, clock=lambda: now[0])
    for _ in range(2):
        now[0] += 120
        progress.step()
    assert caplog.messages[-1] == "2 of 4 models, 30/h, 4 min left"
