"""The text of a file in `models/`: what a person wrote above, entries in a fixed form below."""

import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

#: The line before the entries.
HEAD = "\nmodels:\n"
WIDTH = 97
#: Keys of an entry and of its facts, in the order in which they are written; others come last.
KEYS = ("family", "arch", "pretrained", "repo", "global_pool", "revision", "mem_mb", "download_mb")
FACTS = ("pixels", "dim", "preprocess", "quick_gelu", "params_m", "gflops")


class Entry(NamedTuple):
    """An entry as it is written: its keys, those of its facts, and the named facts it takes up."""

    spec: dict[str, Any]
    facts: dict[str, Any]
    shared: str


def read(text: str) -> tuple[str, dict[str, Entry]]:
    r"""Return what is above the entries of a file, and the entries by name.

    >>> read("facts:\n  x: &x {data: d}\nmodels:\n  a: {arch: b, facts: {<<: *x, dim: 5}}\n")[1]
    {'a': Entry(spec={'arch': 'b'}, facts={'dim': 5}, shared='x')}
    """
    above, _, _ = text.partition(HEAD)
    sections = _pairs(yaml.compose(text, Loader=yaml.SafeLoader))
    named = {id(node): name for name, node in _pairs(sections["facts"]).items()}
    entries = {}
    for name, node in _pairs(sections["models"]).items():
        spec = _pairs(node)
        facts = _pairs(spec.pop("facts"))
        shared = named[id(facts.pop("<<"))]
        entries[name] = Entry(_values(spec), _values(facts), shared)
    return above, entries


def written(above: str, entries: Mapping[str, Entry]) -> str:
    """Return the text of a file."""
    return above + HEAD + "".join(_entry(name, entry) for name, entry in entries.items())


def _entry(name: str, entry: Entry) -> str:
    keys = _wrapped(_ordered(entry.spec, KEYS), "    {", "     ") + ","
    facts = [f"<<: *{entry.shared}", *_ordered(entry.facts, FACTS)]
    return f"  {name}:\n{keys}\n{_wrapped(facts, '     facts: {', '      ')}}}}}\n"


def _ordered(mapping: Mapping[str, Any], order: tuple[str, ...]) -> list[str]:
    first = [key for key in order if key in mapping]
    rest = [key for key in mapping if key not in order]
    return [f"{key}: {_plain(mapping[key])}" for key in [*first, *rest]]


def _plain(value: Any) -> str:
    """Return a value as it is written between braces."""
    text = yaml.safe_dump({"x": value}, default_flow_style=True, width=10**6, allow_unicode=True)
    return text.strip().removeprefix("{x: ").removesuffix("}")


def _wrapped(parts: list[str], start: str, indent: str) -> str:
    """Return parts with commas between them, in lines that break behind a comma only."""
    whole = [part.replace(" ", "\0") for part in parts]
    lines = textwrap.wrap(
        ", ".join(whole),
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def _pairs(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in node.value}


def _values(nodes: Mapping[str, Any]) -> dict[str, Any]:
    read = yaml.SafeLoader("")
    return {key: read.construct_object(node, deep=True) for key, node in nodes.items()}
