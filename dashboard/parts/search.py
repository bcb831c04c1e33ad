"""The parts of the page Search: what is searched with, and the neighbours that are found."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from dashboard import elements, widgets, words
from dashboard.data import live_models, people, pictures, search, settings, upload
from dashboard.data.files import Missing

COLUMNS = 6
CONSENT = (
    "I took this photograph of myself, or the person in it agreed. It is compared on this machine"
    " only, kept in memory, and gone when the page is closed."
)


@dataclass(frozen=True)
class Query:
    """What is searched with, and whom it shows, where that is known."""

    dataset: str
    crop: str
    model: str
    vector: np.ndarray
    identity: str = ""
    image_id: str = ""
    cloaked: tuple[str, str] | None = None
    #: Whether what is found may be named.
    named: bool = True


def by_person(dataset: str, crop: str, models: list[str]) -> list[Query]:
    """Let a person and a picture of theirs be chosen; cloaked or not."""
    left, middle, right = st.columns([1, 2, 1])
    with left:
        typed = st.text_input("Name holds", key="typed", bind="query-params", max_chars=60)
    called = search.matching(dataset, typed)
    if not called:
        raise Missing("Nobody is called so.", "")
    with middle:
        label = lambda one: words.tidy(called.get(one, one))  # noqa: E731
        identity = widgets.one("person", "Person", list(called), shown=label)
    mine = search.pictures_of(dataset, crop, models[0], identity)
    if not mine:
        raise Missing("No picture of this person could be used.", "")
    with right:
        place = widgets.one("photo", "Photograph", list(range(1, len(mine) + 1)), shown=str)
    image_id = mine[place - 1]
    variant, where = cloak(dataset, crop, models[0])
    asked = variant if where == SEARCHED else search.CLEAN
    show_query(dataset, crop, asked, image_id, called[identity])
    return [
        Query(
            dataset,
            crop,
            model,
            search.vectors(dataset, crop, asked, model).of(image_id),
            identity,
            image_id,
            (variant, identity) if where == INDEXED else None,
        )
        for model in models
    ]


SEARCHED, INDEXED = "the photograph searched with", "the person's photographs in the index"


def cloak(dataset: str, crop: str, model: str) -> tuple[str, str]:
    """Let a cloak be put on the photograph, or on the person's photographs in the index."""
    others = search.variants(dataset, crop, model)[1:]
    if not others:
        return search.CLEAN, ""
    left, right = st.columns(2)
    with left:
        where = widgets.one("cloaked", "Cloaked", ["nothing", SEARCHED, INDEXED])
    with right:
        variant = widgets.one("cloak", "Cloak", others, shown=words.variant)
    return (variant, where) if where != "nothing" else (search.CLEAN, "")


def show_query(dataset: str, crop: str, variant: str, image_id: str, name: str) -> None:
    """Show the picture that is searched with."""
    seen = pictures.gallery([image_id], *pictures.faces(dataset, crop, variant))
    if image_id in seen:
        st.image(
            seen[image_id], caption=f"Searched: {words.plain(name)}", width=140, alt="searched"
        )


def by_words(dataset: str, crop: str, models: list[str]) -> list[Query]:
    """Let words be typed, which the model's text tower turns into a vector."""
    able = [model for model in models if live_models.reads_text(model)]
    if not able:
        raise Missing("No model chosen here reads text: choose a CLIP.", "")
    typed = st.text_input(
        "Words", key="words", bind="query-params", max_chars=live_models.LONGEST,
        placeholder="a photo of a man with a red beard",
    )  # fmt: skip
    if not typed.strip():
        st.caption("Say what should be seen, in English, or a name.")
        return []
    return [Query(dataset, crop, model, live_models.of_words(model, typed)) for model in able]


def by_photograph(dataset: str, crop: str, models: list[str]) -> list[Query]:
    """Take a photograph, after consent and only where nobody can be named by it."""
    if not upload.may_be_matched(dataset):
        st.warning(
            "Photographs are matched only against people who don't exist (data sets of the reader"
            " `people`), or against a folder that the configuration says is your own"
            " (`dashboard: {own: [...]}`). This data set is neither.",
            icon=":material/block:",
        )
        return []
    if not st.checkbox(CONSENT, key="consent"):
        return []
    file = st.file_uploader("Photograph (JPEG, PNG or WebP)", upload.TYPES, key="photograph")
    if file is None:
        return []
    try:
        image = upload.checked(file.getvalue())
        crop_of_it = upload.cropped(image, dataset, crop)
    except upload.Refused as refused:
        st.error(f"This file is not taken. {words.plain(refused, 300)}", icon=":material/block:")
        return []
    st.image(thumb(pictures.opened(crop_of_it)), caption="Searched: the face in your photograph")
    variant = [upload.preprocessing(dataset, crop, model) for model in models]
    # A photograph that is brought names nobody, not even those of the user's own pictures.
    named = upload.invented(dataset)
    return [
        Query(dataset, crop, model, live_models.of_picture(model, crop_of_it, one), named=named)
        for model, one in zip(models, variant, strict=True)
    ]


def thumb(image: Image.Image, side: int = 140) -> Image.Image:
    """Return a picture no larger than `side`."""
    small = image.copy()
    small.thumbnail((side, side))
    return small


def neighbours(queries: list[Query], k: int) -> None:
    """Show what each model finds, side by side."""
    if not queries:
        return
    places = st.columns(len(queries))
    for number, (place, query) in enumerate(zip(places, queries, strict=True)):
        with place, elements.section(words.plain(query.model)):
            found = search.nearest(
                query.dataset, query.crop, query.model, query.vector, k,
                query.image_id, query.cloaked,
            )  # fmt: skip
            # Names of models may be alike in the name of a file: the number tells them apart.
            columns = COLUMNS if len(queries) == 1 else COLUMNS // 2
            grid(query, found, columns, f"search-{number + 1}")


def grid(query: Query, found: pd.DataFrame, columns: int, name: str) -> None:
    """Show pictures with their similarity, whom they show, and whether that is a hit."""
    called = people.names(query.dataset) if query.named else {}
    hits = (found.identity == query.identity) if query.identity else found.identity.isin([])
    if query.identity:
        first = "the first is the right person" if hits.iloc[:1].any() else "the first is not"
        st.markdown(f"**{int(hits.sum())}** of {len(found)} show the person searched for; {first}.")
    seen = {
        variant: pictures.gallery(
            part.image_id, *pictures.faces(query.dataset, query.crop, variant)
        )
        for variant, part in found.groupby("variant")
    }
    for start in range(0, len(found), columns):
        row = found.iloc[start : start + columns]
        for place, one in zip(st.columns(columns), row.itertuples(), strict=False):
            person = called.get(one.identity, one.identity) if query.named else "somebody"
            mark = ("✓ " if one.identity == query.identity else "✗ ") if query.identity else ""
            cloaked = " (cloaked)" if one.variant != search.CLEAN else ""
            who = f" · {words.plain(person, 40)}" if query.named else ""
            caption = f"{mark}{one.similarity:.3f}{who}{cloaked}"
            picture = seen[one.variant].get(one.image_id)
            with place:
                if picture is None:
                    st.caption(f"{caption} (no picture)")
                else:
                    st.image(picture, caption=caption, width="stretch", alt=words.tidy(person, 40))
    if query.named:
        table = found.assign(name=found.identity.map(called), hit=hits)
    else:
        table = found[["similarity"]]
    elements.csv_button(table, words.file_name(name, query.dataset, query.model))


def blurred_note() -> None:
    """Say that faces are blurred, where they are."""
    if settings.blurred():
        st.caption("Faces are blurred, as the configuration asks.")
