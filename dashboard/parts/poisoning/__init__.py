"""The parts of the page Poisoning."""

from dashboard.parts.poisoning.before_after import before_after
from dashboard.parts.poisoning.cost import cost
from dashboard.parts.poisoning.hubs import hubs
from dashboard.parts.poisoning.index_entries import index_entries
from dashboard.parts.poisoning.photographs import photographs
from dashboard.parts.poisoning.protection import protection
from dashboard.parts.poisoning.transfer import transfer
from dashboard.parts.poisoning.votes import votes

__all__ = [
    "before_after",
    "cost",
    "hubs",
    "index_entries",
    "photographs",
    "protection",
    "transfer",
    "votes",
]
