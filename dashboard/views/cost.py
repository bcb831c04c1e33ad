"""Cost: time, memory and pictures a second of every step, as Snakemake measured them."""

import streamlit as st

from dashboard import charts, elements, widgets, words
from dashboard.data import cost

jobs = cost.jobs()
datasets = widgets.several("datasets", "Data sets", sorted(jobs.dataset.dropna().unique()), [])
jobs = jobs[jobs.dataset.isin(datasets)] if datasets else jobs
jobs = jobs.assign(step=jobs.step.map(words.step))

with elements.section("Where the time went"):
    table = jobs.groupby("step", as_index=False).agg(
        seconds=("seconds", "sum"), memory_mb=("memory_mb", "max"), count=("seconds", "size")
    )
    table = table.assign(minutes=table.seconds / 60).sort_values("seconds", ascending=False)
    elements.chart(
        charts.bars(table, "minutes", "step", "minutes of all jobs together"),
        table,
        "cost-steps",
        "Minutes by step.",
    )
    st.caption(
        "Jobs that ran at the same time are added up. Snakemake measured them; other programs on"
        " the machine slow them down."
    )

with elements.section("Memory"):
    elements.chart(
        charts.bars(table, "memory_mb", "step", "most megabytes of one job"),
        table,
        "cost-memory",
        "Peak memory of a job by step.",
    )

with elements.section("Models: pictures a second"):
    embed = jobs[jobs.step == words.step("embed")].dropna(subset=["per_second"])
    table = embed.groupby("model", as_index=False).agg(
        images=("images", "sum"), seconds=("seconds", "sum"), memory_mb=("memory_mb", "max")
    )
    if len(table):
        table = table.assign(per_second=table.images / table.seconds)
        elements.chart(
            charts.bars(
                table, "per_second", "model", "pictures a second, loading included", log=True
            ),
            table,
            "cost-models",
            "Pictures a second by model.",
        )
    else:
        st.caption("No embedding was measured.")

with elements.section("Every job"):
    wanted = ["step", "job", "seconds", "cpu_seconds", "memory_mb", "images", "per_second"]
    whole = {
        name: st.column_config.NumberColumn(words.label(name), format="%,.0f")
        for name in ("memory_mb", "images")
    }
    fine = {
        name: st.column_config.NumberColumn(words.label(name), format="%,.1f")
        for name in ("seconds", "cpu_seconds", "per_second")
    }
    elements.table(
        jobs[wanted].sort_values("seconds", ascending=False),
        "cost-jobs",
        "Every job that was measured.",
        whole | fine,
    )
