"""From a number to its record, to words about it, and to the command that makes it again."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import words

from data import numbers

#: What an address may ask for: the record's id, and which of its numbers.
ASKED = ("number", "protocol", "metric", "at")


#: Protocols of several variants at once -> the folder of their tables.
ELSEWHERE = {"poison": "poison", "written": "poison/names"}


def asked(address: Mapping[str, str]) -> dict[str, str]:
    """Return what an address asks for; nothing unless it names a record."""
    return {key: address.get(key, "") for key in ASKED} if address.get("number") else {}


def chosen(wanted: Mapping[str, str]) -> pd.Series | None:
    """Return the number that an address asks for, or None if these results don't hold it."""
    known = numbers.metrics(record=wanted["number"], protocol=wanted["protocol"])
    known = known[(known.metric == wanted["metric"]) & (known["at"] == wanted["at"])]
    return None if known.empty else known.iloc[0]


def title(row) -> str:
    """Return what a number says, with the circumstances in which attacked ones differ."""
    said = words.metric(row.protocol, row.metric, row.at)
    if row.threat == "none":
        return said
    return f"{said} ({words.threat(row.threat)}, {words.percent(row.fraction, 0)} cloaked)"


def sentence(row: pd.Series) -> str:
    """Say of what and of whom a number is."""
    failed = f", {row.n_failed:,.0f} of which could not be used" if row.n_failed else ""
    return (
        f"{words.plain(row.model)} on {words.plain(row.dataset)}, crop {words.plain(row.crop)},"
        f" pictures: {words.plain(row.attack)}. {row.n_identities:,.0f} people were resampled for"
        f" the interval; {row.n_images:,.0f} pictures took part{failed}."
        f" Record `{words.file_name(row.record)}`."
    )


def command(row: pd.Series, record: Mapping[str, Any]) -> str:
    """Return the commands that make a number again: the code's commit, the job's output."""
    place = f"results/{row.dataset}/{row.crop}"
    if row.protocol in ELSEWHERE:
        target = f"{place}/{ELSEWHERE[row.protocol]}/{row.model}.parquet"
    else:
        target = f"{place}/{row.attack}/{row.model}/metrics/{row.protocol}.parquet"
    lines = []
    commit = str(_commit(record, row.protocol)).removesuffix("-dirty")
    if commit and commit != "unknown":
        lines.append(f"git checkout {shlex.quote(commit)}")
    lines.append(
        f".venv/bin/snakemake --cores all --forcerun {row.protocol} -- {shlex.quote(target)}"
    )
    return "\n".join(lines)


def _commit(record: Mapping[str, Any], protocol: str) -> str:
    return record.get(protocol, {}).get("code", {}).get("commit", "")


def facts(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return a record as a table: step, fact, value."""
    rows = [
        (words.step(step), key, value)
        for step, known in record.items()
        for key, value in _flat(known)
    ]
    return pd.DataFrame(rows, columns=["step", "fact", "held"], dtype="str")


def _flat(value: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{before}, {key}" if before else str(key))
    else:
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        shown = "none" if value is None else shown
        yield words.sentence_case(before), words.tidy(shown, 300)


def text(record: Mapping[str, Any]) -> str:
    """Return a record as JSON, to be kept."""
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False)
