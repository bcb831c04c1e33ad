"""Test the claims of others on a study's numbers: a verdict on each, with its evidence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.logs import LOG, log_to, report_result
from facebench.report.claims import CLAIMS
from facebench.report.claims.answer import SUPPORTED, Answer
from facebench.report.claims.tables import RANK_1, Tables
from facebench.store import layout
from facebench.store.atomic import replacing
from facebench.store.records import code_version, extend
from facebench.store.tables import read_table, write_table
from facebench.texts import counted, plain

NOT_MEASURED = "not measured in this study"
#: The row of a claim on which a study has no numbers.
NONE = float("nan")
UNASKED = Answer("", "", NOT_MEASURED, "", NONE, NONE, NONE, NONE, people=0, evidence="")
HEAD = """# What this study says to the claims of others

A claim is *supported* or *contradicted* where its test says so at 5 %, and *undetermined* where the
numbers can't tell. It holds of these models, people and crops alone.
"""


def main(
    *,
    study: str,
    statistics: Mapping[str, Any],
    code: str,
    text: str | Path,
    table: str | Path,
    transfer: str | Path | None = None,
    fusions: str | Path | None = None,
) -> None:
    """Write the verdicts as a table and as Markdown."""

    def outcomes(dataset: str, crop: str, model: str) -> pd.DataFrame | None:
        path = Path(layout.outcomes(study, dataset, crop, model, RANK_1[0]))
        return read_table(path) if path.exists() else None

    tables = Tables(
        metrics=read_table(layout.result(study, "metrics.parquet")),
        comparisons=read_table(layout.result(study, "comparisons.parquet")),
        models=read_table(layout.result(study, "models.parquet")),
        transfer=read_table(transfer) if transfer else None,
        fusions=read_table(fusions) if fusions else None,
        outcomes=outcomes,
        margin=statistics["margin"],
        confidence=statistics["confidence"],
    )
    answers = {name: [*claim.test(tables)] for name, claim in CLAIMS.items()}
    rows = [
        {"claim": name, **claim._asdict(), **answer._asdict()}
        for name, claim in CLAIMS.items()
        for answer in answers[name] or [UNASKED]
    ]
    columns = ["claim", "says", "source", "rule", *Answer._fields]
    record = extend({}, "claims", statistics=dict(statistics), code=code_version(code))
    write_table(pd.DataFrame(rows, columns=columns), table, record)
    with replacing(text) as part:
        part.write_text(page(answers), encoding="utf-8")
    LOG.info("%d rows", len(rows))
    asked = [some for some in answers.values() if some]
    held = sum(all(one.verdict == SUPPORTED for one in some) for some in asked)
    said = f"{held} of {counted(len(asked), 'claim', 'claims')} supported throughout"
    report_result(said if asked else "no numbers on any claim")


def page(answers: Mapping[str, list[Answer]]) -> str:
    """Return all claims in Markdown: what is claimed, by whom, and the verdicts."""
    parts = [HEAD]
    for name, some in answers.items():
        claim = CLAIMS[name]
        parts.append(f"## {claim.says}\n\nClaimed by: {claim.source}. {claim.rule}\n")
        lines = [
            f"* **{plain(one.dataset)}, {plain(one.crop)}: {one.verdict}** (n = {one.people:,}"
            f" people). {plain(one.evidence)}\n"
            for one in some
        ]
        parts.append("".join(lines) if lines else f"* {NOT_MEASURED}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        study=snakemake.wildcards.study,
        statistics=snakemake.params.statistics,
        code=snakemake.params.code,
        text=snakemake.output.text,
        table=snakemake.output.table,
        transfer=next(iter(snakemake.input.transfer), None),
        fusions=next(iter(snakemake.input.fusions), None),
    )
