"""Mirrors that misbehave: none keeps the next one from being asked, and no secret is told."""

import hashlib
import logging
import os
import re
import time
from pathlib import Path

import pytest

from facebench.errors import UserError
from facebench.fetching import disk, download, mirror
from facebench.fetching.download import download as fetch
from tests.toys.mirrors import BODY, answer, serving

SHA = hashlib.sha256(BODY).hexdigest()
GOOD = [answer()]
QUICK = {"timeout": 1.0, "slowest": 1000, "patience": 1.0}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let nobody wait long in a test."""
    monkeypatch.setattr(download, "PAUSES", (0.05, 0.05))


def drip(what, every=0.02):
    """Send some bytes, one by one, for ever."""

    def turn(send, over, request):
        send(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(every):
            send(what)

    return turn


def drip_a_chunk(send, over, request):
    """Send the size of a chunk, digit by digit, for ever."""
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not over.wait(0.02):
        send(b"0")


def silence(send, over, request):
    over.wait(30)


def endless(send, over, request):
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        send(bytes(1 << 16))


#: What a mirror does -> words of what is said of it. All of it happens before a good mirror.
MIRRORS = {
    "a length of 10^18": (answer("Content-Length: " + "1" + "0" * 18, length=False), "the disk"),
    "a length that is no number": (answer("Content-Length: abc", length=False), "is no number"),
    "a length of 5,000 digits": (
        answer("Content-Length: " + "9" * 5000, length=False),
        "is no number",
    ),
    "a negative length": (answer("Content-Length: -5", length=False), "is no number"),
    "a piece of 5,000 digits": (
        answer(f"Content-Range: bytes {'9' * 5000}-9/9", status="206 Partial"),
        "another piece",
    ),
    "a piece without a range": (answer(status="206 Partial"), "another piece"),
    "headers that drip": (drip(b"X"), "no answer"),
    "header lines that drip": (drip(b"X: y\r\n", 0.03), "broke off|no answer"),
    "a chunk's size that drips": (drip_a_chunk, "bytes a second"),
    "silence": (silence, "broke off"),
    "nothing": (b"", "broke off"),
    "another protocol": (b"SSH-2.0-OpenSSH\r\n", "broke off"),
    "a status of letters": (b"HTTP/1.1 abc\r\n\r\n", "broke off"),
    "10,000 headers": (answer(*["X: y"] * 10_000), "broke off"),
    "a header of a megabyte": (answer("X: " + "y" * 10**6), "broke off"),
    "404": (answer(status="404 Not Found"), "HTTP 404"),
    "410 in colour": (answer(status="410 \x1b[31mGone"), "HTTP 410"),
    "a redirect to itself": (answer("Location: /faces.tgz", status="302 Found"), "HTTP 302"),
    "a redirect to nonsense": (answer("Location: http://[::1", status="302 Found"), "understood"),
    "a redirect to a file": (
        answer("Location: file:///etc/passwd", status="302 Found"),
        "HTTP 302|understood",
    ),
    "a redirect to no port": (
        answer("Location: http://127.0.0.1:x/", status="302 Found"),
        "broke off|understood|malformed",
    ),
    "a web page": (answer("Content-Type: text/html", body=b"<html>"), "a web page, has sha256"),
    "too much": (answer(body=BODY + b"more"), "has sha256"),
    "cut at the same byte": (
        answer(f"Content-Length: {len(BODY)}", body=BODY[:5000], length=False),
        "broke off",
    ),
    "chunks that are none": (
        answer("Transfer-Encoding: chunked", body=b"xyz\r\n", length=False),
        "broke off|understood",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MIRRORS)
def test_the_next_mirror_is_asked(tmp_path, caplog, case):
    turn, words = MIRRORS[case]
    with serving([turn], GOOD) as (bad, good), caplog.at_level(logging.WARNING):
        start = time.monotonic()
        fetch([bad.url, good.url], SHA, tmp_path / "f", **QUICK)
        assert time.monotonic() - start < 6
    assert (tmp_path / "f").read_bytes() == BODY and list(tmp_path.iterdir()) == [tmp_path / "f"]
    told = [r.getMessage() for r in caplog.records if bad.url in r.getMessage()]
    assert told and pytest.approx(1) == len(told)
    assert re.search(words, told[0]), told


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://[::1", "malformed"),
        ("http://", "malformed"),
        ("http://host:port/", "malformed"),
        ("http://a..b/x", "malformed|reached"),
        ("http://me:s3cret@127.0.0.1:9/x", "~/.netrc"),
        ("http://127.0.0.1:9/x?token=s3cret", "can't be reached"),
        ("http://127.0.0.1:9/$FACEBENCH_NO_TOKEN", "names the variable"),
        ("ftp://127.0.0.1/x", "malformed"),
    ],
)
def test_an_address_that_cant_be_asked_stops_no_other(tmp_path, caplog, url, words):
    with serving(GOOD) as (good,), caplog.at_level(logging.INFO):
        fetch([url, good.url], SHA, tmp_path / "f", **QUICK)
    assert re.search(words, caplog.text) and "s3cret" not in caplog.text


def test_an_umlaut_and_a_blank_in_an_address_are_quoted(tmp_path):
    with serving(GOOD) as (good,):
        fetch([good.url.replace("faces", "gesichter/Zoë 1")], SHA, tmp_path / "f", **QUICK)
        assert good.requests[0].startswith("GET /gesichter/Zo%C3%AB%201.tgz ")


def test_variables_are_filled_in_and_never_told(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("MY_TOKEN", "s3cret-token")
    with serving([answer(status="403 Forbidden")]) as (bad,), caplog.at_level(logging.DEBUG):
        with pytest.raises(UserError, match="HTTP 403") as error:
            fetch([f"{bad.url}?token=${{MY_TOKEN}}"], SHA, tmp_path / "f", **QUICK)
        assert "?token=s3cret-token" in bad.requests[0]
    assert "s3cret" not in caplog.text + str(error.value) and "token" not in str(error.value)


def test_a_password_is_taken_from_netrc_and_sent_to_its_host_alone(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine localhost login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(GOOD) as (good,):
        elsewhere = answer(f"Location: {good.url}", status="302 Found")
        with serving([elsewhere]) as (first,):
            url = first.url.replace("127.0.0.1", "localhost")
            fetch([url], SHA, tmp_path / "f", **QUICK)
            assert "Authorization: Basic bWU6czNjcmV0" in first.requests[0]
        assert "Authorization" not in good.requests[0]


@pytest.mark.parametrize("known", ["with a length", "without"])
def test_a_mirror_that_fills_the_disk_leaves_room_and_nothing_of_its_own(
    tmp_path, monkeypatch, known
):
    usage = disk.shutil.disk_usage(tmp_path)
    target = tmp_path / "f"

    def small(_):
        used = sum(file.stat().st_size for file in tmp_path.iterdir())
        return usage._replace(total=10**7, free=2_000_000 - used)

    monkeypatch.setattr(disk.shutil, "disk_usage", small)
    seen = []

    def good(send, over, request):
        seen.extend(path.name for path in tmp_path.iterdir())
        send(GOOD[0])

    bad = endless if known == "without" else answer("Content-Length: 1900000", length=False)
    with serving([bad], [good]) as (first, second):
        fetch([first.url, second.url], SHA, target, **QUICK)
    assert target.read_bytes() == BODY and seen == []


def test_what_came_before_a_mirror_filled_the_disk_is_kept(tmp_path, monkeypatch):
    (tmp_path / "f.part").write_bytes(BODY[:50_000])
    ranged = f"HTTP/1.1 206 Partial\r\nContent-Range: bytes 50000-/{len(BODY)}\r\n\r\n".encode()

    def on(send, over, request):
        send(ranged)
        send(bytes(1 << 20))

    monkeypatch.setattr(download, "room", lambda _: 10_000)
    with serving([on]) as (bad,), pytest.raises(UserError, match="more than the disk has room"):
        fetch([bad.url], SHA, tmp_path / "f", **QUICK)
    assert (tmp_path / "f.part").read_bytes() == BODY[:50_000]


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_is_told_in_words(tmp_path):
    (tmp_path / "f.part").symlink_to("/dev/full")
    with serving(GOOD) as (good,), pytest.raises(UserError, match="room|can't be written"):
        fetch([good.url], SHA, tmp_path / "f", **QUICK)


BUSY = answer("Retry-After: 1", status="429 Too Many Requests")


@pytest.mark.parametrize(
    ("turns", "seconds"),
    [
        ([BUSY, answer()], 1.0),
        ([answer(status="500 Oops"), answer(status="500 Oops"), answer()], 0.1),
        ([answer(status="503 Busy"), b"", answer()], 0.1),
    ],
)
def test_a_busy_mirror_is_asked_again_after_a_pause(tmp_path, turns, seconds):
    with serving(turns) as (server,):
        start = time.monotonic()
        fetch([server.url], SHA, tmp_path / "f", **QUICK)
        assert time.monotonic() - start >= seconds and len(server.requests) == len(turns)


def test_other_mirrors_come_before_any_pause(tmp_path):
    with serving([BUSY], GOOD) as (busy, good):
        start = time.monotonic()
        fetch([busy.url, good.url], SHA, tmp_path / "f", **QUICK)
        assert time.monotonic() - start < 0.8 and len(busy.requests) == 1


@pytest.mark.parametrize(
    "turn",
    [
        answer("Retry-After: 99999999", status="429 Too Many Requests"),
        answer(status="404 Not Found"),
        answer(status="403 Forbidden"),
        answer(body=b"another file"),
        answer("Content-Length: abc", length=False),
    ],
)
def test_what_will_not_pass_is_asked_for_once(tmp_path, turn):
    with serving([turn]) as (server,), pytest.raises(UserError, match="No mirror has it"):
        fetch([server.url], SHA, tmp_path / "f", **QUICK)
    assert len(server.requests) == 1 and not list(tmp_path.iterdir())


def test_a_mirror_that_stays_busy_is_given_up(tmp_path):
    busy = answer(status="500 Oops")
    with serving([busy]) as (server,), pytest.raises(UserError, match="HTTP 500") as error:
        fetch([server.url], SHA, tmp_path / "f", **QUICK)
    assert len(server.requests) == 3 and str(error.value).count("HTTP 500") == 1


def test_no_wait_is_longer_than_a_mirror_may_ask_for():
    error = mirror.urllib.error.HTTPError("http://x", 429, "", {"Retry-After": "301"}, None)
    assert not mirror.failure_of(error).again
    assert mirror.waiting("9" * 50) == 0 and mirror.waiting("\x00") == 0


def test_a_broken_netrc_is_no_reason_to_fail(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine\n\n password \x00 \xff")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(GOOD) as (good,):
        fetch([good.url], SHA, tmp_path / "f", **QUICK)
    assert Path(tmp_path / "f").exists()
