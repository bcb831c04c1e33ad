"""Poisoning: do cloaks stop it, at what visible cost, for which models, how do they look?"""

import choose
import words
from data import poison
from parts import poisoning, together

PARTS = {
    "Protection": poisoning.protection,
    "Visible cost": poisoning.cost,
    "Transfer": poisoning.transfer,
    "Two models": together.votes,
    "Index": together.index,
    "Before and after": poisoning.seen,
}

dataset, crop = choose.dataset_and_crop()
found = poison.measured(dataset, crop)
file = words.file_name(dataset, crop)
PARTS[choose.part("part", list(PARTS))](poisoning.View(dataset, crop, found, file))
