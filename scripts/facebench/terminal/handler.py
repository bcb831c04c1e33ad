"""Snakemake's messages, handled by us instead of its own terminal handler: docs/design.md."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from facebench import at_work, interrupt, running
from facebench.logs import ENV_SCREEN
from facebench.terminal.joblog import clean
from facebench.terminal.lines import Run, Step, step_of
from facebench.terminal.planned import PlanHandler
from facebench.terminal.reasons import of_a_process, of_slurm, read_whole, without_place
from facebench.terminal.writer import Writer

#: Messages of Snakemake before a run that are not shown.
BEFORE = ("Assuming unrestricted shared", "Config file ")
#: Work other than jobs that may take minutes.
SHOWN = ("Creating conda environment", "Downloading and installing", "Pulling singularity")
#: Warnings that nobody can use: a step that failed the first time had written nothing before.
UNIMPORTANT = ("Cannot restore ",)
#: What Snakemake says where another run has its lock.
LOCKED = "Directory cannot be locked"
#: Events of Snakemake's scheduler at work.
SCHEDULED = ("job_started", "job_info", "job_finished", "job_error", "progress")
#: How Snakemake calls the end of a job by Ctrl-C, and the seconds in which that reaches the run.
BY_CTRL_C, SETTLING = "Signals.SIGINT", 4.0
#: What precedes the number of a job that failed and may be tried again.
AGAIN = "Trying to restart job "
STOPPED = ("Terminating processes on user request", "Will exit after finishing")


def take_over(
    logger: logging.Logger, settings: Any, logfiles: Callable[[], list[str]]
) -> "RunHandler | None":
    """Put our lines in place of Snakemake's own on the terminal, for a run that runs jobs.

    Not if more or less output or another logger is requested: then it returns None. Snakemake's own
    output remains in its log file. A dry run is Snakemake's own, too, and its errors without where
    in the workflow they were raised; with `--quiet rules`, as `make plan` has it, it is a short
    list of steps.
    """
    own = next((h for h in logger.handlers if h.get_name() == "DefaultStreamHandler"), None)
    asked = settings.dryrun or settings.verbose or settings.debug_dag or settings.printshellcmds
    silent = any(quiet.name == "ALL" for quiet in settings.quiet or ())
    if settings.dryrun and isinstance(own, logging.StreamHandler):
        if plans(settings):
            logger.removeHandler(own)
            logger.addHandler(PlanHandler(own))
        else:
            own.addFilter(shorten)
    if isinstance(own, logging.StreamHandler) and not (asked or silent):
        logger.removeHandler(own)
        logger.addHandler(handler := RunHandler(own, logfiles, settings.show_failed_logs))
        handler.listens = interrupt.listen(handler.note_stop)
        return handler
    return None


def plans(settings: Any) -> bool:
    """Return whether the settings are those of `make plan`."""
    return bool(settings.dryrun) and "RULES" in {quiet.name for quiet in settings.quiet or ()}


def shorten(record: logging.LogRecord) -> bool:
    """Leave out of an error where in the workflow it was raised; drop what is said of a lock.

    A filter for all messages of a dry run, which needs no lock.
    """
    if LOCKED in record.getMessage():
        return False
    if str(getattr(record, "event", None) or "") == "error":
        record.msg, record.args = without_place(record.getMessage()), None
    return True


class RunHandler(logging.Handler):
    """Shows a run in the lines of `Run`; other messages, such as those of --lint, go to `own`."""

    def __init__(
        self, own: logging.StreamHandler, logfiles: Callable[[], list[str]], logs: bool = False
    ) -> None:
        super().__init__()
        self.own, self.logfiles, self.show_logs = own, logfiles, logs
        self.writer = Writer(own.stream)
        self.run = Run(time.monotonic())
        self.held: list[logging.LogRecord] = []
        self.problem = self.reason = ""
        #: The command that shows the results, where it is known.
        self.look = "make dashboard"
        #: Whether a Ctrl-C is noted here; whether one came.
        self.listens = self.interrupted = False
        #: Whether a job may have been ended by a Ctrl-C that isn't noted yet.
        self.doubtful = False
        self.runs = self.stopped = self.ended = False
        self.over = threading.Event()

    def note_stop(self) -> None:
        """Note that Ctrl-C was pressed: called by a signal, so that nothing is written."""
        self.interrupted = True

    def emit(self, record: logging.LogRecord) -> None:
        """Handle a message of Snakemake."""
        self.stop_if_swallowed(record)
        try:
            event = str(getattr(record, "event", None) or "")
            if event == "workflow_started":
                self.runs, self.held = True, []
                threading.Thread(target=self.tick, daemon=True).start()
            elif event == "error":
                self.note_problem(record)
            elif self.runs:
                getattr(self, f"on_{event}", self.on_other)(record)
            elif record.getMessage().startswith(BEFORE):
                self.held.append(record)
            else:
                self.give_back()
                self.own.handle(record)
        except Exception:
            self.handleError(record)

    def stop_if_swallowed(self, record: logging.LogRecord) -> None:
        """Raise a KeyboardInterrupt again that Snakemake swallowed, as it does writing its log.

        Only where its scheduler goes on, which handles that.
        """
        here = threading.current_thread() is threading.main_thread()
        goes_on = str(getattr(record, "event", None) or "") in SCHEDULED
        if self.interrupted and not self.stopped and here and goes_on:
            raise KeyboardInterrupt

    def tick(self) -> None:
        """Show the progress of the run at intervals, until it is over."""
        while not self.over.wait(0.5 if self.writer.live else 30):
            self.acquire()
            try:
                if not self.over.is_set():
                    self.writer.status(self.run.status(time.monotonic(), short=self.writer.live))
            finally:
                self.release()

    def on_run_info(self, record: Any) -> None:
        """Show the number of steps."""
        counts: Counter[str] = Counter()
        for rule, count in record.stats.items():
            counts[step_of(rule)[0]] += count
        self.run.plan(counts, time.monotonic())
        running.note(done=0, total=self.run.total)
        # What jobs print is in their logs; here it would break up the lines.
        os.environ[ENV_SCREEN] = "1"
        logs = ", ".join(map(os.path.relpath, self.logfiles()))
        self.writer.line(f"{self.run.total} steps to do. Snakemake's own log: {logs}")

    def on_job_info(self, record: Any) -> None:
        """Note that a job runs."""
        name, *of = step_of(record.rule_name)
        of += [str(value) for key, value in record.wildcards.items() if key != "study"]
        step = Step(name, " / ".join(of), record.log, record.output, time.monotonic())
        self.run.begin(record.jobid, step)

    def on_job_finished(self, record: Any) -> None:
        """Show the result of a job."""
        self.lines(self.run.finish(record.job_id, time.monotonic()))
        running.note(done=self.run.done)
        if self.run.done == self.run.total and not self.over.is_set():
            self.end()
            self.writer.line(self.run.ending(time.monotonic()))

    def on_job_error(self, record: Any) -> None:
        """Show that a job failed; the reason comes last."""
        self.wait_for_stop()
        if not self.stopped and not self.interrupted:
            reason = self.reason or of_slurm(record.rule_msg or "") or self.problem
            self.lines(self.run.fail(record.jobid, reason, record.log, time.monotonic()))
        self.reason = self.problem = ""
        self.doubtful = False

    def wait_for_stop(self) -> None:
        """Give a Ctrl-C a moment to arrive: it may have ended the job before it was noted here."""
        seconds = SETTLING if self.doubtful else SETTLING / 20
        until = time.monotonic() + seconds * self.listens
        while not self.interrupted and time.monotonic() < until:
            time.sleep(0.01)

    def on_other(self, record: logging.LogRecord) -> None:
        """Show what matters of other messages."""
        text = clean(record.getMessage())
        if text.startswith(STOPPED):
            self.stopped = True
            self.writer.line("Stopping ...")
        elif text.startswith("Nothing to be done"):
            self.end()
            self.writer.line(
                f"Nothing to be done: everything is in results/ and up to date; {self.look}"
                " shows it."
            )
        elif text.startswith(AGAIN):
            self.lines(self.run.again(int(text.rstrip(".").rpartition(" ")[2])))
        elif record.levelno >= logging.ERROR and not getattr(record, "event", None):
            self.problem = self.problem or text
        elif text.startswith(UNIMPORTANT):
            pass
        elif record.levelno == logging.WARNING and text not in self.run.shown:
            self.run.shown.add(text)
            self.writer.line(f"warning: {text}")
        elif text.startswith(SHOWN):
            self.writer.line(text)

    def note_problem(self, record: logging.LogRecord) -> None:
        """Keep an error until it is known whether it is a job's."""
        text = record.getMessage()
        if "At least one job did not complete" in text:
            return
        self.doubtful |= BY_CTRL_C in text
        reason = of_a_process(text)
        self.reason = reason or self.reason
        if LOCKED in text:
            self.problem = at_work.locked()
        elif not reason:
            self.problem = without_place(text)

    def lines(self, lines: list[str]) -> None:
        """Write lines that stay."""
        for line in lines:
            self.writer.line(line)

    def end(self) -> None:
        """Take the line at the bottom away: what follows may be written by others."""
        self.over.set()
        self.writer.status("")

    def give_back(self) -> None:
        """Pass the held messages to Snakemake's own handler."""
        for record in self.held:
            self.own.handle(record)
        self.held = []

    def close(self) -> None:
        """Write what has to be last on the screen."""
        if not self.ended:
            self.ended = True
            if not self.problem:
                self.give_back()
            self.end()
            self.lines(self.last_words())
        super().close()

    def last_words(self) -> list[str]:
        """Return the lines on what went wrong, if anything did."""
        if self.stopped or self.interrupted:
            return [self.run.stopped()]
        if self.run.failed:
            lines = self.run.failures()
            if self.show_logs:
                logs = [log for step, _ in self.run.failed.values() for log in step.logs]
                lines = [*(read_whole(log) for log in dict.fromkeys(logs)), *lines]
            return lines
        if self.problem:
            files = ", ".join(map(os.path.relpath, self.logfiles()))
            return ["", f"This can't be run (Snakemake's log: {files}):", self.problem]
        return []
