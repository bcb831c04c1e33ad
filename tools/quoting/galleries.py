"""Tables of larger galleries, and of trials of indices."""

from typing import Any

import pandas as pd

from tools.quoting.effects import NOTHING, Table
from tools.quoting.figures import Results

CROWDS = {"scale-real": "people", "scale-simulated": "simulated"}
LAWS = ("power", "probit")


def grown(results: Results, dataset: str, crop: str, metric: str, rate: str = "") -> Table:
    """Return a metric (`rank1`, or `fnir` at a FPIR) by the number of strangers, models as columns.

    `grown DATASET CROP rank1`, or `grown DATASET CROP fnir FPIR`.
    """
    mine = of(results, "scale", dataset, crop)
    at = mine["at"].str.partition("/")
    mine = mine.assign(size=at[0], rate=at[2])
    mine = mine[(mine.metric == metric) & (mine.rate == rate)].dropna(subset=["value"])
    models, lines = list(dict.fromkeys(mine.model)), []
    for threat, who in CROWDS.items():
        part = mine[mine.threat == threat]
        for size in sorted(part["size"].unique(), key=int):
            row = part[part["size"] == size].set_index("model")
            if size != "0":
                name = f"{int(size):,} {who}"
            elif lines:
                continue  # Without strangers, both crowds are one.
            else:
                name = "none"
            lines.append([name, *(share(row, model) for model in models)])
    return ["strangers", *models], lines


def laws(results: Results, dataset: str, crop: str) -> Table:
    """Return what each law predicts of the largest gallery, less what was measured, and beyond."""
    mine = of(results, "scale", dataset, crop).dropna(subset=["value"])
    sizes = sorted({float(at.partition("/")[2]) for at in mine[mine.metric == "law"]["at"]})
    head = ["model", "strangers", "law", "predicted less measured"]
    head += [f"in {size:,.0f} entries" for size in sizes]
    lines = []
    for (model, threat), part in mine.groupby(["model", "threat"], sort=False):
        found = part.set_index(["metric", "at"])
        for law in LAWS:
            if ("law_error", law) in found.index:
                off = found.loc[("law_error", law)]
                said = [f"{100 * off.value:+.1f} [{100 * off.ci_low:.1f}, {100 * off.ci_high:.1f}]"]
                said += [share(found, ("law", f"{law}/{size:g}")) for size in sizes]
                lines.append([model, CROWDS[threat], law, *said])
    return head, lines


def trials(results: Results, dataset: str, crop: str, model: str) -> Table:
    """Return a line an index and number of probes: what it finds, how fast, in how many bytes."""
    mine = of(results, "indices", dataset, crop)
    value = mine[mine.model == model].set_index(["metric", "at"]).value
    head = [
        "index", "probes", "nearest found", "in the worst build", "ten nearest found",
        "right person first", "lost to the index", "searches/s, one thread", "all threads",
        "bytes a vector", "made in",
    ]  # fmt: skip
    lines = []
    for at in value["recall1"].index:
        name, _, probes = at.partition("/")
        shares = [f"{100 * value[metric, at]:.1f} %" for metric in
                  ("recall1", "recall1_lowest", "recall10", "rank1")]  # fmt: skip
        lines.append([
            name, probes or "-", *shares, f"{100 * value['lost', at]:.1f}",
            *(f"{value[metric, at]:,.0f}" for metric in ("speed_one", "speed_all")),
            f"{value['bytes', name]:,.0f}", f"{value['build_seconds', name]:,.0f} s",
        ])  # fmt: skip
    return head, lines


def of(results: Results, protocol: str, dataset: str, crop: str) -> pd.DataFrame:
    """Return the numbers of a protocol; none if there are none."""
    every = results.table("metrics")
    same = (every.dataset == dataset) & (every.crop == crop) & (every.protocol == protocol)
    found = every[same]
    return found.assign(at=found["at"].astype(str), threat=found["threat"].astype(str))


def share(rows: pd.DataFrame, key: Any) -> str:
    """Return the share of one row in per cent, with its interval."""
    if key not in rows.index:
        return NOTHING
    row = rows.loc[key]
    return f"{100 * row.value:.1f} [{100 * row.ci_low:.1f}, {100 * row.ci_high:.1f}]"


KINDS = {"grown": grown, "laws": laws, "trials": trials}
