"""The same people with and without a cloak, and which experiment stands for an attack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.by_person import KEYS
from facebench.protocols.poison.experiments import NONE
from facebench.stats.gains import gain, gain_p

#: Outcomes of the experiments, by model.
Outcomes = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Attack:
    """Facts about an attack."""

    kind: str
    surrogates: Sequence[str] = field(default_factory=tuple)
    #: Whether it aims at nobody.
    control: bool = False


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
    after: pd.Series, before: pd.Series, probes: pd.Series, statistics: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the effect on people with `before` and `after` hits, of `probes` searches each.

    Interval and `p` are both of the mean over people of their rates.
    """
    lost, searches = (before - after).to_numpy(np.int64), probes.to_numpy(np.int64)
    effect = gain(lost / searches, searches)
    low, high = effect.interval(statistics["confidence"])
    return {
        "found_clean": float((before / probes).mean()),
        "found": float((after / probes).mean()),
        "gain": effect.mean,
        "ci_low": low,
        "ci_high": high,
        "p": gain_p(lost, searches, statistics["seed"]),
        "n_identities": len(lost),
    }


def hidden(part: pd.DataFrame, before: pd.DataFrame) -> np.ndarray:
    """Return how many of each person's searches found them without a cloak and don't with it.

    int64 (people,); searches that only succeed with the cloak don't make up for any.
    """
    return np.array(
        [
            int((np.asarray(then, bool) & ~np.asarray(now, bool)).sum())
            for then, now in zip(before["found"], part["found"], strict=True)
        ],
        np.int64,
    )


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
