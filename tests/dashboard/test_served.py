"""A served dashboard: where it listens, that it keeps up, and that names stay text."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from facebench.store import layout
from facebench.store.tables import write_table
from facebench.texts import plain
from tests.toys.browser import PATIENCE, answers, served, whole
from tests.toys.dashboard_tables import RECORD, write_results

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
#: Names of people that would be links, pictures, formulas, colours or icons in Markdown.
NAMES = [
    "www.evil.test", "http://evil.test", "https://evil.test/a_b", "me@evil.test",
    "[x](http://evil.test)", "![x](http://evil.test/x.png)", "<http://evil.test>",
    "$x^2$", ":red[danger]", ":material/delete:", ":smile:",
]  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    found = write_results(tmp_path_factory.mktemp("live"))
    pictures = found.parents[1] / layout.images("strangers")
    images = pd.read_parquet(pictures)
    called = dict(zip(images.identity.unique(), NAMES * 3, strict=False))
    write_table(images.assign(name=images.identity.map(called)), pictures, RECORD)
    return found


@pytest.fixture(scope="module")
def page(browser, results):
    with served(results) as address:
        window = browser.new_page(base_url=address)
        window.set_default_timeout(PATIENCE)
        yield window
        window.close()


def listening(process):
    """Return the addresses that a server listens at, once it does."""
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        known = psutil.Process(process.pid).net_connections("tcp")
        if found := {one.laddr.ip for one in known if one.status == psutil.CONN_LISTEN}:
            return found
        time.sleep(0.2)
    raise AssertionError("the dashboard does not start")


@pytest.mark.parametrize("headless", [True, False])
def test_started_from_any_folder_only_this_machine_can_reach_it(results, tmp_path, headless):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", port]
    # What Linux opens a browser with.
    browser, opened = tmp_path / "xdg-open", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" >{opened}\n')
    browser.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    env = {**os.environ, "FACEBENCH_RESULTS": str(results), "HOME": str(tmp_path), "PATH": path}
    command += ["--server.headless", str(headless).lower()]
    server = subprocess.Popen(
        command, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        assert listening(server) <= {"127.0.0.1", "::1"}
        answers(f"http://localhost:{port}/_stcore/health", server)
        until = time.monotonic() + 120
        while not headless and not opened.exists() and time.monotonic() < until:
            time.sleep(0.2)
        said = opened.read_text() if opened.exists() else ""
        assert said == ("" if headless else f"http://localhost:{port}\n")
    finally:
        server.terminate()
        server.wait(timeout=120)


def new_answer(results):
    (results / "strangers" / "my-cloaks.md").write_text("# No longer\n")


def new_comparisons(results):
    (results / "comparisons.parquet").unlink()


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("find_me", new_answer, "No longer"),
        ("models", new_comparisons, "There is no results/default/comparisons.parquet yet"),
    ],
)
def test_an_open_page_keeps_up_with_the_workflow(results, page, name, change, said):
    page.goto(f"/{name}")
    whole(page)
    page.get_by_text("Numbers of").wait_for()
    assert page.get_by_text(said).count() == 0
    change(results)
    page.get_by_text(said).first.wait_for()


#: What Markdown makes of a text that isn't taken as it is.
LIVE = "a[href*='evil'], img[src*='evil'], .katex, [data-testid=stIconMaterial], span[style]"


def test_names_are_shown_as_they_are(results, page):
    listed = "".join(f"* {name}\n* {plain(name)}\n" for name in NAMES)
    (results / "strangers" / "my-cloaks.md").write_text(f"# Everybody\n\n{listed}")
    page.goto("/find_me")
    page.get_by_text("Everybody").wait_for()
    whole(page)
    shown = page.locator("[data-testid=stMarkdown]", has_text="Everybody")
    assert shown.locator(LIVE).count() == 0, shown.inner_html()
    assert "😄" not in shown.inner_text()
    text = shown.inner_text().replace("\u200b", "").replace("\ufeff", "")
    assert [name for name in NAMES if text.count(name) < 2] == [], text


def test_captions_are_shown_as_they_are(results, page):
    page.goto("/search?many=24")
    captions = page.locator("[data-testid=stImageCaption]")
    captions.nth(24).wait_for()
    whole(page)
    assert page.locator(f"[data-testid=stImageCaption] :is({LIVE})").count() == 0
    text = " ".join(captions.all_inner_texts()).replace("\u200b", "")
    assert "😄" not in text and sum(name in text for name in NAMES) > len(NAMES) // 2
