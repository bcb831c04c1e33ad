"""The answer to "what does it mean for a search engine?"."""

import pandas as pd

from dashboard import number_text, safe_text, vocabulary
from dashboard.sentences.comparisons import rate


def searching(neighbour: pd.DataFrame, strangers: pd.DataFrame, naming: pd.DataFrame) -> str:
    """Return what the best model reaches by picture, in the open set and by name.

    Each table holds the numbers of one metric; `naming` both `top1` and `top1_chance`. `neighbour`
    has a column `control`: the best control stands beside the best other model.
    """
    parts = []
    best, control = _best(neighbour[~neighbour.control]), _best(neighbour[neighbour.control])
    if best is not None:
        beside = ""
        if control is not None:
            name = safe_text.plain(control.model)
            beside = f" {name}, a control that should recognise nobody, reaches {rate(control)}."
        parts.append(
            f"**By picture**, the nearest other photograph is of the same person in {rate(best)}"
            f" of searches with {safe_text.plain(best.model)}, among {best.n_images:,.0f} pictures."
            f"{beside}"
        )
    best = _best(strangers)
    if best is not None:
        parts.append(
            f"**Among strangers**, at a threshold at which {100 * float(best['at']):g} % of the"
            " searches of people who are not enrolled return somebody,"
            f" {safe_text.plain(best.model)} finds {rate(best)} of the enrolled."
        )
    parts.append(_by_name(naming))
    return " ".join(part for part in parts if part)


def _by_name(naming: pd.DataFrame) -> str:
    best = _best(naming[naming.metric == "top1"]) if len(naming) else None
    if best is None:
        return ""
    chance = naming[(naming.metric == "top1_chance") & (naming.model == best.model)].value
    guess = f" (by guessing: {number_text.percent(chance.iloc[0], 2)})" if len(chance) else ""
    invented = " The wrong names are invented: easier than names that a model read."
    return (
        f"**By name**, {safe_text.plain(best.model)} puts the right one of"
        f" {vocabulary.names(best['at'])} first for {rate(best)} of pictures{guess}."
        + ("" if best["at"].endswith(" read") else invented)
    )


def _best(table: pd.DataFrame) -> pd.Series | None:
    found = table.dropna(subset=["value"]) if len(table) else table
    return found.sort_values("value").iloc[-1] if len(found) else None
