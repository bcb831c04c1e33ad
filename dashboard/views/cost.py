"""Cost: time, memory and pictures a second of every job, as Snakemake measured them."""

import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import cost

jobs = cost.jobs()
datasets = widgets.several("datasets", "Data sets", sorted(jobs.dataset.dropna().unique()), [])
jobs = jobs[jobs.dataset.isin(datasets)] if datasets else jobs
with elements.section("Where the time went"):
    table = (
        jobs.assign(step=jobs.step.map(vocabulary.step))
        .groupby("step", as_index=False)
        .agg(seconds=("seconds", "sum"), memory_mb=("memory_mb", "max"), count=("seconds", "size"))
    )
    table = table.assign(minutes=table.seconds / 60).sort_values("seconds", ascending=False)
    elements.chart(
        charts.bars(table, "minutes", "step", "minutes of all jobs together"),
        table,
        "cost-steps",
        "Minutes by step.",
    )
    st.caption(
        "Sum over jobs, also of those that ran at the same time. Times include the effect of other"
        " programs on the machine. Steps that studies share are counted whichever study ran them."
    )

with elements.section("Memory"):
    elements.chart(
        charts.bars(table, "memory_mb", "step", "megabytes, largest job"),
        table,
        "cost-memory",
        "Peak memory of a job by step.",
    )

with elements.section("Models: pictures a second"):
    table = cost.embedding_speed(jobs)
    if len(table):
        elements.chart(
            charts.bars(
                table, "per_second", "model", "pictures a second, loading included", log=True
            ),
            table,
            "cost-models",
            "Pictures a second by model.",
        )
        st.caption(
            "Logarithmic. Pictures of all crops and variants over the time of the model's jobs. A"
            " job that kept earlier vectors looks faster than it is. One that also read names, as"
            " those of CLIPs may have, looks slower: sentences are not counted."
        )
    else:
        st.caption("No embedding was measured.")

with elements.section("Every job"):
    wanted = ["step", "job", "seconds", "cpu_seconds", "memory_mb", "images", "per_second"]
    formats = {
        "%,.0f": ["memory_mb", "images"],
        "%,.1f": ["seconds", "cpu_seconds", "per_second"],
    }
    shown = jobs[wanted].assign(step=jobs.step.map(vocabulary.step))
    elements.table(
        shown.sort_values("seconds", ascending=False),
        "cost-jobs",
        "Every job that was measured.",
        elements.format_columns(formats),
        lacking="the job goes through no pictures, its pictures are counted by model above, or they"
        " are no longer there.",
    )
