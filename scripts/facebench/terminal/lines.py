"""A run as lines of text, independent of Snakemake, terminals and clocks."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from facebench.logs import duration
from facebench.terminal import joblog
from facebench.terminal.estimate import about, may_be_longer, own_estimate, seconds_left
from facebench.terminal.joblog import Message

#: The rule that only has inputs.
TARGET = "all"
#: The end of a log in which its latest message is looked for.
TAIL = 4096


@dataclass
class Step:
    """One job of the workflow."""

    rule: str
    of: str
    logs: Sequence[str]
    outputs: Sequence[str]
    start: float

    @property
    def name(self) -> str:
        """Return what the step is called in a sentence."""
        return f"{self.rule} {self.of}".strip()


@dataclass
class Run:
    """The steps of a run: to do, running, done, failed."""

    start: float
    todo: Counter[str] = field(default_factory=Counter)
    total: int = 0
    done: int = 0
    running: dict[int, Step] = field(default_factory=dict)
    failed: dict[int, tuple[Step, str]] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    shown: set[str] = field(default_factory=set)
    #: Of the column that says what a step is of; longer names widen it.
    wide: int = 32

    def plan(self, counts: Mapping[str, int], now: float) -> None:
        """Take how many jobs of each rule there are to do."""
        self.todo = Counter({k: n for k, n in counts.items() if k not in (TARGET, "total")})
        self.total, self.start = self.todo.total(), now

    def begin(self, job: int, step: Step) -> None:
        """Note that a job runs; it may have failed before."""
        if step.rule != TARGET:
            self.failed.pop(job, None)
            self.running[job] = step

    def finish(self, job: int, now: float) -> list[str]:
        """Return the lines on a finished job: its warnings, and what it found."""
        step = self.running.pop(job, None)
        if step is None:
            return []
        self.done += 1
        self.todo[step.rule] -= 1
        self.took[step.rule].append(now - step.start)
        message = joblog.read(step.logs)
        found = message.result or what_it_wrote(step.outputs)
        self.wide = max(self.wide, len(step.of))
        rules = max(map(len, self.todo))
        count = f"[{self.done:>{len(str(self.total))}}/{self.total}]"
        line = f"{count} {step.rule:<{rules}}  {step.of:<{self.wide}}  {found}"
        return [*self.new_warnings(step, message), f"{line}  {duration(now - step.start)}"]

    def fail(self, job: int, reason: str, logs: Sequence[str], now: float) -> list[str]:
        """Return the lines on a failed job; `reason` is what Snakemake knows of it.

        A cluster's own log of the job is among `logs`.
        """
        step = self.running.pop(job, None)
        if step is None:
            return []
        step.logs = logs
        message = joblog.read(step.logs)
        self.failed[job] = step, message.error or reason or "It ended without a message."
        line = f"failed: {step.name}, after {duration(now - step.start)}; why: {where(step)}"
        return [*self.new_warnings(step, message), line]

    def again(self, job: int) -> list[str]:
        """Return the lines on a failed job that is tried again; why it failed is told here."""
        step, reason = self.failed.pop(job, (None, ""))
        return [f"{step.name} is tried again. {reason}"] if step else []

    def new_warnings(self, step: Step, message: Message) -> list[str]:
        """Return the warnings that no earlier step had."""
        new = [text for text in message.warnings if text not in self.shown]
        self.shown.update(new)
        return [f"warning: {step.name}: {text}" for text in new]

    def status(self, now: float, short: bool = False) -> str:
        """Return the progress of the run and its running steps; nothing if nothing runs.

        `short`, for a single line of a terminal: the step with the most to report first, without
        the data set.
        """
        steps = [(step, joblog.read(step.logs, TAIL).progress) for step in self.running.values()]
        if not steps:
            return ""
        busy = [(step.rule, now - step.start, latest) for step, latest in steps]
        # A guess that knows no step of a long kind would be far too short.
        unknown = may_be_longer(self.todo, self.took)
        left = "" if unknown else about(seconds_left(self.todo, self.took, busy, now - self.start))
        if short:
            steps.sort(key=lambda each: own_estimate(each[1]) is None)
        names = [(step.rule if short else step.name, latest) for step, latest in steps]
        doing = "; ".join(f"{name} ({latest})" if latest else name for name, latest in names)
        done = f"{self.done} of {self.total} steps done"
        return f"{', '.join(filter(None, [done, left]))}; running: {doing}"

    def ending(self, now: float) -> str:
        """Return the last line of a run in which every step succeeded."""
        steps = f"All {self.total} steps are" if self.total > 1 else "The step is"
        return f"{steps} done, in {duration(now - self.start)}."

    def stopped(self) -> str:
        """Return the last line of a run that was stopped."""
        if not self.total:
            return "Stopped before the first step. Run the same again."
        done = f"Stopped: {self.done} of {self.total} steps are done."
        return f"{done} Run the same again to go on from here."

    def failures(self) -> list[str]:
        """Return the last lines of a run that failed: why, one sentence for all that it stopped."""
        waiting = self.total - self.done - len(self.failed)
        rest = f", {waiting} wait for that" if waiting else ""
        steps = f"{self.done} of {self.total} steps are done, {len(self.failed)} failed{rest}."
        lines = ["", f"{steps} Run the same again to go on from here."]
        reasons: dict[str, list[Step]] = defaultdict(list)
        for step, reason in self.failed.values():
            reasons[reason].append(step)
        for reason, (step, *others) in reasons.items():
            more = f" and {len(others)} more" if others else ""
            lines += ["", f"{step.name}{more} ({where(step)}):", reason]
        return lines


def step_of(rule: str) -> list[str]:
    """Return the step of a rule, and the data set that the rule was made for, if it was.

    >>> step_of("collect"), step_of("embed__people_known__2")
    (['collect'], ['embed', 'people-known'])
    """
    name, *dataset = rule.split("__")[:2]
    return [name, *(word.replace("_", "-") for word in dataset if word)]


def where(step: Step) -> str:
    """Return where a step's log is."""
    here = f"{os.getcwd()}/"
    return ", ".join(log.removeprefix(here) for log in step.logs) or "it keeps no log"


def what_it_wrote(outputs: Iterable[str]) -> str:
    """Return the output of a step that reported no result.

    >>> what_it_wrote(["results/a.png", "results/a.svg"])
    'results/a.png and 1 more'
    """
    first, *others = [*outputs, ""]
    return f"{first} and {len(others) - 1} more" if len(others) > 1 else first
