"""Claims about what of a picture is recognised: the crops compared."""

from collections.abc import Iterator

import pandas as pd

from facebench.evaluation.differences import KEYS, by_searches
from facebench.report.claims.answer import (
    ALPHA,
    CONTRADICTED,
    SUPPORTED,
    UNDETERMINED,
    Answer,
    points,
)
from facebench.report.claims.tables import AROUND, CLIP, EQUAL, FACE, FACES, RANK_1, Tables, trained
from facebench.stats.differences import Difference
from facebench.stats.significance import holm

#: Crops of the face and of what is around it that are compared, and what is to be said of them.
COMPARED = {
    (FACE, AROUND): "The crops are of different size and shape.",
    EQUAL: "Both show as many pixels, and the rest is grey.",
}


def context(tables: Tables) -> Iterator[Answer]:
    """Yield whether more is found in the face than around it, in the same pictures."""
    places = {(dataset, crop): rows for dataset, crop, rows in tables.number(*RANK_1)}
    for dataset in dict.fromkeys(dataset for dataset, _ in places):
        for (face, around), said in COMPARED.items():
            if {(dataset, face), (dataset, around)} <= places.keys():
                clips = trained(places[dataset, face], CLIP).model
                yield from _context(tables, dataset, face, around, clips, said)


def _context(
    tables: Tables, dataset: str, face: str, around: str, clips: pd.Series, said_of_both: str
) -> Iterator[Answer]:
    """Yield the answer of two crops, where they were compared in the same pictures."""
    found = {
        model: difference
        for model in clips
        if (difference := between_crops(tables, dataset, face, around, model)) is not None
    }
    if found:
        p = holm([one.p for one in found.values()])
        more = [one.difference > 0 and q < ALPHA for one, q in zip(found.values(), p, strict=True)]
        less = [one.difference < 0 and q < ALPHA for one, q in zip(found.values(), p, strict=True)]
        verdict = SUPPORTED if all(more) else CONTRADICTED if any(less) else UNDETERMINED
        model = min(found, key=lambda name: found[name].difference)
        least = found[model]
        said = points(least.difference, least.ci_low, least.ci_high)
        evidence = (
            f"{sum(more)} of {len(found)} trained CLIPs find more in the crop {face} than in"
            f" {around}, {sum(less)} fewer. The least: {model}, {said}. {said_of_both}"
        )
        yield Answer(
            dataset, f"{face}, {around}", verdict, f"rank-1 in {face} less in {around}, {model}",
            least.difference, least.ci_low, least.ci_high, float(max(p)), least.n_identities,
            evidence,
        )  # fmt: skip


def between_crops(
    tables: Tables, dataset: str, one: str, two: str, model: str
) -> Difference | None:
    """Return the difference in rank-1 of two crops of the same pictures; None if not measured."""
    sides = {crop: tables.outcomes(dataset, crop, model) for crop in (one, two)}
    if any(side is None for side in sides.values()):
        return None
    found = {crop: side for crop, side in sides.items() if side is not None}
    keys = [side[[key for key in KEYS if key in side]] for side in found.values()]
    return by_searches(found, tables.confidence)(one, two) if keys[0].equals(keys[1]) else None


def order(tables: Tables) -> Iterator[Answer]:
    """Yield whether the best CLIP and the best model made for faces change places by crop."""
    ahead: dict[str, list[tuple[str, str, str, pd.Series]]] = {}
    for dataset, crop, rows in tables.number(*RANK_1):
        clips, faces = (trained(rows, kind).sort_values("value").model for kind in (CLIP, FACES))
        if faces.empty or not tables.recognised(dataset, crop, rows):
            continue
        clip, face = str(clips.iloc[-1]), str(faces.iloc[-1])
        found = tables.difference(dataset, crop, clip, face)
        if found is not None:
            ahead.setdefault(dataset, []).append((crop, clip, face, found))
    for dataset, crops in ahead.items():
        if len(crops) < 2:
            continue
        shown = [found.p_corrected < ALPHA for *_, found in crops]
        first = {
            found.difference > 0 for (*_, found), is_so in zip(crops, shown, strict=True) if is_so
        }
        same = CONTRADICTED if all(shown) else UNDETERMINED
        verdict = SUPPORTED if len(first) == 2 else same
        listed = "; ".join(
            f"{crop}: {clip} less {face} {points(found.difference, found.ci_low, found.ci_high)}"
            for crop, clip, face, found in crops
        )
        crop, clip, face, least = min(crops, key=lambda one: abs(one[3].difference))
        yield Answer(
            dataset, ", ".join(crop for crop, *_ in crops), verdict,
            f"rank-1 of {clip} less that of {face}, {crop}", least.difference, least.ci_low,
            least.ci_high, max(float(found.p_corrected) for *_, found in crops),
            int(least.n_identities), f"{listed}. The best of a kind is chosen in the same data.",
        )  # fmt: skip
