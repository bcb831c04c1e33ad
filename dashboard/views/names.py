"""Names: is the right name the best match, among how many, and by which sentence?"""

import streamlit as st

from dashboard import charts, elements, widgets, words
from dashboard.data import numbers, people, pictures, ranking
from dashboard.data.files import Missing

dataset, crop = widgets.dataset_and_crop()
named = numbers.metrics(dataset=dataset, crop=crop, protocol="name", **numbers.CLEAN)
if named.empty:
    raise Missing(
        "Naming was not measured: it needs a model that reads text, a data set with names, and the"
        " protocol `name` in the study."
    )
file = words.file_name(dataset, crop)
candidates = list(dict.fromkeys(at for at in named["at"] if "/" not in at))
left, right = st.columns(2)
with left:
    at = widgets.one(
        "candidates",
        "Names to choose from",
        candidates,
        default="all",
        shown=lambda at: "all names" if at == "all" else f"{at} names",
    )
with right:
    metric = widgets.one(
        "metric",
        "Number",
        ["top1", "top5"],
        shown=lambda m: {"top1": "right name first", "top5": "right name among the first five"}[m],
    )

with elements.section(
    "How often the right name is found",
    "A photograph is compared with the text of every name: no photograph of the person is needed.",
):
    table = ranking.kinds(named[(named.metric == metric) & (named["at"] == at)]).sort_values(
        "value", ascending=False
    )
    chance = named[(named.metric == f"{metric}_chance") & (named["at"] == at)].value.max()
    picture = charts.intervals(
        table, words.metric("name", metric, at), list(table.model), chance=chance
    )
    elements.chart(
        picture,
        table,
        f"names-{metric}-{at}-{file}",
        f"{words.metric('name', metric, at)}, by model; the dashed line is guessing.",
    )
    st.caption(
        f"The dashed line is what guessing gives: {words.percent(chance, 2)}. Part of the names may"
        " be invented: a model that never read those has it easier."
    )
    elements.numbers_table(table, ["model", "kind"], f"names-{metric}-{at}-{file}")

with elements.section("By sentence", "The same, when a name is put into one sentence only."):
    table = ranking.by_template(named, at)
    elements.numbers_table(table, ["model", "template"], f"templates-{at}-{file}")

with elements.section("Person by person"):
    readers = ranking.best_first(dataset, crop, list(named.model.unique()))
    model = widgets.one("reader", "Model", readers)
    table = people.named(dataset, crop, model)
    elements.people(table, pictures.faces(dataset, crop), f"named-{model}-{file}", share="Named")
    elements.made_from("outcomes", dataset=dataset, crop=crop, model=model, protocol="name")
