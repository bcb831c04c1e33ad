"""The parts of the page Recognition."""

from dashboard.parts.recognition.breakdown import crops, groups, persons
from dashboard.parts.recognition.curves import curves
from dashboard.parts.recognition.larger import larger

__all__ = ["crops", "curves", "groups", "larger", "persons"]
