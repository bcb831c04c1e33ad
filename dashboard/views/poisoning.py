"""Poisoning: do cloaks stop it, at what visible cost, for which models, how do they look?"""

from dashboard import widgets, words
from dashboard.data import poison
from dashboard.parts import poisoning, together

PARTS = {
    "Protection": poisoning.protection,
    "Visible cost": poisoning.cost,
    "Transfer": poisoning.transfer,
    "Two models": together.votes,
    "Index": together.index,
    "Before and after": poisoning.seen,
}

dataset, crop = widgets.dataset_and_crop()
found = poison.measured(dataset, crop)
file = words.file_name(dataset, crop)
PARTS[widgets.part("part", list(PARTS))](poisoning.View(dataset, crop, found, file))
