"""Values of attributes that have an order of their own."""

from collections.abc import Iterable, Mapping

#: Attribute -> its values, in order.
ORDERS = {
    "skin_tone": ("very light", "light", "medium", "brown", "dark"),
    "age_band": ("young adult", "adult", "middle-aged", "older"),
}


def has_order(attribute: str, values: Iterable[str]) -> bool:
    """Return whether the values of an attribute have an order: a known one, or that of numbers.

    >>> has_order("skin_tone", ["dark"]), has_order("moles", ["0", "10"]), has_order("sex", ["m"])
    (True, True, False)
    """
    values = set(values)
    return values <= set(ORDERS.get(attribute, ())) or all(map(str.isdecimal, values))


def in_order(attribute: str, values: Iterable[str]) -> list[str]:
    """Return values in their order; in that of the alphabet where they have none.

    >>> in_order("skin_tone", ["dark", "light", "very light"]), in_order("moles", ["10", "9"])
    (['very light', 'light', 'dark'], ['9', '10'])
    """
    values = sorted(set(values))
    if not has_order(attribute, values):
        return values
    known = ORDERS.get(attribute, ())
    return sorted(values, key=known.index if set(values) <= set(known) else int)


def counted(attribute: str, people: Mapping[str, int]) -> dict[str, str]:
    """Return the label of each group, in order, with its number of people.

    >>> counted("skin_tone", {"dark": 41, "light": 7})
    {'light': 'light (n = 7)', 'dark': 'dark (n = 41)'}
    """
    return {one: f"{one} (n = {people[one]:,})" for one in in_order(attribute, people)}
