"""The answer to "is a bigger CLIP a better recogniser?", and the models to compare it with."""

from typing import Any

import pandas as pd

from dashboard import number_text, safe_text
from dashboard.sentences.comparisons import ALPHA, TRAINED_ONCE, points, rate

#: At most this many pairs without a significant difference are listed.
MOST_PAIRS = 3


def bigger(table: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Answer "is a bigger CLIP better?" from a table of models and their comparisons.

    table: model, kind, parameters_m, value, ci_low, ci_high. comparisons, of the same searches:
    model_a, model_b, difference, ci_low, ci_high, p_corrected.
    """
    clips = table[(table.kind == "CLIP") & table.value.notna()].sort_values("parameters_m")
    if len(clips) < 2:
        count = "No trained CLIP was" if clips.empty else "Only one trained CLIP was"
        return f"**These results cannot answer this.** {count} measured; two are needed to compare."
    order = number_text.listed([_model(row) for row in clips.itertuples()])
    pairs = size_pairs(clips.set_index("model").parameters_m, comparisons)
    parts = [
        f"**{_verdict(pairs)}**",
        _undecided(pairs),
        f"Found first, in order of size: {order}.",
        TRAINED_ONCE,
    ]
    return " ".join(part for part in parts if part)


def _model(row: Any) -> str:
    size = number_text.size(row.parameters_m).replace(" parameters", "")
    return f"{safe_text.plain(row.model)} ({size}) {rate(row)}"


def _verdict(pairs: pd.DataFrame) -> str:
    if pairs.empty:
        return "Their sizes were not compared."
    decided = pairs.p_corrected < ALPHA
    better, worse = int((decided & (pairs.gain > 0)).sum()), int((decided & (pairs.gain < 0)).sum())
    total = len(pairs)
    every = "the one pair" if total == 1 else f"all {total} pairs"
    if better == total:
        return (
            f"Yes, for these weights: in {every} of CLIPs the bigger one finds more"
            f" (p {number_text.p_value(pairs.p_corrected.max())} at most)."
        )
    if worse == total:
        return f"No, not for these weights: in {every} of CLIPs the bigger one finds fewer."
    if not better and not worse:
        return f"Undecided: no difference is significant in {every} of CLIPs."
    if not better or not worse:
        decided, what = (better, "more") if better else (worse, "fewer")
        return (
            f"{_most(decided, total)}: in {decided} of {total} pairs of CLIPs the bigger one finds"
            f" {what}."
        )
    return (
        f"Not always, for these weights: of {total} pairs of CLIPs the bigger one finds more in"
        f" {better} and fewer in {worse}."
    )


def _most(decided: int, total: int) -> str:
    """Return how a verdict begins of which some pairs say so and none the opposite.

    >>> _most(2, 3), _most(1, 3)
    ('In most pairs, for these weights', 'Not shown for most pairs')
    """
    return "In most pairs, for these weights" if 2 * decided > total else "Not shown for most pairs"


def _undecided(pairs: pd.DataFrame) -> str:
    """Return the pairs without a significant difference, and how large it may still be."""
    pairs = pairs[~(pairs.p_corrected < ALPHA)]
    if pairs.empty:
        return ""
    if len(pairs) > MOST_PAIRS:
        return (
            f"{len(pairs)} pairs show no significant difference after the correction for their"
            " number, which does not show that they are equal."
        )
    listed = [
        f"{safe_text.plain(row.big)} minus {safe_text.plain(row.small)}"
        f" {safe_text.plain(points(row.gain, row.ci_low, row.ci_high))}"
        for row in pairs.itertuples()
    ]
    return (
        "No significant difference after the correction for their number, which does not show that"
        " they are equal:"
        f" {number_text.listed(listed)}."
    )


def size_pairs(sizes: pd.Series, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of models of different size: `small`, `big`, `gain` of the bigger one.

    sizes: parameters by model.
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


#: Protocol -> how a sentence calls it.
BY = {
    "identify": "by rank-1",
    "neighbour": "by nearest picture",
    "view2": "on LFW's listed pairs",
    "open_set": "among strangers",
    "name": "by name",
}


def by_protocol(table: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Return in how many pairs of CLIPs the bigger one is better, by each protocol.

    comparisons: as for `bigger`, of all protocols. Empty where nothing was compared.
    """
    sizes = table[table.kind == "CLIP"].set_index("model").parameters_m
    said = []
    for protocol, by in BY.items():
        pairs = size_pairs(sizes, comparisons[comparisons.protocol == protocol])
        if len(pairs):
            better = int(((pairs.p_corrected < ALPHA) & (pairs.gain > 0)).sum())
            said.append(f"{by} {better} of {len(pairs)}")
    if not said:
        return ""
    return f"Pairs of CLIPs in which the bigger one is better beyond chance: {', '.join(said)}."


def beside(table: pd.DataFrame) -> str:
    """Return the best models made for faces, and the best controls, on the same searches."""
    parts = []
    for kind, before in (
        ("made for faces", "Model made for faces: "),
        ("untrained CLIP", "CLIP with random weights: "),
        ("raw pixels", "Comparison of raw pixels: "),
    ):
        found = table[(table.kind == kind) & table.value.notna()]
        if len(found):
            best = found.sort_values("value").iloc[-1]
            named = f"{safe_text.plain(best.model)} " if kind != "raw pixels" else ""
            parts.append(f"{before}{named}{rate(best)}.")
    return " ".join(parts)
