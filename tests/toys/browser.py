"""A served dashboard and a real browser: for tests, benchmarks and screenshots."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Milliseconds that a page may take: a busy machine loads a model slowly.
PATIENCE = 240_000


def chromium():
    """Return a browser that is installed; None lets Playwright take its own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def launched(playwright):
    """Return the browser, started."""
    arguments = ["--no-sandbox", "--disable-gpu"]
    return playwright.chromium.launch(executable_path=chromium(), args=arguments)


@contextmanager
def served(results, **env):
    """Serve the dashboard on `results`; give its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    env = {**os.environ, "FACEBENCH_RESULTS": str(results), "FACEBENCH_FACES": "shown", **env}
    server = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        answers(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=120)


def answers(url, server, seconds=240):
    """Wait until a server answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError("the dashboard does not start")


STYLED = """[...document.styleSheets].some(
  sheet => sheet.ownerNode.textContent.includes('stCaptionContainer'))"""


def whole(window):
    """Wait until the page is complete, and assert that nothing in it failed."""
    window.wait_for_selector("[data-test-script-state=notRunning]", state="attached")
    window.wait_for_function("document.querySelectorAll('[data-stale=true]').length === 0")
    # A picture that is still on its way when the page changes is gone by the time it is asked for.
    window.wait_for_function("[...document.images].every(one => one.complete)")
    # The dashboard's own styles come with a part of Streamlit that a new browser loads late.
    window.wait_for_function(STYLED)
    assert window.locator("[data-testid=stException]").count() == 0
    assert window.locator("[data-testid=stVegaLiteChart] .error").count() == 0


def opened(window, address):
    """Open a page and wait until it is complete."""
    window.goto(address)
    window.get_by_role("heading", level=1).first.wait_for()
    whole(window)


def choose(window, label, option):
    """Choose an option of a box."""
    window.get_by_role("combobox", name=label, exact=True).first.click()
    window.get_by_role("option", name=option, exact=True).click()


def try_choices(window, most):
    """Choose the first `most` options of every box, in every part of the page; return how many.

    Nothing on the page may fail after any of them. What is chosen already isn't chosen again.
    """
    tried = 0
    for part in window.get_by_role("radio").all_inner_texts() or [""]:
        if part:
            window.get_by_role("radio", name=part, exact=True).click()
            settled(window)
        for label in labels(window):
            if label not in labels(window):
                continue  # the choice before left nothing to choose here
            names, now = options(window, label)
            fresh = [name for name in names[:most] if name != now]
            if not fresh:
                window.keyboard.press("Escape")
            for number, name in enumerate(fresh):
                if number == 0:  # the box is still open
                    window.get_by_role("option", name=name, exact=True).click()
                elif label in labels(window):
                    choose(window, label, name)
                settled(window)
            tried += len(names[:most])
    return tried


def settled(window):
    """Wait until the page is complete after a click."""
    asked(window)
    whole(window)


def asked(window):
    """Wait until the page has taken in a click, which it does before it is drawn twice.

    It has asked for what was chosen by then, so it is not complete until the answer is there.
    """
    window.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def labels(window):
    """Return the names of all boxes that can be opened now."""
    boxes = "[...document.querySelectorAll('[role=combobox]:not([disabled])')]"
    return window.evaluate(f"[...new Set({boxes}.map(box => box.getAttribute('aria-label')))]")


def options(window, label):
    """Open a box; return what it offers, and what of that is chosen: "" where several can be."""
    from playwright.sync_api import TimeoutError as NoneCame

    box = window.get_by_role("combobox", name=label, exact=True).first
    now = box.input_value()
    box.click()
    asked(window)
    with suppress(NoneCame):  # of a box whose options are all chosen none comes
        window.get_by_role("option").first.wait_for(timeout=500)
    found = window.get_by_role("option").all_inner_texts()
    return [option for option in found if option not in ("Select all", "No results")], now


#: What axe finds in Streamlit's own list of pages, which no page can change.
STREAMLITS = ("list", "listitem")


def obstacles(window):
    """Return what axe finds on a page that is a serious obstacle to somebody, as texts.

    Contrast below WCAG 2 AA, controls and pictures without names, and the like; not what charts and
    tables draw on a canvas.
    """
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(window).response["violations"]
    return [
        f"{one['id']}: {place['html'][:100]}: {place['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical") and one["id"] not in STREAMLITS
        for place in one["nodes"]
    ]


def skipped_headings(window):
    """Return the headings more than one level below the one before, which for the first is none."""
    levels = window.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] :is(h1,h2,h3,h4,h5,h6)')]"
        ".filter(one => one.checkVisibility()).map(one => [+one.tagName[1], one.innerText])"
    )
    before = [0, *(level for level, _ in levels)]
    return [text for (level, text), last in zip(levels, before, strict=False) if level > last + 1]
