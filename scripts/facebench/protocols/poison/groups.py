"""Groups of people, from the attributes that a data set lists for their pictures."""

from collections.abc import Sequence

import pandas as pd

#: An attribute with more values than this is no group.
MOST = 8


def groups(images: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Return one row a person (index `identity`) and one column a group: text, each one's own.

    A person gets the most frequent value among their pictures. Attributes that are missing,
    constant or have more than `MOST` values are skipped.

    >>> table = pd.DataFrame({"identity": ["a", "a", "a", "b"], "sex": ["f", "f", "m", "m"]})
    >>> groups(table, ["sex", "age"]).sex.tolist()
    ['f', 'm']
    """
    found = {}
    for name in wanted:
        if name not in images:
            continue
        known = images.dropna(subset=["identity", name])
        if not 1 < known[name].nunique() <= MOST:
            continue
        counted = known.groupby(["identity", name]).size().reset_index(name="many")
        counted = counted.sort_values(["identity", "many", name], ascending=[True, False, True])
        found[name] = counted.drop_duplicates("identity").set_index("identity")[name].astype(str)
    return pd.DataFrame(found)
