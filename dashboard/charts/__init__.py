"""Charts: a table in, an Altair chart out. No Streamlit, no files, no state.

Shares are 0 to 1 in the tables and per cent on the axes. A model has one
colour everywhere, and its kind a shape; intervals are drawn wherever there are any.
"""

from dashboard.charts.budget import lines_beside
from dashboard.charts.cloaks import against_cost, before_after, heat, transfer
from dashboard.charts.counts import bars, share_histogram
from dashboard.charts.groups import groups
from dashboard.charts.lines import LONGEST, alarms, curves, thinned
from dashboard.charts.matrix import who_beats_whom
from dashboard.charts.pairs import (
    ONE_PERSON,
    TWO_PEOPLE,
    score_histogram,
    similarities,
    trade_off,
)
from dashboard.charts.ranking import accuracy_against_size, grouped, intervals
from dashboard.charts.style import COLOURS, HUES_SAID

__all__ = [
    "accuracy_against_size",
    "against_cost",
    "alarms",
    "bars",
    "before_after",
    "curves",
    "grouped",
    "groups",
    "heat",
    "intervals",
    "lines_beside",
    "score_histogram",
    "share_histogram",
    "similarities",
    "thinned",
    "trade_off",
    "transfer",
    "who_beats_whom",
    "COLOURS",
    "HUES_SAID",
    "LONGEST",
    "ONE_PERSON",
    "TWO_PEOPLE",
]
