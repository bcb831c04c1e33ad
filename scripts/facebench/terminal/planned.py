"""What `make plan` shows of Snakemake's dry run: a line for every step and cause, not every job."""

import logging
from collections import Counter
from typing import Any

from facebench.terminal.joblog import clean
from facebench.terminal.lines import TARGET, step_of
from facebench.terminal.reasons import without_place
from facebench.terminal.writer import Writer

#: Why a step is to be done: how Snakemake's reason begins, and in few words. The first one counts.
CAUSES = {
    "Forced": "it was asked for",
    "Missing output": "not made yet",
    "Incomplete output": "it was interrupted",
    "Code has changed": "its code has changed",
    "Params have changed": "its settings have changed, or another study shares it",
    "Set of input": "it has other inputs now",
    "Software environment": "its libraries have changed",
    "Updated input": "its inputs have changed",
    "Input files updated by another job": "what it needs is made again",
}
#: Messages that say nothing of the plan, or are of the list of all jobs.
UNIMPORTANT = (
    "Building DAG", "Reasons:", "This was a dry-run", "Assuming unrestricted shared", "host:",
    "Config file ", "Job stats", "Error: Directory cannot be locked",
    "Some jobs were triggered by provenance", "Rules with provenance triggered jobs",
)  # fmt: skip


class PlanHandler(logging.Handler):
    """Collects the jobs of a dry run, and shows them when it is over; then what is wrong, if so."""

    def __init__(self, own: logging.StreamHandler) -> None:
        super().__init__()
        self.writer = Writer(own.stream)
        self.order: list[str] = []
        self.jobs: Counter[tuple[str, str, str]] = Counter()
        self.words: list[str] = []
        self.ended = False

    def emit(self, record: Any) -> None:
        """Handle a message of Snakemake."""
        event = str(getattr(record, "event", None) or "")
        text = clean(record.getMessage())
        if event == "run_info":
            self.order = list(dict.fromkeys(step_of(rule)[0] for rule in record.stats))
        elif event == "job_info":
            name, *of = step_of(record.rule_name)
            self.jobs[name, " ".join(of), cause(record.reason)] += name != TARGET
        elif event == "error":
            self.words.append(without_place(text))
        elif not event and text and not text.startswith(UNIMPORTANT):
            # Snakemake says more than once that there is nothing to be done.
            self.words += [text] if text not in self.words else []

    def close(self) -> None:
        """Write the plan."""
        if not self.ended:
            self.ended = True
            for line in [*table(self.jobs, self.order), *self.words]:
                self.writer.line(line)
        super().close()


def cause(reason: str) -> str:
    """Return why a job is to be done, in a few words.

    >>> cause("Missing output files: a; Code has changed since last execution")
    'not made yet'
    >>> cause("Input files updated by another job: a"), cause("Something new: a, b")
    ('what it needs is made again', 'something new')
    """
    found = next((said for start, said in CAUSES.items() if start in reason), None)
    return found or reason.partition(":")[0].lower()


def table(jobs: Counter[tuple[str, str, str]], order: list[str]) -> list[str]:
    """Return the lines of a plan: how many jobs of which step, of what and why.

    jobs: how many of each step, data set and cause. order: the steps, as they are done.

    >>> made = Counter({("fetch", "", "not made yet"): 2, ("crop", "a", "not made yet"): 1})
    >>> print("\\n".join(table(made + Counter({("crop", "b", "not made yet"): 1}), ["fetch"])))
    4 steps to do (`make run ARGS=-n` lists each with its files):
      2  fetch        not made yet
      2  crop   a, b  not made yet
    """
    rows: dict[tuple[str, str], list[str]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for (step, of, why), count in jobs.items():
        if count:
            rows.setdefault((step, why), []).extend([of] if of else [])
            counts[step, why] += count
    if not rows:
        return []
    places = {step: i for i, step in enumerate(order)}
    keys = sorted(rows, key=lambda key: places.get(key[0], len(places)))
    places_of = {key: few(list(dict.fromkeys(rows[key]))) for key in keys}
    wide = [
        max(map(len, column)) for column in ([step for step, _ in keys], list(places_of.values()))
    ]
    digits = len(str(max(counts.values())))
    total = counts.total()
    title = f"{total:,} {'step' if total == 1 else 'steps'} to do"
    return [f"{title} (`make run ARGS=-n` lists each with its files):"] + [
        f"  {counts[key]:>{digits}}  {key[0]:<{wide[0]}}  {places_of[key]:<{wide[1]}}  {key[1]}"
        for key in keys
    ]


def few(names: list[str], most: int = 3) -> str:
    """Return names as a list, cut after `most`.

    >>> few(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
