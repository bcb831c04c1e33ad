"""Recognition against the size of the gallery: the same searches among more and more strangers."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from facebench.evaluation.open_set import why_refused
from facebench.evaluation.outcomes import search_outcomes
from facebench.evaluation.scale_numbers import Curve, Point, add_curve, point
from facebench.evaluation.strangers import Strangers, strangers
from facebench.evaluation.task import Result, Task
from facebench.logs import LOG
from facebench.protocols.open_set import Searches, searches
from facebench.protocols.scale.maxima import block_maxima, galleries
from facebench.vectors import simulated

NOBODY = "Nobody who is enrolled has another picture to be searched with."
FEW = (
    "There are {many:,} strangers, fewer than the smallest of scale.sizes, {size:,}: name data sets"
    " in scale.strangers, or set scale.simulated."
)
#: Most vectors that the model of the simulated ones is made from.
FITTED_ON = 50_000


class Crowd(NamedTuple):
    """Strangers of one kind: how many blocks there are, and their rows."""

    name: str
    many: int
    blocks: Iterator[np.ndarray]


def scale(task: Task) -> Result:
    """Search in the galleries of two halves of the people, to which strangers are added."""
    pictures, options, statistics = task.pictures, task.options, task.statistics
    n_people, size = len(pictures.identities), min(options["sizes"])
    done = searches(
        pictures.embeddings, pictures.rows, pictures.people, n_people, 1, statistics["seed"]
    )
    crowd = strangers(task.files["faces"], task.strangers, statistics["seed"])
    numbers = task.numbers(
        "scale",
        identities=int(np.unique(pictures.people[done.picture[done.mated]]).size),
        images=len(pictures.people),
        failed=int(pictures.failed.sum()),
    )
    enrolled = (n_people + 1) // 2
    parameters: dict[str, Any] = {
        "options": dict(options), "statistics": dict(statistics), "enrolled": enrolled,
        "strangers": len(crowd), "origins": crowd.origins, "left_out": crowd.left_out,
    }  # fmt: skip
    outcomes = search_outcomes(pictures, done.picture, done)
    outcomes.insert(2, "half", done.half)
    outcomes.insert(3, "mated", done.mated)
    if not done.mated.any():
        numbers.refuse("rank1", NOBODY, at=0)
        return Result(numbers, outcomes, parameters, pictures.record)
    refused = {rate: why_refused(rate, done, pictures.people) for rate in options["fpir"]}
    curves = []
    for kind in crowds(task, crowd, size, parameters):
        curve = measured(task, done, kind, [r for r, why in refused.items() if why is None])
        add_curve(numbers, curve, enrolled, options, refused, statistics)
        for one in curve.points:
            outcomes.loc[done.mated, f"found_{kind.name}_{one.strangers}"] = one.found
        curves.append(curve)
    if not curves:
        numbers.refuse("rank1", FEW.format(many=len(crowd), size=size), at=0)
    return Result(numbers, outcomes, parameters, pictures.record)


def crowds(task: Task, crowd: Strangers, size: int, parameters: dict[str, Any]) -> Iterator[Crowd]:
    """Yield the real strangers, and the simulated ones: both where both are asked for.

    The model of these is made from the real strangers, or else from one picture of each person.
    """
    seed, wanted = task.statistics["seed"], task.options["simulated"] // size
    if count := len(crowd) // size:
        yield Crowd("real", count, crowd.blocks(count, size))
    if not wanted:
        return
    if len(crowd):
        sample = crowd.rows(np.arange(min(len(crowd), FITTED_ON)))
    else:
        pictures = task.pictures
        usable = np.flatnonzero(~pictures.failed)
        _, first = np.unique(pictures.people[usable], return_index=True)
        sample = pictures.embeddings[pictures.rows[usable[first]][:FITTED_ON]]
    model = simulated.fitted(sample, seed)
    parameters["model"] = {
        "made_from": len(sample), "shrinkage": round(model.shrinkage, 6),
        "width": round(model.width, 6),
    }  # fmt: skip
    LOG.info("%s simulated strangers, of a model of %d pictures", f"{wanted * size:,}", len(sample))
    yield Crowd("simulated", wanted, simulated.blocks(model, wanted, size, seed))


def measured(task: Task, done: Searches, crowd: Crowd, rates: list[float]) -> Curve:
    """Return what is found at every size, without strangers first."""
    pictures, options = task.pictures, task.options
    tried = np.unique(done.picture[pictures.rows[done.picture] >= 0])
    rows = pictures.embeddings[pictures.rows[tried]]
    maxima = block_maxima(rows, crowd.blocks, crowd.many)
    place = np.full(len(pictures.people), -1)
    place[tried] = np.arange(len(tried))
    place, block = place[done.picture], min(options["sizes"])
    points: list[Point] = [point(task, [done], 0, rates)]
    for size in sorted(options["sizes"]):
        if size // block <= crowd.many:
            grown = [
                among(done, np.append(best, np.float32(-np.inf))[place])
                for best in galleries(maxima, size // block, options["draws"])
            ]
            points.append(point(task, grown, size, rates))
    return Curve(crowd.name, points)


def among(done: Searches, nearest: np.ndarray) -> Searches:
    """Return searches in galleries to which strangers were added.

    nearest: float (n,), the highest score of a stranger in each search, -inf for a failed one. A
    stranger comes after an entry with the same score.
    """
    ahead = nearest > done.mate_score
    return done._replace(
        rank=np.where(ahead, np.maximum(done.rank, 2), done.rank),
        other_score=np.maximum(done.other_score, nearest),
    )
