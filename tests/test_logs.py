"""A step's log: in its file and on the terminal; errors for the user without a traceback."""

import subprocess
import sys

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
