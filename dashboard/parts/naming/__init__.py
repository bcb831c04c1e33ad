"""The parts of the page Names."""

from dashboard.parts.naming.everybody import everybody
from dashboard.parts.naming.one_person import one_person
from dashboard.parts.naming.tables import read, strangers

__all__ = ["everybody", "one_person", "read", "strangers"]
