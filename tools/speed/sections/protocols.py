"""Each protocol on one model's vectors, against the matrix product of as many scores."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.speed import study, vectors
from tools.speed.section import Best, Case, Parts, Row, Section, rate

PROTOCOLS = ("identify", "verify", "neighbour", "open_set")

NOTE = """
Milliseconds for a million scores on one core, by processor time: all of a protocol with its default
options, choice of pictures, ranks or thresholds, 1,000 draws over people for its intervals, and
outcomes, without writing files. Plain is the product of float64 matrices that makes a million
scores and keeps nothing of them. Scores are counted as the protocol's definition asks for them.
"""


def counts(*, people: int, each: int, options: dict[str, Any]) -> dict[str, int]:
    """Return how many scores each protocol is defined on, of people with `each` pictures.

    >>> given = {"identify": {"galleries": 2}, "open_set": {"halvings": 1}}
    >>> counts(people=4, each=2, options=given)
    {'identify': 32, 'verify': 28, 'neighbour': 64, 'open_set': 24}
    """
    pictures, half = people * each, people // 2
    return {
        # One picture of everybody is in a gallery, all others are searched with.
        "identify": options["identify"]["galleries"] * people * (pictures - people),
        "verify": pictures * (pictures - 1) // 2,
        "neighbour": pictures * pictures,
        # Each half's gallery is searched with all pictures that aren't in it.
        "open_set": options["open_set"]["halvings"] * 2 * half * (pictures - half),
    }


def product(*, people: int, each: int, dim: int) -> Parts:
    """Return the product of as many float64 numbers as `pictures` times `pictures`."""
    from threadpoolctl import threadpool_limits

    made = vectors.clustered(people=people, each=each, dim=dim, groups=50).astype(float)

    def scores() -> dict[str, Any]:
        with threadpool_limits(1):
            for start in range(0, len(made), 1024):
                made[start : start + 1024] @ made.T
        return {"scores": len(made) ** 2}

    return {"scores": scores}


def facebench(*, people: int, each: int, dim: int) -> Parts:
    """Return every protocol."""
    from threadpoolctl import threadpool_limits

    from facebench.evaluation import PROTOCOLS as KNOWN
    from facebench.indexes import stored

    place = tempfile.TemporaryDirectory()
    index = Path(place.name) / "index.json"
    pictures, options = pictures_of(people=people, each=each, dim=dim), study.defaults()
    stored.make(pictures.embeddings, index, {"kind": "flat"})
    scores = counts(people=people, each=each, options=options)

    def run(name: str) -> dict[str, Any]:
        with threadpool_limits(1):
            KNOWN[name](task_of(name, pictures, options, index))
        return {"scores": scores[name], "at": place.name}

    return {name: lambda name=name: run(name) for name in PROTOCOLS}  # type: ignore[misc]


def pictures_of(*, people: int, each: int, dim: int) -> Any:
    """Return the pictures of people with `each` a person, with vectors in memory."""
    import numpy as np
    import pandas as pd

    from facebench.evaluation.pictures import Pictures
    from facebench.vectors.stored import StoredVectors

    made = vectors.clustered(people=people, each=each, dim=dim, groups=50)
    who = np.repeat(np.arange(people), each)
    ids = [f"{number:016x}" for number in range(len(who))]
    identities = np.array([f"p{number:06}" for number in range(people)], object)
    labels = pd.DataFrame({"image_id": ids, "path": ids, "identity": identities[who]})
    return Pictures(
        labels=labels.assign(name=labels["identity"]),
        people=who,
        identities=identities,
        rows=np.arange(len(who)),
        embeddings=StoredVectors.of(made),
        ids=pd.Index(ids),
        record={},
    )


def task_of(name: str, pictures: Any, options: dict[str, Any], index: Path) -> Any:
    """Return the task of a protocol with its default options."""
    from facebench.evaluation.task import Task

    return Task(
        pictures=pictures,
        where={"dataset": "made", "crop": "full", "model": "made"},
        options=options[name],
        statistics=options["statistics"],
        files={"faces": "", "index": str(index)},
    )


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield a row a protocol."""
    other = 1e9 / rate(best["matrix product", "scores"], "scores", "cpu")
    for name in PROTOCOLS:
        spent = best["facebench", name]
        ours = 1e9 / rate(spent, "scores", "cpu")
        what = f"`{name}`, {spent.said['scores'] / 1e6:,.1f} million scores, ms a million"
        yield Row(what, other, ours, other / ours)


SECTION = Section(
    title="Protocols",
    note=NOTE,
    cases={
        "usual": [{"people": 1500, "each": 4, "dim": 512}],
        "smallest": [{"people": 40, "each": 3, "dim": 32}],
    },
    sides={"matrix product": product, "facebench": facebench},
    rows=rows,
    other="matrix product",
)
