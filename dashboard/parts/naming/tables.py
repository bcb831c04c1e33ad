"""Whose names were read, and who is given a name that isn't theirs: numbers as tables."""

import pandas as pd

from dashboard import elements, safe_text, vocabulary
from dashboard.data import absent, numbers


def read(dataset: str, crop: str, named: pd.DataFrame) -> None:
    """Show the numbers of identity inference."""
    with elements.section(
        "Whose names were read",
        "A person is inferred where the votes of their photographs give the right name, by enough"
        " templates. Beside it: what chance gives, names that are permuted, and the names alone.",
    ):
        _numbers(dataset, crop, "identity_inference")


def strangers(dataset: str, crop: str, named: pd.DataFrame) -> None:
    """Show the numbers of the open set by name, and of calibration."""
    with elements.section(
        "Names given to strangers",
        "Half of the people's names are candidates; the other half are strangers, whose photographs"
        " should get no name. And: is a model as often right as it is sure?",
    ):
        _numbers(dataset, crop, "open_set_by_name")


def _numbers(dataset: str, crop: str, protocol: str) -> None:
    table = numbers.metrics(dataset=dataset, crop=crop, protocol=protocol, **numbers.CLEAN)
    if table.empty:
        raise absent.absent(dataset, crop, protocol)
    file = safe_text.file_name(dataset, crop)
    said = [
        vocabulary.metric(*row)
        for row in table[["protocol", "metric", "at"]].itertuples(index=False)
    ]
    table, plain = table.assign(number=said), table.metric.isin(vocabulary.PLAIN_NUMBERS)
    for name, some in (("shares", table[~plain]), ("others", table[plain])):
        if len(some):
            elements.numbers_table(some, ["model", "number"], f"{protocol}-{name}-{file}")
