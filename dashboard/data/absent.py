"""Why results aren't there: not asked for, not in this crop, or not run yet. Three sentences.

And a fourth while a run of the study is at work.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dashboard import vocabulary
from dashboard.data import at_work, commands, numbers, places, settings
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing

#: A data set, a crop and a protocol of which the study has, or will have, numbers.
Place = tuple[str, str, str]

#: Protocols that few studies ask for -> one that does.
STUDIES = {
    "open_set_by_name": "names",
    "identity_inference": "names",
    "scale": "scale",
    "indices": "indices",
    "hubs": "hubs",
    "hubs_by_name": "hubs-by-name",
    "typographic": "typographic",
}
#: A finished study holds all that was asked for: what it lacks wasn't, unless it now is.
NOT_ASKED = "not asked for in this study"


def absent(dataset: str, crop: str, protocols: str | Sequence[str], what: str = "") -> Missing:
    """Return what to say where a page has no numbers of a protocol, or of any of several.

    what: how the sentence calls them, in place of the first protocol's name.
    """
    wanted = [protocols] if isinstance(protocols, str) else list(protocols)
    what = what or vocabulary.PROTOCOLS.get(wanted[0], wanted[0])
    planned = asked()
    if planned and any((dataset, crop, protocol) in planned for protocol in wanted):
        return not_run(dataset, crop, what)
    told = unasked(dataset, crop, what, protocol=wanted)
    return pointing(told, STUDIES.get(wanted[0], ""))


def pointing(told: Missing, study: str) -> Missing:
    """Return what to say of results that weren't asked for, with a study of studies/ that asks.

    Anything else that is to be said, and all without such a study, is left as it is.
    """
    if not study or not told.sentence.endswith(f"{NOT_ASKED}."):
        return told
    return Missing(
        f"{told.sentence} studies/{study}.yaml asks for it.", commands.run_another(study)
    )


def of_attacks(
    dataset: str,
    crop: str,
    what: str,
    chosen: Callable[[Iterable[str]], list[str]] | None,
    study: str,
    **having: Any,
) -> Missing:
    """Return what to say where attacks of a sort are missing.

    chosen: of the names of attacks, those of that sort; without it, those on whole photographs.
    study: one that has such attacks. having: what numbers of such attacks hold.
    """
    of_sort = chosen or settings.on_photographs
    planned = asked()
    if planned and (dataset, crop, "poison") in planned and of_sort(settings.attacks()):
        return not_run(dataset, crop, what)

    def has(one: str, part: str) -> bool:
        made = numbers.distinct("attack", dataset=one, crop=part, protocol="poison")
        return chosen is None or bool(chosen(made))

    return pointing(unasked(dataset, crop, what, has, protocol="poison", **having), study)


def not_run(dataset: str, crop: str, what: str) -> Missing:
    """Return what to say of results that are asked for, and aren't there."""
    if runs := at_work.of_this_study():
        return Missing(f"{what}: not there yet for {dataset}, crop {crop}. {runs}", "")
    return Missing(f"{what}: not run yet for {dataset}, crop {crop}.")


def unasked(
    dataset: str,
    crop: str,
    what: str,
    has: Callable[[str, str], bool] = lambda dataset, crop: True,
    **having: Any,
) -> Missing:
    """Return what to say of results that were not asked for here, and where there are such ones.

    having: what their numbers hold; has: whether a data set and crop that hold it have them all.
    """

    def crops_of(one: str) -> list[str]:
        return [part for part in numbers.distinct("crop", dataset=one, **having) if has(one, part)]

    if crops := crops_of(dataset):
        # Mostly this crop itself: the numbers are there, and what is made of them isn't.
        if crop in crops:
            return not_run(dataset, crop, what)
        return Missing(f"{what}: not measured in the crop {crop}.", "", {"crop": crops[0]})
    for other in numbers.distinct("dataset", **having):
        if other != dataset and (parts := crops_of(other)):
            see = {"dataset": other, "crop": parts[0]}
            return Missing(f"{what}: {NOT_ASKED} for {dataset}.", "", see)
    return Missing(f"{what}: {NOT_ASKED}.", "")


def asked() -> frozenset[Place] | None:
    """Return what the study's configuration asks for now; None where that isn't known."""
    return _asked(places.study())


@cached_until_changed(most=8)
def _asked(study: str) -> frozenset[Place] | None:
    try:
        config = settings.whole()
    except Missing:
        return None
    if config is None:
        return None
    # Slow to import, and only pages that lack something need it.
    from facebench.errors import UserError
    from facebench.study.config import checked
    from facebench.study.plan import metric_tables

    try:
        tables = metric_tables(checked({**config, "study": study}, settings.SCHEMA))
    except (UserError, KeyError, TypeError, ValueError):
        return None
    # results/{study}/{dataset}/{crop}/{model}/metrics/{protocol}.parquet
    parts = [table.split("/") for table in tables]
    return frozenset((part[2], part[3], part[6].removesuffix(".parquet")) for part in parts)
