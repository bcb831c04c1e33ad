"""Two people, picture by picture: how alike a model finds them."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, safe_text
from dashboard.data import pairs, people
from dashboard.data.missing import Missing
from dashboard.parts.pairs.picture_rows import Seen, Where, gallery, show
from dashboard.parts.person import person

#: Pictures of each that are compared.
MOST = 12


def two_people(where: Where) -> None:
    """Let two people be chosen, and show all their pictures and the similarity of every two."""
    with elements.section(
        "Two people, picture by picture",
        "How alike the model finds every two of their pictures: of one person, and of the two.",
    ):
        first, second = defaults(where)
        one, one_name = person(where.dataset, first)
        other, other_name = person(where.dataset, second, "Other person", "other_person")
        if one == other:
            raise Missing("Choose two different people.", "")
        table = pairs.between(where.dataset, where.crop, where.model, one, other, MOST)
        letters = {one: "A", other: "B"}
        for who, name in ((one, one_name), (other, other_name)):
            strip(where, table, who, letters[who], name)
        st.markdown(ranges(table, one, one_name, other_name))
        drawn = table.assign(
            row=table.a.map(letters) + table.a_number.astype(str),
            column=table.b.map(letters) + table.b_number.astype(str),
        )
        picture = charts.similarities(drawn)
        name = safe_text.file_name("two-people", where.dataset, where.crop, where.model)
        elements.chart(picture, drawn, name, "Similarity of every two pictures of two people.")


def defaults(where: Where) -> tuple[str, str]:
    """Return the two people whom the model confuses most surely, or the first two."""
    try:
        wrong = pairs.mistakes(where.dataset, where.crop, where.model).table
    except Missing:
        wrong = pd.DataFrame()
    if len(wrong):
        worst = wrong.loc[wrong.margin.idxmax()]
        return worst.identity, worst.other
    both = list(people.names(where.dataset).index[:2])
    return both[0], both[-1]


def strip(where: Where, table: pd.DataFrame, who: str, letter: str, name: str) -> None:
    """Show the pictures of a person in a row, numbered."""
    mine = table[table.a == who].drop_duplicates(["a_id", "a_number"])
    if mine.empty:
        raise Missing("No picture of this person could be used.", "")
    images = gallery(where, mine.a_id)
    with elements.picture_grid(letter, 6):
        for one in mine.itertuples():
            seen = Seen(f"{letter}{one.a_number}", one.a_id, who)
            with st.container():
                show(images.get(one.a_id), seen, name, width="stretch")


def ranges(table: pd.DataFrame, one: str, name: str, other_name: str) -> str:
    """Return in words how alike the pictures of each are, and those of the two."""
    same = table.a == table.b
    kinds = (
        (f"of {safe_text.plain(name, 40)}", same & (table.a == one)),
        (f"of {safe_text.plain(other_name, 40)}", same & (table.a != one)),
        ("of one and the other", ~same),
    )
    parts = [
        f"{kind} {table.similarity[chosen].min():.3f} to {table.similarity[chosen].max():.3f}"
        for kind, chosen in kinds
        if chosen.any()
    ]
    return "Similarity of two pictures: " + "; ".join(parts) + "."
