"""What takes several models: tested effects, transfer, groups, and the vote of two models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.experiments import NONE
from facebench.protocols.poison.measures import CLASSIFIERS, gain_interval
from facebench.protocols.poison.run import KEYS
from facebench.stats.significance import holm, sign_flip_p

Outcomes = Mapping[str, pd.DataFrame]

EFFECT_COLUMNS = [
    "dataset", "crop", "model", *KEYS, "classifier", "found_clean", "found", "gain",
    "ci_low", "ci_high", "p", "p_corrected", "n_identities",
]  # fmt: skip
TRANSFER_COLUMNS = [
    "dataset", "crop", "attack", "kind", "attack_control", "threat", "fraction", "surrogates",
    "victim", "made_on", "control", "models", "found_clean", "found", "gain", "ci_low", "ci_high",
    "p", "p_corrected", "n_identities",
]  # fmt: skip
GROUP_COLUMNS = [
    "dataset", "crop", "model", "attack", "group", "value", "n_identities", "found_clean", "gain",
    "ci_low", "ci_high", "difference", "difference_low", "difference_high", "p", "p_corrected",
]  # fmt: skip
VOTE_COLUMNS = [
    "dataset", "crop", "attack", "model_a", "model_b", "made_on", "found_a", "found_b",
    "found_either", "found_either_clean", "gain", "ci_low", "ci_high", "n_identities",
]  # fmt: skip

#: The row of the transfer table over all models that an attack was not made on.
HELD_OUT = "mean of the models it was not made on"


@dataclass(frozen=True)
class Attack:
    """Facts about an attack."""

    kind: str
    surrogates: Sequence[str] = field(default_factory=tuple)
    #: Whether it aims at nobody.
    control: bool = False


def effects(outcomes: Outcomes, confidence: float) -> pd.DataFrame:
    """Return one row a model, experiment and classifier: what the cloak changes, tested.

    `gain` is how many fewer are found than of the same people without it, `p` by flipping signs of
    people, `p_corrected` by Holm over the whole table.
    """
    rows = []
    for model, table in outcomes.items():
        for cell, part, before in pairs(table):
            for name in CLASSIFIERS:
                if name not in part or part[name].isna().any():
                    continue
                found = compare(part[name], before[name], part["probes"], confidence)
                rows.append({"model": model, **cell, "classifier": name, **found})
    table = pd.DataFrame(rows)
    if rows:
        table["p_corrected"] = holm(table["p"].tolist())
    return table.reindex(columns=EFFECT_COLUMNS)


def pairs(table: pd.DataFrame) -> list[tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]]:
    """Return (experiment, its outcomes, those of the same people without a cloak) of each."""
    found = []
    for _, group in table.groupby(["attack", "threat", "reencode"], sort=False):
        before = group[group["fraction"] == 0].reset_index(drop=True)
        for share, part in group[group["fraction"] > 0].groupby("fraction", sort=True):
            part = part.reset_index(drop=True)
            cell = {key: part[key].iloc[0] for key in KEYS} | {"fraction": share}
            found.append((cell, part, before))
    return found


def compare(
    after: pd.Series, before: pd.Series, probes: pd.Series, confidence: float
) -> dict[str, Any]:
    """Return the effect on people with `before` and `after` hits, of `probes` searches each."""
    lost = before.to_numpy(float) - after.to_numpy(float)
    gain = lost / probes.to_numpy(float)
    low, high = gain_interval(gain, confidence)
    return {
        "found_clean": float((before / probes).mean()),
        "found": float((after / probes).mean()),
        "gain": float(gain.mean()),
        "ci_low": low,
        "ci_high": high,
        "p": sign_flip_p(lost),
        "n_identities": len(gain),
    }


def main_experiment(table: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of the experiment that represents an attack, and those without a cloak.

    The whole gallery poisoned and nothing saved again; without it, the first threat that all
    attacks have, or the attack's own first (ready-made cloaks may all be of probes).
    """
    plain = table[table["reencode"] == NONE]
    threats = plain.groupby("attack", sort=False)["threat"].unique()
    shared = [name for name in plain["threat"].unique() if all(name in one for one in threats)]
    chosen = {attack: _first(shared or list(one)) for attack, one in threats.items()}
    mine = plain[plain["threat"] == plain["attack"].map(chosen)]
    most = mine.groupby("attack")["fraction"].transform("max")
    return mine[(mine["fraction"] == 0) | (mine["fraction"] == most)]


def _first(threats: Sequence[str]) -> str:
    return "gallery" if "gallery" in threats else threats[0]


def transfer(
    outcomes: Outcomes,
    attacks: Mapping[str, Attack],
    controls: Sequence[str],
    confidence: float,
) -> pd.DataFrame:
    """Return one row an attack and victim, and one an attack for all that it was not made on.

    The last also leaves out `controls` (models that recognise nobody), which need no protection.
    """
    mains = {model: main_experiment(table) for model, table in outcomes.items()}
    rows = []
    for name, attack in attacks.items():
        same = {
            "attack": name,
            "kind": attack.kind,
            "attack_control": attack.control,
            "surrogates": ", ".join(attack.surrogates),
        }
        gains = []
        for model, table in mains.items():
            for cell, part, before in pairs(table[table["attack"] == name]):
                same |= {key: cell[key] for key in ("threat", "fraction")}
                made_on = model in attack.surrogates
                found = compare(part["nearest"], before["nearest"], part["probes"], confidence)
                flags = {"made_on": made_on, "control": model in controls, "models": 1}
                rows.append({**same, "victim": model, **flags, **found})
                if not made_on and model not in controls:
                    gains.append(
                        (part["nearest"] / part["probes"], before["nearest"] / part["probes"])
                    )
        if gains:
            rows.append({**same, "victim": HELD_OUT, **mean_of_models(gains, confidence)})
    table = pd.DataFrame(rows)
    if rows:
        single = table["p"].notna()
        table.loc[single, "p_corrected"] = holm(table.loc[single, "p"].tolist())
    return table.reindex(columns=TRANSFER_COLUMNS)


def mean_of_models(
    found: Sequence[tuple[pd.Series, pd.Series]], confidence: float
) -> dict[str, Any]:
    """Return the mean effect over models, of (found, found before) of the same people in each."""
    after = np.mean([one.to_numpy(float) for one, _ in found], axis=0)
    before = np.mean([one.to_numpy(float) for _, one in found], axis=0)
    low, high = gain_interval(before - after, confidence)
    return {
        "made_on": False,
        "control": False,
        "models": len(found),
        "found_clean": float(before.mean()),
        "found": float(after.mean()),
        "gain": float((before - after).mean()),
        "ci_low": low,
        "ci_high": high,
        "n_identities": len(after),
    }


def votes(
    outcomes: Outcomes,
    attacks: Mapping[str, Attack],
    controls: Sequence[str],
    confidence: float,
) -> pd.DataFrame:
    """Return one row an attack and pair of models: found if either finds the person."""
    mains = {m: main_experiment(t) for m, t in outcomes.items() if m not in controls}
    rows = []
    for name, attack in attacks.items():
        for a, b in combinations(mains, 2):
            one = pairs(mains[a][mains[a]["attack"] == name])
            other = pairs(mains[b][mains[b]["attack"] == name])
            for (_, after_a, before_a), (_, after_b, before_b) in zip(one, other, strict=True):
                after, before = either(after_a, after_b), either(before_a, before_b)
                probes = after_a["probes"]
                found = compare(after, before, probes, confidence)
                rows.append(
                    {
                        "attack": name,
                        "model_a": a,
                        "model_b": b,
                        "made_on": ", ".join(m for m in (a, b) if m in attack.surrogates),
                        "found_a": float((after_a["nearest"] / probes).mean()),
                        "found_b": float((after_b["nearest"] / probes).mean()),
                        "found_either": found["found"],
                        "found_either_clean": found["found_clean"],
                        **{key: found[key] for key in ("gain", "ci_low", "ci_high")},
                        "n_identities": found["n_identities"],
                    }
                )
    return pd.DataFrame(rows).reindex(columns=VOTE_COLUMNS)


def either(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Return how many of each person's probes one of two models finds."""
    hits = [
        int((np.asarray(a, bool) | np.asarray(b, bool)).sum())
        for a, b in zip(one["found"], other["found"], strict=True)
    ]
    return pd.Series(hits, index=one.index)
