"""Who is answered: whoever calls this machine by its own names, over HTTP and over WebSocket."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.toys.browser import PATIENCE, served, whole
from tests.toys.dashboard_tables import write_results

pytestmark = pytest.mark.browser

STREAM = "/_stcore/stream"
PATHS = ["/", "/models", "/_stcore/health", "/_stcore/host-config", "/media/a.png", STREAM]
OWN = ["localhost", "localhost:1234", "LocalHost:80", "127.0.0.1", "127.0.0.1:8501", "[::1]:8501"]
FOREIGN = [
    "evil.example", "evil.example:8501", "localhost.evil.example", "evil.localhost.example",
    "localhost-evil", "127.0.0.1.evil.example", "127.0.0.2", "0.0.0.0", "[::2]", "192.168.0.7",
    "localhost@evil.example", "evil.example/localhost", "localhost:x", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(write_results(tmp_path_factory.mktemp("gate"), people=6)) as address:
        yield address


def status(address, path, *hosts, **headers):
    """Return how the dashboard answers a request with these headers `Host`."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    connection.putrequest("GET", path, skip_host=True)
    if path == STREAM:
        headers |= {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for name, value in [*(("Host", host) for host in hosts), *headers.items()]:
        connection.putheader(name, value)
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("host", OWN)
def test_this_machine_is_answered_by_its_own_names(address, host):
    found = {path: status(address, path, host) for path in PATHS}
    assert found == {path: {STREAM: 101, "/media/a.png": 404}.get(path, 200) for path in PATHS}


@pytest.mark.parametrize("host", FOREIGN)
def test_whoever_calls_it_by_another_name_is_refused(address, host):
    assert {path: status(address, path, host) for path in PATHS} == dict.fromkeys(PATHS, 403)
    same = {"Origin": f"http://{host}"}
    assert status(address, STREAM, host, **same) == 403


@pytest.mark.parametrize(
    "hosts", [[], ["localhost", "evil.example"], ["evil.example", "localhost"]]
)
def test_a_request_has_one_name(address, hosts):
    assert all(status(address, path, *hosts) in (400, 403) for path in PATHS)


@pytest.mark.parametrize("path", ["/", "/models", "/_stcore/host-config", "/a/b"])
def test_no_other_page_may_hold_it_in_a_frame(address, path):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    connection.request("GET", path)
    assert connection.getresponse().getheader("X-Frame-Options") == "DENY"
    connection.close()


def test_another_origin_opens_no_connection(address):
    assert status(address, STREAM, "localhost", Origin="http://evil.example") == 403


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/etc/passwd", "/models/x", "/nobody"])
def test_an_address_of_no_page_is_told_so(address, browser, path):
    window = browser.new_page(base_url=address)
    window.set_default_timeout(PATIENCE)
    window.goto(path)
    window.get_by_text("Page not found").wait_for()
    window.close()


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/../../etc/passwd", "/etc-passwd"),
        ("/..%2f..%2fetc/passwd", "/etc-passwd"),
        ("//evil.example/a", "/evil-example-a"),
        ("/..", "/"),
    ],
)
def test_an_address_that_climbs_leads_to_one_of_the_dashboard(address, path, leads):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (307, leads)
    connection.close()


def test_a_name_of_a_page_that_leads_here_shows_nothing(address, browser):
    """A page in a browser whose name somebody lets lead to this machine."""
    evil = browser.new_context()
    window = evil.new_page()
    port = urlsplit(address).port
    # Chromium resolves every name below `localhost` to this machine.
    answer = window.goto(f"http://evil.localhost:{port}/search")
    assert answer.status == 403 and "localhost only" in window.inner_text("body")
    window.goto(f"{address}/search")
    whole(window)
    evil.close()
