"""Experiments with attacks: their numbers, the tables over several models, the pictures."""

import numpy as np
import pandas as pd
from PIL import Image

from dashboard.data import files, numbers, pictures, ranking
from dashboard.data.files import Missing

PROTOCOL = "poison"
NONE_MADE = "There were no attacks in this study. One with attacks is studies/poison.yaml."
STUDY = "make run STUDY=studies/poison.yaml"
#: Tables over several models that `collect_poison` writes -> what pages need of them.
ACROSS = {
    "transfer": (
        "attack", "kind", "surrogates", "victim", "made_on", "models", "found_clean", "found",
        "gain", "ci_low", "ci_high", "p_corrected", "n_identities",
    ),
    "groups": (
        "attack", "model", "group", "value", "gain", "ci_low", "ci_high", "n_identities",
    ),
    "votes": (
        "attack", "model_a", "model_b", "made_on", "found_either_clean", "found_either", "gain",
        "ci_low", "ci_high",
    ),
}  # fmt: skip
COSTS = ("dssim", "psnr", "linf", "l2", "lpips")


def measured(dataset: str, crop: str) -> pd.DataFrame:
    """Return every number of the experiments on a data set and crop, with kinds of models."""
    found = numbers.metrics(dataset=dataset, crop=crop, protocol=PROTOCOL)
    if found.empty:
        raise Missing(NONE_MADE, STUDY)
    return ranking.kinds(found)


def experiments(found: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of how well people are protected, without those of single pictures."""
    kept = found[(found.metric == "protection") & found.threat.isin(THREATS)]
    if kept.empty:
        raise Missing("No protection was measured: nobody who is protected can be searched for.")
    return kept


#: Who cloaks what: the experiments, in the order of interest.
THREATS = ("gallery", "probe", "both", "decoys")


def against_cost(found: pd.DataFrame, chosen: pd.DataFrame, cost: str) -> pd.DataFrame:
    """Return the chosen numbers with a column `cost`: what each attack costs the eye."""
    costs = found[(found.metric == cost) & (found.reencode == "none")]
    paid = costs.drop_duplicates("attack").set_index("attack").value
    joined = chosen.assign(cost=chosen.attack.map(paid)).dropna(subset=["cost", "value"])
    if joined.empty:
        raise Missing(f"The visible cost {cost.upper()} of these attacks was not measured.")
    return joined


def costs(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row an attack: what it costs the eye, how often it failed or changed nothing."""
    wanted = [*COSTS, "failed_to_cloak", "unchanged"]
    some = found[found.metric.isin(wanted) & (found.reencode == "none")]
    table = some.pivot_table(index="attack", columns="metric", values="value", aggfunc="first")
    return table.reindex(columns=[name for name in wanted if name in table]).reset_index()


def across(kind: str, dataset: str, crop: str) -> pd.DataFrame:
    """Return one of the tables over several models, for a data set and crop."""
    name = f"poison-{kind}.parquet"
    table = files.table(name)
    if not len(table):
        raise Missing(NONE_MADE, STUDY)
    files.need(name, table.column_names, ["dataset", "crop", *ACROSS[kind]])
    found = numbers.frame(table, numbers.where(table, dataset=dataset, crop=crop))
    if found.empty:
        raise Missing("Nothing of this data set and crop was compared over several models.")
    return found


def entries(dataset: str, crop: str) -> pd.DataFrame:
    """Return who is still found after so many `entries` were slipped into the index.

    Of the person (`rank1`), and of everybody else (`others_rank1`).
    """
    wanted = ["rank1", "others_rank1"]
    found = numbers.metrics(dataset=dataset, crop=crop, protocol="index_poison", metric=wanted)
    found = found.dropna(subset=["value"])
    if found.empty:
        raise Missing("No entries were slipped into an index in this study.", STUDY)
    return ranking.kinds(found.assign(entries=found["at"].astype(int)))


def attacked(dataset: str, crop: str, variant: str) -> pd.DataFrame:
    """Return the pictures that an attack changed: image_id, identity, and what it cost each."""
    wanted = ["image_id", "identity", "attack_status", "linf", "l2", "psnr", "dssim", "lpips"]
    table = files.table(*pictures.faces(dataset, crop, variant), columns=wanted)
    found = numbers.frame(table, numbers.where(table, attack_status="ok"))
    if found.empty:
        raise Missing("This attack changed no picture.", "")
    return found.drop_duplicates("image_id").reset_index(drop=True)


def difference(clean: Image.Image, cloaked: Image.Image, times: float) -> Image.Image:
    """Return what a cloak changed, so many times as strong, about a middle grey."""
    if clean.size != cloaked.size:
        clean = clean.resize(cloaked.size)
    change = np.asarray(cloaked, np.int16) - np.asarray(clean, np.int16)
    return Image.fromarray(np.clip(128 + times * change, 0, 255).astype(np.uint8))


def whole(found: pd.DataFrame) -> pd.DataFrame:
    """Return protection by nearest picture in the experiment that stands for an attack.

    All photographs in the index cloaked and not saved again (or the study's first threat), and the
    same without a cloak (`fraction` 0).
    """
    every = experiments(found)
    plain = every[(every.reencode == "none") & (every["at"] == "nearest")]
    threat = next((one for one in THREATS if one in set(plain.threat)), None)
    chosen = plain[plain.threat == threat]
    return chosen[chosen.fraction.isin([0.0, chosen.fraction.max()])]


def beside_nothing(whole: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of all attacks after those without a cloak, which are the same for all."""
    nothing = whole[whole.fraction == 0].drop_duplicates("model").assign(attack="no cloak")
    return pd.concat([nothing, whole[whole.fraction > 0]], ignore_index=True)


def transfer(dataset: str, crop: str) -> pd.DataFrame | None:
    """Return what each attack takes from each model, and which it was made on; None if unknown."""
    try:
        return across("transfer", dataset, crop)
    except Missing:
        return None
