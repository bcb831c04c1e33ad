"""The ways to search on the page Search: by person, by words, by an uploaded photograph."""

from collections.abc import Sequence
from hashlib import sha256

import streamlit as st
from PIL import Image

from dashboard import number_text, safe_text, vocabulary, widgets
from dashboard.data import live_models, numbers, pictures, ranking, search, settings, upload
from dashboard.data.missing import Missing
from dashboard.parts.neighbours import Query
from dashboard.parts.person import person
from facebench.store import layout
from facebench.store.layout import CLEAN

CONSENT = (
    "I took this photograph of myself, or the person in it agreed. It is compared on this machine"
    " only, kept in memory, and discarded when the page is closed."
)
SEARCHED, INDEXED = "the photograph searched with", "the person's photographs in the index"


def by_person(dataset: str, crop: str, models: list[str]) -> list[Query]:
    """Let a person and one of their pictures be chosen; cloaked or not."""
    best = ranking.measured_models(dataset, crop)[0]
    left, right = st.columns([3, 1])
    with left:
        identity, name = person(dataset, search.well_found(dataset, crop, best))
    mine = search.pictures_of(dataset, crop, models[0], identity)
    if not mine:
        raise Missing("No picture of this person could be used.", "")
    with right:
        place = widgets.one("photo", "Photograph", list(range(1, len(mine) + 1)), shown=str)
    image_id = mine[place - 1]
    variant, where = cloak(dataset, crop, models[0])
    asked = variant if where == SEARCHED else CLEAN
    show_query(dataset, crop, asked, image_id, name)
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


def cloak(dataset: str, crop: str, model: str) -> tuple[str, str]:
    """Let a cloak be put on the photograph, or on the person's photographs in the index."""
    others = search.variants(dataset, crop, model)[1:]
    if not others:
        return CLEAN, ""
    left, right = st.columns(2)
    with left:
        where = widgets.one("cloaked", "Cloaked", ["nothing", SEARCHED, INDEXED])
    with right:
        variant = widgets.one("cloak", "Cloak", others, shown=vocabulary.variant)
    return (variant, where) if where != "nothing" else (CLEAN, "")


def show_query(dataset: str, crop: str, variant: str, image_id: str, name: str) -> None:
    """Show the picture that is searched with."""
    seen = pictures.gallery([image_id], layout.faces(dataset, crop, variant))
    if image_id in seen:
        caption = f"Searched: {safe_text.plain(name)}"
        st.image(seen[image_id], caption=caption, width=140, alt="searched")


def by_words(dataset: str, crop: str, models: list[str]) -> list[Query]:
    """Let words be typed, which the model's text tower turns into a vector."""
    typed = st.text_input(
        "Words", key="words", bind="query-params", max_chars=live_models.LONGEST,
        placeholder="a photo of a man with a red beard",
    )  # fmt: skip
    if not typed.strip():
        st.caption(
            "Describe the picture in English, or type a name. The first search loads the model that"
            " reads the words, which takes some seconds."
        )
        return []
    return [Query(dataset, crop, model, live_models.of_words(model, typed)) for model in models]


def by_photograph(dataset: str, crop: str, models: list[str]) -> list[Query]:
    """Accept a photograph, after consent and only where it can't identify anybody."""
    if not upload.may_be_matched(dataset):
        st.warning(
            "Photographs are compared only with people who don't exist (data sets of the reader"
            " `people`), or with a folder that the configuration declares to be your own"
            " (`dashboard: {own: [...]}`). This data set is neither.",
            icon=":material/block:",
        )
        return []
    explain_crops(dataset)
    if not st.checkbox(CONSENT, key="consent"):
        return []
    file = st.file_uploader("Photograph (JPEG, PNG or WebP)", upload.TYPES, key="photograph")
    if file is None:
        st.session_state.pop("uploaded", None)
        return []
    try:
        face = face_in(file.getvalue(), dataset, crop)
    except upload.Refused as refused:
        reason = safe_text.plain(refused, 300)
        st.error(f"This file is not accepted. {reason}", icon=":material/block:")
        return []
    said = f"Searched: {upload.searched(dataset, crop)}"
    st.image(thumb(pictures.opened(face)), caption=safe_text.plain(said), alt=said)
    variants = [upload.preprocessing(dataset, crop, model) for model in models]
    # An upload gets no name, not even of the people in the user's own pictures.
    named = upload.invented(dataset)
    if named:
        st.caption(
            "The names are those of the pictures that are found, of people who don't exist. Nobody"
            " on the photograph is named."
        )
    return [
        Query(dataset, crop, model, live_models.of_picture(model, face, variant), named=named)
        for model, variant in zip(models, variants, strict=True)
    ]


def face_in(content: bytes, dataset: str, crop: str) -> bytes:
    """Return the crop of an uploaded file, kept in this session: a detector takes its time."""
    key = sha256(content).digest(), dataset, crop
    if st.session_state.get("uploaded", ("",))[0] != key:
        made = upload.cropped(upload.checked(content), dataset, crop)
        st.session_state.uploaded = key, made
    return st.session_state.uploaded[1]


def explain_crops(dataset: str) -> None:
    """Say which crops an upload can't be searched in, and why."""
    crops = numbers.distinct("crop", dataset=dataset, **numbers.CLEAN)
    able = upload.made_again(dataset, crops)
    if rest := [safe_text.plain(crop) for crop in crops if crop not in able]:
        st.caption(
            f"Not offered for photographs: {number_text.listed(rest)}. Where the faces are came"
            " with this data set; in your photograph a detector would have to look for the face,"
            " and would cut it out differently. The similarities would not be comparable."
        )


def possible_crops(dataset: str, crops: Sequence[str]) -> list[str]:
    """Return the crops that a photograph can be searched in."""
    if not upload.may_be_matched(dataset):
        return list(crops)
    able = upload.made_again(dataset, crops)
    if not able:
        raise Missing(
            "No crop of this data set can be made again from a photograph of yours: where the faces"
            " are came with the data, and a detector would cut them out differently. Add the crop"
            " `full` to the study.",
            "",
        )
    return able


def thumb(image: Image.Image, side: int = 140) -> Image.Image:
    """Return a picture no larger than `side`."""
    small = image.copy()
    small.thumbnail((side, side))
    return small


def blurred_note() -> None:
    """Say that faces are blurred, where they are."""
    if settings.blurred():
        st.caption("Faces are blurred, as configured.")
