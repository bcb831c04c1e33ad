"""Index: what entries do to searches that are for everybody."""

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import poison
from dashboard.view import View


def hubs(view: View) -> None:
    """Show how many searches have one of the entries among their first, against their number."""
    with elements.section(
        "Entries for everybody",
        "Somebody who can write to the index adds entries that are like as many people as possible."
        " In how many searches for others is one of them among the first?",
    ):
        found = poison.hubs(view.dataset, view.crop)
        protocols = list(dict.fromkeys(found.protocol))
        protocol = widgets.one(
            "hubs_for", "Searched with", protocols, shown=lambda one: SEARCHED[one]
        )
        found = found[found.protocol == protocol]
        if protocol == "hub_pictures":
            attacks = list(dict.fromkeys(found.attack))
            found = found[found.attack == widgets.one("hubs_made", "Pictures", attacks)]
        kind = widgets.one(
            "hubs", "What is added", list(dict.fromkeys(found.threat)), shown=vocabulary.threat
        )
        found = found[found.threat == kind]
        top = widgets.one("hubs_top", "Among the first", sorted(found.top.unique()), shown=str)
        found = found[found.top == top].sort_values(["model", "entries"])
        picture = charts.curves(found, "entries", "entries", f"among the first {top}", x_format="d")
        said = f"Searches with an added entry among the first {top}, against entries, by model."
        name = f"{protocol}-{kind}-{top}-{view.file}"
        elements.chart(picture, found, name, said)
        elements.folded(found, ["model", "entries"], name)


SEARCHED = {
    "hubs": "photographs",
    "hubs_by_name": "names",
    "hub_pictures": "photographs, pictures added",
}
