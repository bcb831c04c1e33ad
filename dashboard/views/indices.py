"""Index: what kinds of index find of an exact search, how fast, and in how many bytes."""

import streamlit as st

from dashboard import charts, elements, number_text, widgets
from dashboard.data import indices
from dashboard.safe_text import file_name

SPEEDS = {"speed_one": "one thread", "speed_all": "all threads"}
#: Columns of the table: heading and format.
COLUMNS = {
    "index": st.column_config.TextColumn("Index"),
    "probes": st.column_config.NumberColumn("Probes", format="%.0f"),
    "recall1": st.column_config.NumberColumn("Nearest found, %", format="%.1f"),
    "recall1_lowest": st.column_config.NumberColumn("in the worst build, %", format="%.1f"),
    "recall10": st.column_config.NumberColumn("Ten nearest found, %", format="%.1f"),
    "rank1": st.column_config.NumberColumn("Right person first, %", format="%.1f"),
    "lost": st.column_config.NumberColumn("lost to the index, points", format="%.1f"),
    "speed_one": st.column_config.NumberColumn("Searches/s, one thread", format="plain"),
    "speed_all": st.column_config.NumberColumn("Searches/s, all threads", format="plain"),
    "bytes": st.column_config.NumberColumn("Bytes a vector", format="%.0f"),
    "build_seconds": st.column_config.NumberColumn("Made in, s", format="%.1f"),
}

dataset, crop = widgets.dataset_and_crop()
every = indices.measured(dataset, crop)
model = widgets.one("reader", "Model", list(dict.fromkeys(every.model)))
found = every[every.model == model]
table = indices.settings(found)
name = file_name(model, dataset, crop)

with elements.section(
    "Found against speed",
    "An approximate index looks at some of the vectors and misses some of the nearest. With more"
    " probes it looks at more of them and is slower. Searched with pictures that are not in the"
    " index; every index finds more than is asked for and compares it again exactly.",
):
    speed = widgets.one("speed", "Speed on", list(SPEEDS), shown=SPEEDS.get)
    points = table.assign(
        model=table["index"], value=table.recall1, metric="recall1", searches=table[speed]
    ).dropna(subset=["searches"])
    picture = charts.curves(
        points, "searches", f"searches a second, {SPEEDS[speed]} (logarithmic)",
        "nearest vector found", log=True, x_format="~s",
    )  # fmt: skip
    elements.chart(
        picture, points, f"index-speed-{name}",
        "Share of searches whose nearest vector is found, by searches a second; a line an index.",
    )  # fmt: skip
    st.caption("Times are of the machine that the study ran on, and of its load.")

with elements.section(
    "What recognition loses",
    "What an exact search gets wrong is the model's error; what the index loses of the rest is its"
    " own.",
):
    right = indices.exact(found)
    st.markdown(
        f"With an exact search the right person comes first in"
        f" {number_text.percent(right.value)} of the searches: the model's own error is"
        f" {number_text.percent(1 - right.value)}."
    )
    shares = {
        column: 100 * table[column]
        for column in ("recall1", "recall1_lowest", "recall10", "rank1", "lost")
    }
    shown = table.assign(**shares)[list(COLUMNS)]
    elements.table(
        shown, f"index-{name}", "Every index and number of probes.", COLUMNS,
        lacking="the index has no probes to set.",
    )  # fmt: skip
