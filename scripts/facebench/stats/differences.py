"""The difference of two models on the same searches or pairs: interval and p."""

from typing import NamedTuple

import numpy as np

from facebench.stats.equivalence import equivalence
from facebench.stats.intervals import (
    difference_interval,
    effective_people,
    pair_variance,
    totals,
)
from facebench.stats.person_rates import spread, spread_of
from facebench.stats.significance import normal_p, sign_flip_p, student_p


class Difference(NamedTuple):
    """A difference of two rates, its standard error, and the degrees of freedom of that."""

    difference: float
    ci_low: float
    ci_high: float
    #: Two-sided, that there is none.
    p: float
    n_identities: int
    error: float
    freedom: float

    def p_alike(self, margin: float) -> float:
        """Return the p of "they differ by `margin` or more", the larger one of both directions.

        A difference without any error is that of the same decisions: 0 where it is within.
        """
        if not self.error:
            return 0.0 if abs(self.difference) < margin else 1.0
        return equivalence(self.difference, self.error, margin, freedom=self.freedom).p


class Searches(NamedTuple):
    """What a model did in n searches, the same for all models."""

    #: Did it succeed, 0 or 1: float64 (n,)
    correct: np.ndarray
    #: Who was searched: object (n,)
    identity: np.ndarray
    #: As for `facebench.stats.person_rates.rates_by_person`: object (n,), float64 (n, 1)
    other: np.ndarray
    freed: np.ndarray


def of_searches(one: Searches, two: Searches, confidence: float) -> Difference:
    """Return the difference of the shares of successful searches.

    p is the larger of two: that of Student's test with the interval's variance, which knows that
    people also stand in each other's way, and the exact one of `sign_flip_p`, which holds for few
    people.

    >>> who, none = np.array(["a", "a", "b", "b", "c"]), np.zeros((5, 1))
    >>> good = Searches(np.ones(5), who, who, none)
    >>> of_searches(good, good._replace(correct=np.zeros(5)), 0.95).p  # 2 of 8 choices of signs
    0.25
    """
    values = one.correct - two.correct
    found, _ = spread_of(
        values[:, None],
        one.identity,
        np.concatenate([one.other, two.other]),
        np.concatenate([one.freed, -two.freed]),
    )
    people, person = np.unique(one.identity.astype(str), return_inverse=True)
    difference, freedom = float(values.mean()), float(found.freedom[0])
    variance = float(found.variance[0])
    low, high = difference_interval(difference, variance, freedom, confidence)
    exact = sign_flip_p(totals(values, person, len(people)))
    p = max(exact, student_p(difference, variance, freedom))
    error = float(np.sqrt(variance))
    return Difference(difference, low, high, p, len(people), error, freedom)


def of_draws(
    one: Searches, two: Searches, draws: np.ndarray, others: np.ndarray, confidence: float
) -> Difference:
    """Return the difference of shares whose thresholds depend on the people.

    draws, others: float64 (draws,), both models' shares in the same draws of people, each with the
    thresholds of that draw. Their difference's variance is enlarged as `Spread.inflation` says; p
    is that of Student's test.
    """
    values = one.correct - two.correct
    found, _ = spread_of(values[:, None], one.identity)
    difference, freedom = float(values.mean()), float(found.freedom[0])
    variance = float(np.nanvar(draws - others) * found.inflation[0])
    low, high = difference_interval(difference, variance, freedom, confidence)
    p = student_p(difference, variance, freedom)
    people = len(np.unique(one.identity.astype(str)))
    return Difference(difference, low, high, p, people, float(np.sqrt(variance)), freedom)


def of_totals(
    right: np.ndarray, trials: np.ndarray, draws: np.ndarray, others: np.ndarray, confidence: float
) -> Difference:
    """Return the difference of two shares of all people's trials, which depend on thresholds.

    right: float (people,), how many more of a person's trials succeed under the first; trials: int
    (people,). draws, others: as for `of_draws`. Which trials they are isn't known: where as many
    are won as are lost, a person's are taken to be the same.

    >>> more = of_totals(np.array([1.0, 0.0]), np.array([2, 2]), np.ones(9), np.ones(9), 0.95)
    >>> more.difference, more.error
    (0.25, 0.0)
    """
    found = spread(right[:, None], np.abs(right)[:, None], trials)
    difference, freedom = float(right.sum() / trials.sum()), float(found.freedom[0])
    variance = float(np.nanvar(draws - others) * found.inflation[0])
    low, high = difference_interval(difference, variance, freedom, confidence)
    p = student_p(difference, variance, freedom)
    people = int(np.count_nonzero(trials))
    return Difference(difference, low, high, p, people, float(np.sqrt(variance)), freedom)


def of_pairs(
    one: np.ndarray, two: np.ndarray, first: np.ndarray, second: np.ndarray, confidence: float
) -> Difference:
    """Return the difference of the shares of right decisions on n listed pairs.

    one, two: float (n,), was the decision right; first, second: int (n,), the people of each pair,
    some of whom are in several pairs.
    """
    values = one - two
    variance = pair_variance(values - values.mean(), first, second)
    pictures = np.bincount(np.concatenate([first, second]))
    difference = float(values.mean())
    freedom = effective_people(pictures) - 1
    low, high = difference_interval(difference, variance, freedom, confidence)
    p = normal_p(difference, variance)
    people = int(np.count_nonzero(pictures))
    return Difference(difference, low, high, p, people, float(np.sqrt(variance)), freedom)
