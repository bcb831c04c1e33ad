"""Downloads from a loopback server that misbehaves in the ways real ones do."""

import hashlib
import logging
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from facebench.errors import UserError
from facebench.fetching.download import download
from scripts import fetch

BODY = bytes(range(256)) * 4000
SHA = hashlib.sha256(BODY).hexdigest()


class Mirror(BaseHTTPRequestHandler):
    """Serves BODY under paths that are named after what goes wrong there."""

    asked: list = []
    #: Set at the end of a test: nothing has to wait any longer.
    over = threading.Event()
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        start = int((re.findall(r"bytes=(\d+)-", self.headers.get("Range", "")) or [0])[0])
        self.asked.append((self.path, start))
        getattr(self, self.path.strip("/"))(start)

    def send(self, code, body, start=0, length=None, kind="application/octet-stream"):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if code == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.end_headers()
        self.wfile.write(body)

    def good(self, start):
        if start >= len(BODY):
            return self.send(416, b"")
        self.send(206 if start else 200, BODY[start:], start)

    def ignores_range(self, start):
        self.send(200, BODY)

    def wrong_piece(self, start):
        self.send(206, BODY[start + 7 :], start + 7)

    def cut(self, start):
        """Breaks off after 300,000 bytes, each time."""
        rest = BODY[start:]
        self.send(206 if start else 200, rest[:300_000], start, len(rest))
        self.close_connection = True

    def always_cut_at_the_same_byte(self, start):
        self.send(206 if start else 200, BODY[start:500_000], start, len(BODY) - start)
        self.close_connection = True

    def missing(self, start):
        self.send(404, b"gone")

    def wrong(self, start):
        self.send(200, b"<html>Quota exceeded</html>", kind="text/html; charset=utf-8")

    def silent(self, start):
        self.over.wait(60)
        self.close_connection = True

    def trickle(self, start):
        self.send(206 if start else 200, b"", start, len(BODY) - start)
        place = start
        while not self.over.wait(0.02):
            try:
                self.wfile.write(BODY[place : place + 1])
            except OSError:  # nobody listens any more
                break
            place += 1
        self.close_connection = True

    def moved(self, start):
        self.send_response(302)
        self.send_header("Location", "/good")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def mirrors():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    Mirror.asked = []
    Mirror.over.clear()
    yield lambda *paths: [f"http://127.0.0.1:{server.server_port}/{path}" for path in paths]
    Mirror.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let nobody wait long in a test."""
    monkeypatch.setattr("facebench.fetching.download.PAUSES", (0.01,))


@pytest.fixture
def target(tmp_path):
    return tmp_path / "downloads" / "faces.tgz"


def part_of(target, content):
    """Leave `content` behind, as a killed download would."""
    target.parent.mkdir(parents=True)
    (part := target.with_name(target.name + ".part")).write_bytes(content)
    return part


@pytest.mark.parametrize("path", ["good", "ignores_range", "moved", "cut"])
def test_a_download_ends_whole(mirrors, target, path):
    download(mirrors(path), SHA, target)
    assert target.read_bytes() == BODY
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("path", ["good", "moved"])
def test_a_partial_download_is_resumed(mirrors, target, path):
    part_of(target, BODY[:700_000])
    download(mirrors(path), SHA, target)
    assert target.read_bytes() == BODY
    assert {start for _, start in Mirror.asked} == {700_000}


def test_a_server_that_ignores_ranges_is_asked_from_the_start(mirrors, target):
    part_of(target, BODY[:700_000])
    download(mirrors("ignores_range"), SHA, target)
    assert target.read_bytes() == BODY
    assert len(Mirror.asked) == 1


def test_a_connection_cut_again_and_again_goes_on_where_it_was(mirrors, target):
    download(mirrors("cut"), SHA, target)
    assert [start for _, start in Mirror.asked] == [0, 300_000, 600_000, 900_000]


@pytest.mark.parametrize("left", [b"rubbish" * 1000, BODY[:-1] + b"?", BODY + b"too much"])
def test_a_partial_file_that_does_not_fit_is_thrown_away(mirrors, target, left):
    part_of(target, left)
    download(mirrors("good"), SHA, target)
    assert target.read_bytes() == BODY


def test_a_whole_file_that_was_not_renamed_yet_is_used(mirrors, target):
    part_of(target, BODY)
    download(mirrors("good"), SHA, target)
    assert target.read_bytes() == BODY
    assert Mirror.asked == [("/good", len(BODY))]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("missing", "HTTP 404"),
        ("wrong", "a web page, has sha256"),
        ("wrong_piece", "another piece"),
        ("always_cut_at_the_same_byte", "broke off"),
        ("silent", "broke off"),
        ("trickle", "bytes a second"),
    ],
)
def test_the_next_mirror_is_tried_and_the_failure_is_told(mirrors, target, caplog, bad, words):
    if bad == "wrong_piece":
        part_of(target, BODY[:1000])
    with caplog.at_level(logging.WARNING):
        download(mirrors(bad, "good"), SHA, target, timeout=0.5, slowest=1000, patience=0.3)
    assert target.read_bytes() == BODY
    assert words in caplog.text
    assert f"/{bad}" in caplog.text


def test_a_wrong_file_is_named_by_both_hashes(mirrors, target):
    wrong = hashlib.sha256(b"<html>Quota exceeded</html>").hexdigest()
    with pytest.raises(UserError, match=f"(?s){wrong}.*{SHA}"):
        download(mirrors("wrong"), SHA, target)
    assert not list(target.parent.iterdir())


def test_what_came_before_all_mirrors_failed_is_kept(mirrors, target):
    with pytest.raises(UserError, match="broke off"):
        download(mirrors("always_cut_at_the_same_byte"), SHA, target)
    assert target.with_name("faces.tgz.part").read_bytes() == BODY[:500_000]
    download(mirrors("good"), SHA, target)
    assert Mirror.asked[-1] == ("/good", 500_000)


def test_without_a_network_the_user_is_told_what_to_do(tmp_path):
    file = {"name": "faces.tgz", "urls": ["http://127.0.0.1:9/faces.tgz"], "sha256": SHA}
    keep = tmp_path / "downloads" / "faces.tgz"
    with pytest.raises(UserError) as error:
        fetch.main("lfw", file, keep, tmp_path / "files" / "faces.tgz")
    for words in ("faces.tgz of the data set lfw", "can't be reached", "datasets.lfw.archive"):
        assert words in str(error.value)
    assert str(keep) in str(error.value)


def test_a_file_that_no_program_can_fetch_is_asked_for(tmp_path):
    with pytest.raises(UserError, match="Put it at .*img.zip, or set datasets.celeba.archive"):
        fetch.main("celeba", {"name": "img.zip"}, tmp_path / "img.zip", tmp_path / "out.zip")


def test_a_fetched_file_is_fetched_once(mirrors, tmp_path):
    file = {"name": "faces.tgz", "urls": mirrors("good"), "sha256": SHA}
    keep, output = tmp_path / "downloads" / "faces.tgz", tmp_path / "files" / "faces.tgz"
    fetch.main("lfw", file, keep, output)
    output.unlink()
    fetch.main("lfw", file, keep, output)
    assert output.read_bytes() == BODY
    assert len(Mirror.asked) == 1


def test_another_file_in_the_downloads_is_told_and_kept(mirrors, tmp_path):
    keep = tmp_path / "faces.tgz"
    keep.write_bytes(b"not it")
    file = {"name": "faces.tgz", "urls": mirrors("good"), "sha256": SHA}
    with pytest.raises(UserError, match=r"faces.tgz has sha256 .*: move it elsewhere"):
        fetch.main("lfw", file, keep, tmp_path / "out.tgz")
    assert keep.read_bytes() == b"not it"
