"""Entries of an index that are for everybody: what they do, how many it takes, who notices them."""

import pandas as pd

from dashboard import number_text
from dashboard.data import numbers, poison, ranking
from dashboard.data.missing import Missing

PROTOCOLS = ("hubs", "hubs_by_name", "hub_pictures", "hub_pictures_by_name")
WHAT = "Entries for everybody"
#: Entries that were in the index before.
THERE_ALREADY = ("hub-natural", "hub-enrolled")
NATURAL = "hub-natural"
#: Defence -> what is found behind it; the scan's has a budget.
BEHIND = {"no defence": "hits", "gate": "hits_after_gate", "scan": "hits_after_scan"}
#: The parts of `at` that are no whole numbers.
KINDS: dict[str, type] = {"budget": float, "index": str}
#: A search that looks at every entry.
EXACT = "every entry is looked at"
#: What defences cost: metric -> how it is called.
PRICES = ("rank1_lost", "gate_refused")


def measured(dataset: str, crop: str) -> pd.DataFrame:
    """Return all numbers of entries for everybody, with facts of the models."""
    found = numbers.metrics(dataset=dataset, crop=crop, protocol=list(PROTOCOLS))
    if found.empty:
        raise poison.none_made(dataset, crop, list(PROTOCOLS), WHAT, "hubs")
    return ranking.rows_best_first(ranking.with_models(found), dataset, crop)


def counted(found: pd.DataFrame, metric: str, *names: str) -> pd.DataFrame:
    """Return a metric's numbers, with the parts of `at` (`50/10/0.01`) as columns of these names.

    `budget` is a share, `index` the name of one, with its probes; the others are whole numbers.
    """
    some = found[found.metric == metric].dropna(subset=["value"])
    if some.empty:
        return some.assign(**{name: pd.Series(dtype=float) for name in names})
    parts = some["at"].str.split("/", expand=True).reindex(columns=range(len(names)))
    kinds = {name: KINDS.get(name, int) for name in names}
    return some.assign(**{name: parts[i].astype(kinds[name]) for i, name in enumerate(names)})


def by_entries(found: pd.DataFrame, metric: str, top: int) -> pd.DataFrame:
    """Return a metric of the first `top` of a list, with `entries`: rows of every kind of entry."""
    some = counted(found, metric, "entries", "top")
    return some[some.top == top].sort_values("entries", kind="stable")


def beside_nature(found: pd.DataFrame, kind: str, name: str, baseline: str) -> pd.DataFrame:
    """Return the rows of a kind of entry, and those of natural hubs, as `line`s of these names."""
    mine = found[found.threat == kind].assign(line=name)
    natural = found[found.threat == NATURAL].assign(line=baseline)
    return pd.concat([mine] if kind == NATURAL else [mine, natural], ignore_index=True)


def for_half(found: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return how many entries it takes, a row a model and kind; without `value`: more than tried.

    tried: the most entries that were tried.
    """
    some = found[(found.metric == "entries_for_half") & (found["at"] == str(top))]
    tried = counted(found, "hits", "entries", "top").groupby(["model", "threat"]).entries.max()
    pairs = pd.MultiIndex.from_frame(some[["model", "threat"]])
    return some.assign(tried=tried.reindex(pairs).to_numpy())


def behind(found: pd.DataFrame, kind: str, entries: int, top: int) -> pd.DataFrame:
    """Return in how many searches entries are found with no defence and behind each: `defence`."""
    parts = []
    for defence, metric in BEHIND.items():
        names = ["entries", "top", "budget"][: 3 if defence == "scan" else 2]
        some = counted(found, metric, *names)
        some = some[(some.entries == entries) & (some.top == top) & (some.threat == kind)]
        if defence == "scan":
            said = [f"scan of {number_text.share(one)} of the index" for one in some.budget]
        else:
            said = [defence] * len(some)
        parts.append(some.assign(defence=said))
    table = pd.concat(parts, ignore_index=True)
    if table.defence.nunique() < 2:
        raise Missing(
            "No defence was measured: there are no searches to look for entries with.", ""
        )
    return table


def through_indices(found: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return in how many searches one entry is found exactly, and through each `index`."""
    by_index = counted(found, "hits_by_index", "entries", "top", "index")
    exact = counted(found, "hits", "entries", "top").assign(index=EXACT)
    exact = exact[exact.threat.isin(by_index.threat)]
    table = pd.concat([exact, by_index], ignore_index=True)
    return table[(table.top == top) & (table.entries == 1)]


def prices(found: pd.DataFrame) -> pd.DataFrame:
    """Return what the defences cost where nobody attacks, a row a model, defence and cost."""
    some = found[found.metric.isin(PRICES)].dropna(subset=["value"])
    said = [
        "gate"
        if not at
        else f"scan of {number_text.share(at[5:])} of the index"
        if at[:5] == "scan "
        else at
        for at in some["at"]
    ]
    costs = some.metric.map({"rank1_lost": "right person first, lost", "gate_refused": REFUSED})
    return some.assign(defence=said, cost=costs)


REFUSED = "clean pictures refused"
