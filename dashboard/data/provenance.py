"""From a number to its record, to words about it, and to the command that makes it again."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from dashboard import number_text, safe_text, vocabulary
from dashboard.data import commands, files, numbers, places
from facebench.store import layout

#: The columns that together identify a number. All numbers of a job share one record.
IDENTITY = [
    "protocol", "metric", "at", "dataset", "crop", "model", "threat", "attack", "fraction",
    "reencode",
]  # fmt: skip


def addresses(rows: pd.DataFrame) -> list[str]:
    """Return for each number the address of the page that says how it was made."""
    said = rows[["record", *IDENTITY]].astype(str).rename(columns={"record": "number"})
    said = said.assign(study=places.study())
    return ["provenance?" + urlencode(row) for row in said.to_dict("records")]


def asked(address: Mapping[str, str]) -> dict[str, str]:
    """Return what an address asks for; nothing unless it names a record."""
    if not address.get("number"):
        return {}
    return {key: address[key] for key in ("number", *IDENTITY) if key in address}


def chosen(wanted: Mapping[str, str]) -> pd.Series | None:
    """Return the number that an address asks for, or None if these results don't hold it.

    If an address leaves several possible, the first is returned.
    """
    known = numbers.metrics(record=wanted["number"])
    for name in set(IDENTITY) & set(wanted):
        known = known[known[name].astype(str) == wanted[name]]
    return None if known.empty else known.iloc[0]


#: Protocol -> the page that shows its numbers; others are on Recognition.
PAGES = {
    "name": "names",
    "identity_inference": "names",
    "open_set_by_name": "names",
    "poison": "poisoning",
    "typographic": "poisoning",
    "index_poison": "poisoning",
    "hubs": "poisoning",
    "hubs_by_name": "poisoning",
    "hub_pictures": "poisoning",
    "hub_pictures_by_name": "poisoning",
    "indices": "indices",
    "all_pairs": "models",
}
#: Protocol -> the part of that page that shows its numbers, where it isn't the first.
PARTS = {
    "index_poison": "Index",
    "hubs": "Hubs",
    "hubs_by_name": "Hubs",
    "hub_pictures": "Hubs",
    "hub_pictures_by_name": "Hubs",
    "scale": "Larger galleries",
    "identity_inference": "Names read",
    "open_set_by_name": "Strangers",
}


def shown_on(row: pd.Series) -> tuple[str, dict[str, str]]:
    """Return the page that shows a number, and what is chosen there, for an address."""
    address = {"study": places.study(), "dataset": row.dataset, "crop": row.crop}
    if row.protocol in PARTS:
        address["part"] = PARTS[row.protocol]
    return PAGES.get(row.protocol, "recognition"), address


def protocols(**equal: str) -> list[str]:
    """Return the protocols that have numbers, those of recognition first."""
    return sorted(numbers.distinct("protocol", **equal), key=early)


def early(protocol: str) -> int:
    """Return the place of a protocol in lists: recognition comes first."""
    order = ["identify", "neighbour", "view2"]
    return order.index(protocol) if protocol in order else len(order)


def title(row: Mapping[str, Any] | pd.Series) -> str:
    """Return the name of a number, with what distinguishes numbers of attacks."""
    said = vocabulary.metric(row["protocol"], row["metric"], row["at"])
    around = [] if row["threat"] == "none" else [vocabulary.threat(row["threat"])]
    if around and row["protocol"] == "poison":
        around.append(f"{number_text.percent(row['fraction'], 0)} cloaked")
    if row["reencode"] != "none":
        around.append(vocabulary.reencoding(row["reencode"]))
    return f"{said} ({', '.join(around)})" if around else said


def sentence(row: pd.Series) -> str:
    """Return which model, pictures and people a number is of."""
    failed = f", {row.n_failed:,.0f} of which could not be used" if row.n_failed else ""
    return (
        f"{safe_text.plain(row.model)} on {safe_text.plain(row.dataset)}, crop"
        f" {safe_text.plain(row.crop)}, pictures: {safe_text.plain(row.attack)}."
        f" {row.n_identities:,.0f} people were resampled for the interval;"
        f" {row.n_images:,.0f} pictures took part{failed}."
        f" Record `{safe_text.file_name(row.record)}`."
    )


def command(row: pd.Series, record: Mapping[str, Any]) -> str:
    """Return the commands that make a number again: checkout of the commit, then its job."""
    target = layout.metrics(places.study(), row.dataset, row.crop, row.model, row.protocol)
    commit = str(files.inside(record, row.protocol, "code").get("commit", ""))
    commit = commit.removesuffix("-dirty")
    lines = [f"git checkout {shlex.quote(commit)}"] if commit not in ("", "unknown") else []
    return "\n".join([*lines, commands.snakemake(target, "--force")])


def facts(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return a record as a table: step, fact, value."""
    rows = [
        (vocabulary.step(step), vocabulary.sentence_case(key), safe_text.tidy(held(value), 300))
        for step, known in record.items()
        for key, value in flat(known)
    ]
    return pd.DataFrame(rows, columns=["step", "fact", "held"], dtype="str")


def held(value: Any) -> str:
    """Return a value of a record as text."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


#: No record of this program is deeper.
DEEPEST = 20


def flat(value: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the values of a part of a record, each with the names that lead to it."""
    if isinstance(value, Mapping) and depth < DEEPEST:
        for key, inner in value.items():
            yield from flat(inner, f"{before}, {key}" if before else str(key), depth + 1)
    else:
        yield before, value


def text(record: Mapping[str, Any]) -> str:
    """Return a record as JSON, for a download."""
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False)
