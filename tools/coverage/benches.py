"""What is simulated: each bench makes one sample and returns its intervals and p-values."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from facebench.protocols.identify import galleries
from facebench.protocols.open_set import open_set, searches
from facebench.protocols.ranks import search
from facebench.protocols.verify import verify
from facebench.protocols.view2 import view2
from facebench.stats import differences
from facebench.stats.intervals import effective_people, pair_variance, rate_interval
from facebench.stats.person_rates import rates_by_person, spread_of
from tools.coverage.worlds import Photographs, pairs, trials

DRAWS = 200
SURE = 0.95


class Found(NamedTuple):
    """One interval of one sample. p: of a difference that isn't there, NaN for a rate."""

    what: str
    value: float
    low: float
    high: float
    p: float = float("nan")


class Bench(NamedTuple):
    """What is simulated: `make(random, **cell)` returns the intervals of one sample."""

    make: Callable[..., list[Found]]
    cells: list[dict[str, Any]]
    #: The truth of a cell; without it, the mean over all samples.
    truth: Callable[..., float] | None = None


def rates(
    random: np.random.Generator, *, people: int, sizes: str, rate: float, alike: float
) -> list[Found]:
    """Return the interval of a rate of searches."""
    results, who = trials(random, people, sizes, rate, alike)
    ((value, (low, high), _),) = rates_by_person(results, who, SURE)
    return [Found("rate", value, low, high)]


def pairs_of_pictures(
    random: np.random.Generator, *, people: int, sizes: str, noise: float
) -> list[Found]:
    """Return the intervals of verification over all pairs."""
    from facebench.evaluation.verify import intervals

    world = Photographs(random, people, sizes, noise)
    rates = np.array([0.01, 0.001])
    found = verify(world.vectors, world.rows, world.people, people, rates, DRAWS, 0)
    values = {
        **{("tar", i): value for i, value in enumerate(found.tar)},
        **{("tar_person", i): value for i, value in enumerate(found.tar_person)},
        ("auc", 0): found.auc,
        ("eer", 0): found.eer,
    }
    made = intervals(found, SURE)
    return [
        Found(f"{metric}@{rates[i]:g}" if "tar" in metric else metric, value, *made[metric, i][0])
        for (metric, i), value in values.items()
    ]


def closed(
    random: np.random.Generator, *, people: int, sizes: str, noise: float, count: int
) -> list[Found]:
    """Return rank-1 of two models that are alike, and their difference."""
    world = Photographs(random, people, sizes, noise)
    both = [_searched(world, world.seen(random), count) for _ in range(2)]
    one = both[0]
    ((value, (low, high), _),) = rates_by_person(
        one.correct[:, None], one.identity, SURE, one.other, one.freed
    )
    found = differences.of_searches(*both, SURE)
    return [
        Found("rank-1", value, low, high),
        Found("rank-1 difference", found.difference, found.ci_low, found.ci_high, found.p),
    ]


def _searched(world: Photographs, vectors: np.ndarray, count: int) -> differences.Searches:
    parts = []
    for gallery, probes in galleries(world.people, 1, True, count, 0):
        found = search(vectors, world.rows, world.people, probes, gallery)
        parts.append((found.rank, world.people[probes], world.people[found.other]))
    rank, who, other = (np.concatenate(column) for column in zip(*parts, strict=True))
    correct, freed = (rank <= 1).astype(float), (rank == 2)[:, None] / 2
    return differences.Searches(correct, who.astype(object), other.astype(object), freed)


def strangers(
    random: np.random.Generator, *, people: int, sizes: str, noise: float, count: int
) -> list[Found]:
    """Return FNIR at an FPIR of 0.1, and the difference of two models that are alike."""
    world = Photographs(random, people, sizes, noise)
    made = []
    for _ in range(2):
        done = searches(
            world.seen(random), world.rows, world.people, people, 1, seed=0, halvings=count
        )
        found = open_set(done, world.people, people, np.array([0.1]), 1, DRAWS, 0)
        who = world.people[done.picture[done.mated]]
        missed = 1.0 - found.found[done.mated]
        made.append((missed[:, 0], who, found.draws[:, 0]))
    missed, who, draws = made[0]
    known, effective = spread_of(missed[:, None], who)
    low, high = rate_interval(
        missed.mean(), draws.var() * known.inflation[0], effective, SURE, known.freedom[0]
    )
    nobody = np.zeros((len(who), 1))
    one, two = (differences.Searches(part[0], who, who, nobody) for part in made)
    apart = differences.of_draws(one, two, made[0][2], made[1][2], SURE)
    return [
        Found("FNIR", float(missed.mean()), low, high),
        Found("FNIR difference", apart.difference, apart.ci_low, apart.ci_high, apart.p),
    ]


def listed_pairs(
    random: np.random.Generator, *, people: int, sizes: str, noise: float, each: int
) -> list[Found]:
    """Return the interval of View 2's accuracy on listed pairs in ten folds."""
    world = Photographs(random, people, sizes, noise, length=64)
    chosen, same, fold = pairs(random, world, 10, each)
    first, second = chosen.T
    scores = np.einsum("nd,nd->n", world.vectors[first], world.vectors[second]).astype(float)
    found = view2(scores, same, fold)
    value, who = found.accuracy, (world.people[first], world.people[second])
    variance = max(pair_variance(found.correct - value, *who), found.standard_error**2)
    effective = effective_people(np.bincount(np.concatenate(who)))
    return [Found("accuracy", value, *rate_interval(value, variance, effective, SURE))]


PEOPLE = (30, 60, 300)

BENCHES = {
    "rates": Bench(
        rates,
        [
            {"people": n, "sizes": sizes, "rate": rate, "alike": alike}
            for sizes in ("equal", "unequal", "like LFW")
            for n in PEOPLE
            for rate in (0.5, 0.9, 0.99)
            for alike in (0.0, 0.2, 0.5)
        ],
        truth=lambda **cell: float(cell["rate"]),
    ),
    "pairs": Bench(
        pairs_of_pictures,
        [
            {"people": n, "sizes": sizes, "noise": 0.7}
            for n in PEOPLE
            for sizes in ("equal", "unequal")
        ],
    ),
    "listed": Bench(
        listed_pairs,
        [
            {"people": 4000, "sizes": "unequal", "noise": noise, "each": each}
            for noise in (1.4, 0.85)
            for each in (30, 300)
        ],
    ),
    "closed": Bench(
        closed,
        [
            {"people": n, "sizes": "equal", "noise": noise, "count": count}
            for n in PEOPLE
            for noise in (0.9, 0.6)
            for count in (1, 12)
        ],
    ),
    "strangers": Bench(
        strangers,
        [
            {"people": n, "sizes": "equal", "noise": noise, "count": count}
            for n in (60, 300)
            for noise in (0.9, 0.6)
            for count in (1, 6)
        ],
    ),
}


def samples(bench: Bench, cell: dict[str, Any], count: int, seed: int) -> Iterator[list[Found]]:
    """Yield the intervals of `count` samples of a cell, each with a seed of its own."""
    for number in range(count):
        yield bench.make(np.random.default_rng([seed, number]), **cell)
