"""Thresholds to take home, as the step `thresholds` wrote them."""

from collections.abc import Sequence

import pandas as pd

from dashboard.data import absent, files, numbers, places

FILE = "thresholds.json"
NUMBERS = ["threshold", "ci_low", "ci_high", "tar", "tar_ci_low", "tar_ci_high"]
COUNTS = ["people", "pictures", "impostor_pairs"]
COLUMNS = ["dataset", "crop", "model", "fmr", *NUMBERS, *COUNTS, "refused"]


def thresholds(dataset: str, crop: str, models: Sequence[str]) -> pd.DataFrame:
    """Return a row a model and rate, in the order of `models`, with `COLUMNS`.

    A rate that the data can't resolve has no numbers, and the reason in `refused`. Raises `Missing`
    where no pairs were verified, and for a file that is not there, damaged or of another version.
    """
    if not numbers.distinct("model", dataset=dataset, crop=crop, protocol="verify"):
        raise absent.absent(dataset, crop, "verify", "Thresholds")
    place = places.result(FILE)
    held = files.parsed(place)
    with files.readable(place):
        table = pd.DataFrame(held["thresholds"])
    files.need(FILE, list(table.columns), COLUMNS)
    with files.readable(place):
        amounts = ["fmr", *NUMBERS, *COUNTS]
        table = table[COLUMNS].astype(dict.fromkeys(amounts, float))
        table = table[(table.dataset == dataset) & (table.crop == crop)]
        found = table[table.model.isin(models)]
        order = found.model.map({model: place for place, model in enumerate(models)})
        return found.assign(order=order).sort_values("order", kind="stable")[COLUMNS]
