"""Write the numbers of each model in the shape of MTEB's results."""

import json
from collections.abc import Mapping

from facebench.logs import LOG, log_to, report_result
from facebench.report.task_results import SPLIT, task_result
from facebench.store.atomic import write_json
from facebench.store.tables import read_table
from facebench.texts import counted


def main(*, metrics: str, records: str, outputs: Mapping[str, str]) -> None:
    """Write a file a model; metrics, records: tables of the study; outputs: paths by model."""
    table, known = read_table(metrics), read_table(records)
    parsed = dict(zip(known["record"], map(json.loads, known["json"]), strict=True))
    for model, output in outputs.items():
        result = task_result(table, parsed, model)
        write_json(output, result)
        LOG.info("%s: %s", model, counted(len(result["scores"][SPLIT]), "subset"))
    report_result(counted(len(outputs), "model"))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        metrics=snakemake.input.metrics,
        records=snakemake.input.records,
        outputs=dict(zip(snakemake.params.models, snakemake.output, strict=True)),
    )
