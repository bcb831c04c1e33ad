"""Verdicts on claims, as the step `claims` wrote them."""

import pandas as pd

from dashboard.data import files, places

TABLE = "claims.parquet"
COLUMNS = ["says", "source", "rule", "dataset", "crop", "verdict", "people", "evidence"]


def verdicts() -> dict[str, pd.DataFrame]:
    """Return the answers to each claim, by what it says, in the order of the claims."""
    table = files.table(places.result(TABLE), COLUMNS).to_pandas()
    return {str(says): rows for says, rows in table.groupby("says", sort=False, observed=True)}
