"""Before and after: a photograph, its cloaked version, and what each model finds with both."""

from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from dashboard import elements, safe_text, vocabulary, widgets
from dashboard.data import pictures, poison, ranking, search
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from dashboard.parts.neighbours import Query, grid
from dashboard.view import View
from facebench.store import layout
from facebench.store.layout import CLEAN

#: Longest list of photographs sent to the browser.
MOST = 500


def before_after(view: View) -> None:
    """Show a photograph, its cloaked version, and what is found with both."""
    known = list(poison.experiments(view.numbers).model.unique())
    known = ranking.best_first(view.dataset, view.crop, known)
    variants = attacked_variants(view, known[0])
    one, two, three = st.columns(3)
    with one:
        variant = widgets.one("cloak", "Cloak", variants, shown=vocabulary.variant)
    attack = variant.partition("+")[0]
    table = poison.attacked(view.dataset, view.crop, attack).head(MOST)
    with two:
        listed = list(range(1, len(table) + 1))
        first = telling(view.dataset, view.crop, known[0], variant, attack)
        place = widgets.one("which", "Photograph", listed, first, str)
    with three:
        times = st.slider("Difference, times", 1, 30, 8, key="times", bind="query-params")
    chosen = table.iloc[place - 1]
    with elements.section("Before and after"):
        side_by_side(view, variant, chosen, times)
    with elements.section(
        "What is found with both",
        "The photograph that is searched with is cloaked, and the index is not. On the other parts"
        " of this page the index is. The first photograph shown is one whose person is found"
        " without the cloak and not with it, if the best recogniser has such a one.",
    ):
        model = widgets.one("model", "Model", known)
        retrieved(view, model, variant, chosen)


#: Photographs among which one is looked for that shows what the cloak does.
LOOKED_AT = 100


@cached_until_changed(most=20)
def telling(dataset: str, crop: str, model: str, variant: str, attack: str) -> int:
    """Return which photograph, from 1, finds its person clean and loses them cloaked.

    The first one where there is no such photograph, or where it can't be searched with.
    """
    try:
        table = poison.attacked(dataset, crop, attack).head(LOOKED_AT)
        for place, row in enumerate(table.itertuples(), 1):
            if _found(dataset, crop, model, CLEAN, row) and not _found(
                dataset, crop, model, variant, row
            ):
                return place
    except Missing:
        pass  # said where the photograph is shown
    return 1


def _found(dataset: str, crop: str, model: str, variant: str, row: Any) -> bool:
    """Return whether the nearest other picture to a photograph shows the same person."""
    vector = search.vectors(dataset, crop, variant, model).of(row.image_id)
    found = search.nearest(dataset, crop, model, vector, 1, row.image_id)
    return bool((found.identity == row.identity).any())


def attacked_variants(view: View, model: str) -> list[str]:
    """Return the attacked and re-encoded sets of faces, in the order of the attacks."""
    order = list(view.numbers.attack.unique())
    variants = [
        name
        for name in search.variants(view.dataset, view.crop, model)
        if name.partition("+")[0] in order and name != CLEAN
    ]
    if not variants:
        raise Missing("There are no cloaked pictures of this data set and crop.")
    return sorted(variants, key=lambda name: (order.index(name.partition("+")[0]), name))


def side_by_side(view: View, variant: str, chosen: pd.Series, times: int) -> None:
    """Show a photograph, its cloaked version, and their difference, amplified."""
    before = picture(view, CLEAN, chosen.image_id)
    after = picture(view, variant, chosen.image_id)
    shown = (before, after, poison.difference(before, after, times))
    titles = ("clean", vocabulary.variant(variant), f"difference, {times} times")
    with elements.picture_grid("before-after", 3):
        for image, title in zip(shown, titles, strict=True):
            st.image(image, caption=safe_text.plain(title), width="stretch", alt=title)
    costs = [f"{vocabulary.label(c)} {chosen[c]:.3g}" for c in poison.COSTS if pd.notna(chosen[c])]
    st.caption(safe_text.plain(" · ".join(costs), 300))


def picture(view: View, variant: str, image_id: str) -> Image.Image:
    """Return a picture of a variant."""
    found = pictures.gallery([image_id], layout.faces(view.dataset, view.crop, variant))
    if image_id not in found:
        raise Missing("This picture is not among those of this variant.", "")
    return found[image_id]


def retrieved(view: View, model: str, variant: str, chosen: pd.Series) -> None:
    """Show what a model finds with the clean photograph, and with the cloaked one."""
    for column, name in zip(st.columns(2), (CLEAN, variant), strict=True):
        with column, elements.section():
            st.markdown(f"**Searched with: {safe_text.plain(vocabulary.variant(name))}**")
            vector = search.vectors(view.dataset, view.crop, name, model).of(chosen.image_id)
            query = Query(view.dataset, view.crop, model, vector, chosen.identity, chosen.image_id)
            found = search.nearest(view.dataset, view.crop, model, vector, 6, chosen.image_id)
            grid(query, found, 3, f"poison-{name}")
