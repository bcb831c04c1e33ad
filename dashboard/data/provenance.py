"""From a number to its record, to words about it, and to the command that makes it again."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from dashboard import words
from dashboard.data import numbers

#: What tells the numbers of one record apart: an experiment's record holds those of every attack,
#: threat, share and re-encoding.
IDENTITY = [
    "protocol", "metric", "at", "dataset", "crop", "model", "threat", "attack", "fraction",
    "reencode",
]  # fmt: skip


#: Protocols of several variants at once -> the folder of their tables.
ELSEWHERE = {"poison": "poison", "written": "poison/names"}


def addresses(rows: pd.DataFrame) -> list[str]:
    """Return for each number the address of the page that says how it was made."""
    said = rows[["record", *IDENTITY]].astype(str).rename(columns={"record": "number"})
    return ["provenance?" + urlencode(row) for row in said.to_dict("records")]


def asked(address: Mapping[str, str]) -> dict[str, str]:
    """Return what an address asks for; nothing unless it names a record."""
    if not address.get("number"):
        return {}
    return {key: address[key] for key in ("number", *IDENTITY) if key in address}


def chosen(wanted: Mapping[str, str]) -> pd.Series | None:
    """Return the number that an address asks for, or None if these results don't hold it.

    Of what an address doesn't say, the first is taken: older ones say less.
    """
    known = numbers.metrics(record=wanted["number"])
    for name in set(IDENTITY) & set(wanted):
        known = known[known[name].astype(str) == wanted[name]]
    return None if known.empty else known.iloc[0]


def title(row: Mapping[str, Any] | pd.Series) -> str:
    """Return what a number says, with the circumstances in which attacked ones differ."""
    said = words.metric(row["protocol"], row["metric"], row["at"])
    around = [] if row["threat"] == "none" else [words.threat(row["threat"])]
    if around and row["protocol"] == "poison":
        around.append(f"{words.percent(row['fraction'], 0)} cloaked")
    if row["reencode"] != "none":
        around.append(words.reencoding(row["reencode"]))
    return f"{said} ({', '.join(around)})" if around else said


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


#: What a page shows that is no single number: the file it is read from, the rule that makes that.
TABLES = {
    "comparisons": ("comparisons.parquet", "compare"),
    "transfer": ("poison-transfer.parquet", "poison_across"),
    "groups": ("poison-groups.parquet", "poison_across"),
    "votes": ("poison-votes.parquet", "poison_across"),
    "outcomes": ("{dataset}/{crop}/clean/{model}/outcomes/{protocol}.parquet", "{protocol}"),
    "answers": ("{dataset}/my-cloaks.parquet", "my_cloaks"),
}


def made_from(table: str, **names: str) -> tuple[str, str]:
    """Return the file that a table of a page is read from, and the command that makes it again.

    `*` for a name means the files of all: then the command makes all of the study's.

    >>> made_from("answers", dataset="me")[1]
    '.venv/bin/snakemake --cores all --forcerun my_cloaks -- results/me/my-cloaks.parquet'
    """
    file, rule = (part.format(**names) for part in TABLES[table])
    command = f".venv/bin/snakemake --cores all --forcerun {shlex.quote(rule)}"
    target = "" if "*" in names.values() else f" -- {shlex.quote(f'results/{file}')}"
    return f"results/{file}", command + target


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
