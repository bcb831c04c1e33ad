"""The pages of the dashboard, opened without a browser, and what they say."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dashboard.elements import BROKEN

# Every run of a page reads what all installed packages say of themselves: half of its time.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

#: Seconds that a page may take on a busy machine.
PATIENCE = 240

APP = Path(__file__).parents[2] / "dashboard" / "router.py"
PAGES = [
    "overview", "models", "claims", "find_me", "recognition", "poisoning", "names", "search",
    "pairs", "indices", "two_studies", "cost", "provenance",
]  # fmt: skip
PARTS = {
    "pairs": ["Taken for whom", "Two people", "Scores"],
    "recognition": ["Curves", "By crop", "By group", "Person by person", "Larger galleries"],
    "names": ["Everybody", "One person", "Names read", "Strangers"],
    "poisoning": [
        "Protection",
        "Visible cost",
        "Photographs",
        "Transfer",
        "Two models",
        "Index",
        "Hubs",
        "Before and after",
    ],
}
#: Every page, and every part of the long ones.
VIEWS = [(page, part) for page in PAGES for part in PARTS.get(page, [""])]


def opened(page, part="", **address):
    """Return a page of the results in FACEBENCH_RESULTS, which must not fail."""
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    if part:
        address["by" if page == "search" else "part"] = part
    app.query_params.update(address)
    if page != "overview":
        app.switch_page(f"views/{page}.py")
    app.run()
    assert not app.exception, [e.stack_trace for e in app.exception]
    assert [text for text in missing(app) if BROKEN in text] == []
    return app


def texts(app):
    """Return all texts of a page that are rendered as Markdown."""
    kinds = ("markdown", "caption", "info", "warning", "error", "header", "subheader", "title")
    return [element.value for kind in kinds for element in getattr(app, kind)] + captions(app)


def captions(app):
    """Return the captions of all pictures of a page."""
    return [caption for image in app.image for caption in image.captions]


def missing(app):
    """Return what a page says to be missing."""
    return [element.value.replace("\\", "") for element in app.info]


def linked(app):
    """Return the tables of a page whose numbers link to their provenance."""
    return [one.value for one in app.dataframe if "record" in one.value]
