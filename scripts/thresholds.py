"""Write the thresholds of a study for use elsewhere: a score, its interval, and its source."""

from collections.abc import Sequence

from facebench.logs import LOG, log_to, report_result
from facebench.report.thresholds import ABOUT, thresholds_of
from facebench.store.atomic import write_json
from facebench.store.tables import read_record, read_table
from facebench.texts import counted


def main(*, metrics: Sequence[str], outcomes: Sequence[str], output: str) -> None:
    """Write `thresholds.json` from the numbers and outcomes of `verify`, in the same order."""
    found = [
        threshold
        for numbers, people in zip(metrics, outcomes, strict=True)
        for threshold in thresholds_of(
            read_table(numbers), read_table(people), read_record(numbers)
        )
    ]
    write_json(output, {**ABOUT, "thresholds": found})
    refused = sum(one["refused"] is not None for one in found)
    LOG.info("%d thresholds, %d refused", len(found), refused)
    report_result(f"{counted(len(found) - refused, 'threshold')}, {refused:,} refused")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        metrics=snakemake.input.metrics,
        outcomes=snakemake.input.outcomes,
        output=snakemake.output[0],
    )
