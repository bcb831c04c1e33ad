"""What models call a person: the likeliest names of one person, and how sure each model is."""

import pandas as pd
import streamlit as st

from dashboard import elements, number_text, safe_text, widgets
from dashboard.data import called, pictures, ranking, upload
from dashboard.data.missing import Missing
from dashboard.parts.person import person
from facebench.store import layout

POOLS = {"read": "names that the models read in training", "": "invented names"}
SURE = (
    "How sure: the share of the model's own softmax among {names:,} names. All shares together are"
    " 100 %, and “nobody of these” is no answer: a stranger is called something, too. Whether a"
    " model is as often right as it is sure is measured by the protocol `open_set_by_name`."
)
REAL = (
    "These are photographs of real people: a name here is a model's guess. Don't publish it"
    " (docs/responsible-use.md)."
)


def one_person(dataset: str, crop: str, named: pd.DataFrame) -> None:
    """Show what each model that reads names calls one person of the data set."""
    every = called.trained_first(
        ranking.best_first(dataset, crop, list(dict.fromkeys(named.model)))
    )
    left, right = st.columns([3, 1])
    with left:
        identity, name = person(dataset)
    with right:
        known = {model: called.texts(dataset, model) for model in every}
        pools = [pool for pool in POOLS if any(pool in names for names in known.values())]
        pool = widgets.one("wrong", "Wrong names", pools, shown=lambda one: POOLS[one])
    models = [model for model in every if pool in known[model]]
    parts = [called.of_person(dataset, crop, m, identity, name, pool) for m in models]
    found = pd.concat(parts, ignore_index=True)
    file = safe_text.file_name(dataset, crop)
    if not upload.invented(dataset):
        st.warning(REAL, icon=":material/block:")
    with elements.section(
        "What models call a person",
        f"{safe_text.plain(name)}, over all photographs: the mean of how sure each model is.",
    ):
        over = found[found.image_id == ""]
        elements.table(
            shown(over), f"called-{file}", "The likeliest names of a person, by model.", columns()
        )
        st.caption(SURE.format(names=int(found.names.max())))
        if without := [model for model in every if model not in models]:
            said = number_text.listed([safe_text.plain(model) for model in without])
            st.caption(f"Left out: {said}, of which no names are known that were read.")
    with elements.section("Photograph by photograph"):
        each = found[found.image_id != ""]
        faces = layout.faces(dataset, crop)
        table = shown(each)
        table.insert(0, "picture", seen(list(each.image_id), faces))
        elements.table(
            table,
            f"called-each-{file}",
            "The likeliest names of each photograph of a person, by model.",
            {**columns(), "picture": st.column_config.ImageColumn("Picture")},
            row_height=56,
        )
        for model in models:
            elements.made_from(layout.names(dataset, model))


def seen(image_ids: list[str], faces: str) -> list[str | None]:
    """Return a small picture of each; None where there is none."""
    try:
        found = pictures.gallery(image_ids, faces)
    except Missing:
        found = {}
    return [pictures.thumbnail(found[one]) if one in found else None for one in image_ids]


def shown(found: pd.DataFrame) -> pd.DataFrame:
    """Return a row of `called.of_person` as a row of texts and shares."""
    rows = {"model": found.model.map(safe_text.tidy)}
    for i in range(called.FIRST):
        rows[f"name {i + 1}"] = [
            f"{safe_text.tidy(names[i])} ({number_text.percent(sure[i], 1)})"
            if i < len(names)
            else ""
            for names, sure in zip(found.called, found.confidence, strict=True)
        ]
    place = found.place.map(lambda one: "" if pd.isna(one) else str(int(one)))
    return pd.DataFrame({**rows, "place": place, "true": 100 * found.true})


def columns() -> dict[str, object]:
    """Return the headings of these rows."""
    text = st.column_config.TextColumn
    called_as = ("Called first", "Called second", "Called third")
    return {
        **{f"name {i + 1}": text(title) for i, title in enumerate(called_as)},
        "place": text("Place of the right name"),
        "true": st.column_config.NumberColumn("Right name", format="%.1f %%"),
    }
