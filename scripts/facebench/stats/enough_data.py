"""Which rates of error a data set is large enough to measure."""

from typing import Literal

#: A rate needs about this many expected errors: with fewer, one pair of similar people changes the
#: threshold by a tenth or more.
EXPECTED_ERRORS = 10


def why_unmeasurable(
    rate: float, kind: Literal["FAR", "FMR", "FPIR", "FPR"], trials: float, people: float
) -> str | None:
    """Return a sentence if `rate` is too small for the data, else None.

    `trials` false decisions could have been made (pairs of two people's pictures, searches without
    a mate, tests of a person's membership) by `people` (pairs of people; people searched without a
    mate; people who aren't members): ten people with a
    thousand pictures each say little about rare errors, so `EXPECTED_ERRORS` are required of both.

    >>> why_unmeasurable(0.01, "FAR", trials=3000, people=2900)
    >>> why_unmeasurable(0.0001, "FAR", trials=3000, people=2900)
    'FAR 0.0001 is refused: 3,000 pairs of two people expect 0.3 errors at it, and 10 are needed.'
    """
    if kind in ("FAR", "FMR"):
        groups = {"pairs of two people": trials, "different pairs of people": people}
    elif kind == "FPR":
        groups = {"people whose names were never read": people}
    else:
        groups = {"searches without a mate": trials, "people searched without a mate": people}
    for what, count in groups.items():
        # Rates are decimal fractions: 0.01 of 1,000 is 10, despite binary rounding.
        if rate * count < EXPECTED_ERRORS * (1 - 1e-9):
            return (
                f"{kind} {rate:g} is refused: {count:,.0f} {what} expect {rate * count:.2g} errors "
                f"at it, and {EXPECTED_ERRORS} are needed."
            )
    return None
