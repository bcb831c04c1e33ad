"""Check that results are what their records say: numbers, data, weights, prompts and code.

    .venv/bin/python -m tools.verify [RESULTS] [--configfile STUDY]

RESULTS is `results` (every study in it, the default) or `results/<study>`. STUDY is the file of the
study, where it is not in studies/: it says where a data set's own folder of pictures is. Every line
names a thing that no longer matches, what its record expects, what is found, and what to do. Ends
with 1 if there is any.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from facebench.errors import UserError
from facebench.texts import one_line
from tools.verification import code, data, handed_on, numbers, prompts, study, weights
from tools.verification.study import Mismatch, NotChecked, Study

CHECKS = (
    numbers.changed_tables,
    numbers.records,
    numbers.gathered,
    handed_on.thresholds,
    handed_on.task_results,
    data.pictures,
    data.files,
    weights.weights,
    weights.vectors,
    prompts.prompts,
    code.sources,
)


def check(mine: Study) -> Iterator[Mismatch | NotChecked]:
    """Yield what no longer matches in a study, and what can't be checked."""
    for one in CHECKS:
        yield from one(mine)


def main(results: str = "results", configfile: str | None = None) -> int:
    """Print what no longer matches, a line each, and how much was checked; return 1 if any."""
    folder = Path(results).resolve()
    given = None if configfile is None else Path(configfile).resolve()
    records = mismatches = 0
    try:
        studies = study.found(folder)
        with chdir(study.root(studies[0])):
            for place in studies:
                mine = study.read(place, given)
                records += len(mine.records)
                for line in check(mine):
                    mismatches += isinstance(line, Mismatch)
                    print(one_line(f"{mine.name}: {line}"), flush=True)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{records:,} records, {mismatches:,} mismatches")
    return 1 if mismatches else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="?", default="results", help="results, or results/<study>")
    parser.add_argument("--configfile", metavar="STUDY", help="the file of the study")
    raise SystemExit(main(**vars(parser.parse_args())))
