"""Sections of a page, the notes on what they lack, and the notes on their sources."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from dashboard import safe_text
from dashboard.data import commands, numbers
from dashboard.data.missing import Missing
from dashboard.view import View


@contextmanager
def section(title: str = "", explained: str = "") -> Iterator[None]:
    """Show a section; if its results are missing, say so in its place and go on with the page."""
    if title:
        st.header(title, anchor=safe_text.file_name(title))
    if explained:
        st.caption(explained)
    try:
        yield
    except Missing as missing:
        _say(missing)
    except Exception as error:
        # Results may be of another make in more ways than can be foreseen.
        logging.getLogger(__name__).exception("This part of a page failed.")
        _say(Missing(f"{BROKEN} ({type(error).__name__}); the terminal says more."))


#: How the sentence on a part begins that failed for a reason that nobody foresaw.
BROKEN = "This part can't be made from these results"


def _say(missing: Missing) -> None:
    sentence = safe_text.plain(missing.sentence, 400)
    command = commands.run() if missing.command is None else missing.command
    if command:
        sentence += " To make it, run:" if missing.command is None else " Run:"
    elif missing.command is None:
        sentence += " Run this study again with its configuration file."
    st.info(sentence, icon=":material/info:")
    if command:
        st.code(command, language="bash", wrap_lines=True)
    if missing.see:
        told = st.session_state["told"] = st.session_state.get("told", 0) + 1
        where = ", ".join(safe_text.plain(one) for one in missing.see.values())
        st.button(f"See {where}", key=f"see-{told}", on_click=_show, args=(missing.see,))


def _show(choice: dict[str, str]) -> None:
    """Choose a data set or a crop, before the page is made again."""
    st.session_state.update(choice)


def made_from(place: str, target: str = "") -> None:
    """Name the file, or the files of a pattern, that a table or picture is read from.

    target: the file to make again, where `place` only gathers such files.
    """
    command = commands.snakemake(target or place, "--force")
    st.caption(f"Read from {_code(place)}; made again by {_code(command)}")


def _code(text: str) -> str:
    return f"`{safe_text.tidy(text, 300).replace('`', '?')}`"


def refusals(view: View, protocol: str, **where: Any) -> None:
    """List the numbers of a protocol that the data cannot resolve, and why.

    where: columns and values of the rows; by default those without an attack.
    """
    same = {"dataset": view.dataset, "crop": view.crop, "model": view.models}
    reasons = numbers.refused(protocol=protocol, **same, **(where or numbers.CLEAN))
    if reasons:
        with st.expander(f"Not measured: the data cannot resolve it ({len(reasons)})"):
            for sentence in reasons:
                st.markdown(f"- {safe_text.plain(sentence, 300)}")
