"""Photographs: cloaks on whole photographs beside the same cloaks on the crop."""

import streamlit as st

from dashboard import charts, elements, number_text, safe_text, widgets
from dashboard.data import photographs as whole
from dashboard.data.attack_specs import is_control
from dashboard.parts.poisoning.cost import one_by_one
from dashboard.view import View

#: Format of a column -> numbers that have it.
FORMATS = {
    "%.1f %%": ("face_lost", "failed_to_cloak", "unchanged"),
    "%.3f": ("face_moved",),
    "%.4f": ("dssim",),
    "%.1f": ("linf", "psnr"),
}
SHARES = FORMATS["%.1f %%"]
PLAIN = tuple(name for name in whole.TOLD if name not in SHARES)


def photographs(view: View) -> None:
    """Show what is left of a cloak when a search engine cuts the face out of the photograph."""
    place = view.numbers, view.dataset, view.crop
    with elements.section(
        "On the whole photograph, and on the crop",
        "A search engine gets a photograph, finds the face in it anew, and cuts it out. How many"
        " more searches fail because of a cloak that was put on the photograph, and because of the"
        " same cloak on the crop? If the first is lower, the cloak loses something on the way."
        " A control, which aims at nobody, was found and cut out anew, too.",
    ):
        made = whole.attacks(*place)
        aimed = [one for one in made if not is_control(view.dataset, view.crop, one, ())]
        attack = widgets.one("whole", "Cloak", aimed or made)
        table = whole.beside_the_crop(*place, attack)
        picture = charts.grouped(
            table, "made", list(dict.fromkeys(table.model)), "more searches that fail"
        )
        said = "Searches that fail because of a cloak on photographs and on crops, by model."
        name = f"photographs-{safe_text.file_name(attack)}-{view.file}"
        elements.chart(picture, table, name, said)
        if not table.made.str.endswith(": crop").any():
            st.caption(f"{safe_text.plain(attack)} on the crop was not measured in this study.")
        elements.folded(table, ["model", "made"], name)
    with elements.section(
        "What became of the faces",
        "A photograph in which no face is found any more can't be searched for, and counts as a"
        " search that fails. How far a face moved is in distances of the eyes, the mean over the"
        " photographs in which it is found again; a crop that is cut elsewhere weakens a cloak.",
    ):
        table = whole.faces(*place)
        said = [
            f"{number_text.percent(row.face_lost)} of {safe_text.plain(row.attack)}"
            for row in table.itertuples()
        ]
        if table.face_lost.max() > 0:
            lost = f"Photographs in which no face is found any more: {number_text.listed(said)}."
        else:
            lost = "In every photograph the face is found again."
        st.markdown(lost)
        table = table.assign(**{one: 100 * table[one] for one in SHARES if one in table})
        columns = elements.format_columns(FORMATS)
        known = {one: column for one, column in columns.items() if one in table}
        elements.table(table, f"faces-{view.file}", "What became of the faces.", known)
        with st.expander("How each number was made"):
            mine = view.numbers[view.numbers.attack.isin(table.attack)]
            for kind, metrics in (("shares", SHARES), ("sizes", PLAIN)):
                rows = one_by_one(mine, metrics)
                if len(rows):
                    elements.numbers_table(rows, ["attack", "said"], f"faces-{kind}-{view.file}")
