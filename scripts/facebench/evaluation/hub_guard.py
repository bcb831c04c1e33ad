"""What an index's owner does against hubs, with the searches for some people as sentinels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from facebench.protocols.hubs import defences, effect
from facebench.protocols.hubs.lists import Lists, occurrence, with_entries
from facebench.protocols.ranks import CELLS
from facebench.protocols.scores import scores


class Noticed(NamedTuple):
    """What the defences say of added entries, and which searches still have one first."""

    #: Alert budget -> share of the added entries, and of the clean ones, that are alerted.
    found: Mapping[float, float]
    alarms: Mapping[float, float]
    #: Share of the added entries that the gate refuses.
    refused: float
    #: Which searches have one of those that are left among their first k: bool (n,), by budget and
    #: k, or by k.
    after_scan: Mapping[tuple[float, int], np.ndarray]
    after_gate: Mapping[int, np.ndarray]


@dataclass(frozen=True)
class Guard:
    """Sentinel searches and their lists in the clean index."""

    #: float32 (n, d), int64 (n,), and lists of the length that counts.
    searches: np.ndarray
    people: np.ndarray
    found: Lists
    #: Who each entry is, and in how many sentinel lists of others: int64 (g,) each.
    names: np.ndarray
    counts: np.ndarray
    budgets: list[float]
    #: More sentinel lists than these, and a newcomer is refused.
    limit: int

    @classmethod
    def of(
        cls,
        searches: np.ndarray,
        people: np.ndarray,
        found: Lists,
        names: np.ndarray,
        options: Mapping[str, Any],
    ) -> "Guard | None":
        """Return the guard of an index with g > 0 entries; None without a sentinel."""
        if not len(people):
            return None
        found = found.first(options["neighbours"])
        counts = occurrence(found, people, names)
        limit = defences.threshold(counts, options["refused"])
        return cls(searches, people, found, names, counts, list(options["budgets"]), limit)

    def refuses(self, newcomers: np.ndarray) -> np.ndarray:
        """Return which newcomers, float32 (m, d), the gate refuses: bool (m,)."""
        limits = self.found.last(self.found.scores.shape[1])
        counts = np.zeros(len(newcomers), np.int64)
        step = max(1, CELLS // len(self.searches))
        for start in range(0, len(newcomers), step):
            part = slice(start, start + step)
            counts[part] = defences.entered(limits, scores(self.searches, newcomers[part]))
        refused: np.ndarray = counts > self.limit
        return refused

    def scan(self, added: np.ndarray, budget: float) -> np.ndarray:
        """Return which entries are alerted, old and then new ones: bool (g + m,).

        added: float32 (m, d), what was put in.
        """
        size = len(self.names)
        found = with_entries(self.found, scores(self.searches, added), size)
        names = np.concatenate([self.names, np.full(len(added), -1)])
        return defences.alerts(defences.robust_z(occurrence(found, self.people, names)), budget)

    def judge(
        self, made: np.ndarray, searched: Lists, added: np.ndarray, places: list[int]
    ) -> Noticed:
        """Return what is noticed of the vectors `made`, float32 (m, d).

        searched, added: the lists of the searches that are measured, and their scores with `made`;
        places: every k that matters.
        """
        size = len(self.names)
        alerts = {budget: self.scan(made, budget) for budget in self.budgets}
        refused = self.refuses(made)
        return Noticed(
            {budget: float(one[size:].mean()) for budget, one in alerts.items()},
            {budget: float(one[:size].mean()) for budget, one in alerts.items()},
            float(refused.mean()),
            {
                (budget, k): effect.reached(searched, added[:, ~one[size:]], k)
                for budget, one in alerts.items()
                for k in places
            },
            {k: effect.reached(searched, added[:, ~refused], k) for k in places},
        )

    def kept(self) -> Mapping[str, np.ndarray]:
        """Return which clean entries each defence leaves in the clean index: bool (g,).

        By `gate`, or `scan` and its budget.
        """
        z = defences.robust_z(self.counts)
        scans = {f"scan {budget:.12g}": ~defences.alerts(z, budget) for budget in self.budgets}
        return {"gate": self.counts <= self.limit, **scans}
