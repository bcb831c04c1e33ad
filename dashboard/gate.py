"""What the dashboard answers: requests that call this machine by its own names, and no others.

A web page may let a name of its own lead to this machine (DNS rebinding); a browser then lets that
page read all that is served here. Such requests have the page's name in their header `Host`.
"""

from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from dashboard.safe_text import file_name

REFUSED = (
    "This dashboard answers to localhost only. Whoever serves it to others names the hosts that it"
    " may be called by: --server.allowedHosts (docs/dashboard.md).\n"
)
#: The first parts of addresses that are Streamlit's own, and what every page asks for below itself.
OWN, BELOW_PAGES = ("_stcore", "static", "media", "component"), "_stcore"


class Gate:
    """Refuses requests under other names than `server.allowedHosts`, over HTTP and WebSocket.

    Leads addresses that climb or have several parts, of which none is a page, to one that Streamlit
    calls "page not found". No other page may hold the dashboard in a frame, where it could be told
    what is looked at.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        answer: ASGIApp = self.app
        if scope["type"] in ("http", "websocket"):
            hosts = Headers(scope=scope).getlist("host")
            if len(hosts) != 1 or not is_host_allowed(hosts[0]):
                answer = PlainTextResponse(REFUSED, status_code=403)
            elif scope["type"] == "http" and (place := elsewhere(scope["path"], base())):
                answer = RedirectResponse(place, status_code=307)
        await answer(scope, receive, unframed(send))


def unframed(send: Send) -> Send:
    """Return what sends an answer that no page may show in a frame."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Frame-Options"] = "DENY"
        await send(message)

    return sent


def base() -> str:
    """Return the path below which the dashboard is served, such as `/faces`; mostly empty."""
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def elsewhere(path: str, base: str) -> str:
    """Return where a path that no page can have leads to; nothing for any other path.

    >>> elsewhere("/models", ""), elsewhere("/static/a.js", ""), elsewhere("/a/_stcore/health", "")
    ('', '', '')
    >>> elsewhere("/../../etc/passwd", ""), elsewhere("/x/y", ""), elsewhere("/b/c/d", "/b")
    ('/etc-passwd', '/x-y', '/b/c-d')
    """
    if not path.startswith(f"{base}/"):
        return ""
    below = path.removeprefix(base)
    parts = below.split("/")
    named = [part for part in parts if part not in ("", ".", "..")]
    climbs = below.startswith("//") or "." in parts or ".." in parts
    if not climbs and (len(named) < 2 or named[0] in OWN or BELOW_PAGES in named):
        return ""
    return f"{base}/" + (file_name(*named) if len(named) > 1 else quote("".join(named)))
