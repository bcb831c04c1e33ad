"""Protection against visible change, of attacks that differ in their size alone."""

from collections.abc import Iterable

import pandas as pd

from dashboard.data import absent, attack_specs, poison, ranking
from dashboard.data.missing import Missing
from dashboard.sentences.cloaks import control_attacks

WHAT, STUDY = "Attacks of several sizes", "budget"


def several(families: dict[str, str]) -> list[str]:
    """Return the attacks of families that have more than one.

    >>> several({"a-2": "a", "a-4": "a", "b": "b"})
    ['a-2', 'a-4']
    """
    counted = pd.Series(list(families.values())).value_counts()
    return [attack for attack, family in families.items() if counted[family] > 1]


def measured(found: pd.DataFrame, dataset: str, crop: str) -> pd.DataFrame:
    """Return what attacks add to searches that fail, a row a model and attack of several sizes.

    Columns beside those of the metrics: `family`, and whether it is a `control_attack`.
    """
    attacks = [one for one in found.attack.unique() if one != "clean"]
    families = attack_specs.families(dataset, crop, attacks)
    if not (alike := several(families)):
        raise none_made(dataset, crop)
    gains = poison.gains(found)
    gains = gains[gains.attack.isin(alike)]
    if gains.empty:
        raise none_made(dataset, crop)
    told = control_attacks(poison.transfer(dataset, crop))
    controls = {families[one] for one in alike if attack_specs.is_control(dataset, crop, one, told)}
    gains = gains.assign(family=gains.attack.map(families))
    gains = gains.assign(control_attack=gains.family.isin(controls))
    return ranking.rows_best_first(gains, dataset, crop)


def with_cost(gains: pd.DataFrame, found: pd.DataFrame, cost: str) -> pd.DataFrame:
    """Return these numbers with `cost`, what is visible of each attack."""
    return poison.against_cost(found, gains, cost).assign(family=gains.family)


def none_made(dataset: str, crop: str) -> Missing:
    """Return what to say where no attack has several sizes."""
    return absent.of_attacks(dataset, crop, WHAT, sized, STUDY)


def sized(attacks: Iterable[str]) -> list[str]:
    """Return the attacks that have several sizes, by their names."""
    return several({attack: poison.family(attack) for attack in attacks})
