"""A sentence for every violation of the schema: the key, what is wrong, what is allowed."""

import difflib
import reprlib
from typing import Any

from jsonschema.exceptions import ValidationError, best_match

from facebench.secrets import without_secrets

#: What is said of a value outside of its bounds.
BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
#: More names than these would fill a terminal.
MOST_NAMES = 40
#: Shows of a long value its beginning.
_shown = reprlib.Repr()
_shown.maxstring = _shown.maxother = 80


def problem(error: ValidationError) -> str:
    """Return one sentence on a violation of the schema: the key, what is wrong, what is allowed."""
    if error.context:
        return problem(best_match(error.context) or error.context[0])
    key = _dotted(error)
    value, allowed = error.instance, error.validator_value
    shown = without_secrets(_shown.repr(value))
    match error.validator:
        case "additionalProperties":
            known = sorted(error.schema.get("properties", {}))
            unknown = sorted(set(value) - set(known))
            prefix = f"{key}." if key else ""
            return "; ".join(f"{prefix}{name} is unknown{hint(name, known)}" for name in unknown)
        case "required":
            missing = [name for name in allowed if name not in value]
            return f"{key or 'the configuration'} lacks {', '.join(missing)}"
        case "enum":
            return f"{key} is {shown}{hint(str(value), [str(name) for name in allowed])}"
        case "const":
            return f"{key} is {shown}; allowed: {allowed!r}"
        case "type":
            kinds = allowed if isinstance(allowed, str) else " or ".join(allowed)
            return f"{key} is {shown}; it must be of type {kinds}{_number_hint(value, kinds)}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"{key} is {shown}; it must be {BOUNDS[error.validator]} {allowed}"
        case "not":
            return f"{key}: the name {shown} is one of the workflow's own; choose another"
        case "minItems":
            return f"{key} is empty; it needs at least {allowed}"
        case "pattern":
            return f"{key}: {shown} must match {allowed}"
        case "uniqueItems":
            return f"{key} is {shown}; it holds something twice"
        case _:
            return f"{key} is {shown} ({error.validator}: {allowed})"


def _dotted(error: ValidationError) -> str:
    return error.json_path.removeprefix("$").removeprefix(".")


def hint(word: str, known: list[str]) -> str:
    """Return what was probably meant by a word, and all that is allowed."""
    close = difflib.get_close_matches(word, known, n=1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    return f"{meant}; allowed: {choices(known)}"


def choices(known: list[str]) -> str:
    """Return all that is allowed, or how much that is where it would fill the terminal.

    >>> choices(["a", "b"]), choices(["x"] * 99)
    ('a, b', 'one of 99 names (`make models` lists those of models)')
    """
    if len(known) > MOST_NAMES:
        return f"one of {len(known)} names (`make models` lists those of models)"
    return ", ".join(known)


def _number_hint(value: Any, kinds: str) -> str:
    """Return how a number is written, for a text that looks like one.

    >>> _number_hint("1e-3", "number")
    ' (written without quotes, and 1e-3 as 1.0e-3)'
    """
    try:
        number = isinstance(value, str) and float(value)
    except ValueError:
        return ""
    wanted = "number" in kinds or "integer" in kinds
    return " (written without quotes, and 1e-3 as 1.0e-3)" if number and wanted else ""
