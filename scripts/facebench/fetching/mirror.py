"""What a mirror is asked for, and what is said when it doesn't give it."""

import base64
import http.client
import netrc
import os
import re
import ssl
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit, urlunsplit

from facebench.logs import LOG

#: What a server may answer that is over soon.
PASSING = (408, 425, 429, 500, 502, 503, 504)

#: Seconds that a mirror may ask us to wait.
LONGEST_WAIT = 300

#: Characters of an address that stay as they are; all others are written as %XX.
KEPT = "%/:@!$&'()*+,;=~?"

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


class MirrorFailed(Exception):
    """A mirror did not give the file; the message says why.

    again: whether it may give it later. wait: how many seconds later, if it says so.
    """

    def __init__(self, message: str, again: bool = False, wait: float = 0) -> None:
        super().__init__(message)
        self.again, self.wait = again, wait


class BrokeOff(MirrorFailed):
    """A mirror stopped sending: the received bytes are kept, and the rest can be requested."""

    def __init__(self, message: str) -> None:
        super().__init__(message, again=True)


def request_for(url: str, have: int) -> urllib.request.Request:
    """Return the request for an address, from the byte number `have` on.

    Environment variables in the address are filled in, and user name and password are those of
    ~/.netrc for its host. Raises `MirrorFailed` for an address that can't be asked.
    """
    headers = {"User-Agent": "facebench", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        address, host = in_ascii(filled_in(url))
        request = urllib.request.Request(address, headers=headers)
    except ValueError:  # its text may hold what is secret
        raise MirrorFailed("its address is malformed") from None
    if known := credentials(host):
        # Not for the server that this one may send us to.
        request.add_unredirected_header("Authorization", known)
    return request


def filled_in(url: str) -> str:
    """Return an address with environment variables filled in."""

    def value(variable: re.Match[str]) -> str:
        name = variable[1] or variable[2]
        if name not in os.environ:
            raise MirrorFailed(f"its address names the variable ${name}, which isn't set")
        return os.environ[name]

    return VARIABLE.sub(value, url)


def in_ascii(url: str) -> tuple[str, str]:
    """Return an address as it is sent, and its host. Raises `ValueError` for a malformed one.

    >>> in_ascii("http://müller.example/fotos/Zoë 1.jpg?x=ü")
    ('http://xn--mller-kva.example/fotos/Zo%C3%AB%201.jpg?x=%C3%BC', 'xn--mller-kva.example')
    """
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise MirrorFailed("its address has a user name in it, which belongs into ~/.netrc")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    host = parts.hostname.encode("idna").decode()
    port = f":{parts.port}" if parts.port is not None else ""
    place = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    path, query = quote(parts.path, safe=KEPT), quote(parts.query, safe=KEPT)
    return urlunsplit((parts.scheme, place, path, query, "")), host


def credentials(host: str) -> str | None:
    """Return the header of user and password that NETRC, or ~/.netrc, has for a host."""
    try:
        known = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except FileNotFoundError:
        return None
    except (OSError, netrc.NetrcParseError, UnicodeError):
        LOG.warning("~/.netrc is damaged, or others may read it: no password is sent")
        return None
    if known is None:
        return None
    login, _, password = known
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def failure_of(error: Exception) -> MirrorFailed:
    """Return what is said of an exception that a request ended with."""
    match error:
        case MirrorFailed():
            return error
        case urllib.error.HTTPError():
            wait = waiting(error.headers.get("Retry-After") if error.headers else None)
            again = error.code in PASSING and wait <= LONGEST_WAIT
            return MirrorFailed(f"HTTP {error.code} {str(error.reason)[:100]}", again, wait)
        case urllib.error.URLError():
            again = not isinstance(error.reason, ssl.SSLCertVerificationError)
            return MirrorFailed(f"it can't be reached ({error.reason})", again)
        case OSError() | http.client.HTTPException():
            return BrokeOff(f"it broke off ({str(error)[:100] or type(error).__name__})")
        case _:  # nonsense in its answer, such as a malformed address to go to
            return MirrorFailed(f"its answer can't be understood ({type(error).__name__})")


def waiting(header: str | None) -> float:
    """Return how many seconds a Retry-After asks for: a number, or a date.

    >>> waiting("120"), waiting(None), waiting("Fri, 31 Dec 1999 23:59:59 GMT"), waiting("soon")
    (120.0, 0.0, 0.0, 0.0)
    """
    if header is None:
        return 0.0
    if re.fullmatch(r"[0-9]{1,9}", header.strip()):
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
