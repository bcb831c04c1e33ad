"""What pages consist of: sections, charts with downloads, tables, people, sources."""

from dashboard.elements.charts import chart, csv_button, image
from dashboard.elements.people import people
from dashboard.elements.pictures import picture_grid
from dashboard.elements.sections import BROKEN, made_from, refusals, section
from dashboard.elements.tables import (
    COUNTS,
    as_text,
    folded,
    format_columns,
    in_points,
    linked,
    made_by,
    numbers_table,
    share_column,
    table,
)

__all__ = [
    "BROKEN",
    "COUNTS",
    "as_text",
    "chart",
    "csv_button",
    "folded",
    "format_columns",
    "image",
    "in_points",
    "linked",
    "made_by",
    "made_from",
    "numbers_table",
    "people",
    "picture_grid",
    "refusals",
    "section",
    "share_column",
    "table",
]
