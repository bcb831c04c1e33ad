"""A person's answer in words, from the numbers of `facebench.protocols.poison.my_cloaks`."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from facebench.attacks.protected import SPARED
from facebench.attacks.ready_made import NO_PICTURE
from facebench.protocols.poison.my_cloaks import LEVEL, POWER
from facebench.report.cloak_verdict import lines, sure, told_apart, verdict
from facebench.texts import coded, counted, plain

#: Statuses of pictures of which a model has a vector, attacked or not.
USABLE = ("ok", "not-attacked")

HEAD = """# Would this search engine find me, and does my cloak help?

{people} looked for among {decoys}, by {models}. The photos in the search engine are the
cloaked ones; every photo as it is searches once among all others. A search succeeds if the first of
all photos is of the same person, and a model *finds* a person if at least half of the searches
succeed. What these models don't find, others may.

"""

NOISE = """Every cloak has a control: noise that changes each photo by as much (root mean square)
and aims at nobody. What such noise does as well is no merit of the cloak.

"""

CROPS = """What a model sees is the part of a photo that stands beside its name: its crop
(docs/crops.md). A model that was trained on one of these crops is asked in that alone; one that is
asked in several counts as so many models.

"""

INVENTED = """The others are not people but rendered faces, among which a photograph stands out:
being found among them says little about a crowd of real people. Photographs of other people make
a stronger answer: set MY_CROWD to a folder of them, with a folder a person.

"""

#: What models are said to learn from (`facts.data`) that never saw a photograph.
NO_PHOTOGRAPHS = ("none", "invented people")

LIMITS = f"""## How to read this

"Beyond chance" is McNemar's exact test on the person's own searches, p below {LEVEL:g} after Holm's
correction for the number of models (`p`). It assumes that photos are independent; ten frames of one
afternoon aren't. An answer takes so many searches that a cloak that hides from half of what is
found (by the model that finds most) is noticed {100 * POWER:.0f} times in 100; where no
model finds the person, as many as for a model that always does. Other and later models may find
what these don't, and a published photo can't be recalled.
"""


def answer(
    table: pd.DataFrame,
    pictures: Mapping[str, pd.DataFrame],
    decoys: Mapping[str, int],
    invented: bool,
    trained_on: Mapping[str, str] | None = None,
    left_out: Mapping[str, Sequence[str]] | None = None,
    controls: Mapping[str, str] | None = None,
) -> str:
    """Return the page in Markdown: one section a person, one part of it an attack.

    table: rows of `people`. pictures: the attacks' columns for every picture (path, identity,
    status, attack_status, attack_reason). decoys: how many people each data set adds. trained_on:
    what each model learnt from, as far as that is known. left_out: the people of each data set of
    decoys who take no part, because pictures of theirs are among those that are searched with.
    controls: attacks, each with the noise of its size, which stands beside it and has no part of
    its own.
    """
    beside = set((controls or {}).values())
    table = table[~table["attack"].isin(beside)]
    pictures = {name: listed for name, listed in pictures.items() if name not in beside}
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
    if len(table):
        parts.append(experience(list(table["model"].unique()), trained_on or {}))
        parts.append(CROPS if table["crop"].nunique() > 1 else "")
        table = told_apart(table)
    parts += [NOISE] if table["control"].notna().any() else []
    parts += [INVENTED] if invented else []
    parts += [twins(name, people) for name, people in (left_out or {}).items() if people]
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
        for attack, part in mine.groupby("attack", sort=False):
            several = mine["attack"].nunique() > 1
            parts.append(f"### {plain(str(attack))}\n\n" if several else "")
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


def experience(models: Sequence[str], trained_on: Mapping[str, str]) -> str:
    """Return which models know photographs: the others recognise next to nobody on them."""
    blind = [name for name in models if trained_on.get(name) in NO_PHOTOGRAPHS]
    unsaid = [name for name in models if not trained_on.get(name)]
    know = [name for name in models if name not in (*blind, *unsaid)]
    sentences = []
    if know:
        sentences.append(f"Trained on photographs: {named(know)}.")
    if blind:
        none = not know and not unsaid
        who = "None of these models was trained on photographs" if none else f"Not: {named(blind)}"
        sentences.append(
            f"**{who}.** Such a model recognises next to nobody on photographs: not to be found by"
            " it means nothing."
        )
    if unsaid:
        sentences.append(f"The configuration doesn't say what trained {named(unsaid)}.")
    return " ".join(sentences) + "\n\n"


def named(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return ", ".join(map(plain, names))


def twins(name: str, people: Sequence[str], most: int = 5) -> str:
    """Return the sentence on decoys who were left out."""
    more = f" and {len(people) - most:,} more" if len(people) > most else ""
    return (
        f"{counted(len(people), 'person is', 'people are')} left out of {plain(name)}, because"
        " pictures of theirs are also among yours, as the same file or as a copy:"
        f" {named(people[:most])}{more}. As decoys they would have come first under another"
        " name.\n\n"
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
