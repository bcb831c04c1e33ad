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
        server.wait(timeout=20)


def answers(url, server, seconds=90):
    """Wait until a server answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError("the dashboard does not start")


def whole(window):
    """Wait until the page is complete, and assert that nothing in it failed."""
    window.wait_for_selector("[data-test-script-state=notRunning]", state="attached")
    window.wait_for_function("document.querySelectorAll('[data-stale=true]').length === 0")
    assert window.locator("[data-testid=stException]").count() == 0
    assert window.locator("[data-testid=stVegaLiteChart] .error").count() == 0


def choose(window, label, option):
    """Choose an option of a box."""
    window.get_by_role("combobox", name=label, exact=True).first.click()
    window.get_by_role("option", name=option, exact=True).click()


def try_choices(window, most):
    """Choose the first `most` options of every box, in every part of the page; return how many.

    Nothing on the page may fail after any of them.
    """
    tried = 0
    for part in window.get_by_role("radio").all_inner_texts() or [""]:
        if part:
            window.get_by_role("radio", name=part, exact=True).click()
            window.wait_for_timeout(200)
            whole(window)
        for label in labels(window):
            for option in options(window, label)[:most]:
                if label not in labels(window):
                    break  # the choice before left nothing to choose here
                choose(window, label, option)
                window.wait_for_timeout(200)
                whole(window)
                tried += 1
    return tried


def labels(window):
    """Return the names of all boxes that can be opened now."""
    boxes = "[...document.querySelectorAll('[role=combobox]:not([disabled])')]"
    return window.evaluate(f"[...new Set({boxes}.map(box => box.getAttribute('aria-label')))]")


def options(window, label):
    """Return what a box offers; nothing if it can't be opened any more."""
    if label not in labels(window):
        return []
    window.get_by_role("combobox", name=label, exact=True).first.click()
    window.wait_for_timeout(200)  # of a box whose options are all chosen none comes
    found = window.get_by_role("option").all_inner_texts()
    window.keyboard.press("Escape")
    return [option for option in found if option not in ("Select all", "No results")]


def unreadable(window):
    """Return the texts of a page whose contrast is below what WCAG 2 AA asks for (1.4.3).

    Of texts in the document, not of those that charts and tables draw on a canvas, nor of controls
    that can't be used.
    """
    return window.evaluate(UNREADABLE)


UNREADABLE = """() => {
  // The value of a slider stands above its handle, in whose box it is.
  const UNSEEN = 'svg, style, script, noscript, [aria-hidden=true], [data-stale=true],'
    + '[data-testid=stSliderThumbValue]'
  const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
  const rgba = colour => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = '#000'; pen.fillStyle = colour
    pen.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]))
  const ground = one => {
    const layers = []
    for (let node = one; node; node = node.parentElement) {
      const colour = rgba(getComputedStyle(node).backgroundColor)
      if (colour[3] > 0) layers.unshift(colour)
      if (colour[3] === 1) break
    }
    return layers.reduce((below, top) => over(top, below), [255, 255, 255])
  }
  const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2])
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), one = walk.currentNode.parentElement
    if (!text || one.closest(UNSEEN))
      continue
    if (one.closest('[disabled], [aria-disabled=true]') || !one.checkVisibility(
        {opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true})) continue
    const box = one.getBoundingClientRect(), style = getComputedStyle(one)
    if (box.width < 2 || box.height < 2) continue
    let seen = 1
    for (let node = one; node; node = node.parentElement) seen *= getComputedStyle(node).opacity
    const below = ground(one), ink = rgba(style.color)
    const drawn = over([...ink.slice(0, 3), ink[3] * seen], below)
    const [high, low] = [light(drawn), light(below)].sort((a, b) => b - a)
    const size = parseFloat(style.fontSize), bold = style.fontWeight >= 700
    const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5
    const ratio = (high + 0.05) / (low + 0.05)
    if (ratio < least) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 60)}`)
  }
  return [...new Set(found)]
}"""


def skipped_headings(window):
    """Return the headings more than one level below the one before, which for the first is none."""
    levels = window.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] :is(h1,h2,h3,h4,h5,h6)')]"
        ".filter(one => one.checkVisibility()).map(one => [+one.tagName[1], one.innerText])"
    )
    before = [0, *(level for level, _ in levels)]
    return [text for (level, text), last in zip(levels, before, strict=False) if level > last + 1]
