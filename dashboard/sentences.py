"""Answers in sentences, made from the numbers: pure functions from tables to Markdown."""

from collections.abc import Sequence

import pandas as pd

from dashboard import words

ALPHA = 0.05

#: What no comparison of models here can tell: each is one set of weights.
TRAINED_ONCE = (
    "Each model is one training, and p is over people: another training of the same size may find"
    " more or fewer."
)

#: What a comparison in the open set lacks, for the pages that show one.
HELD_THRESHOLDS = (
    "Two models are compared at thresholds that are held while people are drawn. That makes these"
    " intervals too narrow and p too small: a difference may be chance although it is coloured."
)


def bigger(table: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Answer "is a bigger CLIP better?" from a table of models and their comparisons.

    `table`: model, kind, parameters_m, value, ci_low, ci_high; `comparisons`: model_a, model_b,
    difference, ci_low, ci_high, p_corrected, of the same searches.
    """
    clips = table[(table.kind == "CLIP") & table.value.notna()].sort_values("parameters_m")
    if len(clips) < 2:
        count = "No trained CLIP was" if clips.empty else "Only one trained CLIP was"
        return (
            f"**It can't be said from these results.** {count} measured; it takes two to compare."
        )
    said = f"{words.listed([_model(row) for row in clips.itertuples()])} found first."
    pairs = size_pairs(clips.set_index("model").parameters_m, comparisons)
    parts = [f"**{_verdict(pairs)}**", _unsure(pairs), f"In size order: {said}", TRAINED_ONCE]
    return " ".join(part for part in parts if part)


def _model(row) -> str:
    size = words.size(row.parameters_m).replace(" parameters", "")
    return f"{words.plain(row.model)} ({size}) {_rate(row)}"


def _rate(row) -> str:
    return words.plain(
        f"{words.percent(row.value)} {words.interval(row.ci_low, row.ci_high)}".strip()
    )


def _verdict(pairs: pd.DataFrame) -> str:
    if pairs.empty:
        return "Their sizes were not compared."
    sure = pairs.p_corrected < ALPHA
    better, worse = int((sure & (pairs.gain > 0)).sum()), int((sure & (pairs.gain < 0)).sum())
    total = len(pairs)
    every = "the one pair" if total == 1 else f"all {total} pairs"
    if better == total:
        worst = pairs.p_corrected.max()
        return (
            f"Yes, for these weights: in {every} of CLIPs the bigger one finds more"
            f" (p {_p(worst)} at most)."
        )
    if worse == total:
        return f"No, not for these weights: in {every} of CLIPs the bigger one finds fewer."
    if not better and not worse:
        return f"It can't be told from {every} of CLIPs."
    if worse == 0:
        return (
            f"Mostly, for these weights: in {better} of {total} pairs of CLIPs the bigger one finds"
            " more."
        )
    if better == 0:
        return (
            f"Rather not, for these weights: in {worse} of {total} pairs of CLIPs the bigger one"
            " finds fewer."
        )
    return (
        f"Not always, for these weights: of {total} pairs of CLIPs the bigger one finds more in"
        f" {better} and fewer in {worse}."
    )


#: So many intervals are said in a sentence.
SAID = 3


def _unsure(pairs: pd.DataFrame) -> str:
    """Say what the pairs that are not told apart may still differ by."""
    pairs = pairs[~(pairs.p_corrected < ALPHA)]
    if pairs.empty:
        return ""
    if len(pairs) > SAID:
        return f"{len(pairs)} pairs are not told apart; that doesn't show that they are alike."
    said = [
        f"{words.plain(row.big)} less {words.plain(row.small)}"
        f" {words.plain(points(row.gain, row.ci_low, row.ci_high))}"
        for row in pairs.itertuples()
    ]
    return f"Not told apart, which doesn't show that they are alike: {words.listed(said)}."


def size_pairs(sizes: pd.Series, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of models of different size: `small`, `big`, `gain` of the bigger one.

    `sizes`: parameters by model.
    """
    known = comparisons[
        comparisons.model_a.isin(sizes.index) & comparisons.model_b.isin(sizes.index)
    ]
    rows = []
    for row in known.itertuples():
        a, b = sizes[row.model_a], sizes[row.model_b]
        if a == b:
            continue
        low, high = row.ci_low, row.ci_high
        if a < b:
            gain = (row.model_a, row.model_b, -row.difference, -high, -low)
        else:
            gain = (row.model_b, row.model_a, row.difference, low, high)
        rows.append((*gain, row.p_corrected))
    columns = ["small", "big", "gain", "ci_low", "ci_high", "p_corrected"]
    pairs = pd.DataFrame(rows, columns=columns)
    return pairs.drop_duplicates(["small", "big"])


def beside(table: pd.DataFrame) -> str:
    """Say what models made for faces, and those that learned nothing, reach on the same."""
    parts = []
    for kind, before in (
        ("made for faces", "Made for faces: "),
        ("untrained CLIP", "A CLIP that never saw a picture: "),
        ("raw pixels", "Comparing pixels: "),
    ):
        found = table[(table.kind == kind) & table.value.notna()]
        if len(found):
            best = found.sort_values("value").iloc[-1]
            named = f"{words.plain(best.model)} " if kind != "raw pixels" else ""
            parts.append(f"{before}{named}{_rate(best)}.")
    return " ".join(parts)


def searching(neighbour: pd.DataFrame, strangers: pd.DataFrame, naming: pd.DataFrame) -> str:
    """Say what it means for a search engine: the best model by picture, among strangers, by name.

    Each table holds the numbers of one metric; `naming` both `top1` and `top1_chance`.
    """
    parts = []
    best = _best(neighbour)
    if best is not None:
        parts.append(
            f"**By picture**, the nearest other photograph is of the same person in {_rate(best)}"
            f" of searches with {words.plain(best.model)}, among {best.n_images:,.0f} pictures."
        )
    best = _best(strangers)
    if best is not None:
        parts.append(
            f"**Among strangers**, where only {100 * float(best['at']):g} % of searches for people"
            f" who aren't there may raise an alarm, {words.plain(best.model)} finds {_rate(best)}."
        )
    best = _best(naming[naming.metric == "top1"]) if len(naming) else None
    if best is not None:
        chance = naming[(naming.metric == "top1_chance") & (naming.model == best.model)].value
        guess = f"; guessing: {words.percent(chance.iloc[0], 2)}" if len(chance) else ""
        at = "all names" if best["at"] == "all" else f"{best['at']} names"
        parts.append(
            f"**By name**, {words.plain(best.model)} puts the right one of {at} first for"
            f" {_rate(best)} of pictures{guess}. Part of the names may be invented: a model that"
            " never read those has it easier."
        )
    else:
        parts.append("**By name** nothing was measured: no model here that reads text.")
    return " ".join(parts)


def _best(table: pd.DataFrame):
    found = table.dropna(subset=["value"]) if len(table) else table
    return found.sort_values("value").iloc[-1] if len(found) else None


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def difference(row) -> str:
    """Say how two models differ, as in a tooltip: `difference`, its interval and its p."""
    sure = "told apart" if row.p_corrected < ALPHA else "not told apart"
    if getattr(row, "protocol", "") == "open_set":
        sure += ", too sure: thresholds are held"
    said = points(row.difference, row.ci_low, row.ci_high)
    return f"{said}, p {_p(row.p_corrected)}: {sure}"


def points(change: float, low: float, high: float) -> str:
    """Return a change in points with its interval.

    >>> points(0.006, -0.027, 0.038)
    '+0.6 points [-2.7, 3.8]'
    """
    return f"{100 * change:+.1f} points {words.interval(low, high)}".strip()


def names(models: Sequence[str], most: int = 3) -> str:
    """Return a few names of models, and how many more there are."""
    shown = [words.plain(model) for model in models[:most]]
    more = len(models) - most
    return f"{', '.join(shown)} and {more} more" if more > 0 else words.listed(shown)


#: Kinds of attacks that are controls.
AIMLESS = ("noise", "blur")


def cloaks(found: pd.DataFrame, whole: pd.DataFrame, transfer: pd.DataFrame | None = None) -> str:
    """Answer "does a cloak stop it?" for the model that finds most, from the poison numbers.

    `whole`: protection by model and attack, `fraction` 0 without a cloak; `found`: all numbers;
    `transfer`: which attack was made on which model, and what it takes from the others.
    """
    able = whole[~whole.kind.isin(words.CONTROLS)]
    able = able.dropna(subset=["value"])
    if able.empty:
        return "**It can't be said from these results:** no model here recognises people."
    before, after = able[able.fraction == 0], able[able.fraction > 0]
    if before.empty or after.empty:
        return "**It can't be said from these results.**"
    best = before.sort_values("value").iloc[0]
    mine = after[after.model == best.model].sort_values("value")
    aimless = mine[mine.attack.isin(aiming_at_nobody(transfer))]
    against = mine.drop(aimless.index) if len(aimless) < len(mine) else mine
    strongest, weakest = against.iloc[-1], against.iloc[0]
    gain = found[
        (found.metric == "protection_gain")
        & (found.model == best.model)
        & (found.attack == strongest.attack)
        & (found.threat == strongest.threat)
        & (found.fraction == strongest.fraction)
        & (found.reencode == "none")
        & (found["at"] == "nearest")
    ]
    model, attack = words.plain(best.model), words.plain(strongest.attack)
    said = [
        f"**{_helps(gain)}** Of searches with {model}, which finds most, {_rate(best)} fail without"
        f" a cloak and {_rate(strongest)} with {attack}, the strongest here."
    ]
    if weakest.value < strongest.value:
        said.append(f"With {words.plain(weakest.attack)}, the weakest: {_rate(weakest)}.")
    if len(aimless):
        told = words.listed(
            [f"{words.plain(row.attack)} {_rate(row)}" for row in aimless.itertuples()]
        )
        said.append(f"Changes that aim at nobody, the control: {told}.")
    said.append(_saved(found, strongest))
    said.append(_transferred(transfer, best.model, strongest.attack))
    return " ".join(part for part in said if part)


def aiming_at_nobody(transfer: pd.DataFrame | None) -> list[str]:
    """Return the attacks that are controls: what they do, any change might have done."""
    if transfer is None or "kind" not in transfer:
        return []
    return list(transfer[transfer.kind.isin(AIMLESS)].attack.unique())


def _transferred(transfer: pd.DataFrame | None, model: str, attack: str) -> str:
    """Say if an attack was made on the model it was tried on, and what it takes from others."""
    if transfer is None:
        return ""
    mine = transfer[transfer.attack == attack]
    said = []
    if (mine.made_on & (mine.victim == model)).any():
        said.append(
            f"It was made on {words.plain(model)} itself, where it has it easiest: no measure of"
            " what it does to a search engine that nobody knows."
        )
    for row in mine[mine.models > 1].itertuples():
        lost = words.plain(points(row.gain, row.ci_low, row.ci_high))
        said.append(
            f"On {row.models} models that it was not made on: {lost}, with an interval over people"
            " and not over models."
        )
    return " ".join(said)


def _helps(gain: pd.DataFrame) -> str:
    if gain.empty or gain.value.isna().all():
        return "How much a cloak takes was not measured."
    row = gain.iloc[0]
    lost = words.plain(points(row.value, row.ci_low, row.ci_high))
    if not row.ci_low > 0:
        return f"No help was shown, nor that there is none: {lost}."
    return f"{'Largely' if row.value > 0.5 else 'Only in part'}: {lost}."


def _saved(found: pd.DataFrame, strongest: pd.Series) -> str:
    """Say what is left of the strongest cloak after the pictures were saved again."""
    same = found[
        (found.metric == "protection")
        & (found.model == strongest.model)
        & (found.attack == strongest.attack)
        & (found.threat == strongest.threat)
        & (found.fraction == strongest.fraction)
        & (found["at"] == "nearest")
        & (found.reencode != "none")
        & ~found.reencode.str.contains(":")
    ].dropna(subset=["value"])
    if same.empty:
        return ""
    least = same.sort_values("value").iloc[0]
    return f"Saved again ({words.plain(least.reencode)}), {_rate(least)}."
