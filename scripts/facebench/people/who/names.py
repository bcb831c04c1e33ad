"""Names: given and family names of many scripts, combined; one name a person, no two alike."""

import tomllib
from functools import cache
from math import gcd
from pathlib import Path

from facebench.people.seeds import chance


@cache
def lists() -> dict[str, dict]:
    """The file of names: for each script its order and its feminine, masculine, family names."""
    return tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf8"))


@cache
def stride(seed: int, total: int) -> tuple[int, int]:
    """A step and a start that walk through 0 .. total - 1 without repeating."""
    rng = chance(seed, total)
    step = int(rng.integers(total // 3, total))
    while gcd(step, total) > 1:
        step += 1
    return step, int(rng.integers(total))


@cache
def sizes(sex: str) -> list[tuple[str, int]]:
    """How many names each script gives."""
    return [(name, len(s[sex]) * len(s["family"])) for name, s in lists().items()]


def name_of(seed: int, index: int, sex: str) -> tuple[str, str]:
    """The name of person `index` and its script; unlike that of all other people of this seed.

    When all pairs are used up (about 20,000 people), a second given name is added.
    """
    total = sum(count for _, count in sizes(sex))
    step, start = stride(seed, total)
    again, place = divmod(index, total)
    place = (place * step + start) % total
    names = iter(sizes(sex))
    name, count = next(names)
    while place >= count:
        place -= count
        name, count = next(names)
    script = lists()[name]
    given = script[sex][place // len(script["family"])]
    family = script["family"][place % len(script["family"])]
    while again:
        again, more = divmod(again - 1, len(script[sex]))
        given += " " + script[sex][more]
    return script["order"].format(given=given, family=family), name
