"""The note on the outcomes that a part of the page is computed from."""

from dashboard import elements
from dashboard.data import places
from dashboard.view import View
from facebench.store import layout


def made_of_outcomes(view: View, protocol: str, model: str = "*") -> None:
    """Name the file, or files, of outcomes from which the page computed something."""
    elements.made_from(layout.outcomes(places.study(), view.dataset, view.crop, model, protocol))
