"""What a job costs before it does anything: the interpreter, libraries, a model, Snakemake."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.speed.section import Best, Case, Parts, Row, Section

MODEL = "mini-m"

NOTE = f"""
Seconds by the clock of processes that end at once, their files in the cache of the system. A job
that embeds: all that `embed` imports, and `{MODEL}`; plain imports open_clip and loads that model.
A job that evaluates: all that `evaluate` and its protocols import; plain imports pandas and
pyarrow, which it can't do without. A job of Snakemake: how much longer a workflow of some empty
scripts takes than one of a single script, for each of them, against Python alone.
"""

PLAIN = {
    "embeds": f"""
import open_clip
open_clip.create_model_and_transforms("local-dir:weights/{MODEL}")""",
    "evaluates": "import numpy, pandas, pyarrow.parquet",
    "Snakemake": "pass",
}
OURS = {
    "embeds": f"""
import embed
from facebench.models import load
load({{"family": "open_clip", "path": "weights/{MODEL}"}}, {{}}, "cpu")""",
    "evaluates": """
import evaluate
from facebench.evaluation import PROTOCOLS
[PROTOCOLS[name].load() for name in ("verify", "identify", "neighbour", "open_set", "name")]""",
}
RULES = """
rule all:
    input: expand("{{n}}", n=range({jobs}))
rule one:
    output: "{{n}}"
    script: "one.py"
"""


def python(code: str) -> None:
    """Run a program in a process of its own."""
    subprocess.run([sys.executable, "-c", code], check=True, stdout=2)  # noqa: S603 (its own code)


def plain(*, jobs: int) -> Parts:
    """Return the same work by the libraries alone."""
    return {part: lambda code=code: python(code) for part, code in PLAIN.items()}  # type: ignore[misc]


def facebench(*, jobs: int) -> Parts:
    """Return the jobs, and Snakemake with one and with several."""
    place = tempfile.TemporaryDirectory()

    def snakemake(count: int) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(dir=place.name) as folder:
            (Path(folder) / "Snakefile").write_text(RULES.format(jobs=count))
            (Path(folder) / "one.py").write_text("open(snakemake.output[0], 'w').close()")
            command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"]
            subprocess.run([*command, "--directory", folder], cwd=folder, check=True, stdout=2)  # noqa: S603
        return {"jobs": count}

    return {
        **{part: lambda code=code: python(code) for part, code in OURS.items()},  # type: ignore[misc]
        "Snakemake": lambda: snakemake(1),
        "Snakemake, several": lambda: snakemake(1 + jobs),
    }


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield a row for each kind of job."""
    for part in OURS:
        other, ours = (best[side, part].wall for side in ("plain", "facebench"))
        yield Row(f"a job that {part}, s", other, ours, other / ours)
    several, one = (best["facebench", part].wall for part in ("Snakemake, several", "Snakemake"))
    other, ours = best["plain", "Snakemake"].wall, (several - one) / case["jobs"]
    yield Row("a job of Snakemake, s", other, ours, other / ours)


SECTION = Section(
    title="Start of a job",
    note=NOTE,
    cases={"usual": [{"jobs": 20}], "smallest": [{"jobs": 2}]},
    sides={"plain": plain, "facebench": facebench},
    rows=rows,
)
