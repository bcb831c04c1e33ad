"""Galleries to which strangers are added: what is found, and what laws say of larger ones."""

import pandas as pd

from dashboard.data import absent, numbers, ranking

PROTOCOL = "scale"
#: Threat -> who the strangers are.
CROWDS = {"scale-real": "people", "scale-simulated": "simulated vectors"}
LAWS = {"power": "misses grow as a power", "probit": "a line on the normal scale"}


def measured(dataset: str, crop: str, models: list[str]) -> pd.DataFrame:
    """Return all numbers of larger galleries, with facts of the models: `line` says of whom."""
    found = numbers.metrics(dataset=dataset, crop=crop, protocol=PROTOCOL)
    if found.empty:
        raise absent.absent(dataset, crop, PROTOCOL)
    found = found[found.model.isin(models)]
    return ranking.coloured(found.assign(line=found.threat.map(CROWDS)))


def by_size(found: pd.DataFrame, metric: str, rate: str = "") -> pd.DataFrame:
    """Return a metric with the number of `strangers` as a column, in order; none for 0."""
    some = found[found.metric == metric].dropna(subset=["value"])
    parts = some["at"].str.partition("/")
    some = some.assign(strangers=parts[0].astype(int), rate=parts[2])
    return some[(some.rate == rate) & (some.strangers > 0)].sort_values(["model", "strangers"])


def rates(found: pd.DataFrame) -> list[str]:
    """Return the false alarm rates at which misses were counted."""
    points = found[found.metric == "fnir"].dropna(subset=["value"])["at"]
    return list(dict.fromkeys(points.str.partition("/")[2]))


def laws(found: pd.DataFrame) -> pd.DataFrame:
    """Return what each law says, a row a model, crowd and law.

    Its prediction is that of the largest gallery from the smaller ones. The columns after it are
    sizes of galleries.
    """
    rows = []
    for (model, line), part in found.groupby(["model", "line"], sort=False):
        errors = part[part.metric == "law_error"].dropna(subset=["value"]).set_index("at")
        said = part[part.metric == "law"]
        for law in LAWS:
            if law not in errors.index:
                continue
            row = {"model": model, "strangers are": line, "law": LAWS[law]}
            off = float(100 * errors.value[law])
            row["its prediction, points"] = f"{abs(off):.1f} too {'high' if off > 0 else 'low'}"
            for one in said[said["at"].str.startswith(f"{law}/")].itertuples():
                size = f"{float(one.at.partition('/')[2]):,.0f} entries"
                row[size] = (
                    f"{100 * one.value:.1f} % [{100 * one.ci_low:.1f}, {100 * one.ci_high:.1f}]"
                )
            rows.append(row)
    return pd.DataFrame(rows)
