"""Intervals. People are resampled, never single pictures: two pictures of one person are not two
independent observations.

People are numbered 0 to n - 1 throughout. The same n and seed give the same draws, so that models
which were tested on the same people are compared draw by draw.
"""

from collections.abc import Iterator

import numpy as np

from facebench.timing import loading

Interval = tuple[float, float]
NO_INTERVAL: Interval = (float("nan"), float("nan"))


def identity_draws(people: int, draws: int, seed: int, cells: int = 2**22) -> Iterator[np.ndarray]:
    """Yield blocks of bootstrap draws: how often each person was drawn, float32 (block, people).

    Every row sums to `people`. A block has about `cells` numbers, so memory stays small.

    >>> [block.shape for block in identity_draws(4, draws=5, seed=0, cells=12)]
    [(3, 4), (2, 4)]
    """
    random = np.random.default_rng(seed)
    step = max(1, cells // max(people, 1))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        drawn = random.integers(people, size=(size, people), dtype=np.int64)
        drawn += people * np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * people)
        yield counts.reshape(size, people).astype(np.float32)


def totals(values: np.ndarray, identity: np.ndarray, people: int) -> np.ndarray:
    """Return the sums of `values` (n,) or (n, m) over each person's rows: float64 (people, ...).

    >>> totals(np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1]), people=3)
    array([2., 5., 0.])
    """
    values = np.asarray(values, float)
    if values.ndim == 1:
        return np.bincount(identity, weights=values, minlength=people)
    columns = [np.bincount(identity, weights=column, minlength=people) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((people, 0))


def resampled_ratio(
    numerator: np.ndarray, denominator: np.ndarray, draws: int, seed: int
) -> np.ndarray:
    """Return sum(numerator) / sum(denominator) in every draw: float64 (draws, m).

    `numerator` (people, m) and `denominator` (people, m) or (people, 1) are sums over each
    person's pictures. A draw without any denominator gives NaN.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.concatenate(
            [
                (weights @ numerator) / (weights @ denominator)
                for weights in identity_draws(len(numerator), draws, seed)
            ]
        )


def percentiles(samples: np.ndarray, confidence: float) -> Interval:
    """Return the central `confidence` of `samples` (n,), less NaN: the percentile interval.

    >>> percentiles(np.arange(101.0), 0.5)
    (25.0, 75.0)
    """
    samples = samples[~np.isnan(samples)]
    if not len(samples):
        return NO_INTERVAL
    tail = (1 - confidence) / 2
    # Ranks may be infinite, so interpolation is impossible.
    low, high = np.quantile(samples, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


def effective_people(pictures: np.ndarray) -> float:
    """Return how many people of equal weight count as much as these do (Kish): (sum)^2 / sum(^2).

    >>> effective_people(np.array([2, 2, 2, 0])), effective_people(np.array([98, 1, 1]))
    (3.0, 1.04...)
    """
    squares = float(np.sum(np.square(pictures, dtype=float)))
    return float(np.sum(pictures)) ** 2 / squares if squares else 0.0


def rate_interval(
    rate: float,
    variance: float,
    effective: float,
    confidence: float,
    freedom: float | None = None,
) -> Interval:
    """Return Wilson's interval of a rate in [0, 1] whose variance comes from resampling people.

    The number of trials is the one at which independent trials would have this variance,
    rate (1 - rate) / variance (Fogliato et al., "Confidence intervals for error rates in 1:1
    matching tasks", 2023); where no draw differs (everything right, everything wrong), it is
    `effective`, the effective number of people. The quantile is Student's with `freedom` degrees of
    freedom, by default `effective` - 1. Fewer than two people: no interval.

    >>> low, high = rate_interval(0.5, 0.5 * 0.5 / 100, 1e6, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    >>> low, high = rate_interval(1.0, 0.0, 50, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.925, 1.0)
    """
    with loading():
        from scipy.special import stdtrit

    if not np.isfinite(rate) or not np.isfinite(variance) or effective < 2:
        return NO_INTERVAL
    spread = rate * (1 - rate)
    trials = spread / variance if variance > 0 and spread > 0 else effective
    degrees = effective - 1 if freedom is None else freedom
    square = float(stdtrit(degrees, (1 + confidence) / 2)) ** 2
    middle = (rate + square / (2 * trials)) / (1 + square / trials)
    half = np.sqrt(square * (spread + square / (4 * trials)) / trials) / (1 + square / trials)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def skewed_interval(
    value: float, variance: float, skew: float, freedom: float, confidence: float
) -> Interval:
    """Return the interval of a mean in [0, 1] of skewed contributions of people.

    skew: their skewness over the square root of their number. The mean less its expectation, over
    its standard deviation, is transformed to be symmetric and compared with Student's quantiles
    (Hall, "On the removal of skewness by transformation", 1992): where a few people are far from
    all others, the interval reaches further to their side.

    >>> low, high = skewed_interval(0.1, 0.0004, 0.0, 1e6, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.061, 0.139)
    >>> low, high = skewed_interval(0.1, 0.0004, 0.3, 1e6, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.067, 0.153)
    """
    with loading():
        from scipy.special import stdtrit

    if not np.isfinite(value) or not np.isfinite(variance) or freedom < 1:
        return NO_INTERVAL
    ends = np.array([1, -1]) * float(stdtrit(freedom, (1 + confidence) / 2))
    if abs(skew) > 1e-6:
        ends = 3 / skew * (np.cbrt(1 + skew * (ends - skew / 6)) - 1)
    low, high = value - np.sqrt(variance) * ends
    return max(0.0, float(low)), min(1.0, float(high))


def difference_interval(
    difference: float, variance: float, freedom: float, confidence: float
) -> Interval:
    """Return Student's interval of a difference; no interval below one degree of freedom.

    >>> low, high = difference_interval(0.1, 0.0004, 1e6, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.061, 0.139)
    """
    with loading():
        from scipy.special import stdtrit

    if freedom < 1:
        return NO_INTERVAL
    half = float(stdtrit(freedom, (1 + confidence) / 2) * np.sqrt(variance))
    return difference - half, difference + half


def pair_variance(residuals: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Return the variance of the mean over pairs, which may share a person and so be correlated.

    `residuals` (n,): each pair's value less the mean; `first`, `second` (n,): the numbers of its
    people. Products of residuals are summed over every two pairs that share a person
    (Aronow, Samii and Assenova, "Cluster-robust variance estimation for dyadic data", 2015), and
    the result is never less than the variance of independent pairs.

    >>> values = np.array([1.0, -1.0, 1.0, -1.0])
    >>> pair_variance(values, np.array([0, 1, 2, 3]), np.array([4, 5, 6, 7]))
    0.25
    >>> pair_variance(values, np.array([0, 2, 0, 2]), np.array([1, 3, 4, 5]))
    0.5
    """
    people = int(max(first.max(), second.max())) + 1
    apart = first != second
    by_person = totals(residuals, first, people) + totals(residuals * apart, second, people)
    low, high = np.minimum(first, second)[apart], np.maximum(first, second)[apart]
    _, pair_of_people = np.unique(low * people + high, return_inverse=True)
    by_pair = np.bincount(pair_of_people, weights=residuals[apart])
    shared = np.sum(by_person**2) - np.sum(by_pair**2)
    return float(max(shared, np.sum(residuals**2))) / len(residuals) ** 2
