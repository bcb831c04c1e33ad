"""The results of the experiments with attacks, for the summary: a table, then sentences."""

from collections.abc import Iterator, Sequence

import pandas as pd

from facebench.protocols.poison.transfer import COMMON
from facebench.texts import plain

#: Protocols whose numbers are reported here and not in the tables of recognition.
PROTOCOLS = (
    "poison", "typographic", "index_poison", "hubs", "hubs_by_name", "hub_pictures",
    "hub_pictures_by_name",
)  # fmt: skip

#: The table of transfer of a study without attacks.
NOTHING = pd.DataFrame(columns=["dataset", "crop", "threat", "attack", "attack_control"])

#: What an experiment poisons, in words.
POISONED = {
    "gallery": "{share} of the person's photos in the gallery are cloaked",
    "probe": "the photos that are searched with are cloaked",
    "both": "{share} of the person's photos in the gallery, and those searched with, are cloaked",
    "decoys": "{share} of everybody else's photos in the gallery are cloaked",
}

LEGEND = """Share of searches that still find the person, mean over people. `*`: beyond chance (p <
0.05, corrected for the number of models and attacks); a cell without it doesn't show that there is
no effect. `x of y`: the attack protects other people, of whom y are found without it. `=`: the
attack was made on this model, so this is an upper bound; `other models`: the mean change in points
on the models that recognise people and that no attack of the table was made on (where none is left,
those that the line's own attack was not made on, named there), what these find without a cloak, and
which share of that is protected: no longer found with it, whatever is found with it alone; its
interval is over people, for these models. `changed`: visible change (DSSIM). `failed`: pictures
that could not be cloaked or came out unchanged; they count. `-`: not known, because no picture was
changed or nothing was measured. In these experiments several pictures of a person are in the
gallery, so that more is found without a cloak than by rank-1. docs/poison.md defines all of this.
"""


def sections(transfer: pd.DataFrame, metrics: pd.DataFrame) -> Iterator[tuple[str, list, list]]:
    """Yield (title and remarks, head, lines) of a table for every data set, crop and threat."""
    for (dataset, crop, threat), part in transfer.groupby(
        ["dataset", "crop", "threat"], sort=False
    ):
        numbers = metrics[(metrics.dataset == dataset) & (metrics.crop == crop)]
        people = int(part["n_identities"].max())
        what = POISONED[str(threat)].format(share=f"{100 * part['fraction'].max():.0f} %")
        title = f"## {plain(dataset)}, {plain(crop)} crop: cloaks\n\n"
        title += f"{people:,} people, one at a time; {what}."
        common = part[part["victim"] == COMMON]["averaged"]
        title += f" Other models: {plain(common.iloc[0])}." if len(common) else ""
        yield f"{title}\n", *table(part, numbers)


def table(transfer: pd.DataFrame, metrics: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return head and lines: one line an attack, controls last, one column a model."""
    single = transfer[transfer["averaged"] == ""]
    models = list(dict.fromkeys(single["victim"]))
    head = ["attack", *map(plain, models), "other models", "changed", "failed"]
    clean = {model: before(single, model) for model in models}
    lines = [["none", *(f"{100 * clean[model]:.1f} %" for model in models), "", "", ""]]
    for attack in ordered(transfer):
        part = transfer[transfer["attack"] == attack]
        made = part["surrogates"].iloc[0]
        cells = []
        for model in models:
            row = part[part["victim"] == model]
            cells.append(cell(row.iloc[0], clean[model]) if len(row) else "-")
        mean = part[part["averaged"] != ""]
        cells.append(others(mean.iloc[0]) if len(mean) else "-")
        name = f"{plain(attack)} ({plain(made)})" if made else plain(attack)
        lines.append([name, *cells, number(metrics, attack, "dssim"), lost(metrics, attack)])
    return head, lines


def ordered(transfer: pd.DataFrame) -> list[str]:
    """Return the attacks, controls last.

    The effect of a control is that of any change of the picture.
    """
    control = transfer.drop_duplicates("attack").set_index("attack")["attack_control"]
    return sorted(control.index, key=lambda name: bool(control[name]))


def before(single: pd.DataFrame, model: str) -> float:
    """Return how often a model finds people without a cloak, of the largest group protected."""
    rows = single[single["victim"] == model].sort_values("n_identities", kind="stable")
    return float(rows["found_clean"].iloc[-1])


def cell(row: pd.Series, clean: float) -> str:
    """Return how often people are still found, with its marks.

    `clean`: how often they are found without a cloak; it is shown for attacks on other people.

    >>> row = pd.Series({"found": 0.05, "found_clean": 0.5, "p_corrected": 0.01, "made_on": True})
    >>> cell(row, 0.5), cell(row, 0.6)
    ('5.0 % *=', '5.0 % of 50.0 % *=')
    """
    of = "" if abs(row["found_clean"] - clean) < 5e-4 else f" of {100 * row['found_clean']:.1f} %"
    marks = ("*" if row["p_corrected"] < 0.05 else "") + ("=" if row["made_on"] else "")
    return f"{100 * row['found']:.1f} %{of}" + (f" {marks}" if marks else "")


def change(row: pd.Series) -> str:
    """Return how many points fewer are found, with the interval.

    >>> change(pd.Series({"gain": 0.1, "ci_low": 0.02, "ci_high": 0.18}))
    '-10.0 [-18.0, -2.0]'
    """
    low, high = -100 * row["ci_high"], -100 * row["ci_low"]
    return f"{-100 * row['gain'] + 0:+.1f} [{low:.1f}, {high:.1f}]"


def others(row: pd.Series) -> str:
    """Return the effect on several models; which they are, where each attack has its own.

    >>> row = {"gain": 0.4, "ci_low": 0.3, "ci_high": 0.5, "found_clean": 0.8}
    >>> row |= {"protected_share": 0.5, "victim": COMMON, "averaged": "a, b"}
    >>> others(pd.Series(row))
    '-40.0 [-50.0, -30.0] of 80.0 %; 50 % protected'
    """
    share = row["protected_share"]
    of = f"{change(row)} of {100 * row['found_clean']:.1f} %"
    protected = f"; {100 * share:.0f} % protected" if pd.notna(share) else ""
    return of + protected + ("" if row["victim"] == COMMON else f" ({row['averaged']})")


def number(metrics: pd.DataFrame, attack: str, metric: str) -> str:
    """Return a number that is the same for all models, or `-`."""
    found = values(metrics, attack, metric)
    return f"{found.iloc[0]:.4f}" if found.notna().any() else "-"


def lost(metrics: pd.DataFrame, attack: str) -> str:
    """Return the share of pictures that an attack left unchanged or failed on."""
    parts = [values(metrics, attack, metric) for metric in ("failed_to_cloak", "unchanged")]
    found = [part.iloc[0] for part in parts if len(part)]
    return f"{100 * sum(found):.0f} %" if found else "-"


def values(metrics: pd.DataFrame, attack: str, metric: str) -> pd.Series:
    chosen = (metrics.protocol == "poison") & (metrics.attack == attack)
    return metrics[chosen & (metrics.metric == metric) & (metrics.reencode == "none")].value


def sentences(transfer: pd.DataFrame, metrics: pd.DataFrame) -> list[str]:
    """Return the results of a study in sentences, with the controls beside each effect."""
    found = []
    for (dataset, crop), numbers in metrics.groupby(["dataset", "crop"], sort=False):
        part = transfer[(transfer["dataset"] == dataset) & (transfer["crop"] == crop)]
        control = part["attack_control"].astype(bool)
        controls = part[control]
        for attack in ordered(part[~control]):
            rows = part[part["attack"] == attack]
            alike = controls[controls["threat"].isin(rows["threat"])]
            subject = f"{plain(dataset)}, {plain(crop)}: {plain(attack)}"
            found += list(effects(subject, rows, alike))
        found += [
            f"{plain(dataset)}, {plain(crop)}: {line}"
            for line in [*typographic(numbers), *index_entries(numbers), *hubs(numbers)]
        ]
    return found


def effects(subject: str, rows: pd.DataFrame, controls: pd.DataFrame) -> Iterator[str]:
    """Yield sentences on one attack, for models that it was made on and for others."""
    single = rows[rows["averaged"] == ""]
    for row in single[single["made_on"]].to_dict("records"):
        sure = "beyond chance"
        if not row["p_corrected"] < 0.05:
            sure = f"{change(pd.Series(row))} points, not shown to be more than chance"
        yield (
            f"{subject} takes {plain(row['victim'])}, on which it was made, from "
            f"{100 * row['found_clean']:.1f} % found to {100 * row['found']:.1f} % ({sure})"
            f"{beside(controls, row['victim'])}."
        )
    other = single[~single["made_on"] & ~single["control"]]
    if other.empty:
        return
    stopped = other[(other["p_corrected"] < 0.05) & (other["gain"] > 0)]
    worst = other.sort_values("gain").iloc[-1]
    start = f"{subject} {hides_from(len(stopped), [plain(name) for name in other['victim']])}"
    if not worst["gain"] > 0:
        they = "it finds" if len(other) == 1 else "all of them find"
        yield f"{start}; {they} as many with it as without it, or more."
        return
    which = "" if len(other) == 1 else f" most from {plain(worst['victim'])}, which"
    yield (
        f"{start};{which or ' this model'} finds {100 * worst['found_clean']:.1f} % without it and"
        f" {100 * worst['found']:.1f} % with it{beside(controls, worst['victim'])}."
    )


def hides_from(stopped: int, models: Sequence[str]) -> str:
    """Return from how many models a cloak hides people that it was not made on, in words.

    >>> hides_from(0, ["a"])
    'was not shown to hide people from a, on which it was not made'
    >>> hides_from(2, ["a", "b"])
    'hides people beyond chance from all 2 models that it was not made on'
    """
    does = "hides people beyond chance from" if stopped else "was not shown to hide people from"
    if len(models) == 1:
        return f"{does} {models[0]}, on which it was not made"
    many = f"{stopped} of {len(models)}" if stopped else f"any of {len(models)}"
    many = f"all {len(models)}" if stopped == len(models) else many
    return f"{does} {many} models that it was not made on"


def beside(controls: pd.DataFrame, model: str) -> str:
    """Return what the same model finds under the controls, as the end of a sentence."""
    rows = controls[(controls["victim"] == model) & (controls["averaged"] == "")]
    if rows.empty:
        return ""
    pairs = zip(rows["attack"], rows["found"], strict=True)
    parts = [f"{plain(attack)} leaves {100 * found:.1f} %" for attack, found in pairs]
    return f"; {', '.join(parts)}"


def typographic(metrics: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence a model and attack on names written on pictures."""
    numbers = metrics[metrics.protocol == "typographic"]
    for (attack, model), part in numbers.groupby(["attack", "model"], sort=False):
        value = part.set_index("metric").value
        true = f"the true name comes first for {percent(value, 'true_top1_clean')} of people's "
        true += f"pictures without it, {percent(value, 'true_top1')} with it"
        if pd.notna(value.get("written_top1")):
            yield (
                f"{plain(attack)} makes {plain(model)} say the written name for "
                f"{percent(value, 'written_top1')} (without it "
                f"{percent(value, 'written_top1_clean')}); {true}."
            )
        else:
            lucky = ""
            if pd.notna(value.get("unwritten_top1")):
                lucky = f" {percent(value, 'unwritten_top1')} of them say the name left unwritten;"
            subject = f"{plain(attack)}, which writes nobody's name, under {plain(model)}"
            yield f"{subject}:{lucky} {true}."


def index_entries(metrics: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence a model and kind of index poisoning, on the most entries that were tried."""
    numbers = metrics[(metrics.protocol == "index_poison") & (metrics.metric == "rank1")]
    for (threat, model), part in numbers.dropna(subset=["value"]).groupby(
        ["threat", "model"], sort=False
    ):
        by_entries = part.assign(entries=part["at"].astype(int)).sort_values("entries")
        first, last = by_entries.iloc[0], by_entries.iloc[-1]
        kind = plain(threat).removeprefix("index-")
        yield (
            f"{last.entries} {kind} entries ({100 * last.fraction:.2g} % of the index) take rank-1 "
            f"of a victim under {plain(model)} from {100 * first.value:.1f} % to "
            f"{100 * last.value:.1f} %."
        )


#: What the index is searched with, in the protocols of hubs.
SEARCHED_WITH = {
    "hubs": "pictures of others",
    "hubs_by_name": "names",
    "hub_pictures": "pictures of others",
    "hub_pictures_by_name": "names",
}
#: What is beside an effect: entries that were there anyway, or the same pictures clean.
BESIDE = {
    "hub-natural": "as many of the index's own hubs",
    "hub-carrier": "the same pictures unchanged",
}


def hubs(metrics: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence a model and search on entries that are to come first for everybody.

    On the kind of which the most entries come first most often, with a control beside it.
    """
    numbers = metrics[metrics.protocol.isin(SEARCHED_WITH) & (metrics.metric == "hits")]
    numbers = numbers[numbers["at"].astype(str).str.fullmatch(r"\d+/1")].dropna(subset=["value"])
    by_entries = numbers.assign(entries=numbers["at"].astype(str).str.split("/").str[0].astype(int))
    for (protocol, attack, model), part in by_entries.groupby(
        ["protocol", "attack", "model"], sort=False
    ):
        added = part[~part.threat.isin(["hub-enrolled", *BESIDE])]
        if added.empty:
            continue
        most = added[added.entries == added.entries.max()]
        kind = most.sort_values("value", kind="stable").iloc[-1].threat
        own = added[added.threat == kind].sort_values("entries")
        first, last = own.iloc[0], own.iloc[-1]
        beside = "".join(
            f"; of {BESIDE[row.threat]} in {100 * row.value:.1f} %"
            for row in part[part.threat.isin(BESIDE) & (part.entries == last.entries)].itertuples()
        )
        pictures = str(protocol).startswith("hub_pictures")
        name = plain(attack) if pictures else plain(kind).removeprefix("hub-")
        yield (
            f"Under {plain(model)}, searched with {SEARCHED_WITH[str(protocol)]}, one of"
            f" {last.entries} entries for everybody ({name}; {100 * last.fraction:.2g} % of the"
            f" index) comes first in {100 * last.value:.1f} % of searches, of {first.entries} in"
            f" {100 * first.value:.1f} %{beside}."
        )


def percent(value: pd.Series, metric: str) -> str:
    return f"{100 * value[metric]:.1f} %"
