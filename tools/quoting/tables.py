"""Tables of a study in the texts, between markers: `<!-- table: KEY -->` and `<!-- end -->`.

KEY is `[STUDY:] KIND DATASET CROP [...]`. KIND is `recognition` or `cloaks`, as a study's summary
has them; or `view2 DATASET CROP,CROP`; or a kind of `tools.quoting.effects`,
`tools.quoting.hubs` or `tools.quoting.galleries`, whose functions say what follows the crop.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from facebench.errors import UserError
from facebench.report import attack_tables
from scripts import summary
from tools.quoting import effects, galleries, hubs, taught
from tools.quoting.figures import Results

BLOCK = re.compile(r"(<!-- table: ([\w: ,./-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
KINDS = {**effects.KINDS, **hubs.KINDS, **galleries.KINDS, **taught.KINDS}


def keys(text: str) -> list[str]:
    """Return the keys of the tables in a text."""
    return [found[1] for found in BLOCK.findall(text)]


def study_of(key: str) -> str:
    """Return the study that a table is of; the default one where none is named.

    >>> study_of("poison: changes people tight"), study_of("recognition people full")
    ('poison', 'default')
    """
    return key.partition(":")[0] if ":" in key else "default"


def table(results: Results, key: str) -> dict[str, Any]:
    """Return what a table says: a line before it, head, lines, and sentences after it."""
    kind, dataset, crop, *more = key.rpartition(":")[2].split()
    if kind in WHOLE:
        return WHOLE[kind](results, dataset, crop)
    if kind not in KINDS:
        raise UserError(
            f"There is no table of the kind {kind}: there are {', '.join([*WHOLE, *KINDS])}."
        )
    head, lines = KINDS[kind](results, dataset, crop, *more)
    if not lines:
        raise UserError(f"{results.folder} holds nothing for the table `{key}`.")
    return {"before": "", "head": head, "lines": lines, "after": []}


def filled(text: str, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a text with its tables as they are known; others as they are."""

    def new(found: re.Match[str]) -> str:
        return f"{found[1]}{markdown(known[found[2]])}{found[3]}" if found[2] in known else found[0]

    return BLOCK.sub(new, text)


def markdown(one: Mapping[str, Any]) -> str:
    """Return a table and its sentences in Markdown, as the texts have them."""
    parts = [one["before"]] if one["before"] else []
    parts += [summary.markdown(one["head"], one["lines"]).rstrip("\n")]
    parts += [
        textwrap.fill(
            sentence,
            100,
            subsequent_indent="  " if sentence.startswith("* ") else "",
            break_on_hyphens=False,
            break_long_words=False,
        )
        for sentence in one["after"]
    ]
    return "\n" + "\n\n".join(parts) + "\n\n"


def _recognition(results: Results, dataset: str, crop: str) -> dict[str, Any]:
    mine = results.numbers[(results.numbers.dataset == dataset) & (results.numbers.crop == crop)]
    mine = mine[~mine.protocol.isin(attack_tables.PROTOCOLS)]
    if mine.empty:
        raise UserError(f"{results.folder} holds no numbers of {dataset}, crop {crop}.")
    pairs = results.comparisons
    same = (pairs.dataset == dataset) & (pairs.crop == crop) & (pairs.variant == "clean")
    pictures, people = mine.n_images.max(), mine.n_identities.max()
    head, lines = _cells(summary.table(mine))
    return {
        "before": summary.took_part(pictures, people),
        "head": head,
        "lines": lines,
        "after": [sentence.strip() for sentence in summary.alike(pairs[same])],
    }


def _cloaks(results: Results, dataset: str, crop: str) -> dict[str, Any]:
    every, numbers = results.transfer, results.table("metrics")
    mine = every[(every.dataset == dataset) & (every.crop == crop)]
    if mine.empty:
        raise UserError(f"{results.folder} holds no attacks on {dataset}, crop {crop}.")
    ((title, head, lines),) = attack_tables.sections(mine, numbers)
    here = numbers[(numbers.dataset == dataset) & (numbers.crop == crop)]
    sentences = [f"* {line}" for line in attack_tables.sentences(mine, here)]
    legend = " ".join(attack_tables.LEGEND.split())
    before = title.strip().partition("\n\n")[2]
    return {"before": before, "head": head, "lines": lines, "after": [legend, *sentences]}


def _view2(results: Results, dataset: str, crops: str) -> dict[str, Any]:
    """Return accuracy and standard error over the ten folds, a column a crop."""
    names, numbers = crops.split(","), results.numbers
    mine = numbers[(numbers.dataset == dataset) & (numbers.protocol == "view2")]
    accuracy = mine[mine.metric == "accuracy"].set_index(["model", "crop"]).value
    error = mine[mine.metric == "standard_error"].set_index(["model", "crop"]).value
    models = accuracy.xs(names[0], level="crop").sort_values(ascending=False).index
    lines = [
        [model, *(f"{accuracy[model, crop]:.4f} ± {error[model, crop]:.4f}" for crop in names)]
        for model in models
    ]
    return {"before": "", "head": ["model", *names], "lines": lines, "after": []}


def _cells(markdown: str) -> tuple[list[str], list[list[str]]]:
    """Return head and lines of a table in Markdown."""
    rows = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in markdown.splitlines()]
    return rows[0], rows[2:]


WHOLE: dict[str, Callable[[Results, str, str], dict[str, Any]]] = {
    "recognition": _recognition,
    "cloaks": _cloaks,
    "view2": _view2,
}
