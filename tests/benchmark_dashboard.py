"""How fast the dashboard is on large results: first paint, and every filter, in a real browser.

    .venv/bin/python tests/benchmark_dashboard.py [numbers] [pictures]

Made-up results of 1,000,000 numbers and 200,000 pictures unless told otherwise. docs/dashboard.md
has figures.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
from dashboard_browser import choose, launched, served, whole  # noqa: E402
from dashboard_tables import DATASET, RECORD, write_results  # noqa: E402

from facebench.search import build, write_index  # noqa: E402
from facebench.tables import write_table  # noqa: E402


def enlarge(results, numbers, pictures):
    """Add made-up numbers of other data sets, and pictures of other people, to small results."""
    metrics = pd.read_parquet(results / "metrics.parquet")
    copies = max(1, numbers // len(metrics))
    parts = [metrics.assign(dataset=f"other-{i:04}") for i in range(copies)]
    whole = pd.concat([metrics, *parts], ignore_index=True).head(numbers)
    write_table(whole, results / "metrics.parquet", {})
    ids = np.array([f"{i:016x}" for i in range(pictures)])
    who = np.array([f"s0p{i // 20:06}" for i in range(pictures)])
    images = pd.DataFrame({"image_id": ids, "path": ids, "identity": who, "name": who})
    images = images.assign(width=24, height=24, status="ok", reason="", skin_tone="dark")
    write_table(images, results / DATASET / "images.parquet", RECORD)
    random = np.random.default_rng(0)
    place = results / DATASET / "full" / "clean"
    picture = pd.read_parquet(place / "faces.parquet").image.iloc[0]
    faces = pa.Table.from_pandas(images.assign(image=[picture] * pictures), preserve_index=False)
    write_table(faces, place / "faces.parquet", RECORD, rows_a_group=256)
    rows = random.normal(size=(pictures, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for model in ("mini-s", "mini-m"):
        np.save(place / model / "img_emb" / "img_emb_0000.npy", rows)
        table = images[["image_id", "identity"]].assign(image_path=ids)
        write_table(table, place / model / "metadata" / "metadata_0000.parquet", RECORD)
        write_index(build(rows), place / model / "index.faiss")


def measure(address):
    """Print seconds until each page, and each filter of it, is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launched(playwright)
        for turn in ("first", "again"):
            for name, said in (
                ("", "2. Does a cloak"),
                ("models", "Who beats whom"),
                ("search", "How many"),
            ):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                start = time.perf_counter()
                page.goto(f"{address}/{name}?dataset={DATASET}")
                page.get_by_text(said).first.wait_for()
                whole(page)
                print(f"{turn} paint of {name or 'overview'}: {time.perf_counter() - start:.2f} s")
                page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/models?dataset={DATASET}")
        page.get_by_role("heading", name="Who beats whom").wait_for()
        whole(page)
        for box, option, said in (
            ("Crop", "background", "crop=background"),
            ("Number", "Nearest picture is of the same person", "number="),
            ("Crop", "full", "number="),
        ):
            start = time.perf_counter()
            choose(page, box, option)
            page.wait_for_url(f"**{said}**")
            whole(page)
            print(f"filter {box} = {option}: {time.perf_counter() - start:.2f} s")
        browser.close()


def server_side():
    """Print seconds that the reader takes without a browser: first, and every filter after it."""
    sys.path.append(str(ROOT / "dashboard"))
    from data import numbers

    for turn in ("first", "again", "again"):
        start = time.perf_counter()
        found = numbers.metrics(dataset=DATASET, crop="full", **numbers.CLEAN)
        known = numbers.distinct("dataset")
        spent = 1000 * (time.perf_counter() - start)
        print(f"reading, {turn}: {spent:.0f} ms ({len(found)} rows, {len(known)} data sets)")


def main(numbers=1_000_000, pictures=200_000):
    """Make large results, start the dashboard on them, and measure."""
    folder = Path(tempfile.mkdtemp(prefix="dashboard-"))
    results = write_results(folder / "results")
    enlarge(results, int(numbers), int(pictures))
    os.environ["FACEBENCH_RESULTS"] = str(results)
    server_side()
    try:
        with served(results) as address:
            measure(address)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
