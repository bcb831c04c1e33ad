"""What a job asks a cluster for: more of it when it is tried again."""

from collections.abc import Callable
from typing import Any

Amount = int | Callable[[Any], int]


def more(amount: Amount) -> Callable[[Any, int], int]:
    """Return a resources function: `amount`, twice of it at the second attempt, and so on.

    amount: a number (MB, or minutes), or a function of the wildcards.

    >>> more(4000)(None, attempt=1), more(lambda wildcards: 60)(None, attempt=3)
    (4000, 180)
    """

    def scaled(wildcards: Any, attempt: int) -> int:
        return attempt * (amount(wildcards) if callable(amount) else amount)

    return scaled
