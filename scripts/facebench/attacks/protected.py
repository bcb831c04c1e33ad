"""Whose pictures are attacked."""

import pandas as pd

from facebench.attacks.seeds import chance
from facebench.store.faces import attempted

#: Reason recorded for pictures of people who are not protected.
SPARED = "This person is not among those who are protected."


def protected(labels: pd.DataFrame, people: int | None, seed: int) -> set[str]:
    """Return the identities whose pictures are attacked: all, or `people` drawn with `seed`.

    Drawn from those with at least two pictures, one to poison and one as a probe, in an order that
    depends on the seed alone: fewer people are always among more, and attacks with the same seed
    protect the same people. A picture that can't be used counts, so that a crop in which more
    pictures fail has the same people, whether anything of theirs can be attacked or not.

    >>> labels = pd.DataFrame({"identity": list("aabbc"), "status": ["ok"] * 3 + ["no-face", "ok"]})
    >>> sorted(protected(labels, None, 0)), sorted(protected(labels, 9, 0))
    (['a', 'b', 'c'], ['a', 'b'])
    """
    counts = attempted(labels).identity.value_counts()
    if people is None:
        return set(counts.index)
    enough = sorted(counts[counts >= 2].index)
    enough.sort(key=lambda identity: chance(seed, "protected", identity).random())
    return set(enough[:people])
