"""Samples of people and pictures whose truth is known."""

import numpy as np

#: How many pictures each of n people has.
SIZES = {
    "equal": lambda random, n: np.full(n, 4),
    "unequal": lambda random, n: 2 + np.minimum(random.geometric(0.25, n), 13),
    # A few people have most of the pictures, as in LFW.
    "like LFW": lambda random, n: np.minimum(2 + random.pareto(1, n).astype(int), 500),
}


def trials(
    random: np.random.Generator, people: int, sizes: str, rate: float, alike: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return results (n, 1) of searches, 0 or 1, and whose they are (n,).

    A person's own rate follows a beta distribution of the mean `rate`; `alike`, 0 to 1, is the
    correlation of two results of one person.
    """
    counts = SIZES[sizes](random, people)
    own = np.full(people, rate)
    if alike:
        weight = (1 - alike) / alike
        own = random.beta(rate * weight, (1 - rate) * weight, people)
    who = np.repeat(np.arange(people), counts)
    return (random.random(len(who)) < own[who]).astype(float)[:, None], who


class Photographs:
    """Vectors of people's pictures: a person's mean and noise, the noise differing by person."""

    def __init__(
        self, random: np.random.Generator, people: int, sizes: str, noise: float, length: int = 24
    ) -> None:
        self.people = np.repeat(np.arange(people), SIZES[sizes](random, people))
        self.count = people
        self.rows = np.arange(len(self.people))
        self._means = random.standard_normal((people, length))
        self._noise = noise * np.exp(0.3 * random.standard_normal(people))
        self.vectors = self.seen(random)

    def seen(self, random: np.random.Generator, more: float = 1.0) -> np.ndarray:
        """Return the pictures' vectors under another model, float32 (n, length), unit rows.

        more: how much noisier that model is.
        """
        shape = (len(self.people), self._means.shape[1])
        spread = more * self._noise[self.people, None]
        found = self._means[self.people] + spread * random.standard_normal(shape)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found.astype(np.float32)


def pairs(
    random: np.random.Generator, photographs: Photographs, folds: int, each: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return listed pairs (n, 2), whether each is of one person, and its fold.

    No person is in two folds; `each` pairs of either kind in a fold.
    """
    found, same, fold = [], [], []
    of = np.arange(photographs.count) % folds
    for number in range(folds):
        mine = np.flatnonzero(of[photographs.people] == number)
        for wanted in (True, False):
            made = 0
            while made < each:
                a, b = random.choice(mine, 2, replace=False)
                if (photographs.people[a] == photographs.people[b]) != wanted:
                    if wanted:
                        others = np.flatnonzero(photographs.people == photographs.people[a])
                        b = random.choice(others[others != a])
                    else:
                        continue
                found.append((a, b))
                same.append(wanted)
                fold.append(number)
                made += 1
    return np.array(found), np.array(same), np.array(fold)
