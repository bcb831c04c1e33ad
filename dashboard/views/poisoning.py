"""Poisoning: do cloaks work, at what visible cost, on which models, and how do they look?"""

from dashboard import widgets
from dashboard.data import poison
from dashboard.parts import poisoning
from dashboard.view import View


def index(view: View) -> None:
    """Show what entries slipped into an index do: to one person, and to everybody."""
    poisoning.index_entries(view)
    poisoning.hubs(view)


PARTS = {
    "Protection": poisoning.protection,
    "Visible cost": poisoning.cost,
    "Transfer": poisoning.transfer,
    "Two models": poisoning.votes,
    "Index": index,
    "Before and after": poisoning.before_after,
}

dataset, crop = widgets.dataset_and_crop()
found = poison.measured(dataset, crop)
PARTS[widgets.part("part", list(PARTS))](View(dataset, crop, found))
