"""Which models of the registry are listed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from facebench.texts import in_words


class Filters(NamedTuple):
    """What a model must be to be listed; None is anything. Sizes are in million parameters."""

    words: Sequence[str] = ()
    family: str | None = None
    licence: str | None = None
    commercial: str | None = None
    blurred: str | None = None
    smaller_than: float | None = None
    larger_than: float | None = None
    pixels: int | None = None


def chosen(models: Mapping[str, Any], filters: Filters) -> dict[str, Any]:
    """Return the entries that fit, in their order.

    >>> models = {"a": {"family": "timm", "facts": {"params_m": 5}}, "b": {"family": "timm"}}
    >>> [*chosen(models, Filters(smaller_than=10))], [*chosen(models, Filters(family="timm"))]
    (['a'], ['a', 'b'])
    """
    return {name: spec for name, spec in models.items() if _fits(name, spec, filters)}


def _fits(name: str, spec: Mapping[str, Any], filters: Filters) -> bool:
    facts = spec.get("facts", {})
    text = " ".join([name, *(str(part.get(key, "")) for part, key in _searched(spec, facts))])
    # What isn't known is neither smaller nor larger.
    size = facts.get("params_m", float("nan"))
    wanted = filters.family
    return all(
        [
            all(word.lower() in text.lower() for word in filters.words),
            wanted is None or spec["family"] == wanted or name.startswith(wanted.lower()),
            filters.licence is None or filters.licence.lower() in facts.get("licence", "").lower(),
            filters.commercial in (None, in_words(facts.get("commercial"))),
            filters.blurred in (None, in_words(facts.get("faces_blurred"))),
            filters.smaller_than is None or size < filters.smaller_than,
            filters.larger_than is None or size > filters.larger_than,
            filters.pixels in (None, facts.get("pixels")),
        ]
    )


def _searched(spec: Mapping[str, Any], facts: Mapping[str, Any]) -> list[tuple[Any, str]]:
    return [(spec, "arch"), (spec, "pretrained"), (spec, "repo"), (facts, "data")]
