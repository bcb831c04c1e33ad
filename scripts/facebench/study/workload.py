"""The work that a study's models have to do, and in how many hours: told before it runs."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from facebench.logs import duration
from facebench.store.layout import CLEAN
from facebench.study import fusions
from facebench.study.embed_jobs import embedded, loads_of
from facebench.study.features import rows_of
from facebench.study.picture_counts import pictures
from facebench.texts import counted

Config = Mapping[str, Any]

#: Floating-point operations a core does in a second, in a network: docs/results-speed.md.
GFLOPS_A_CORE = 200
#: Seconds; shorter work of large models isn't worth a line.
SHORT = 120
#: The models that have lines of their own: the plan is to stay on a screen.
SHOWN = 5


class Work(NamedTuple):
    """What one model has to do: GFLOP for each face, and how many faces there are at most."""

    model: str
    gflop: float
    faces: int

    @property
    def all(self) -> float:
        """GFLOP for all faces."""
        return self.gflop * self.faces


class Rate(NamedTuple):
    """GFLOP that are done in a second, and by what, in words."""

    gflops: float
    by: str


def works(config: Config) -> list[Work]:
    """Return the work of all models whose `facts.gflops` are known, on clean faces, most first.

    Features come out of their model's pass, as a rule, and fusions out of stored vectors.
    """
    free = {*(name for _, _, name in rows_of(config)), *fusions.parts_of(config)}
    counts = counts_of(config)
    found = []
    for name in config["evaluate"]["models"]:
        gflop = config["models"][name].get("facts", {}).get("gflops", 0)
        if name not in free and gflop:
            found.append(Work(name, float(gflop), faces(config, name, counts)))
    return sorted(found, key=lambda work: -work.all)


def counts_of(config: Config) -> dict[str, int]:
    """Return how many pictures each data set that has vectors has: to count a folder takes time."""
    return {name: pictures(name, config["datasets"][name]) for name in embedded(config)}


def faces(config: Config, model: str, counts: Mapping[str, int]) -> int:
    """Return how many clean faces a model embeds at most, in all data sets and crops.

    counts: how many pictures each data set has.
    """
    return sum(
        counts[dataset]
        for load in loads_of(config, model)
        for dataset, _, variant in load.faces
        if variant == CLEAN
    )


def rate_of(config: Config) -> Rate:
    """Return the rate that hours are told by: `embed.tflops`, else that of this machine's cores."""
    given = config["embed"].get("tflops")
    if given is not None:
        return Rate(1000 * given, f"a device that does {given:g} TFLOP/s, as `embed.tflops` says")
    cores = os.cpu_count() or 1
    return Rate(
        GFLOPS_A_CORE * cores,
        f"{counted(cores, 'core', 'cores')} at {GFLOPS_A_CORE} GFLOP/s each, as measured"
        " (docs/results-speed.md)",
    )


def is_long(config: Config) -> bool:
    """Return whether the work of a study's models is worth telling."""
    seconds = sum(work.all for work in works(config)) / (GFLOPS_A_CORE * (os.cpu_count() or 1))
    return seconds > SHORT


def in_a_line(config: Config) -> str:
    """Return how much the models have to do, and how long that takes, in a sentence."""
    work, rate = sum(each.all for each in works(config)), rate_of(config)
    return (
        f"The large models have up to {work / 1e6:,.1f} PFLOP to do on clean faces:"
        f" {in_time(work / rate.gflops)} on {rate.by}."
    )


def in_full(config: Config) -> Iterator[str]:
    """Yield the lines of a table: the largest models, the others, and all, with their hours."""
    every, rate = works(config), rate_of(config)
    shown, others = every[:SHOWN], every[SHOWN:]
    rows = [(work.model, f"{work.gflop:,.2f}", f"{work.faces:,}", work.all) for work in shown]
    if others:
        said = counted(len(others), "other", "others")
        rows.append((said, "", "", sum(work.all for work in others)))
    if len(every) > 1:
        rows.append((f"all {len(every)}", "", "", sum(work.all for work in every)))
    head = "work on clean faces"
    wide = max(len(head), *(len(row[0]) for row in rows))
    yield f"  {head:{wide}}  GFLOP a face  faces, at most       hours"
    for name, gflop, count, work in rows:
        hours = work / rate.gflops / 3600
        yield f"  {name:{wide}}  {gflop:>12}  {count:>14}  {hours:>10,.2f}"
    yield f"  Hours: GFLOP x faces / {rate.gflops:,.0f} GFLOP/s / 3,600. That is {rate.by}."
    if "tflops" not in config["embed"]:
        yield "  No GPU was measured. What yours does makes them GPU-hours: `embed: {tflops: ...}`."


def in_time(seconds: float) -> str:
    """Return a duration that may be of days.

    >>> in_time(7300), in_time(864_000)
    ('2.0 h', '10 days')
    """
    return f"{seconds / 86400:,.0f} days" if seconds > 2 * 86400 else duration(seconds)
