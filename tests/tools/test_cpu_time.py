"""Where a run's processor time goes: the line that every step leaves, and the sums of them."""

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

from facebench.terminal.joblog import understand
from facebench.timing import loading
from tools.cpu_time import Spent, by_step, main, spent_in, step_of

ROOT = Path(__file__).parents[2]
#: Burns `start` before, in a thread in `load`, and both itself and in a child after.
SCRIPT = """
import subprocess, sys, threading, time

def burn(seconds, clock=time.thread_time):
    end = clock() + seconds
    while clock() < end:
        pass

burn({start})
from facebench.logs import LOG, log_to, report_result
from facebench.timing import loading
log_to({log!r})
with loading():
    with loading():
        thread = threading.Thread(target=burn, args=[{load}])
        thread.start()
        thread.join()
report_result("4 faces")
burn({work})
code = "import time\\nwhile time.process_time() < {child}: pass"
subprocess.run([sys.executable, "-c", code])
{last}
"""


def run(folder, last="", start=0.3, load=0.4, work=0.1, child=0.5):
    log = folder / "step.log"
    code = SCRIPT.format(log=str(log), last=last, start=start, load=load, work=work, child=child)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True)
    return log.read_text()


def test_a_step_tells_its_time_with_threads_and_children(tmp_path):
    spent = spent_in(run(tmp_path))
    assert spent.jobs == 1
    assert 0.3 <= spent.start < 0.6
    assert 0.39 <= spent.load < 0.6
    assert 0.55 <= spent.work < 0.9
    assert spent.cpu == pytest.approx(spent.start + spent.load + spent.work, abs=0.02)


def test_the_terminal_doesn_t_see_the_line(tmp_path):
    told = understand(run(tmp_path, start=0, load=0, work=0, child=0))
    assert (told.latest, told.result) == ("4 faces", "4 faces")


def test_garbage_is_looked_for_again_after_loading():
    with pytest.raises(ImportError), loading():
        assert not gc.isenabled()
        with loading():
            pass
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()


@pytest.mark.parametrize("error", ["ValueError", "UserError"])
def test_a_step_that_fails_tells_it_too_and_why_it_failed_stays(tmp_path, error):
    last = f"from facebench.errors import UserError\nraise {error}('odd')"
    text = run(tmp_path, last, start=0, load=0, work=0, child=0)
    assert re.search(r"\d cpu: .* s: start .*, load .*, work .*\n\Z", text)
    assert understand(text).error == ("odd" if error == "UserError" else "ValueError: odd")


@pytest.fixture
def logs(tmp_path):
    """Logs of a study `lfw`: two jobs of embed, one of collect, one that was killed."""
    line = "12:00:00 result: done\n12:00:01 cpu: {} s: start {}, load {}, work {}\n"
    for place, numbers in {
        "embed__people/mini-m-0000.log": (10, 1, 4, 5),
        "embed__people__2/mini-s-0000.log": (6, 1, 4, 1),
        "lfw/collect.log": (2, 0.5, 0, 1.5),
    }.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line.format(*numbers))
    (tmp_path / "crop").mkdir()
    (tmp_path / "crop" / "people.log").write_text("12:00:00 1 of 2 pictures\n")
    return tmp_path


def test_jobs_are_added_by_step(logs):
    steps, silent = by_step(logs)
    assert steps["embed"] == Spent(2, 16, 2, 8, 6)
    assert steps["collect"] == Spent(1, 2, 0.5, 0, 1.5)
    assert silent == [logs / "crop" / "people.log"]


def test_what_no_step_used_is_snakemake_s_own(logs, capsys):
    assert main(str(logs), total=25) == 0
    lines = {line[:18].strip(): line[18:].split() for line in capsys.readouterr().out.splitlines()}
    assert lines["Snakemake itself"][:3] == ["0", "7.0", "7.0"]
    assert lines["all"] == ["3", "25.0", "9.5", "8.0", "7.5", "30.0"]


def test_logs_of_another_run_are_noticed(logs, capsys):
    assert main(str(logs), total=10) == 1
    assert "more than --total" in capsys.readouterr().out


def test_every_rule_s_log_is_known_by_its_script():
    rules = "\n".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    for script in re.findall(r"scripts/(\w+)\.py", rules):
        assert step_of(Path(f"study/{script}__people/model.log")) == script
