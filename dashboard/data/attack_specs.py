"""What attacks are, by their own records: which differ in their size, or in what they change."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.data import files, poison
from dashboard.data.missing import Missing
from facebench.attacks import ATTACKS
from facebench.store import layout

#: Options that say how large a change may be.
BOUNDS = ("linf", "l2", "step")


def spec(dataset: str, crop: str, attack: str) -> dict[str, Any]:
    """Return the options of an attack, by the record of its faces; empty where none says them."""
    try:
        record = files.record(layout.faces(dataset, crop, attack))
    except Missing:
        return {}
    return files.inside(record, "attack", "spec")


def without(options: Mapping[str, Any], names: Iterable[str]) -> str:
    """Return options as one text, but for some of them.

    >>> without({"l2": 4, "kind": "noise"}, ["l2"])
    '{"kind": "noise"}'
    """
    return json.dumps({key: options[key] for key in sorted(set(options) - set(names))})


def families(dataset: str, crop: str, attacks: Iterable[str]) -> dict[str, str]:
    """Return the family of each attack: those whose options differ in their size alone.

    Where no record says the options, attacks whose names differ in a number at the end.
    """
    named: dict[str, str] = {}
    found = {}
    for attack in attacks:
        options = spec(dataset, crop, attack)
        key = without(options, BOUNDS) if options else poison.family(attack)
        short = poison.family(attack)
        found[attack] = named.setdefault(key, attack if short in named.values() else short)
    return found


def is_control(dataset: str, crop: str, attack: str, transfer: Iterable[str]) -> bool:
    """Return whether an attack aims at nobody. transfer: the controls that the results name."""
    kind = spec(dataset, crop, attack).get("kind")
    return attack in transfer or (kind in ATTACKS and ATTACKS[kind].control)


def on_the_crop(dataset: str, crop: str, attack: str, others: Iterable[str]) -> str | None:
    """Return the attack that does to crops what another does to whole photographs, if any does."""
    options = spec(dataset, crop, attack)
    wanted = without(options, ["photographs"])
    for other in others:
        known = spec(dataset, crop, other)
        if known and not known.get("photographs") and without(known, []) == wanted:
            return other
    return None
