"""The answers in words to "can it find me?", which the experiments with attacks write."""

from data import files
from data.files import Missing

FILE = "my-cloaks.md"
STEPS = (
    "No answer was asked for yet. Put photographs of yourself into a folder, name it as a data set"
    " of the reader `folder` (docs/adding.md), put that data set into `poison.answers`, and run the"
    " study."
)
LONGEST = 200_000


def datasets() -> list[str]:
    """Return the data sets that there is an answer for."""
    found = sorted(path.parent.name for path in files.results().glob(f"*/{FILE}"))
    if not found:
        raise Missing(STEPS, "make run STUDY=my-study.yaml")
    return found


def answer(dataset: str) -> str:
    """Return the answer for a data set, in Markdown that fetches nothing and holds no tag."""
    path = files.place(dataset, FILE)
    files.stamp(path)
    return harmless(path.read_text(errors="replace")[:LONGEST])


def harmless(markdown: str) -> str:
    """Return Markdown in which no picture is fetched and no tag is one.

    >>> harmless("![a](http://b) <script>")
    '!&#91;a](http://b) &lt;script>'
    """
    return markdown.replace("![", "!&#91;").replace("<", "&lt;")
