"""The chart of groups of people."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard import vocabulary
from dashboard.charts.ranking import grouped


def groups(
    table: pd.DataFrame, attribute: str, order: Sequence[str], title: str, zero: bool = True
) -> alt.LayerChart:
    """Return one row a `model`, in it a point and an interval for each `group` of an attribute.

    Groups are in their order, with how many people (`n_identities`) they have; those that have an
    order of their own are of one hue.
    """
    table = table.assign(group=table.group.astype(str))
    people = table.groupby("group").n_identities.max().astype(int).to_dict()
    labels = vocabulary.counted(attribute, people)
    places = {group: place for place, group in enumerate(labels)}
    table = table.assign(order=table.group.map(places), group=table.group.map(labels))
    table = table.sort_values("order", kind="stable")
    ordinal = vocabulary.has_order(attribute, people)
    return grouped(table, "group", order, title, zero, ordinal)
