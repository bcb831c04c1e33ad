"""Attacks: they turn faces into the same faces with other pixels.

`ATTACKS[kind](subjects, setting, **options)` gets the pictures of one batch and what it may know
beside them, and returns what became of each, in their order. It must give the same pixels for the
same batch, whatever runs beside it: random numbers come from `facebench.attacks.seeds.chance`,
by address. Batches, threads, resuming, saving and measuring are `facebench.attacks.run`'s.
Importing this package loads neither torch nor a model.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from facebench.attacks import controls
from facebench.attacks.clip_cloak import clip_cloak
from facebench.attacks.contract import Attacked, Setting, Subject
from facebench.attacks.fawkes import fawkes
from facebench.attacks.lowkey import lowkey
from facebench.attacks.ready_made import files
from facebench.attacks.typographic import typographic

#: Keys of a registry entry that are for the workflow, not for the attack.
COMMON = ("kind", "people", "seed", "surrogates", "batch", "mem_mb")

ATTACKS: Mapping[str, Callable[..., Sequence[Attacked]]] = {
    "clip-cloak": clip_cloak,
    "fawkes": fawkes,
    "lowkey": lowkey,
    "typographic": typographic,
    "files": files,
    "noise": controls.noise,
    "blur": controls.blur,
}


def options_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a registry entry that its kind takes.

    >>> options_of({"kind": "noise", "linf": 8, "seed": 0, "people": 40})
    {'linf': 8}
    """
    return {key: value for key, value in spec.items() if key not in COMMON}


__all__ = ["ATTACKS", "COMMON", "Attacked", "Setting", "Subject", "options_of"]
