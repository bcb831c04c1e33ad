"""Attacks: they turn faces into the same faces with other pixels.

`ATTACKS[kind](subjects, context, **options)` gets the pictures of one batch and a context, and
returns an `Attacked` for each, in their order. It must give the same pixels for the same batch,
whatever else is attacked: random numbers come from `facebench.attacks.seeds.chance`, by address.
`facebench.attacks.run` does batches, threads, resuming, saving and measuring. Importing this
package loads no attack: the workflow's plan asks only what a kind does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facebench.attacks.contract import Attacked

    Attack = Callable[..., Sequence[Attacked]]

#: Keys of a registry entry that are for the workflow, not for the attack.
COMMON = ("kind", "made_by", "people", "seed", "surrogates", "photographs", "batch", "mem_mb")


@dataclass(frozen=True)
class Kind:
    """How to get the function of a kind of attack, and what it does.

    control: it aims at nobody; its effect is that of any change of its size. writes: it
    writes text on the picture, so that models may read a name. photographs: it can change a part of
    a photograph, at which surrogates look through frames. hub: its pictures are to be found by
    everybody, as entries of an index. by_person: a batch is all pictures of one person that can be
    attacked, however many.
    """

    load: "Callable[[], Attack]"
    control: bool = False
    writes: bool = False
    photographs: bool = False
    hub: bool = False
    by_person: bool = False

    @property
    def hides(self) -> bool:
        """Whether it is tried as a cloak, or as a control of one: can people still be found?"""
        return not self.hub

    def __call__(self, *arguments: Any, **options: Any) -> "Sequence[Attacked]":
        """Return the results for the pictures of a batch."""
        return self.load()(*arguments, **options)


def _clip_cloak() -> "Attack":
    from facebench.attacks.clip_cloak import clip_cloak

    return clip_cloak


def _person_mask() -> "Attack":
    from facebench.attacks.person_mask import person_mask

    return person_mask


def _fawkes() -> "Attack":
    from facebench.attacks.fawkes import fawkes

    return fawkes


def _lowkey() -> "Attack":
    from facebench.attacks.lowkey import lowkey

    return lowkey


def _typographic() -> "Attack":
    from facebench.attacks.typographic import typographic

    return typographic


def _ready_made() -> "Attack":
    from facebench.attacks.ready_made import ready_made

    return ready_made


def _hub() -> "Attack":
    from facebench.attacks.hub import hub

    return hub


def _noise() -> "Attack":
    from facebench.attacks.controls import noise

    return noise


def _blur() -> "Attack":
    from facebench.attacks.controls import blur

    return blur


ATTACKS = {
    "clip-cloak": Kind(_clip_cloak, photographs=True),
    "person-mask": Kind(_person_mask, photographs=True, by_person=True),
    "fawkes": Kind(_fawkes),
    "lowkey": Kind(_lowkey),
    "typographic": Kind(_typographic, writes=True),
    "ready-made": Kind(_ready_made),
    "hub": Kind(_hub, hub=True),
    "noise": Kind(_noise, control=True, photographs=True),
    "blur": Kind(_blur, control=True, photographs=True),
}


def options_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a registry entry that its kind takes.

    >>> options_of({"kind": "noise", "linf": 8, "seed": 0, "people": 40})
    {'linf': 8}
    """
    return {key: value for key, value in spec.items() if key not in COMMON}


__all__ = ["ATTACKS", "COMMON", "Kind", "options_of"]
