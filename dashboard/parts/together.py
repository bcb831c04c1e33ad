"""Parts of the page Poisoning: two models together, and entries slipped into an index."""

import streamlit as st

from dashboard import charts, elements, widgets, words
from dashboard.data import poison
from dashboard.parts.poisoning import View


def votes(view: View) -> None:
    """Show whom a cloak hides from two models, of which one has to find the person."""
    with elements.section(
        "Two models together",
        "A search engine that asks two models finds whoever one of them finds: a cloak has to fool"
        " both. A pair with a model that the cloak was made on says so.",
    ):
        table = poison.across("votes", view.dataset, view.crop)
        attack = widgets.one("voted", "Attack", list(table.attack.unique()), shown=words.variant)
        some = table[table.attack == attack]
        shown = some[["model_a", "model_b", "made_on"]].assign(
            found_either_clean=100 * some.found_either_clean,
            found_either=100 * some.found_either,
            gain=100 * some.gain,
            interval=[words.interval(a, b) for a, b in zip(some.ci_low, some.ci_high, strict=True)],
        )
        shares = ("found_either_clean", "found_either", "gain")
        columns = {name: elements.share_column(name) for name in shares}
        columns["model_b"] = st.column_config.Column("And")
        said = "What is found by either of two models, without the cloak and with it."
        elements.table(shown, f"votes-{attack}-{view.file}", said, columns)
        elements.made_from("votes")


def index(view: View) -> None:
    """Show what entries slipped into the index do to searches for a person, and for others."""
    with elements.section(
        "Entries slipped into the index",
        "No photograph is changed: somebody who can write to the index adds entries that lie near a"
        " person, or exchanges names. How many searches still find the person first?",
    ):
        found = poison.entries(view.dataset, view.crop)
        kinds = list(dict.fromkeys(found.threat))
        kind = widgets.one("slipped", "What is slipped in", kinds, shown=words.threat)
        same = found[found.threat == kind].sort_values(["model", "entries"])
        victims = same[same.metric == "rank1"]
        picture = charts.curves(
            victims, "entries", "entries slipped in", "right person first", x_format="d"
        )
        said = "Searches that find the right person first, against entries slipped in, by model."
        elements.chart(picture, victims, f"index-{kind}-{view.file}", said)
        elements.folded(victims, ["model", "kind", "entries"], f"index-{view.file}")
        others = same[same.metric == "others_rank1"]
        if len(others):
            change = others.groupby("model").value.agg(lambda one: one.max() - one.min()).max()
            st.caption(
                "Of searches for everybody else, the share that finds them changes by at most"
                f" {words.percent(change)}."
            )
        st.caption(
            "Pictures that could not be used are left out of these searches, unlike elsewhere: of"
            " all searches, fewer are found."
        )
