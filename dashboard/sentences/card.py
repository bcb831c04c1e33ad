"""The card of a study: what was studied, with which models, when, and what it can't tell."""

from typing import Any

import pandas as pd

from dashboard import number_text, safe_text, vocabulary
from facebench.report.headlines import FEW_PEOPLE

#: Sizes of published CLIPs in models/, million parameters of their image towers.
PUBLISHED = "6 to 4,351"
#: What the registry says small models of this project were trained on.
INVENTED = "invented people"


def card(study: Any) -> str:
    """Return the study in a few sentences, as Markdown; `study` as of `dashboard.data.about`."""
    sets = [_people(one) for one in study.datasets]
    sets += [f"{study.more:,} more data sets"] if study.more else []
    made = [f"{study.made:%-d %B %Y, %H:%M}"] if study.made else []
    made += [f"commit {safe_text.plain(one)}" for one in study.commits[:2]]
    return (
        f"**{safe_text.plain(study.name)}**: {number_text.listed(sets)}."
        f" Models: {number_text.listed(_models(study.models))}."
        + (f" Measured: {', '.join(made)}." if made else "")
    )


def _people(dataset: Any) -> str:
    who = vocabulary.people(dataset.name, dataset.reader)
    return (
        f"{dataset.people:,} {safe_text.plain(who, 300)}"
        f" (`{safe_text.tidy(dataset.name, 60).replace('`', '?')}`,"
        f" {dataset.pictures:,} pictures)"
    )


def _models(models: pd.DataFrame) -> list[str]:
    """Return how many models of each kind there are, of which sizes, and trained on what."""
    said = []
    for kind, some in models[~models.control].groupby("kind", sort=False):
        data = [safe_text.plain(one) for one in some.data.dropna().unique()]
        trained = f", trained on {number_text.listed(data)}" if 0 < len(data) <= 3 else ""
        towers = "image towers " if kind == "CLIP" else ""
        many = f"{kind}s" if kind == "CLIP" and len(some) > 1 else kind
        said.append(
            f"{len(some)} {safe_text.plain(many)} ({towers}{_sizes(some.parameters_m)}{trained})"
        )
    controls = int(models.control.sum())
    return said + ([f"{controls} that should recognise nobody (controls)"] if controls else [])


def _sizes(sizes: pd.Series) -> str:
    """Return the range of some sizes.

    >>> _sizes(pd.Series([1.1, 6.83])), _sizes(pd.Series([float("nan")]))
    ('of 1.1 to 6.8 M parameters', 'of unknown size')
    """
    known = sorted(sizes[sizes > 0].dropna())
    if not known:
        return "of unknown size"
    ends = [number_text.size(one).removesuffix(" M parameters") for one in (known[0], known[-1])]
    return f"of {' to '.join(dict.fromkeys(ends))} M parameters"


def caveat(study: Any) -> str:
    """Return what most limits the study's answers, in a sentence."""
    most = max((one.people for one in study.datasets), default=0)
    if 0 < most < FEW_PEOPLE and not all(one.alone for one in study.datasets):
        return (
            f"**What this can't tell**: much. {most} people are few, searched for among others;"
            " with other people the numbers may be quite different."
        )
    if 0 < most < FEW_PEOPLE:
        return (
            f"**What this can't tell**: much. Among {most} people guessing finds"
            f" {number_text.percent(1 / most, 0)} of searches, and with others the numbers may be"
            " quite different."
        )
    trained = study.models[~study.models.control]
    small = bool((trained.data == INVENTED).any())
    if study.datasets and all(one.rendered for one in study.datasets):
        return (
            "**What this can't tell**: these people are drawn by a program"
            + (
                f" and the CLIPs are small (published ones: {PUBLISHED} M parameters)"
                if small
                else ""
            )
            + ". No number here predicts one for photographs."
        )
    if small:
        return (
            "**What this can't tell**: models trained on invented people recognise next to nobody"
            " on photographs. Not being found by them says nothing about other models."
        )
    return (
        "**What this can't tell**: each model was trained once. Another training of the same size"
        " may find more or fewer."
    )
