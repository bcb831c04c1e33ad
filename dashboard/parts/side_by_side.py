"""The parts of the page Two studies."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, number_text, safe_text, vocabulary
from dashboard.data import places, ranking, two_studies

INTERVAL = ("value", "ci_low", "ci_high")


def numbers(both: pd.DataFrame, other: str) -> None:
    """Show one number of every model, in the study on show and in another."""
    mine, said = places.study(), both.said.iloc[0]
    table = ranking.with_models(both)
    table = ranking.rows_best_first(table, table.dataset.iloc[0], table.crop.iloc[0])
    renamed = {f"{name}_other": name for name in [*INTERVAL, "n_identities", "record"]}
    theirs = table.drop(columns=list(renamed.values())).rename(columns=renamed)
    drawn = pd.concat([table.assign(study=mine), theirs.assign(study=other)])
    drawn = drawn.dropna(subset=["value"])
    file = safe_text.file_name("two-studies", mine, other, said)
    if table.metric.iloc[0] not in vocabulary.PLAIN_NUMBERS and len(drawn):
        picture = charts.grouped(drawn, "study", list(table.model), said)
        elements.chart(picture, drawn, file, f"{said}, by model, in {mine} and in {other}.")
    with places.showing(other):
        link = elements.linked(theirs).link.to_numpy()
    columns = {
        "model": table.model,
        "here": _texts(table),
        "people": table.n_identities,
        "record": elements.linked(table).link,
        "there": _texts(theirs),
        "people_there": theirs.n_identities,
        "record_there": link,
        "by": [_difference(row) for row in table.itertuples()],
    }
    headings = {
        "here": st.column_config.TextColumn(safe_text.tidy(mine)),
        "there": st.column_config.TextColumn(safe_text.tidy(other)),
        "people": st.column_config.Column(vocabulary.label("n_identities")),
        "people_there": st.column_config.Column(vocabulary.label("n_identities")),
        "record": elements.made_by(),
        "record_there": elements.made_by(),
        "by": st.column_config.TextColumn(f"{safe_text.tidy(other)} less {safe_text.tidy(mine)}"),
    }
    elements.table(pd.DataFrame(columns), file, f"{said} in two studies.", headings)


def _texts(table: pd.DataFrame) -> list[str]:
    return [
        number_text.number(row.metric, row.value, row.ci_low, row.ci_high)
        for row in table.itertuples()
    ]


def _difference(row) -> str:
    if pd.isna(row.difference):
        return "not measured"
    if row.metric in vocabulary.PLAIN_NUMBERS:
        sign = "+" if row.difference >= 0 else ""
        return sign + number_text.plain(row.difference)
    return f"{100 * row.difference:+.1f} points"


def configurations(both: pd.DataFrame, other: str) -> None:
    """Say how the two studies, and the settings of this number, differ."""
    row = both.iloc[0]
    lines = two_studies.lacking(other)
    found = two_studies.differences(row.to_dict(), other)
    lines += [f"{line} (for {row.model})." for line in found]
    if not found:
        lines.append(f"This number of {row.model} depends on the same settings in both studies.")
    st.markdown("\n".join(f"- {safe_text.plain(line, 400)}" for line in lines))
    st.caption("Versions of libraries and hashes of files are on Provenance, for each number.")
