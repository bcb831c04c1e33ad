"""The answer to "does a cloak stop it?"."""

import pandas as pd

from dashboard import number_text, safe_text
from dashboard.sentences.comparisons import points, rate

CANNOT = "**These results cannot answer this.**"


def cloaks(found: pd.DataFrame, whole: pd.DataFrame, transfer: pd.DataFrame | None = None) -> str:
    """Answer "does a cloak stop it?" for the best recogniser, from the poison numbers.

    found: all numbers. whole: protection by model and attack, `fraction` 0 without a cloak.
    transfer: the surrogates of each attack, whether it is a control, and its effect on every model.
    """
    able = whole[~whole.control].dropna(subset=["value"])
    if able.empty:
        return f"{CANNOT} No model here recognises people."
    before, after = able[able.fraction == 0], able[able.fraction > 0]
    if before.empty or after.empty:
        return CANNOT
    best = before.sort_values("value").iloc[0]
    mine = after[after.model == best.model].sort_values("value")
    controls = mine[mine.attack.isin(control_attacks(transfer))]
    aimed = mine.drop(controls.index) if len(controls) < len(mine) else mine
    strongest, weakest = aimed.iloc[-1], aimed.iloc[0]
    model, attack = safe_text.plain(best.model), safe_text.plain(strongest.attack)
    gain = _same(found, strongest, "protection_gain")
    said = [
        f"**{_helps(gain)}** Of searches with {model}, the best recogniser,"
        f" {_without(best, strongest, gain)} fail without a cloak and {rate(strongest)} with"
        f" {attack}, the strongest here."
    ]
    if weakest.value < strongest.value:
        said.append(f"With {safe_text.plain(weakest.attack)}, the weakest: {rate(weakest)}.")
    if len(controls):
        listed = [f"{safe_text.plain(row.attack)} {rate(row)}" for row in controls.itertuples()]
        said.append(f"Controls, which aim at nobody: {number_text.listed(listed)}.")
    said.append(_saved(_same(found, strongest, "protection", saved=True)))
    said.append(_transferred(transfer, best.model, strongest.attack))
    return " ".join(part for part in said if part)


def control_attacks(transfer: pd.DataFrame | None) -> list[str]:
    """Return the attacks that are controls: any change of the picture might have their effect."""
    if transfer is None:
        return []
    return list(transfer[transfer.attack_control.astype(bool)].attack.unique())


def _same(found: pd.DataFrame, row: pd.Series, metric: str, saved: bool = False) -> pd.DataFrame:
    """Return a metric of the same model and experiment; after saving again, or not."""
    again = (found.reencode != "none") & ~found.reencode.str.contains(":")
    return found[
        (found.metric == metric)
        & (found.model == row.model)
        & (found.attack == row.attack)
        & (found.threat == row.threat)
        & (found.fraction == row.fraction)
        & (found["at"] == "nearest")
        & (again if saved else found.reencode == "none")
    ]


def _helps(gain: pd.DataFrame) -> str:
    if gain.empty or gain.value.isna().all():
        return "The effect of a cloak was not measured."
    row = gain.iloc[0]
    lost = safe_text.plain(points(row.value, row.ci_low, row.ci_high))
    if not row.ci_low > 0:
        return f"No effect was shown, nor that there is none: {lost}."
    where = ", where all of a person's photographs are cloaked" if row.fraction == 1 else ""
    return f"{'Largely' if row.value > 0.5 else 'Only in part'}{where}: {lost}."


def _without(best: pd.Series, strongest: pd.Series, gain: pd.DataFrame) -> str:
    """Return how many searches fail without a cloak: of the same people as with it.

    These may be fewer than all: an attack can leave people alone.
    """
    same = strongest.value - gain.value.iloc[0] if len(gain) else float("nan")
    if not abs(same - best.value) > 5e-4:
        return rate(best)
    return f"{number_text.percent(same)} (of the people whom it changes)"


def _saved(same: pd.DataFrame) -> str:
    """Return a sentence: what protection of the strongest cloak is left after saving again.

    Empty where that was not measured.
    """
    same = same.dropna(subset=["value"])
    if same.empty:
        return ""
    least = same.sort_values("value").iloc[0]
    return f"After saving again ({safe_text.plain(least.reencode)}): {rate(least)}."


def _transferred(transfer: pd.DataFrame | None, model: str, attack: str) -> str:
    """Return whether an attack was made on the model it is tested on, and its effect on others."""
    if transfer is None:
        return ""
    mine = transfer[transfer.attack == attack]
    said = []
    if (mine.made_on & (mine.victim == model)).any():
        said.append(
            f"It was made on {safe_text.plain(model)} itself: a white-box result, the easiest"
            " case for it, which does not predict the effect on an unknown search engine."
        )
    for row in mine[mine.averaged != ""].itertuples():
        lost = safe_text.plain(points(row.gain, row.ci_low, row.ci_high))
        said.append(
            f"Mean over models that it was not made on ({safe_text.plain(row.averaged)}): {lost};"
            " the interval is over people, for these models."
        )
    return " ".join(said)
