"""Poisoning: do cloaks work, at what visible cost, on which models, and how do they look?"""

from dashboard import widgets
from dashboard.data import poison
from dashboard.parts import poisoning
from dashboard.view import View

PARTS = {
    "Protection": poisoning.protection,
    "Visible cost": poisoning.cost,
    "Transfer": poisoning.transfer,
    "Two models": poisoning.votes,
    "Index": poisoning.index_entries,
    "Before and after": poisoning.before_after,
}

dataset, crop = widgets.dataset_and_crop()
found = poison.measured(dataset, crop)
PARTS[widgets.part("part", list(PARTS))](View(dataset, crop, found))
