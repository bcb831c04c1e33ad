"""The sections of the table, in the order of the page; each is loaded where it is measured."""

from importlib import import_module

from tools.speed.section import Section

NAMES = (
    "embedding",
    "pictures",
    "search",
    "approximate",
    "protocols",
    "attacks",
    "start",
    "work",
)


def section_of(name: str) -> Section:
    """Return the section of a name."""
    section: Section = import_module(f"tools.speed.sections.{name}").SECTION
    return section
