"""The dashboard in a real browser: pages, filters, addresses, downloads, searches, uploads."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from facebench.store import layout
from facebench.store.records import file_sha256
from tests.toys.browser import (
    PATIENCE,
    choose,
    obstacles,
    opened,
    served,
    skipped_headings,
    try_choices,
    whole,
)
from tests.toys.dashboard_tables import png, write_results

PAGES = {
    "Overview": "1. Is a bigger CLIP a better recogniser?",
    "Models": "Who beats whom",
    "Can it find me?": "In words",
    "Recognition": "Found among the first k",
    "Poisoning": "How many searches fail",
    "Names": "By template",
    "Search": "show the person searched for",
    "Pairs": "somebody else comes first",
    "Two studies": "There is one study here",
    "Cost": "Where the time went",
    "Provenance": "Make it again",
}
pytestmark = pytest.mark.browser

#: Streamlit looks for its server below the address of a page, which the browser reports.
HARMLESS = "Failed to load resource: the server responded with a status of 404"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a dashboard that shows made-up results with a real, tiny CLIP."""
    from tests.toys.models import tiny_clip

    root = tmp_path_factory.mktemp("browser")
    results = write_results(root)
    folder = root / "clip"
    tiny_clip(folder)
    weights = folder / "open_clip_model.safetensors"
    described = {
        "model": "mini-s",
        "family": "open_clip",
        "text": True,
        "spec": {"family": "open_clip", "path": str(folder)},
        "files": {"config": str(folder / "open_clip_config.json"), "weights": str(weights)},
        "record": {"weights_sha256": file_sha256(weights)},
    }
    (root / layout.model("mini-s")).write_text(json.dumps(described))
    with served(results) as found:
        yield found


@pytest.fixture
def page(browser):
    """A window of the browser; at the end no page of it has failed."""
    window = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    window.set_default_timeout(PATIENCE)
    said = []
    window.on("console", lambda message: said.append(message) if message.type == "error" else None)
    window.on("pageerror", lambda error: said.append(error))
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    yield window
    whole(window)
    texts = [getattr(message, "text", str(message)) for message in said]
    assert [text for text in texts if not text.startswith(HARMLESS)] == []
    elsewhere = [url for url in asked if not url.startswith(("http://localhost", "data:", "blob:"))]
    assert elsewhere == [], "the dashboard asks for something from the net"
    window.close()


def test_every_page_can_be_clicked_through_and_read_in_the_dark(address, page):
    page.emulate_media(color_scheme="dark")
    opened(page, address)
    for name, said in PAGES.items():
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, exact=True).wait_for()
        page.get_by_text(said).first.wait_for()
        whole(page)
        assert page.title() == f"{name} · facebench"
        assert obstacles(page) == [] and skipped_headings(page) == [], name


def test_a_filter_changes_the_address_and_the_address_the_filter(address, page):
    opened(page, f"{address}/models")
    choose(page, "Crop", "background")
    page.wait_for_url("**crop=background**")
    choose(page, "Number", "Nearest picture is of the same person")
    page.wait_for_url("**number=**")
    whole(page)
    opened(page, page.url)
    page.get_by_text("Every photograph is searched among all others.").wait_for()
    assert page.get_by_role("combobox", name="Crop").first.input_value() == "background"


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("models", 4),
        ("recognition", 12),
        ("poisoning", 20),
        ("search", 6),
        ("find_me", 1),
        ("provenance", 2),
    ],
)
def test_no_choice_breaks_a_page(address, page, name, least):
    opened(page, f"{address}/{name}")
    page.locator("[role=combobox]").first.wait_for()
    whole(page)
    tried = try_choices(page, most=2)
    assert tried >= least


def test_parts_of_recognition(address, page):
    opened(page, f"{address}/recognition")
    for part, said in (
        ("By crop", "The same number"),
        ("By group", "Group by"),
        ("Person by person", "Show"),
    ):
        page.get_by_role("radio", name=part).click()
        page.get_by_text(said).first.wait_for()
        page.wait_for_url(f"**part={part.replace(' ', '+')}**")


def test_a_chart_can_be_downloaded(address, page):
    opened(page, f"{address}/models")
    page.get_by_role("heading", name="Who beats whom").wait_for()
    page.get_by_role("button", name="Download", exact=True).first.click()
    for kind, start in (
        ("Picture, PNG", b"\x89PNG"),
        ("Picture, SVG", b"<svg"),
        ("Numbers, CSV", b"model,"),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind).first.click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start) or start in content[:300]


def test_a_cloaked_person_is_searched_for(address, page):
    opened(page, f"{address}/search")
    choose(page, "Model", "mini-s")
    page.get_by_text("show the person searched for").wait_for()
    choose(page, "Cloaked", "the person's photographs in the index")
    page.get_by_text("(cloaked)").first.wait_for()
    choose(page, "Compare with", "mini-m")
    page.get_by_role("heading", name="mini-m").wait_for()


def test_words_find_pictures(address, page):
    opened(page, f"{address}/search?model=mini-s")
    page.get_by_role("radio", name="Words").click()
    words = page.get_by_role("textbox", name="Words")
    words.fill("a photo of a man with a hat")
    words.press("Enter")
    page.get_by_text("How many").wait_for()
    page.get_by_role("heading", name="mini-s").wait_for()
    page.locator("[data-testid=stImage] img").first.wait_for()


def bomb(width, height):
    """Return a PNG file whose header promises many more pixels than it holds."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_photograph_is_taken_only_after_consent(address, page):
    opened(page, f"{address}/search?model=pixels")
    page.get_by_role("radio", name="A photograph of yours").click()
    consent = page.get_by_role("checkbox", name="I took this photograph of myself")
    page.get_by_text("I took this photograph of myself").wait_for()
    assert page.locator("[data-testid=stFileUploader]").count() == 0
    consent.check(force=True)
    box = page.locator("[data-testid=stFileUploader] input[type=file]")
    pixels = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
    box.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": png(pixels)})
    page.get_by_text("Searched: your whole photograph, crop full").wait_for()
    page.get_by_role("heading", name="pixels").wait_for()


#: What the element that has the focus is called, one name a line; of others than controls nothing.
FOCUSED = """(one => one.matches('a, button, input')
  ? one.getAttribute('aria-label') || one.innerText : '')(document.activeElement)"""


def tab_to(page, label):
    """Press Tab until a control of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if label in page.evaluate(FOCUSED).split("\n"):
            return
    raise AssertionError(f"{label} can't be reached by the keyboard")


def test_the_keyboard_is_enough(address, page):
    opened(page, address)
    page.get_by_role("heading", name="Overview", exact=True).wait_for()
    tab_to(page, "Models")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Models", exact=True).wait_for()
    whole(page)
    tab_to(page, "Crop")
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    page.keyboard.type("back")
    page.keyboard.press("Enter")
    page.wait_for_url("**crop=background**")
    whole(page)
    tab_to(page, "Download")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Numbers, CSV").first.wait_for()
    tab_to(page, "Numbers, CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert b",background," in Path(download.value.path()).read_bytes()


def test_a_file_that_is_no_photograph_is_refused(address, page):
    opened(page, f"{address}/search?model=pixels")
    page.get_by_role("radio", name="A photograph of yours").click()
    page.get_by_role("checkbox", name="I took this photograph of myself").check(force=True)
    box = page.locator("[data-testid=stFileUploader] input[type=file]")
    for content, said in (
        (b"<script>alert(1)</script>", "no JPEG, PNG or WebP"),
        (bomb(60000, 60000), "pixels"),
    ):
        box.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": content})
        refusal = page.get_by_text("This file is not accepted.").filter(has_text=said)
        refusal.wait_for()


#: Pages that show pictures beside each other, and how many columns each of their rows has.
PICTURES = (
    "search",
    "search?model=mini-s&beside=mini-m",
    "pairs?model=pixels",
    "pairs?part=Two+people",
    "poisoning?part=Before+and+after",
)
ACROSS = """[...document.querySelectorAll('[class*=st-key-pictures-]')].map(
  one => getComputedStyle(one).gridTemplateColumns.split(' ').length)"""


def test_a_narrow_screen_shows_every_page(address, page):
    page.set_viewport_size({"width": 390, "height": 800})
    names = (
        "",
        "models",
        "find_me",
        "recognition",
        "recognition?part=Larger+galleries",
        "poisoning",
        "poisoning?part=Visible+cost",
        "poisoning?part=Photographs",
        "poisoning?part=Hubs",
        "names",
        "two_studies",
        "cost",
        "provenance",
    )
    for name in (*names, *PICTURES):
        opened(page, f"{address}/{name}")
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        assert wide <= 400
        assert obstacles(page) == [] and skipped_headings(page) == [], name
        if name in PICTURES:
            across = page.evaluate(ACROSS)
            assert across and set(across) == {2}, f"{name}: not two pictures a row"
