"""The parts of the page Pairs."""

from dashboard.parts.pairs.mistaken import mistaken
from dashboard.parts.pairs.scores import scores
from dashboard.parts.pairs.two_people import two_people

__all__ = ["mistaken", "scores", "two_people"]
