"""Claims about who is recognised, by which models."""

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from facebench.report.claims.answer import (
    ALPHA,
    CONTRADICTED,
    SUPPORTED,
    UNDETERMINED,
    Answer,
    points,
    share,
)
from facebench.report.claims.tables import AROUND, CLIP, EQUAL, RANK_1, Tables, trained
from facebench.texts import counted

NAN = float("nan")


def zero_shot(tables: Tables) -> Iterator[Answer]:
    """Yield whether every trained CLIP finds more than every control."""
    for dataset, crop, rows in tables.number(*RANK_1):
        clips = trained(rows, CLIP)
        controls = rows[rows.control.astype(bool)]
        found = [
            (clip, control, difference)
            for clip in clips.model
            for control in controls.model
            if (difference := tables.difference(dataset, crop, clip, control)) is not None
        ]
        if not found:
            continue
        better = [d.difference > 0 and d.p_corrected < ALPHA for *_, d in found]
        verdict = SUPPORTED if all(better) else UNDETERMINED if any(better) else CONTRADICTED
        clip, control, least = min(found, key=lambda one: one[2].difference)
        worst = max(d.p_corrected for *_, d in found)
        said = points(least.difference, least.ci_low, least.ci_high)
        evidence = (
            f"{sum(better)} of {counted(len(found), 'pair', 'pairs')} of a CLIP and a control are"
            f" told apart in the CLIP's favour. The least: {clip} less {control} {said}."
            f" {_trained_on(clips)}"
        )
        yield Answer(
            dataset, crop, verdict, f"rank-1 of {clip} less that of {control}", least.difference,
            least.ci_low, least.ci_high, worst, int(least.n_identities), evidence,
        )  # fmt: skip


def _trained_on(clips: pd.DataFrame) -> str:
    """Return the sentence on what some models were trained on."""
    known = list(dict.fromkeys(str(one) for one in clips.data.dropna()))
    return f"They were trained on: {', '.join(known)}." if known else ""


def size(tables: Tables) -> Iterator[Answer]:
    """Yield whether, of CLIPs trained on the same data, a bigger one is not better."""
    for dataset, crop, rows in tables.number(*RANK_1):
        if not tables.recognised(dataset, crop, rows):
            continue
        clips = trained(rows, CLIP).sort_values("parameters_m")
        found = []
        for _, family in clips.groupby(clips.data.fillna(""), sort=False):
            for (_, one), (_, two) in combinations(family.iterrows(), 2):
                if one.parameters_m < two.parameters_m:
                    gain = tables.difference(dataset, crop, str(two.model), str(one.model))
                    found += [] if gain is None else [(str(one.model), str(two.model), gain)]
        if not found:
            continue
        worse = [one for one in found if one[2].difference < 0 and one[2].p_corrected < ALPHA]
        alike = [one for one in found if one[2].p_alike < ALPHA / len(found)]
        better = [one for one in found if one[2].difference > 0 and one[2].p_corrected < ALPHA]
        shown = bool(worse) or any(one not in better for one in alike)
        verdict = SUPPORTED if shown else UNDETERMINED
        small, big, least = min(found, key=lambda one: one[2].difference)
        said = points(least.difference, least.ci_low, least.ci_high)
        evidence = (
            f"Of {counted(len(found), 'pair', 'pairs')} of CLIPs trained on the same data the"
            f" bigger one finds more in {len(better)}, fewer in {len(worse)}, and as many, within"
            f" {100 * tables.margin:g} points, in {len(alike)}. The least gain: {big} over {small},"
            f" {said}. {_isotonic(clips)} Each model was trained once."
        )
        yield Answer(
            dataset, crop, verdict, f"rank-1 of {big} less that of {small}", least.difference,
            least.ci_low, least.ci_high, float(least.p_corrected), int(least.n_identities),
            evidence,
        )  # fmt: skip


def _isotonic(clips: pd.DataFrame) -> str:
    """Return how far the shares are from never falling with size: least squares, all families."""
    from scipy.optimize import isotonic_regression

    ordered = clips.sort_values("parameters_m")
    off = abs(isotonic_regression(ordered.value.to_numpy()).x - ordered.value.to_numpy()).max()
    if off == 0:
        return "In order of size, over all families, the share never falls."
    return (
        f"The curve that never falls and is nearest to the shares, over all families, misses one by"
        f" {100 * off:.1f} points."
    )


def search_engine(tables: Tables) -> Iterator[Answer]:
    """Yield whether the nearest picture is mostly of the same person, under the best CLIP."""
    for dataset, crop, rows in tables.number("neighbour", "rank", "1"):
        clips = trained(rows, CLIP).dropna(subset=["ci_low"])
        if clips.empty or crop in (AROUND, *EQUAL):
            continue
        best = clips.sort_values("value").iloc[-1]
        above, below = best.ci_low > 0.5, best.ci_high < 0.5
        verdict = SUPPORTED if above else CONTRADICTED if below else UNDETERMINED
        said = share(best.value, best.ci_low, best.ci_high)
        evidence = (
            f"Under {best.model} the nearest picture is of the same person in {said} of the"
            f" searches of {best.n_images:,.0f} pictures among all others."
        )
        yield Answer(
            dataset, crop, verdict, f"nearest picture right, {best.model}", best.value, best.ci_low,
            best.ci_high, NAN, int(best.n_identities), evidence,
        )  # fmt: skip
