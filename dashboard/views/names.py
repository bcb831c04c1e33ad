"""Names: is the right name the best match, whose were read, and what is one person called?"""

from dashboard import widgets
from dashboard.data import absent, naming, numbers
from dashboard.parts.naming import everybody, one_person, read, strangers

PARTS = {
    "Everybody": everybody,
    "One person": one_person,
    "Names read": read,
    "Strangers": strangers,
}

dataset, crop = widgets.dataset_and_crop(default=naming.telling())
named = numbers.metrics(dataset=dataset, crop=crop, protocol="name", **numbers.CLEAN)
if named.empty:
    raise absent.absent(dataset, crop, "name")
PARTS[widgets.part("part", list(PARTS))](dataset, crop, named)
