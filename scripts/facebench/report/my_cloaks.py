"""A person's answer in words, from the numbers of `facebench.protocols.poison.my_cloaks`."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from facebench.attacks.protected import SPARED
from facebench.attacks.ready_made import NO_PICTURE
from facebench.protocols.poison.my_cloaks import LEVEL, POWER, found_by, hidden_from, needed
from facebench.texts import coded, counted, plain

#: Statuses of pictures of which a model has a vector, attacked or not.
USABLE = ("ok", "not-attacked")

HEAD = """# Would this search engine find me, and does my cloak help?

{people} looked for among {decoys}, by {models}. The photos in the search engine are the cloaked
ones; the probes are photos as they are. A person is found if the first of all photos is theirs.

"""

INVENTED = """The others are not people but rendered faces, among which a photograph stands out. To
be found here says little about a crowd of real people, and not to be found says nothing about other
models. Photographs of real people as decoys (`poison.decoys`) give a stronger answer.

"""

LIMITS = f"""## How to read this

A model finds a person if at least half of the searches have one of their photos first. "Beyond
chance" is McNemar's exact test on the person's own searches, p below {LEVEL:g} after Holm's
correction for the number of models. It assumes that photos are independent; ten frames of one
afternoon aren't. "Searches needed" is the number with which a change as large as the one seen
(without one: a cloak that hides from half of the successful searches) is noticed {100 * POWER:.0f}
times in 100. Other and later models may find what these don't, and a published photo can't be
recalled.
"""


def answer(
    table: pd.DataFrame,
    pictures: Mapping[str, pd.DataFrame],
    decoys: Mapping[str, int],
    invented: bool,
) -> str:
    """Return the page in Markdown: one section a person, one part of it an attack and crop.

    table: rows of `people`. pictures: the attacks' columns for every picture (path, identity,
    status, attack_status, attack_reason). decoys: how many people each data set adds.
    """
    models = table["model"].nunique()
    crowd = " and ".join(f"{count:,} people of {plain(name)}" for name, count in decoys.items())
    parts = [
        HEAD.format(
            people=counted(table["identity"].nunique(), "person is", "people are"),
            decoys=crowd or "each other only",
            models=counted(models, "model", "models"),
        )
    ]
    if table.empty:
        parts = ["# Nobody could be searched for\n\n"]
    parts += [INVENTED] if invented else []
    pictures = {attack: protected_only(listed) for attack, listed in pictures.items()}
    everybody = [table["identity"], *(listed["identity"] for listed in pictures.values())]
    for identity in sorted(pd.concat(everybody).unique()):
        mine = table[table["identity"] == identity]
        if nothing_usable(pictures, identity):
            mine = mine.iloc[:0]
        parts.append(f"## {plain(str(identity))}\n\n")
        if mine.empty:
            parts += [
                why_not(attack, listed[listed["identity"] == identity])
                for attack, listed in pictures.items()
            ]
        for (attack, crop), part in mine.groupby(["attack", "crop"], sort=False):
            several = mine.groupby(["attack", "crop"]).ngroups > 1
            parts.append(f"### {plain(attack)}, {plain(crop)} crop\n\n" if several else "")
            parts.append(verdict(part) + "\n\n")
            parts += [f"{line}\n" for line in lines(part)]
            parts.append("\n" + sure(part) + "\n")
        for attack, listed in pictures.items():
            parts += remarks(listed[listed["identity"] == identity], attack)
        parts.append("\n")
    return "".join(parts) + LIMITS


def protected_only(pictures: pd.DataFrame) -> pd.DataFrame:
    """Return the pictures of people whom an attack was to protect, by `people` of its entry."""
    spared = pictures.groupby("identity")["attack_reason"].transform(lambda r: (r == SPARED).all())
    return pictures[~spared.astype(bool)]


def nothing_usable(pictures: Mapping[str, pd.DataFrame], identity: str) -> bool:
    """Return whether a person has pictures, none of which can be used."""
    theirs = [listed[listed["identity"] == identity]["status"] for listed in pictures.values()]
    return any(len(one) for one in theirs) and not any(one.isin(USABLE).any() for one in theirs)


def why_not(attack: str, pictures: pd.DataFrame) -> str:
    """Return why nothing can be said about a person, for their pictures under an attack."""
    usable = int(pictures["status"].isin(USABLE).sum())
    cloaked = int((pictures["attack_status"] != "not attacked").sum())
    if usable < 2:
        why = "it takes two, one that lies in the search engine and one to search with"
        return f"Nothing can be said: {usable} of their photos can be used, and {why}.\n"
    if not cloaked:
        why = f"none of their {usable} photos has a version of {plain(attack)}"
        return f"Nothing can be said: {why}.\n"
    return "Nothing was tried: the study asks for no cloaked photo (`poison.shares`).\n"


def verdict(part: pd.DataFrame) -> str:
    """Return the answer in one sentence, for the rows of one person's models."""
    models = len(part)
    before, after = found_by(part, "found_clean"), found_by(part, "found")
    hidden = hidden_from(part)
    if not before and not hidden:
        by = "the one model" if models == 1 else f"any of {models:,} models"
        said = "what the cloak does was not shown, nor whether other models find this person"
        return f"**Not found at rank 1 by {by}, cloaked or not: {said}.**"
    found = f"Found at rank 1 by {after} of {counted(models, 'model', 'models')}"
    without = "" if before == after else f" (without the cloak by {before})"
    if hidden:
        models_hidden_from = ", ".join(map(plain, hidden))
        return f"**{found}{without}: the cloak hides from {models_hidden_from} beyond chance.**"
    return f"**{found}{without}: no effect of the cloak was shown.**"


def lines(part: pd.DataFrame) -> Iterator[str]:
    """Yield a table of the models: how often each finds the person, with and without the cloak."""
    yield "| model | found without it | found with it | p, corrected | searches needed |"
    yield "|---|---|---|---|---|"
    for row in part.to_dict("records"):
        need = "-" if pd.isna(row["needed"]) else f"{row['needed']:.0f}"
        yield (
            f"| {plain(row['model'])} | {row['found_clean']} of {row['searches']} | "
            f"{row['found']} of {row['searches']} | {row['p_corrected']:.2g} | {need} |"
        )


def sure(part: pd.DataFrame) -> str:
    """Return how sure the answer is, and how many photos would make it surer."""
    searches = int(part["searches"].max())
    if hidden := hidden_from(part):
        least = part[part["model"].isin(hidden)]["p_corrected"].max()
        return (
            f"By chance alone, a change like this would come in {100 * least:.2g} % of cases at "
            "most."
        )
    most = int(part["found_clean"].max())
    need = needed(searches, most, 0, 0, len(part))
    if pd.isna(need):
        return "These models find the person too rarely for any number of photos to tell."
    half = "a cloak that hides from half of what is found"
    if need <= searches:
        return (
            f"{counted(searches, 'search is', 'searches are')} enough: {half} would have shown "
            f"{100 * POWER:.0f} times in 100."
        )
    return (
        f"{counted(searches, 'search is', 'searches are')} few: for {half} to show, it takes about "
        f"{need:.0f} photos to search with."
    )


def remarks(pictures: pd.DataFrame, attack: str) -> Iterator[str]:
    """Yield remarks on single photos: unchanged, not cloaked, not usable."""
    for status, words in (
        ("unchanged", "came out of the tool unchanged"),
        ("failed to cloak", "could not be cloaked"),
    ):
        named = pictures[pictures["attack_status"] == status]["path"]
        if len(named):
            yield f"\n{counted(len(named), 'photo', 'photos')} {words}: {listed(named)}.\n"
    odd = pictures[(pictures["attack_status"] == "ok") & (pictures["attack_reason"] != "")]
    for reason, mine in odd.groupby("attack_reason", sort=False):
        yield f"\n{listed(mine['path'])}: {plain(str(reason))}\n"
    unusable = ~pictures["status"].isin(USABLE)
    missing = (pictures["attack_status"] == "not attacked") & ~unusable
    if missing.any():
        count = counted(int(missing.sum()), "photo has", "photos have")
        yield (
            f"\n{count} no cloaked version, and may be what is found: "
            f"{listed(pictures[missing]['path'])}.\n"
        )
        for reason in dict.fromkeys(pictures[missing]["attack_reason"]):
            if not str(reason).startswith(NO_PICTURE):
                yield f"\n* {plain(reason)}\n"
    if unusable.any():
        count = counted(int(unusable.sum()), "photo", "photos")
        yield f"\n{count} could not be used at all: {listed(pictures[unusable]['path'])}.\n"


def listed(paths: Sequence[str] | pd.Series, most: int = 20) -> str:
    """Return paths as a list in a sentence, cut after `most`."""
    names = [coded(path) for path in list(paths)[:most]]
    return ", ".join(names) + (f" and {len(paths) - most} more" if len(paths) > most else "")
