"""Does a name written on a picture become the name that a model gives it?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.evaluation.task import AttackTask, Result
from facebench.protocols.name import averaged
from facebench.protocols.poison.experiments import CLEAN
from facebench.protocols.poison.picture_numbers import by_person
from facebench.protocols.poison.variants import Variants, attack_table, gather
from facebench.protocols.ranks import rank
from facebench.stats.gains import gain_interval
from facebench.stats.shares import mean_interval
from facebench.store.tables import read_record
from facebench.vectors.stored_names import read_names

#: The names whose places are counted: the person's own, that on the picture, that of no picture.
NAMES = ("true", "written", "unwritten")
NOBODY = "Nobody whose pictures were attacked has a name that is known."


def typographic(task: AttackTask) -> Result:
    """Name every picture with text on it, before and after."""
    variants = gather(task.clean, task.variants)
    names = dict(read_names(task.names).choices())[""]
    texts, known = averaged(names.texts), pd.Index(names.known.tolist())
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
    full = {**names.record, **variants.pictures.record}
    return Result(numbers, pd.concat(tables, ignore_index=True), parameters, full)


def outcomes(
    variants: Variants, attack: str, faces: str, texts: np.ndarray, known: pd.Index
) -> pd.DataFrame:
    """Return one row a picture of a named person that was to be attacked: places of names.

    Of the true and the written one, each before and after; inf for a picture without a vector, also
    if the attack could not write on it; NaN where there is no such name.
    `unwritten` is the name that would have been written, for labels with letters or nothing: these
    rates can't come from reading.
    """
    labels = variants.pictures.labels
    table = attack_table(faces).set_index("image_id").reindex(labels["image_id"])
    truth = known.get_indexer(pd.Index(labels["name"]))
    chosen = np.flatnonzero(variants.meant[attack] & (truth >= 0))
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
    lost = variants.pictures.failed[chosen]
    for when, variant in (("clean", CLEAN), ("attacked", attack)):
        rows = variants.rows[variant][chosen]
        for what, name in (("true", truth[chosen]), ("written", label), ("unwritten", spared)):
            some = (name >= 0) | (lost & (name >= 0).any())
            place = np.where(some, np.inf, np.nan)
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
    sure = statistics["confidence"]
    if table.empty:
        numbers.refuse("true_top1", NOBODY, **cell)
    for what in NAMES:
        part = table[table[f"{what}_clean"].notna()]
        if part.empty:
            continue
        people = part["identity"].to_numpy(str)
        before = by_person((part[f"{what}_clean"] <= 1).to_numpy(float), people)
        after = by_person((part[f"{what}_attacked"] <= 1).to_numpy(float), people)
        pictures = np.unique(people, return_counts=True)[1]
        cell["n_identities"] = len(before)
        for metric, values in ((f"{what}_top1_clean", before), (f"{what}_top1", after)):
            numbers.add(metric, float(values.mean()), mean_interval(values, sure, pictures), **cell)
        change = after - before
        interval = gain_interval(change, sure, pictures)
        numbers.add(f"{what}_top1_change", float(change.mean()), interval, **cell)
        middle = float(part[f"{what}_attacked"].quantile(0.5, interpolation="lower"))
        numbers.add(f"{what}_median_rank", middle, **cell)
