"""Speed of the dashboard on large results, in a real browser: first paint, pages, filters.

    .venv/bin/python -m tools.benchmark_dashboard [numbers] [pictures]

By default, of made-up results with 1,000,000 numbers and 200,000 pictures. docs/dashboard.md has
figures.
"""

import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa

from facebench.indexes.stored import make
from facebench.store import layout
from facebench.store.tables import write_table
from facebench.vectors.stored import StoredVectors
from tests.toys.browser import launched, served, whole
from tests.toys.dashboard_tables import DATASET, MODELS, RECORD, STUDY, write_results


def enlarge(results, numbers, pictures):
    """Add made-up numbers of other data sets, and pictures of other people, to small results."""
    root = results.parents[1]
    metrics = pd.read_parquet(results / "metrics.parquet")
    copies = max(1, numbers // len(metrics))
    parts = [metrics.assign(dataset=f"other-{i:04}") for i in range(copies)]
    whole = pd.concat([metrics, *parts], ignore_index=True).head(numbers)
    write_table(whole, results / "metrics.parquet", {})
    ids = np.array([f"{i:016x}" for i in range(pictures)])
    who = np.array([f"s0p{i // 20:06}" for i in range(pictures)])
    images = pd.DataFrame({"image_id": ids, "path": ids, "identity": who, "name": who})
    images = images.assign(
        width=24,
        height=24,
        status="ok",
        reason="",
        skin_tone=np.where(np.arange(pictures) % 40 < 20, "dark", "light"),
    )
    write_table(images, root / layout.images(DATASET), RECORD)
    random = np.random.default_rng(0)
    place = root / layout.faces(DATASET, "full")
    picture = pd.read_parquet(place).image.iloc[0]
    faces = pa.Table.from_pandas(images.assign(image=[picture] * pictures), preserve_index=False)
    write_table(faces, place, RECORD, rows_a_group=256)
    rows = random.normal(size=(pictures, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for model in ("mini-s", "mini-m"):
        where = (DATASET, "full", "clean", model)
        table = images[["image_id", "identity"]].assign(image_path=ids)
        parts = layout.parts(len(list(root.glob(layout.embeddings(*where, part="*")))))
        for part, some in zip(parts, np.array_split(np.arange(pictures), len(parts)), strict=True):
            np.save(root / layout.embeddings(*where, part), rows[some])
            write_table(table.iloc[some], root / layout.metadata(*where, part), RECORD)
        make(StoredVectors.of(rows), root / layout.index(*where), {"kind": "flat"})
    for model in MODELS:
        for protocol in ("identify", "open_set"):
            path = root / layout.outcomes(STUDY, DATASET, "full", model, protocol)
            write_many(path, ids, who, random)


def write_many(path, ids, who, random):
    """Write outcomes of a search for every picture, with the columns of those that are there."""
    few = pd.read_parquet(path)
    many = few.iloc[random.integers(0, len(few), len(ids))].reset_index(drop=True)
    many = many.assign(image_id=ids, identity=who, other_id=random.permutation(ids))
    write_table(many, path, RECORD)


#: Limits in seconds.
PAINT, FILTER = 2.0, 0.5


@contextmanager
def timed(what, limit):
    """Print the wall-clock and the processor time of a block, beside its limit.

    Processor time, of the server and the browser, also holds on a machine that is busy otherwise.
    """
    begun, spent = time.perf_counter(), processors()
    yield
    took, used = time.perf_counter() - begun, processors()
    parts = ", ".join(f"{name} {used[name] - spent[name]:.2f} s" for name in used)
    beside = f" (limit {limit:.1f} s)" if limit else ""
    print(f"{what}: {took:.2f} s{beside}; processor time: {parts}", flush=True)


def processors():
    """Return the processor seconds used so far by the server and by the browser."""
    used = {"server": 0.0, "browser": 0.0}
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            name = "server" if "streamlit" in process.cmdline() else "browser"
            times = process.cpu_times()
            used[name] += times.user + times.system
    return used


def measure(address):
    """Print how long each page, and each filter of it, takes to be there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launched(playwright)
        for turn in ("first", "again"):
            for name, said in PAGES.items():
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.set_default_timeout(120_000)
                what = name or "overview"
                with timed(f"{turn} visit of {what}: all of it", None):
                    with timed(f"{turn} visit of {what}: title", PAINT):
                        page.goto(f"{address}/{name}{'&' if '?' in name else '?'}dataset={DATASET}")
                        page.get_by_role("heading", level=1).wait_for()
                    page.get_by_text(said).first.wait_for()
                    whole(page)
                page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(f"{address}/models?dataset={DATASET}")
        page.get_by_role("heading", name="Who beats whom").wait_for()
        whole(page)
        page.evaluate(WATCHED)
        for box, option in 2 * FILTERS:
            page.get_by_role("combobox", name=box, exact=True).first.click()
            chosen = page.get_by_role("option", name=option, exact=True)
            chosen.wait_for()
            with timed(f"filter {box} = {option}", FILTER):
                page.evaluate("window.ran = false")
                chosen.click()
                page.wait_for_function("window.ran")
                whole(page)
        browser.close()


#: Page -> a text that shows that it is complete.
PAGES = {
    "": "2. Does a cloak",
    "models": "Who beats whom",
    "recognition": "With strangers",
    "recognition?part=By+group": "Group by",
    "recognition?part=Person+by+person": "The first",
    "poisoning": "How many searches fail",
    "search": "show the person searched for",
}
FILTERS = (
    ("Crop", "background"),
    ("Number", "Nearest picture is of the same person"),
    ("Crop", "full"),
    ("Number", "Found first (rank-1)"),
)
#: Sets `ran` when the server begins to answer: until then the page looks complete.
WATCHED = """new MutationObserver(() => {
  window.ran ||= !!document.querySelector('[data-test-script-state=running]')
}).observe(document.body, {subtree: true, attributeFilter: ['data-test-script-state']})"""


def server_side():
    """Print the time of reading without a browser: the first time, and cached."""
    from dashboard.data import numbers

    for turn in ("first", "again", "again"):
        start = time.process_time()
        found = numbers.metrics(dataset=DATASET, crop="full", **numbers.CLEAN)
        known = numbers.distinct("dataset")
        spent = 1000 * (time.process_time() - start)
        counts = f"{len(found)} rows, {len(known)} data sets"
        print(f"reading, {turn}: {spent:.0f} ms of a processor ({counts})")


def main(numbers=1_000_000, pictures=200_000):
    """Make large results, start the dashboard on them, and measure."""
    folder = Path(tempfile.mkdtemp(prefix="dashboard-"))
    results = write_results(folder)
    enlarge(results, int(numbers), int(pictures))
    os.environ["FACEBENCH_RESULTS"] = str(results)
    server_side()
    try:
        # As configured and not set: asking the configuration for every picture takes time too.
        with served(results, FACEBENCH_FACES="") as address:
            measure(address)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
