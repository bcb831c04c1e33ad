"""facebench's dashboard, as it is served: `streamlit run dashboard/app.py`."""

import os
import sys
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.middleware import Middleware
from streamlit import cli_util, env_util
from streamlit.web.server import server_util

ROOT = Path(__file__).parents[1]
# `scripts` for the few functions shared with the workflow: docs/dashboard.md lists them.
sys.path += [p for p in (str(ROOT), str(ROOT / "scripts")) if p not in sys.path]
# Models are loaded from files that the workflow has found; nothing is fetched for a visitor.
os.environ["HF_HUB_OFFLINE"] = "1"

from dashboard.gate import Gate  # noqa: E402


def prepare():
    """Import what pages need, while a browser is still loading Streamlit's own program.

    Charts are checked by the tests; checking each again takes a seventh of a page's time.
    """
    import_module("altair.utils.schemapi").DEBUG_MODE = False
    for name in ("page_frame", "charts", "parts.poisoning", "parts.recognition"):
        import_module(f"dashboard.{name}")
    # Streamlit asks for this with the first page of a process; what it looks up is kept.
    env_util.is_repl()


@asynccontextmanager
async def shown(app):
    """Open the dashboard in a browser, unless there is none to open (`server.headless`)."""
    Thread(target=prepare, daemon=True).start()
    if not st.get_option("server.headless"):
        address = server_util.get_display_address(st.get_option("server.address") or "localhost")
        cli_util.open_browser(server_util.get_url(address))
    yield


app = st.App("router.py", middleware=[Middleware(Gate)], lifespan=shown)
