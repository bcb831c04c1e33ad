"""Names: is the right name the best match, among how many, and by which sentence?"""

import charts
import choose
import show
import streamlit as st
import words
from data import numbers, people, pictures, standing
from data.files import Missing

dataset, crop = choose.dataset_and_crop()
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
    at = choose.one(
        "candidates",
        "Names to choose from",
        candidates,
        default="all",
        shown=lambda at: "all names" if at == "all" else f"{at} names",
    )
with right:
    metric = choose.one(
        "metric",
        "Number",
        ["top1", "top5"],
        shown=lambda m: {"top1": "right name first", "top5": "right name among the first five"}[m],
    )

with show.section(
    "How often the right name is found",
    "A photograph is compared with the text of every name: no photograph of the person is needed.",
):
    table = standing.kinds(named[(named.metric == metric) & (named["at"] == at)]).sort_values(
        "value", ascending=False
    )
    chance = named[(named.metric == f"{metric}_chance") & (named["at"] == at)].value.max()
    picture = charts.intervals(
        table, words.metric("name", metric, at), list(table.model), chance=chance
    )
    show.chart(
        picture,
        table,
        f"names-{metric}-{at}-{file}",
        f"{words.metric('name', metric, at)}, by model; the dashed line is guessing.",
    )
    st.caption(
        f"The dashed line is what guessing gives: {words.percent(chance, 2)}. Part of the names may"
        " be invented: a model that never read those has it easier."
    )
    show.numbers_table(table, ["model", "kind"], f"names-{metric}-{at}-{file}")

with show.section("By sentence", "The same, when a name is put into one sentence only."):
    table = standing.by_template(named, at)
    show.numbers_table(table, ["model", "template"], f"templates-{at}-{file}")

with show.section("Person by person"):
    readers = standing.best_first(dataset, crop, list(named.model.unique()))
    model = choose.one("reader", "Model", readers)
    table = people.named(dataset, crop, model)
    show.people(table, pictures.faces(dataset, crop), f"named-{model}-{file}", share="Named")
    show.made_from("outcomes", dataset=dataset, crop=crop, model=model, protocol="name")
