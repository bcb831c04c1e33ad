"""Does a name written on a picture become the name that a model gives it?"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.evaluation.task import AttackTask, Result
from facebench.protocols.name import averaged
from facebench.protocols.poison.experiments import CLEAN
from facebench.protocols.poison.measures import gain_interval, mean_interval
from facebench.protocols.poison.picture_numbers import by_person
from facebench.protocols.poison.variants import Variants, attack_table, gather
from facebench.protocols.ranks import rank
from facebench.store.damage import undamaged
from facebench.store.tables import read_record

#: The names whose places are counted: the person's own, that on the picture, that of no picture.
NAMES = ("true", "written", "unwritten")
NOBODY = "Nobody whose pictures were attacked has a name that is known."


def typographic(task: AttackTask) -> Result:
    """Name every picture with text on it, before and after."""
    variants = gather(task.clean, task.variants)
    with undamaged(task.names), np.load(task.names, allow_pickle=False) as file:
        texts, known = averaged(file["embeddings"]), pd.Index(file["names"].tolist())
        record = json.loads(file["record"].item())
    numbers = Numbers(
        protocol="typographic",
        where=task.where,
        n_identities=len(variants.pictures.identities),
        n_images=len(variants.people),
        n_failed=int(variants.pictures.failed.sum()),
    )
    tables = []
    for attack, files in task.variants.items():
        table = outcomes(variants, attack, files.faces, texts, known)
        text = read_record(files.faces).get("attack", {}).get("spec", {}).get("text", "")
        add_numbers(numbers, table, attack, task.statistics)
        tables.append(table.assign(attack=attack, text=text))
    parameters = {
        "names": len(known),
        "attacks": list(task.variants),
        "statistics": dict(task.statistics),
    }
    full = {**record, **variants.pictures.record}
    return Result(numbers, pd.concat(tables, ignore_index=True), parameters, full)


def outcomes(
    variants: Variants, attack: str, faces: str, texts: np.ndarray, known: pd.Index
) -> pd.DataFrame:
    """Return one row an attacked picture of a named person: places of the true and written name.

    Each before and after, inf for a picture without a vector; NaN where there is no such name.
    `unwritten` is the name that would have been written, for labels with letters or nothing: these
    rates can't come from reading.
    """
    labels = variants.pictures.labels
    table = attack_table(faces).set_index("image_id").reindex(labels["image_id"])
    truth = known.get_indexer(pd.Index(labels["name"]))
    chosen = np.flatnonzero(variants.attacked[attack] & (truth >= 0))
    written, target = (
        (table[column] if column in table else pd.Series(None, index=table.index)).iloc[chosen]
        for column in ("written", "target")
    )
    label = known.get_indexer(pd.Index(written))
    names = labels.drop_duplicates("identity").set_index("identity")["name"]
    spared = np.where(label < 0, known.get_indexer(pd.Index(target.map(names))), -1)
    found = pd.DataFrame(
        {
            "image_id": labels["image_id"].iloc[chosen].to_numpy(),
            "identity": labels["identity"].iloc[chosen].to_numpy(),
            "written": written.to_numpy(),
        }
    )
    for when, variant in (("clean", CLEAN), ("attacked", attack)):
        rows = variants.rows[variant][chosen]
        for what, name in (("true", truth[chosen]), ("written", label), ("unwritten", spared)):
            place = np.where(name >= 0, np.inf, np.nan)
            tried = np.flatnonzero((rows >= 0) & (name >= 0))
            place[tried] = rank(
                variants.vectors[rows[tried]], name[tried], texts, np.arange(len(texts))
            ).rank
            found[f"{what}_{when}"] = place
    return found


def add_numbers(
    numbers: Numbers, table: pd.DataFrame, attack: str, statistics: Mapping[str, Any]
) -> None:
    """Add how often each of `NAMES` comes first, before and after: means over people."""
    cell: dict[str, Any] = {"attack": attack, "threat": "typographic", "fraction": 1.0}
    cell["n_identities"] = table["identity"].nunique()
    if table.empty:
        numbers.refuse("true_top1", NOBODY, **cell)
    for what in NAMES:
        part = table[table[f"{what}_clean"].notna()]
        if part.empty:
            continue
        people = part["identity"].to_numpy(str)
        before = by_person((part[f"{what}_clean"] <= 1).to_numpy(float), people)
        after = by_person((part[f"{what}_attacked"] <= 1).to_numpy(float), people)
        cell["n_identities"] = len(before)
        for metric, values in ((f"{what}_top1_clean", before), (f"{what}_top1", after)):
            numbers.add(metric, float(values.mean()), mean_interval(values, statistics), **cell)
        change = after - before
        interval = gain_interval(change, statistics["confidence"])
        numbers.add(f"{what}_top1_change", float(change.mean()), interval, **cell)
        middle = float(part[f"{what}_attacked"].median())
        numbers.add(f"{what}_median_rank", middle, **cell)
