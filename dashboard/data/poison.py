"""Experiments with attacks: their numbers, the tables over several models, the pictures."""

import re

import numpy as np
import pandas as pd
from PIL import Image

from dashboard.data import absent, files, numbers, places, ranking, settings
from dashboard.data.missing import Missing
from facebench.store import layout

PROTOCOL = "poison"
#: Tables over several models, of the rule `poison_across` -> the columns that pages need.
ACROSS = {
    "transfer": (
        "attack", "kind", "attack_control", "surrogates", "victim", "averaged", "made_on",
        "found_clean", "found", "gain", "ci_low", "ci_high", "protected_share", "p_corrected",
        "n_identities",
    ),
    "groups": (
        "attack", "model", "group", "value", "n_found", "found_clean", "protected_share",
        "protected_low", "protected_high", "difference", "difference_low", "difference_high",
        "p_corrected",
    ),
    "votes": (
        "attack", "model_a", "model_b", "made_on", "found_either_clean", "found_either", "gain",
        "ci_low", "ci_high",
    ),
}  # fmt: skip
COSTS = ("dssim", "psnr", "linf", "l2", "lpips")


def measured(dataset: str, crop: str) -> pd.DataFrame:
    """Return every number of the experiments on a data set and crop, with facts of the models."""
    found = numbers.metrics(dataset=dataset, crop=crop, protocol=PROTOCOL)
    if found.empty:
        raise none_made(dataset, crop)
    return ranking.with_models(found)


def none_made(
    dataset: str,
    crop: str,
    protocol: str | list[str] = PROTOCOL,
    what: str = "Attacks",
    study: str = "",
) -> Missing:
    """Return what to say where there are no experiments.

    study: one that has such ones; without it, one of a user's own photographs for these.
    """
    told = absent.absent(dataset, crop, protocol, what)
    study = study or ("my-cloaks" if _own(dataset) else "poison")
    return absent.pointing(told, study)


def _own(dataset: str) -> bool:
    """Return whether a data set is of a user's own photographs."""
    try:
        return dataset in settings.own()
    except Missing:
        return False


def experiments(found: pd.DataFrame) -> pd.DataFrame:
    """Return how well people are protected, without the numbers of single pictures."""
    kept = found[(found.metric == "protection") & found.threat.isin(THREATS)]
    if kept.empty:
        raise Missing("Protection was not measured: no protected person can be searched for.", "")
    return kept


#: Which pictures are cloaked: the experiments, in the order of interest.
THREATS = ("gallery", "probe", "both", "decoys")


def against_cost(found: pd.DataFrame, chosen: pd.DataFrame, cost: str) -> pd.DataFrame:
    """Return the chosen numbers with `cost`, what is visible of each attack, and `family`."""
    costs = found[(found.metric == cost) & (found.reencode == "none")]
    paid = costs.drop_duplicates("attack").set_index("attack").value
    joined = chosen.assign(cost=chosen.attack.map(paid)).dropna(subset=["cost", "value"])
    if joined.empty:
        raise Missing(f"{cost.upper()} wasn't measured for these attacks. Choose another cost.", "")
    return joined.assign(family=joined.attack.map(family))


def family(attack: str) -> str:
    """Return what attacks have in common whose names differ in a number at the end alone.

    >>> family("clip-cloak-16"), family("noise"), family("jpeg-30-b")
    ('clip-cloak', 'noise', 'jpeg-30-b')
    """
    return re.sub(r"-\d+(\.\d+)?$", "", attack)


def costs(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row an attack, in the study's order: visible cost, failures, nothing changed."""
    wanted = [*COSTS, "failed_to_cloak", "unchanged", "face_lost", "face_moved"]
    some = found[found.metric.isin(wanted) & (found.reencode == "none")]
    table = some.pivot_table(
        index="attack", columns="metric", values="value", aggfunc="first", sort=False
    )
    return table.reindex(columns=[name for name in wanted if name in table]).reset_index()


def across(kind: str, dataset: str, crop: str) -> pd.DataFrame:
    """Return one of the tables over several models, for a data set and crop."""
    name = f"poison-{kind}.parquet"
    table = files.table(places.result(name))
    if not len(table):
        raise none_made(dataset, crop)
    files.need(name, table.column_names, ["dataset", "crop", *ACROSS[kind]])
    found = numbers.frame(table, numbers.where(table, dataset=dataset, crop=crop))
    if found.empty:
        if numbers.distinct("model", dataset=dataset, crop=crop, protocol=PROTOCOL):
            raise Missing("Nothing here can be compared over several models.", "")
        raise none_made(dataset, crop)
    return found


def entries(dataset: str, crop: str) -> pd.DataFrame:
    """Return how often people are found after a number of `entries` was inserted into the index.

    The attacked person (`rank1`), and everybody else (`others_rank1`).
    """
    wanted = ["rank1", "others_rank1"]
    found = numbers.metrics(dataset=dataset, crop=crop, protocol="index_poison", metric=wanted)
    found = found.dropna(subset=["value"])
    if found.empty:
        raise none_made(dataset, crop, "index_poison", "Entries inserted into an index")
    return ranking.with_models(found.assign(entries=found["at"].astype(int)))


def attacked(dataset: str, crop: str, variant: str) -> pd.DataFrame:
    """Return the pictures that an attack changed: image_id, identity and visible costs."""
    wanted = ["image_id", "identity", "attack_status", "linf", "l2", "psnr", "dssim", "lpips"]
    table = files.table(layout.faces(dataset, crop, variant), wanted)
    found = numbers.frame(table, numbers.where(table, attack_status="ok"))
    if found.empty:
        raise Missing("This attack changed no picture.", "")
    return found.drop_duplicates("image_id").reset_index(drop=True)


def difference(clean: Image.Image, cloaked: Image.Image, times: float) -> Image.Image:
    """Return the change by a cloak, amplified, around a middle grey."""
    if clean.size != cloaked.size:
        clean = clean.resize(cloaked.size)
    change = np.asarray(cloaked, np.int16) - np.asarray(clean, np.int16)
    return Image.fromarray(np.clip(128 + times * change, 0, 255).astype(np.uint8))


def whole(found: pd.DataFrame) -> pd.DataFrame:
    """Return protection by nearest picture in the main experiment.

    All photographs in the index are cloaked and not saved again (or the study's first threat);
    rows with `fraction` 0 are the same without a cloak.
    """
    every = experiments(found)
    plain = every[(every.reencode == "none") & (every["at"] == "nearest")]
    threat = next((one for one in THREATS if one in set(plain.threat)), None)
    chosen = plain[plain.threat == threat]
    return chosen[chosen.fraction.isin([0.0, chosen.fraction.max()])]


def gains(found: pd.DataFrame) -> pd.DataFrame:
    """Return what attacks add to the searches that fail, by nearest picture.

    In the experiment of `whole`: what fails with the attack, less what fails without it.
    """
    plain = found[(found.metric == "protection_gain") & (found.reencode == "none")]
    plain = plain[plain["at"] == "nearest"].dropna(subset=["value"])
    threat = next((one for one in THREATS if one in set(plain.threat)), None)
    if threat is None:
        raise Missing("Protection was not measured: no protected person can be searched for.", "")
    chosen = plain[plain.threat == threat]
    return chosen[chosen.fraction == chosen.fraction.max()]


def beside_nothing(whole: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers without a cloak, once a model, and then those of all attacks."""
    nothing = whole[whole.fraction == 0].drop_duplicates("model").assign(attack="no cloak")
    return pd.concat([nothing, whole[whole.fraction > 0]], ignore_index=True)


def transfer(dataset: str, crop: str) -> pd.DataFrame | None:
    """Return the effect of each attack on each model, and its surrogates; None if unknown."""
    try:
        return across("transfer", dataset, crop)
    except Missing:
        return None
