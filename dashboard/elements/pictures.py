"""Pictures in rows, of which `look.py` shows two beside each other on a phone."""

from typing import Any

import streamlit as st

from dashboard import safe_text

#: How many pictures a row may have: `look.py` has a rule for each.
ACROSS = (2, 3, 6)


def picture_grid(name: str, across: int) -> Any:
    """Return a container that shows what is put into it in rows of `across`, one of `ACROSS`.

    name: what no other grid of the page is called.
    """
    return st.container(key=f"pictures-{across}-{safe_text.file_name(name)}")
