"""The input and the result of an attack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from facebench.attacks.seeds import chance
from facebench.errors import UserError
from facebench.models.encoder import unit_rows

if TYPE_CHECKING:
    from facebench.attacks.surrogates import Surrogate

#: What `Attacked.status` can be. `facebench.attacks.run` sets `unchanged`.
STATUSES = ("ok", "failed to cloak", "unchanged", "not attacked")


@dataclass(frozen=True)
class Subject:
    """A picture to be attacked: uint8 RGB `pixels` (height, width, 3) and who is in it.

    frames: for every surrogate the frame (2, 3) through which it looks at the picture; None where
    it sees all of it.
    """

    image_id: str
    path: str
    identity: str
    name: str | None
    pixels: np.ndarray
    frames: tuple[np.ndarray, ...] | None = None


@dataclass(frozen=True)
class Attacked:
    """The result of an attack on a picture.

    `pixels` are uint8 RGB of the subject's size; None if the status is `not attacked`. `failed to
    cloak` keeps its pixels and says why in `reason`, a sentence. `objective` is what the attack
    maximises, for the pixels here, and `objective_start` the same for the clean ones. `target` is
    the identity that the picture is meant to be taken for, `written` the text on it. `made_from`:
    of a change that several pictures share, whether it was made from this one.
    """

    pixels: np.ndarray | None
    status: str = "ok"
    reason: str = ""
    objective_start: float | None = None
    objective: float | None = None
    target: str | None = None
    written: str | None = None
    made_from: bool | None = None


@dataclass(frozen=True)
class Context:
    """What an attack knows beside the pictures of its batch.

    `labels` are all rows of the clean faces without their pixels, `rows` for every surrogate the
    unit rows (n, dim) of those that are `ok`, in their order. `names` are the people's names, and
    `texts` for every surrogate their unit text vectors (names, dim), of kinds that look for names.
    """

    seed: int
    labels: pd.DataFrame
    surrogates: "Sequence[Surrogate]" = ()
    rows: Sequence[np.ndarray] = ()
    place: Mapping[str, Any] = field(default_factory=dict)
    names: Sequence[str] = ()
    texts: Sequence[np.ndarray] = ()

    @cached_property
    def usable(self) -> pd.DataFrame:
        """The labels of the pictures that are `ok`: the order of `rows`."""
        return self.labels[self.labels.status == "ok"].reset_index(drop=True)

    @cached_property
    def identities(self) -> list[str]:
        """All people with a usable picture, sorted."""
        return sorted(self.usable.identity.unique())

    @cached_property
    def number(self) -> dict[str, int]:
        """The place of every person in `identities`."""
        return {identity: i for i, identity in enumerate(self.identities)}

    @cached_property
    def centroids(self) -> list[np.ndarray]:
        """For every surrogate the mean direction of each of `identities`: unit rows (people, dim).

        Over all of a person's clean pictures, with those that the attack leaves alone.
        """
        owner = self.usable.identity.map(self.number).to_numpy()
        sums = []
        for rows in self.rows:
            total = np.zeros((len(self.identities), rows.shape[1]))
            np.add.at(total, owner, rows)
            sums.append(unit_rows(total))
        return sums

    def other(self, identity: str) -> str:
        """Return another person as the target, the same one for all pictures of `identity`.

        Raises `UserError` if there is no other person.
        """
        others = [person for person in self.identities if person != identity]
        if not others:
            raise UserError(
                "An attack with `target: true` needs another person as its target, and"
                f" {identity} is the only person with a usable picture."
            )
        return str(chance(self.seed, "target", identity).choice(others))
