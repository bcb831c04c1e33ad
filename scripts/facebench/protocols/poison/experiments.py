"""Which experiments a study asks for: attack x threat x share x re-encoding.

Standard library only: imported while Snakemake plans.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What is poisoned, of the person who is searched for and of everybody else.
THREATS = ("gallery", "probe", "both", "decoys")
#: Threats in which no share of a gallery is poisoned, but every probe.
PROBES_ONLY = ("probe",)
NONE = "none"
CLEAN = "clean"


@dataclass(frozen=True)
class Experiment:
    """One experiment: all people, each protected alone (or, for decoys, alone unprotected)."""

    attack: str
    threat: str
    #: Share of the pictures that the threat poisons, 0 to 1; 0 is the comparison without a cloak.
    share: float
    #: How the pictures were saved again, poisoned or not.
    reencoding: str = NONE
    #: Whether the search engine puts all pictures through it, as a defence.
    everywhere: bool = False

    @property
    def reencode(self) -> str:
        """The column `reencode`.

        >>> Experiment("fawkes", "gallery", 1.0, "jpeg-30", everywhere=True).reencode
        'all:jpeg-30'
        """
        return f"all:{self.reencoding}" if self.everywhere else self.reencoding

    @property
    def plain(self) -> str:
        """The variant of pictures that the threat could poison and doesn't."""
        return variant(CLEAN, self.reencoding)

    @property
    def poisoned(self) -> str:
        """The variant of pictures that it poisons."""
        return variant(self.attack, self.reencoding)

    @property
    def untouched(self) -> str:
        """The variant of all other pictures."""
        return untouched(self.reencode)

    @property
    def baseline(self) -> "Experiment":
        """The same without a cloak."""
        return Experiment(self.attack, self.threat, 0.0, self.reencoding, self.everywhere)


def untouched(reencode: str) -> str:
    """Return the variant of the pictures that nobody poisons, by the column `reencode`.

    >>> untouched("all:jpeg-30"), untouched("jpeg-30")
    ('clean+jpeg-30', 'clean')
    """
    everywhere, _, reencoding = reencode.rpartition(":")
    return variant(CLEAN, reencoding) if everywhere else CLEAN


def variant(attack: str, reencoding: str) -> str:
    """Return the name of a set of faces.

    >>> variant("clean", "none"), variant("lowkey", "half")
    ('clean', 'lowkey+half')
    """
    return attack if reencoding == NONE else f"{attack}+{reencoding}"


def all_experiments(
    options: Mapping[str, Any], attacks: Sequence[str], reencodings: Sequence[str]
) -> list[Experiment]:
    """Return all experiments, each share of 0 before those compared with it."""
    found = []
    for attack in attacks:
        saved_again = reencodings if attack in options.get("reencoded_attacks", attacks) else []
        for threat in options["threats"]:
            ways = [(NONE, False)]
            if threat in options["reencoded"]:
                ways += [(name, False) for name in saved_again]
            if threat == "gallery" and "preprocess" in options["defences"]:
                ways += [(name, True) for name in saved_again]
            for share in shares_of(threat, options["shares"]):
                found += [Experiment(attack, threat, share, *way) for way in ways]
    return found


def shares_of(threat: str, shares: Sequence[float]) -> list[float]:
    """Return the shares of a threat, 0 first.

    >>> shares_of("gallery", [1, 0.5]), shares_of("probe", [0.5])
    ([0.0, 0.5, 1.0], [0.0, 1.0])
    """
    chosen = {1.0} if threat in PROBES_ONLY else {float(share) for share in shares}
    return sorted({0.0} | chosen)


def variants(
    options: Mapping[str, Any], attacks: Sequence[str], reencodings: Sequence[str]
) -> list[str]:
    """Return the variants other than `clean` that the experiments need, each once."""

    def needed() -> Iterator[str]:
        for experiment in all_experiments(options, attacks, reencodings):
            yield experiment.plain
            if experiment.share > 0:
                yield experiment.poisoned
        yield from attacks  # which say whom they protect, also where nothing is poisoned

    return [name for name in dict.fromkeys(needed()) if name != CLEAN]
