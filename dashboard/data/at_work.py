"""Whether a run of the study on show is at work, where it was run: it explains what isn't there."""

from dashboard.data import freshness, places
from facebench import running
from facebench.at_work import runs


def of_this_study() -> str:
    """Return a sentence on the runs of the study on show that are at work; empty without any.

    The page is made again when a run begins, gets on or ends.
    """
    folder = places.root() / running.FOLDER
    # Remembered first: a change while this is read must be noticed.
    freshness.track(folder, "*.run")
    mine = [work for work in runs(places.root()) if work.study == places.study()]
    return " ".join(f"{work}." for work in mine)
