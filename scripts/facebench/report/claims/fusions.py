"""The claim that a model made for faces is better together with a CLIP."""

from collections.abc import Iterator

import pandas as pd

from facebench.report.claims.answer import (
    ALPHA,
    CONTRADICTED,
    SUPPORTED,
    UNDETERMINED,
    Answer,
    points,
)
from facebench.report.claims.tables import CLIP, FACES, Tables, trained
from facebench.stats.significance import holm
from facebench.texts import counted

RULE = (
    "Of fusions of a trained CLIP and a model made for faces, at the lowest false accept rate that"
    " can be measured, in crops in which one of these models accepts more pairs of one person than"
    " the margin: supported where every fusion accepts more of them than either of its models,"
    " beyond chance; contradicted where one accepts fewer than one of them, beyond chance, or is"
    " shown to accept as many, within the margin."
)


def helps(tables: Tables) -> Iterator[Answer]:
    """Yield whether a CLIP and a model made for faces do better together than either alone."""
    if tables.fusions is None:
        return
    for (dataset, crop), every in tables.fusions.groupby(["dataset", "crop"], sort=False):
        lowest = every[every["at"].astype(float) == every["at"].astype(float).min()]
        found = lowest[lowest.fusion.isin(_of_both_kinds(tables, lowest))].reset_index(drop=True)
        # Where all accept next to nothing, that they are alike says nothing.
        if found.tar_part.max() > tables.margin:
            yield _answer(tables, str(dataset), str(crop), found, lowest)


def _of_both_kinds(tables: Tables, rows: pd.DataFrame) -> list[str]:
    """Return the fusions of a trained CLIP and a trained model made for faces."""
    kinds = [set(trained(tables.models, kind).model) for kind in (CLIP, FACES)]
    parts = rows.groupby("fusion", sort=False).part.agg(set)
    return [str(name) for name, of in parts.items() if all(of & kind for kind in kinds)]


def _answer(
    tables: Tables, dataset: str, crop: str, found: pd.DataFrame, lowest: pd.DataFrame
) -> Answer:
    p = pd.Series(holm(found.p.tolist()))
    more, less = (found.difference > 0) & (p < ALPHA), (found.difference < 0) & (p < ALPHA)
    # A fusion that is as good as the better one of its models is shown not to help.
    alike = (found.p_alike < ALPHA / len(found)) & ~more
    verdict = (
        SUPPORTED if more.all() else CONTRADICTED if less.any() or alike.any() else UNDETERMINED
    )
    least = found.sort_values("difference").iloc[0]
    said = points(least.difference, least.ci_low, least.ci_high)
    evidence = (
        f"At a false accept rate of {least['at']} {counted(found.fusion.nunique(), 'fusion')}"
        f" accept more than one of their models in {more.sum()} of {len(found)} comparisons, fewer"
        f" in {less.sum()}, and as many, within {100 * tables.margin:g} points, in {alike.sum()}."
        f" The least gain: {least.fusion}, {100 * least.tar_fusion:.1f} %, less {least.part},"
        f" {100 * least.tar_part:.1f} %: {said}.{_control(tables, lowest)}"
    )
    return Answer(
        dataset, crop, verdict, f"true accept rate of {least.fusion} less that of {least.part}",
        least.difference, least.ci_low, least.ci_high, float(p.max()), int(least.n_identities),
        evidence,
    )  # fmt: skip


def _control(tables: Tables, rows: pd.DataFrame) -> str:
    """Return the sentence on the fusions with a control: what they do to the other model."""
    controls = set(tables.models[tables.models.control.astype(bool)].model)
    of = rows.groupby("fusion").part.agg(set)
    mixed = rows[rows.fusion.map(lambda name: len(of[name] & controls) == 1)]
    said = [
        f"{row.fusion} less {row.part} {points(row.difference, row.ci_low, row.ci_high)}"
        for _, row in mixed[~mixed.part.isin(controls)].iterrows()
    ]
    return f" With a control: {'; '.join(said)}." if said else ""
