"""What pages consist of: sections, charts with downloads, tables, people, sources."""

from dashboard.elements.charts import chart, csv, csv_button, image
from dashboard.elements.people import people
from dashboard.elements.sections import made_from, refusals, section
from dashboard.elements.tables import (
    COUNTS,
    folded,
    format_columns,
    in_points,
    linked,
    numbers_table,
    share_column,
    table,
)

__all__ = [
    "COUNTS",
    "chart",
    "csv",
    "csv_button",
    "folded",
    "format_columns",
    "image",
    "in_points",
    "linked",
    "made_from",
    "numbers_table",
    "people",
    "refusals",
    "section",
    "share_column",
    "table",
]
