"""Gather what the experiments with attacks say over all models, of all data sets and crops."""

from collections.abc import Mapping, Sequence

import pandas as pd

from facebench.logs import LOG, log_to
from facebench.store.tables import read_table, write_table


def main(tables: Mapping[str, Sequence[str]], outputs: Mapping[str, str]) -> None:
    """Write one table of each kind (effects, transfer, groups, votes) with the rows of all."""
    for kind, paths in tables.items():
        found = [read_table(path) for path in paths]
        filled = [table for table in found if len(table)] or found[:1]
        write_table(pd.concat(filled, ignore_index=True), outputs[kind], {})
        LOG.info("%s: %s rows", kind, f"{sum(map(len, filled)):,}")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        dict(snakemake.input.items()),
        dict(snakemake.output.items()),
    )
