"""Attacks on whole photographs, beside the same ones on the crop, and what became of the faces."""

import pandas as pd

from dashboard.data import absent, attack_specs, poison, ranking
from dashboard.data.missing import Missing

WHAT, STUDY = "Attacks on whole photographs", "lfw-photographs"
#: What is told of an attack's pictures.
TOLD = ("face_lost", "face_moved", "failed_to_cloak", "unchanged", "linf", "dssim", "psnr")


def attacks(found: pd.DataFrame, dataset: str, crop: str) -> list[str]:
    """Return the attacks on whole photographs: those that may lose a face."""
    made = list(found[found.metric == "face_lost"].attack.unique())
    if not made:
        raise none_made(dataset, crop)
    return made


def beside_the_crop(found: pd.DataFrame, dataset: str, crop: str, attack: str) -> pd.DataFrame:
    """Return what an attack adds to searches that fail, and the same one on the crop.

    One row a model and attack, with `made` in words. Controls on whole photographs are there, too:
    they were found and cut anew as the attack's were.
    """
    every = list(found.attack.unique())
    twin = attack_specs.on_the_crop(dataset, crop, attack, every)
    said = {attack: f"{attack}: whole photograph"}
    said |= {twin: f"{twin}: crop"} if twin else {}
    for other in attacks(found, dataset, crop):
        if other != attack and attack_specs.is_control(dataset, crop, other, ()):
            said[other] = f"{other}: whole photograph (control)"
    gains = poison.gains(found)
    gains = gains[gains.attack.isin(said)].assign(made=gains.attack.map(said))
    order = pd.Categorical(gains.attack, list(said), ordered=True)
    gains = gains.assign(order=order).sort_values("order", kind="stable").drop(columns="order")
    if gains.empty:
        raise Missing("Protection was not measured: no protected person can be searched for.", "")
    best = ranking.best_first(dataset, crop, list(gains.model.unique()))
    return gains.assign(best=gains.model.map(best.index)).sort_values("best", kind="stable")


def faces(found: pd.DataFrame, dataset: str, crop: str) -> pd.DataFrame:
    """Return one row an attack on whole photographs: faces lost, how far they moved, its cost."""
    mine = found[found.attack.isin(attacks(found, dataset, crop)) & (found.reencode == "none")]
    some = mine[mine.metric.isin(TOLD)]
    table = some.pivot_table(
        index="attack", columns="metric", values="value", aggfunc="first", sort=False
    )
    return table.reindex(columns=[name for name in TOLD if name in table]).reset_index()


def none_made(dataset: str, crop: str) -> Missing:
    """Return what to say where no photograph was attacked as a whole."""
    return absent.of_attacks(dataset, crop, WHAT, None, STUDY, metric="face_lost")
