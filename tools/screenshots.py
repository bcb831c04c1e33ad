"""Pictures of every page for docs/img, taken in a real browser: `make screenshots`.

Of the study that the dashboard shows. Its people must not exist: studies of others are refused.
Names in other scripts need a font for them on this machine, such as Debian's fonts-wqy-microhei.
"""

import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
from PIL import Image

from dashboard.data import places
from facebench.datasets import READERS
from facebench.store import layout
from facebench.store.tables import read_record
from tests.toys.browser import ROOT, launched, served, whole

WIDTH, HEIGHT = 1280, 900
#: Name of the picture -> page, and what is chosen on it.
VIEWS = {
    "overview": ("", {}),
    "models": ("models", {}),
    "recognition": ("recognition", {}),
    "groups": ("recognition", {"part": "By group"}),
    "people": ("recognition", {"part": "Person by person"}),
    "poisoning": ("poisoning", {}),
    "cost-to-the-eye": ("poisoning", {"part": "Visible cost"}),
    "transfer": ("poisoning", {"part": "Transfer"}),
    "two-models": ("poisoning", {"part": "Two models"}),
    "index": ("poisoning", {"part": "Index"}),
    "before-after": ("poisoning", {"part": "Before and after"}),
    "names": ("names", {}),
    "search": ("search", {}),
    "pairs": ("pairs", {}),
    "two-people": ("pairs", {"part": "Two people"}),
    "scores": ("pairs", {"part": "Scores"}),
    "find-me": ("find_me", {}),
    "cost": ("cost", {}),
    "provenance": ("provenance", {}),
}
TALLEST = 2200
MOST_BYTES = 100_000


def main(results, folder, names=()):
    """Write `dashboard-<name>.webp` of every view, and of one in the dark, to `folder`."""
    from playwright.sync_api import sync_playwright

    nobody_real(results)
    with sync_playwright() as playwright, served(results) as address:
        browser = launched(playwright)
        for name, (page, chosen) in VIEWS.items():
            if not names or name in names:
                picture = taken(browser, f"{address}/{page}?{urlencode(chosen)}", "light")
                save(picture, folder / f"dashboard-{name}.webp")
        if not names:
            save(taken(browser, address, "dark"), folder / "dashboard-dark.webp")
        browser.close()


def nobody_real(results):
    """Refuse results that show anybody's photograph."""
    metrics = pd.read_parquet(Path(results) / places.METRICS, columns=["dataset"])
    for dataset in metrics.dataset.unique():
        path = Path(results).parents[1] / layout.images(dataset)
        reader = READERS.get(read_record(path).get("data", {}).get("reader"))
        if reader is None or not reader.rendered:
            sys.exit(f"{path} is not of invented people: no picture of it may be published.")


def taken(browser, address, scheme):
    """Return the whole page at an address as a picture."""
    size = {"width": WIDTH, "height": HEIGHT}
    window = browser.new_page(viewport=size, color_scheme=scheme)
    window.set_default_timeout(90_000)
    window.goto(address)
    window.get_by_role("heading", level=1).wait_for()
    settled(window)
    for _ in range(2):  # a chart that is seen for the first time may make the page taller
        tall = min(max(window.evaluate(HEIGHT_NOW), 600), TALLEST)
        window.set_viewport_size({"width": WIDTH, "height": tall})
        settled(window)
    picture = Image.open(BytesIO(window.screenshot())).convert("RGB")
    window.close()
    return picture


def settled(window):
    """Wait until the page has run, all charts are drawn and its height is stable."""
    window.wait_for_selector("[data-test-script-state=notRunning]", state="attached")
    window.wait_for_load_state("networkidle")
    window.wait_for_function(
        "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
        ".every(chart => chart.querySelector('svg, canvas'))"
    )
    whole(window)
    # A table that is still to be drawn gives no sign; wait until the height stays the same.
    before = 0
    while before != (height := window.evaluate(HEIGHT_NOW)):
        before = height
        window.wait_for_timeout(2500)


#: Height of the page.
HEIGHT_NOW = "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"


def save(picture, path):
    """Write a picture with the best quality that fits into `MOST_BYTES`."""
    for quality in (80, 65, 50, 35):
        picture.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= MOST_BYTES:
            break
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(places.study_folder(), ROOT / "docs" / "img", sys.argv[1:])
