"""What each fusion gains over its two models in verification, in every data set and crop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.evaluation.fusion_gains import COLUMNS, gains
from facebench.evaluation.pictures import load
from facebench.logs import LOG, log_to, report_result
from facebench.store import layout
from facebench.store.records import code_version, extend
from facebench.store.tables import write_table
from facebench.texts import counted


def main(
    *,
    places: Sequence[tuple[str, str, str]],
    of: Mapping[str, tuple[str, str]],
    parts: Mapping[str, int],
    options: Mapping[str, Any],
    statistics: Mapping[str, Any],
    code: str,
    table: str | Path,
) -> None:
    """Write the differences; places: (data set, crop, fusion); of: each fusion's two models.

    parts: in how many files the vectors of a data set are.
    """
    found = []
    for dataset, crop, fusion in places:
        sides = {
            model: load(*layout.vector_files(dataset, crop, layout.CLEAN, model, parts[dataset]))
            for model in (fusion, *of[fusion])
        }
        rows = gains(sides.pop(fusion), sides, options, statistics)
        LOG.info("%s, %s, %s: %s", dataset, crop, fusion, counted(len(rows), "difference"))
        found.append(rows.assign(dataset=dataset, crop=crop, fusion=fusion))
    everything = pd.concat(found, ignore_index=True)
    record = extend({}, "fusions", statistics=dict(statistics), code=code_version(code))
    write_table(everything[["dataset", "crop", "fusion", *COLUMNS]], table, record)
    report_result(counted(len(everything), "difference"))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        places=snakemake.params.places,
        of=snakemake.params.of,
        parts=snakemake.params.parts,
        options=snakemake.params.options,
        statistics=snakemake.params.statistics,
        code=snakemake.params.code,
        table=snakemake.output[0],
    )
