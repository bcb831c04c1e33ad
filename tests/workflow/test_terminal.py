"""What a person sees while the workflow runs: in a terminal, in a pipe, and when it goes wrong."""

import io
import logging
import os
import pty
import re
import signal
import subprocess
import sys
from copy import deepcopy
from functools import partial
from pathlib import Path

import pytest

from facebench.terminal import answers, brief, what_next
from facebench.terminal.handler import RunHandler, shorten
from facebench.terminal.joblog import understand
from facebench.terminal.lines import Run, Step
from facebench.terminal.planned import PlanHandler
from tests.toys.workflow import ROOT, STUDY, jobs, wait_for, workflow

runs_snakemake = pytest.mark.workflow

#: Three steps of one rule, and a fourth that needs them.
SNAKEFILE = """
import sys
sys.path.insert(0, {scripts!r})
from snakemake.logging import logger
from facebench import interrupt, running
from facebench.terminal import take_over
terminal = take_over(logger, workflow.output_settings, workflow.logger_manager.get_logfile)
if terminal is not None and terminal.listens:
    shell.prefix(interrupt.DEAF)
if workflow.is_main_process and not workflow.output_settings.dryrun:
    running.begin("toy")

rule all:
    input: "end.txt"

rule count:
    output: "count/{{who}}.txt"
    log: "logs/count/{{who}}.log"
    script: "count.py"

rule end:
    input: expand("count/{{who}}.txt", who=["ann", "bob", "eve"])
    output: "end.txt"
    shell: "touch {{output}}"

onsuccess:
    print("the table", flush=True)
"""

SCRIPT = """
import sys
sys.path.insert(0, {scripts!r})
from pathlib import Path
from facebench.errors import UserError
from facebench.logs import LOG, log_to, report_result
log_to(snakemake.log[0])
who = snakemake.wildcards.who
print("noise on stdout"); print("noise on stderr", file=sys.stderr)
LOG.warning("the light is dim")
{more}
report_result(f"{{len(who)}} letters \\x1b[31min red")
Path(snakemake.output[0]).touch()
"""

TOLD = "(2 of 3 letters, 1.0/s, 1 s left)"
FAIL = "if who == 'bob': raise {}"


def write_toy(folder, more="", *arguments):
    """Write the toy workflow into `folder`; return the command that runs it."""
    scripts = str(ROOT / "scripts")
    (folder / "Snakefile").write_text(SNAKEFILE.format(scripts=scripts))
    (folder / "count.py").write_text(SCRIPT.format(scripts=scripts, more=more))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--keep-going"]
    return [*command, "--directory", str(folder), *arguments]


@pytest.fixture
def toy(tmp_path):
    """Return a function that writes the toy workflow and returns the command that runs it."""
    return partial(write_toy, tmp_path)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory):
    """A run in which nothing went wrong: its folder, its command, what came out of its pipe."""
    folder = tmp_path_factory.mktemp("ordinary")
    command = write_toy(folder)
    return folder, command, in_pipe(command, folder)


def in_pipe(command, cwd):
    """Return the exit status of a command and what it writes, both streams in one pipe."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd
    )
    return done.returncode, done.stdout


def in_terminal(command, cwd, once=None, **env):
    """Return what a command writes on a terminal; `once` is told what is there, time and again."""
    master, slave = pty.openpty()
    environ = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm", **env}
    process = subprocess.Popen(command, stdout=slave, stderr=slave, cwd=cwd, env=environ)
    os.close(slave)
    written = b""
    while True:
        try:
            written += os.read(master, 65536)
            if once is not None:
                once(written.decode(errors="replace"))
        except OSError:  # what Linux says at the end
            break
    process.wait()
    os.close(master)
    return written.decode()


def on_screen(written):
    """Return the lines that are left on the screen: of a rewritten line, the last text."""
    lines = [line.rsplit("\r\x1b[K", 1)[-1] for line in written.replace("\r\n", "\n").split("\n")]
    return [re.sub(r"\x1b\[\d*m", "", line) for line in lines]


@runs_snakemake
def test_one_plain_line_a_step_in_a_pipe(ordinary):
    _, _, (status, text) = ordinary
    lines = text.splitlines()
    assert status == 0 and not re.search(r"[\x00-\x09\x0b-\x1f]", text)
    assert len(lines) == 8, text
    assert lines[0].startswith("4 steps to do.")
    assert "Snakemake's own log: .snakemake/log/" in lines[0]
    steps = [line for line in lines if line.startswith("[")]
    assert [line[:5] for line in steps] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert sum("count  " in line and "3 letters in red" in line for line in steps) == 3, text
    assert steps[-1].startswith("[4/4] end") and "end.txt" in steps[-1]
    assert sum(line.startswith("warning: count ") for line in lines) == 1
    assert lines[-2].startswith("All 4 steps are done, in ") and lines[-1] == "the table"


@runs_snakemake
def test_snakemakes_pages_and_what_jobs_print_are_in_the_logs(ordinary):
    folder, _, _ = ordinary
    log = min((folder / ".snakemake" / "log").iterdir())
    assert "rule count:" in log.read_text() and "Job stats" in log.read_text()
    told = (folder / "logs" / "count" / "ann.log").read_text()
    assert "noise on stdout" in told and "noise on stderr" in told


@runs_snakemake
def test_nothing_to_do_is_one_line(ordinary):
    folder, command, _ = ordinary
    status, text = in_pipe(command, folder)
    assert status == 0 and len(text.splitlines()) == 1 and text.startswith("Nothing to be done")


@runs_snakemake
@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("UserError('No picture of Bob: put it there.')", "No picture of Bob: put it there."),
        ("ValueError('odd')", "ValueError: odd"),
        ("SystemExit(3)", "without a message in its log."),
    ],
)
def test_the_sentence_on_a_failure_is_the_last_line(toy, tmp_path, error, words):
    status, text = in_pipe(toy(FAIL.format(error)), tmp_path)
    lines = text.splitlines()
    assert status == 1 and lines[-1].endswith(words)
    assert lines[-2] == "count bob (logs/count/bob.log):"
    assert "2 of 4 steps are done, 1 failed, 1 wait for that." in text
    assert "Traceback" not in text and "Error in rule" not in text and text.count(words) == 1


@runs_snakemake
def test_a_failed_log_is_shown_to_who_asks_for_it(toy, tmp_path):
    _, text = in_pipe(toy(FAIL.format("ValueError('odd')"), "--show-failed-logs"), tmp_path)
    assert "Traceback" in text and "noise on stdout" in text
    assert text.splitlines()[-1] == "ValueError: odd"


@runs_snakemake
def test_a_missing_output_is_named(toy, tmp_path):
    _, text = in_pipe(toy("sys.exit(0)", "--latency-wait", "0"), tmp_path)
    assert "missing locally" in text.splitlines()[-1] and "Traceback" not in text


@runs_snakemake
def test_a_line_at_the_bottom_of_a_terminal_tells_how_far_it_is(toy, tmp_path):
    seen = tmp_path / "seen"
    slow = "import time; LOG.info('2 of 3 letters, 1.0/s, 1 s left')\n"
    slow += f"while not Path({str(seen)!r}).exists(): time.sleep(0.01)"

    def look(written):
        if "0 of 4 steps done; running: count" in written and TOLD in written:
            seen.touch()

    written = in_terminal(toy(slow), tmp_path, once=look)
    assert seen.exists() and "\x1b[32m[1/4]\x1b[0m" in written
    left = on_screen(written)
    assert len(left) == 9 and left[-1] == "" and left[-2] == "the table"
    assert not any("running:" in line for line in left)


@runs_snakemake
def test_no_color_is_honoured(toy, tmp_path):
    assert not re.search(r"\x1b\[\d*m", in_terminal(toy(), tmp_path, NO_COLOR="1"))


@runs_snakemake
def test_a_dumb_terminal_gets_plain_lines(toy, tmp_path):
    assert "\x1b" not in in_terminal(toy(), tmp_path, TERM="dumb")


@runs_snakemake
@pytest.mark.parametrize("argument", ["--dry-run", "--lint", "--summary", "--dag"])
def test_all_else_is_snakemakes_own(toy, tmp_path, argument):
    command = toy("", argument)
    theirs = (
        (tmp_path / "Snakefile").read_text().replace("take_over(logger", "(lambda *_: None)(logger")
    )
    ours = in_pipe(command, tmp_path)
    (tmp_path / "Snakefile").write_text(theirs)
    assert steady(ours[1]) == steady(in_pipe(command, tmp_path)[1])


@runs_snakemake
def test_a_plan_is_a_line_a_step_and_every_job_is_still_to_be_had(toy, tmp_path):
    _, text = in_pipe(toy("", "--dry-run", "--quiet", "rules"), tmp_path)
    lines = [line.split() for line in text.splitlines()]
    assert ["3", "count", "not", "made", "yet"] in lines and lines[-1][:3] == ["1", "end", "not"]
    assert text.count("steps to do") == 1 and "Job stats" not in text and "Reasons" not in text


@runs_snakemake
def test_what_stops_a_plan_is_its_sentence_alone(tmp_path):
    study = deepcopy(STUDY)
    study["evaluate"]["protocols"] = ["verifi"]
    done = workflow(tmp_path, study, "--dry-run", "--quiet", "rules", check=False)
    said = done.stdout + done.stderr
    assert done.returncode and "verifi" in said
    assert "WorkflowError" not in said and "  File" not in said


def test_a_plan_leaves_out_what_is_of_the_list_of_all_jobs_or_of_another_run():
    own = logging.StreamHandler(io.StringIO())
    handler = PlanHandler(own)
    for text in (
        "Some jobs were triggered by provenance information, see 'reason' section above.\nIf you",
        "Rules with provenance triggered jobs: list_images",
        "Error: Directory cannot be locked. Another Snakemake instance is running.",
        "What nobody knows is shown.",
    ):
        handler.emit(logging.LogRecord("x", logging.INFO, "", 0, text, (), None))
    handler.close()
    assert own.stream.getvalue() == "What nobody knows is shown.\n"


def test_an_error_of_a_dry_run_is_without_its_place():
    text = 'WorkflowError in file "a.smk", line 3:\nNo %s.'
    record = logging.LogRecord("x", logging.ERROR, "", 0, text, ("study",), None)
    record.event = "error"
    assert shorten(record) and record.getMessage() == "No study."
    plain = logging.LogRecord("x", logging.INFO, "", 0, "%d steps", (3,), None)
    assert shorten(plain) and plain.getMessage() == "3 steps"


def steady(text):
    """Return the lines of an output that don't change from one run to the next."""
    changing = re.compile(r"\d\d:\d\d|ID:|reason:")
    return sorted(line for line in text.splitlines() if not changing.search(line))


@runs_snakemake
def test_who_asks_for_more_gets_snakemakes_pages(toy, tmp_path):
    _, text = in_pipe(toy("", "--verbose"), tmp_path)
    assert "Job stats" in text and "[1/4]" not in text and "noise on stdout" in text


def logs_of(folder):
    """Return the logs of the toy's steps that are there."""
    return [*(folder / "logs" / "count").glob("*.log")]


@runs_snakemake
@pytest.mark.parametrize(
    ("begun", "told"),
    [
        (lambda folder: [*(folder / ".snakemake" / "locks").glob("*.lock")], os.killpg),
        # The first step is being started; it doesn't write to its log yet.
        (lambda folder: [*(folder / ".snakemake" / "scripts").glob("*count.py")], os.killpg),
        # Both steps sleep, and the run alone is told.
        (lambda folder: sum("dim" in log.read_text() for log in logs_of(folder)) == 2, os.kill),
    ],
)
def test_who_stops_a_run_is_told_how_to_go_on_whenever_that_is(toy, tmp_path, begun, told):
    command = toy("import time; time.sleep(600)")
    # Whoever starts the tests in the background has the signal ignored, and children inherit that.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", *command],
        stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: begun(tmp_path), process)
    told(process.pid, signal.SIGINT)
    said = process.communicate(timeout=300)[1]
    assert said.splitlines()[-1].startswith("Stopped") and "Run the same again" in said
    assert "failed:" not in said and "Traceback" not in said and "KeyboardInterrupt" not in said


def test_a_ctrl_c_that_snakemake_swallowed_is_raised_where_it_goes_on():
    handler = RunHandler(logging.StreamHandler(io.StringIO()), list)
    handler.note_stop()
    record = logging.LogRecord("x", logging.INFO, "", 0, "unlocking", (), None)
    handler.emit(record)  # what cleans up is left alone
    record.event = "job_started"
    with pytest.raises(KeyboardInterrupt):
        handler.emit(record)
    handler.runs = True
    told = "Terminating processes on user request"
    handler.emit(logging.LogRecord("x", logging.INFO, "", 0, told, (), None))
    handler.emit(record)
    assert handler.last_words() == ["Stopped before the first step. Run the same again."]


def test_a_run_that_is_stopped_while_it_loads_says_so():
    command = ["env", "--default-signal=INT", sys.executable, "-P", "-X", "importtime"]
    command += [ROOT / "scripts" / "facebench" / "terminal" / "start.py"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    # The first of Snakemake's own modules is there: thousands are still to come.
    told = iter(process.stderr.readline, "")
    assert any("snakemake" in line for line in told)
    process.send_signal(signal.SIGINT)
    lines = [line for line in process.communicate(timeout=60)[1].splitlines() if line]
    assert lines[-1] == "Stopped before the first step."
    assert "Traceback" not in "".join(lines)


@runs_snakemake
def test_one_real_step_is_asked_for_and_then_nothing_is_left_to_do(tmp_path):
    study = deepcopy(STUDY)
    study["evaluate"]["datasets"] = ["tiny-people"]
    done = workflow(tmp_path, study, "--", "store/models/pixels.json")
    assert "[1/1] weights  pixels" in done.stderr and jobs(done) == {"weights": 1}
    assert "The step is done, in " in done.stderr.splitlines()[-1]
    again = workflow(tmp_path, study, "--", "store/models/pixels.json")
    assert again.stderr.splitlines()[-1].startswith("Nothing to be done")


@runs_snakemake
def test_a_study_with_a_mistake_ends_with_its_sentence(tmp_path):
    study = deepcopy(STUDY)
    study["evaluate"]["protocols"] = ["verifi"]
    done = workflow(tmp_path, study, check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode and "verifi" in last and "File" not in done.stderr


def test_a_log_may_hold_anything():
    assert understand("") == understand("no time in front") == understand("\x00\n\n")
    message = understand(
        "12:00:00 error: a\nb\x1b[1m\nnot ours\n12:00:01 result: x\n12:00:02 result: y"
    )
    assert message.error == "a\nb\nnot ours" and message.result == "y"


def test_a_short_status_begins_with_who_tells_how_far_it_is(tmp_path):
    run = Run(0)
    run.plan({"verify": 1, "embed": 1}, now=0)
    (tmp_path / "log").write_text("12:00:00 2 of 4 faces, 1.0/s, 2 s left\n")
    run.begin(1, Step("verify", "lfw / mini-s", [], [], 0))
    run.begin(2, Step("embed", "lfw / mini-m", [tmp_path / "log"], [], 0))
    short = "running: embed (2 of 4 faces, 1.0/s, 2 s left); verify"
    assert run.status(1, short=True).endswith(short)
    assert "running: verify lfw / mini-s; embed lfw / mini-m (2 of" in run.status(1)


def test_one_reason_for_many_steps_is_told_once():
    run = Run(0)
    run.plan({"embed": 3, "all": 1, "total": 4}, now=0)
    for job in range(3):
        run.begin(job, Step("embed", f"m{job}", [f"logs/{job}.log"], [], 0))
        run.fail(job, "No weights.", [f"logs/{job}.log"], now=1)
    assert run.failures()[-2:] == ["embed m0 and 2 more (logs/0.log):", "No weights."]


def test_a_step_that_succeeds_when_tried_again_has_not_failed():
    run = Run(0)
    run.plan({"embed": 1}, now=0)
    for act in (lambda: run.fail(1, "odd", [], 1), lambda: run.finish(1, 2)):
        run.begin(1, Step("embed", "m", [], ["out"], 0))
        act()
    assert not run.failed and run.done == 1


@pytest.mark.parametrize(
    ("results", "studies", "command"),
    [
        ("results/default", [], "make dashboard"),
        ("results/lfw", [], "make dashboard RESULTS=results/lfw"),
        ("results/lfw", ["studies/lfw.yaml"], "make dashboard STUDY=studies/lfw.yaml"),
        ("results/mine", ["other.yaml"], "make dashboard RESULTS=results/mine"),
        ("results/b", ["a.yaml", "b.yaml"], "make dashboard RESULTS=results/b"),
    ],
)
def test_a_run_ends_with_where_it_lies_and_how_to_see_it(
    tmp_path, monkeypatch, results, studies, command
):
    monkeypatch.chdir(tmp_path)
    said = what_next(Path(results), tmp_path, studies)
    assert f"{results}/summary.md" in said and said.endswith(f": {command}")
    assert f"make -C {ROOT} dashboard RESULTS=" in what_next(tmp_path / "results", ROOT)


def test_what_is_shown_of_a_summary_is_one_table_a_data_set_and_the_cloaks():
    crops = ("tight", "full", "background")
    tables = [f"## {name}, {crop} crop\n\n| {name} {crop} |\n" for name in "ab" for crop in crops]
    rest = ["In brackets: x.\ny.\n", "## a, tight crop: cloaks\n\n| noise |\n", "* It hides.\n"]
    lists = ["Left out:\n", "* one\n", "Not measured, because:\n", "* two\n* three\n"]
    shown = brief("\n".join(["* Take note: dim.\n", *tables, *rest, *lists]))
    for there in ("Take note", "| a tight |", "| b tight |", "In brackets", "noise", "It hides"):
        assert shown.count(there) == 1, there
    for gone in ("a full", "b background", "* one", "* three"):
        assert gone not in shown
    assert shown.endswith("of 4 more crops; what was left out or can't be resolved (3 lines).")
    # The crop that a model was trained on is shown, too.
    shown = brief("\n".join(tables), own={"background"})
    assert "| a background |" in shown and "| b background |" in shown and "full" not in shown
    assert brief("".join(tables[:1])) == tables[0].strip()


def test_the_answer_of_every_person_is_a_line_and_many_are_cut():
    page = "".join(f"## P{i}\n\n**Found by 1 model.**\n\n| a |\n\n" for i in range(12))
    said = answers("# Would it?\n\nText.\n\n" + page)
    assert said[:2] == ["Text.", "P0: Found by 1 model."]
    assert said[-1] == "... and 2 more" and len(said) == 12
    assert answers("# x\n\n## Bea\n\nNothing can be said: why.\n") == [
        "Bea: Nothing can be said: why."
    ]
