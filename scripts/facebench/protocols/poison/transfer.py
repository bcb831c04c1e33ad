"""Do attacks work on models that they were not made on? All attacks compared on the same models."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.paired import (
    Attack,
    Outcomes,
    compare,
    hidden,
    main_experiment,
    pairs,
)
from facebench.stats.gains import gain_interval
from facebench.stats.shares import share, share_intervals
from facebench.stats.significance import holm

TRANSFER_COLUMNS = [
    "dataset", "crop", "attack", "kind", "attack_control", "threat", "fraction", "surrogates",
    "victim", "averaged", "made_on", "control", "models", "found_clean", "found", "gain", "ci_low",
    "ci_high", "protected_share", "protected_low", "protected_high", "p", "p_corrected",
    "n_identities",
]  # fmt: skip

#: The rows over several models: those that no attack of the study was made on or, where none is
#: left, those that the row's own attack was not made on.
COMMON = "mean of the models that no attack was made on"
HELD_OUT = "mean of the models it was not made on"

#: Of one experiment under one model: its outcomes, and those without a cloak.
Pair = tuple[pd.DataFrame, pd.DataFrame]


def transfer(
    outcomes: Outcomes,
    attacks: Mapping[str, Attack],
    controls: Sequence[str],
    statistics: Mapping[str, Any],
) -> pd.DataFrame:
    """Return one row an attack and victim, and one an attack over several models.

    The last, whose models `averaged` names, leaves out those that any attack was made on, and
    `controls` (models that recognise nobody), which need no protection.
    """
    mains = {model: main_experiment(table) for model, table in outcomes.items()}
    common = untouched(list(mains), list(attacks.values()), controls)
    rows = []
    for name, attack in attacks.items():
        same = {
            "attack": name,
            "kind": attack.kind,
            "attack_control": attack.control,
            "surrogates": ", ".join(attack.surrogates),
        }
        over = common or untouched(list(mains), [attack], controls)
        averaged: dict[str, Pair] = {}
        for model, table in mains.items():
            for cell, part, before in pairs(table[table["attack"] == name]):
                same |= {key: cell[key] for key in ("threat", "fraction")}
                found = compare(part["nearest"], before["nearest"], part["probes"], statistics)
                found |= protected([(part, before)], statistics)
                made_on, control = model in attack.surrogates, model in controls
                flags = {"averaged": "", "made_on": made_on, "control": control, "models": 1}
                rows.append({**same, "victim": model, **flags, **found})
                if model in over:
                    averaged[model] = part, before
        if averaged:
            mean = mean_of_models(list(averaged.values()), statistics)
            title = COMMON if common else HELD_OUT
            rows.append({**same, "victim": title, "averaged": ", ".join(averaged), **mean})
    table = pd.DataFrame(rows)
    if rows:
        single = table["p"].notna()
        table.loc[single, "p_corrected"] = holm(table.loc[single, "p"].tolist())
    return table.reindex(columns=TRANSFER_COLUMNS)


def untouched(
    models: Sequence[str], attacks: Sequence[Attack], controls: Sequence[str]
) -> list[str]:
    """Return the models that none of the attacks was made on, and that recognise people.

    >>> untouched(["a", "b", "pixels"], [Attack("x", ("a",)), Attack("y")], ["pixels"])
    ['b']
    """
    made_on = {name for attack in attacks for name in attack.surrogates}
    return [name for name in models if name not in made_on and name not in controls]


def mean_of_models(found: Sequence[Pair], statistics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean effect over models of the same people's outcomes; the models are fixed."""
    after = np.mean([(part["nearest"] / part["probes"]).to_numpy() for part, _ in found], axis=0)
    before = np.mean([(part["nearest"] / part["probes"]).to_numpy() for _, part in found], axis=0)
    searches = found[0][0]["probes"].to_numpy() * len(found)
    low, high = gain_interval(before - after, statistics["confidence"], searches)
    return {
        "made_on": False,
        "control": False,
        "models": len(found),
        "found_clean": float(before.mean()),
        "found": float(after.mean()),
        "gain": float((before - after).mean()),
        "ci_low": low,
        "ci_high": high,
        **protected(found, statistics),
        "n_identities": len(after),
    }


def protected(found: Sequence[Pair], statistics: Mapping[str, Any]) -> dict[str, float]:
    """Return which share of what is found without a cloak isn't found with it, and its interval."""
    searches = found[0][0]["probes"].to_numpy()
    lost = np.mean([hidden(part, before) / searches for part, before in found], axis=0)
    clean = np.mean([before["nearest"].to_numpy() / searches for _, before in found], axis=0)
    value = share(lost, clean, searches * len(found))
    low = high = float("nan")
    if value is not None:
        ((low, high),) = share_intervals([value], statistics["confidence"])
    return {
        "protected_share": float("nan") if value is None else value.value,
        "protected_low": low,
        "protected_high": high,
    }
