"""Poisoning: do cloaks work, at what visible cost, on which models, and how do they look?"""

import pandas as pd

from dashboard import widgets
from dashboard.data import hubs, numbers, poison
from dashboard.parts import poisoning
from dashboard.view import View

PARTS = {
    "Protection": poisoning.protection,
    "Visible cost": poisoning.cost,
    "Photographs": poisoning.photographs,
    "Transfer": poisoning.transfer,
    "Two models": poisoning.votes,
    "Index": poisoning.index_entries,
    "Hubs": poisoning.hubs,
    "Before and after": poisoning.before_after,
}
#: Parts that show no cloaks -> the protocols whose numbers they read themselves.
WITHOUT_CLOAKS = {"Index": ["index_poison"], "Hubs": [*hubs.PROTOCOLS]}

dataset, crop = widgets.dataset_and_crop()
known = numbers.distinct("protocol", dataset=dataset)
first = next(
    (part for part, protocols in WITHOUT_CLOAKS.items() if set(protocols) & set(known)), None
)
part = widgets.part("part", list(PARTS), None if poison.PROTOCOL in known else first)
found = pd.DataFrame() if part in WITHOUT_CLOAKS else poison.measured(dataset, crop)
PARTS[part](View(dataset, crop, found))
