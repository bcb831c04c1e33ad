"""Checks of a configuration's files as text: what YAML would swallow, choke on, or run.

Snakemake reads the files by itself; of a key that is given twice it takes the last.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from facebench.errors import UserError
from facebench.study.yaml_mistakes import explained

#: A configuration has less; one that its aliases blow up has more.
MOST_BYTES, MOST_VALUES, DEEPEST = 10**7, 10**6, 100
#: Digits of the longest number that makes sense.
DIGITS = 40

BASIC = "tag:yaml.org,2002:"
PLAIN = {f"{BASIC}{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")}
TEXT, MERGE = f"{BASIC}str", f"{BASIC}merge"
#: With this key Snakemake runs what is in a file as Python.
TEMPLATE = "__use_yte__"

#: libyaml's, which is ten times as fast, where PyYAML was built with it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return what is in a file of our own, which is plain data; None of an empty one."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    return None if root is None else SafeConstructor().construct_document(root)


def check_files(paths: Iterable[str | Path]) -> None:
    """Raise `UserError`, a sentence for every problem of every file, where one can't be used."""
    problems = []
    for path in paths:
        try:
            problems += [f"{path}{problem}" for problem in _problems(Path(path))]
        except RecursionError:
            problems.append(f"{path} is nested too deeply.")
    if problems:
        raise UserError("\n".join(problems))


def from_command_line(entries: Sequence[str]) -> list[dict[str, Any]]:
    """Return the mappings and lists among `KEY=VALUE` entries, with numbers that are numbers.

    Snakemake reads all that is inside of them as text.

    >>> from_command_line(["statistics={draws: 200}", "study=a"])
    [{'statistics': {'draws': 200}}]
    """
    found = []
    for entry in entries:
        key, _, value = entry.partition("=")
        try:
            read = yaml.safe_load(value.strip("'\""))
        except yaml.YAMLError:
            continue  # text to Snakemake, too
        if isinstance(read, dict | list):
            found.append({key: read})
    return found


def _problems(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file, each to be written behind its name."""
    try:
        data = path.read_bytes()
    except OSError as error:
        yield f" can't be read: {error.strerror}."
        return
    if len(data) > MOST_BYTES:
        yield f" has {len(data):,} bytes: it is no configuration."
        return
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        yield " is in UTF-16: save it in UTF-8."
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield f" isn't in UTF-8 (byte {error.start}): save it in UTF-8."
        return
    try:
        yield from _in_json(text)
    except ValueError:
        yield from _in_yaml(text)


def _in_json(text: str) -> Iterator[str]:
    """Yield what is wrong with a JSON file. Raises `ValueError` for any other."""
    twice: list[str] = []

    def seen(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(key for key, _ in pairs)
        twice.extend(key for key, count in counts.items() if count > 1)
        return dict(pairs)

    json.loads(text, object_pairs_hook=seen)
    for key in twice:
        yield f": the key {key!r} is given twice."


def _in_yaml(text: str) -> Iterator[str]:
    depths = accumulate((char in "[{") - (char in "]}") for char in text if char in "[]{}")
    if max(depths, default=0) > DEEPEST:  # more would be too much for the parser
        yield " is nested too deeply."
        return
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line, why = explained(error, text)
        yield f"{'' if line is None else f', line {line}'}: {why}."
        return
    except yaml.YAMLError as error:
        where = text.count("\n", 0, getattr(error, "position", 0)) + 1
        yield f", line {where} isn't YAML: {str(error).splitlines()[0]}."
        return
    if root is None:
        yield " is empty."
    elif not isinstance(root, yaml.MappingNode):
        yield " has no keys: a configuration is a mapping."
    else:
        sizes: dict[int, int] = {}
        yield from _in_node(root, sizes, [])
        if sizes.get(id(root), 0) > MOST_VALUES:
            yield f" holds more than {MOST_VALUES:,} values, with all that its aliases repeat."


def _in_node(node: Any, sizes: dict[int, int], above: list[int]) -> Iterator[str]:
    """Yield what is wrong with a node and those in it; put the number of its values into `sizes`.

    above: the nodes that it is in.
    """
    line = f", line {node.start_mark.line + 1}"
    if id(node) in above:
        yield f"{line}: an alias is inside of what it stands for."
        return
    if id(node) in sizes:
        return
    if len(above) > DEEPEST:
        yield f"{line}: it is nested too deeply."
        return
    inside: list[Any] = []
    if isinstance(node, yaml.MappingNode):
        yield from _in_keys(node)
        inside = [value for _, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        inside = node.value
    elif node.tag not in PLAIN:
        yield f"{line}: {node.tag.removeprefix(BASIC)} is no kind of value here."
    elif node.tag != TEXT and len(node.value) > DIGITS:
        yield f"{line}: {node.value[:20]}... is no sensible number."
    if node.tag not in PLAIN | {f"{BASIC}map", f"{BASIC}seq"} and inside:
        yield f"{line}: {node.tag.removeprefix(BASIC)} is no kind of value here."
    for value in inside:
        yield from _in_node(value, sizes, [*above, id(node)])
    sizes[id(node)] = 1 + sum(sizes.get(id(value), 1) for value in inside)


def _in_keys(node: Any) -> Iterator[str]:
    seen = set()
    for key, _ in node.value:
        line, text = f", line {key.start_mark.line + 1}", str(key.value)[:100]
        if key.tag == MERGE:
            continue
        if not isinstance(key, yaml.ScalarNode) or key.tag != TEXT:
            quoted = f": write '{text}'" if re.fullmatch(r"[\w.-]+", text) else ""
            yield f"{line}: the key {text} is no text{quoted}."
        elif key.value in seen:
            yield f"{line}: the key {key.value!r} is given twice."
        elif key.value == TEMPLATE:
            yield f"{line}: {TEMPLATE} is refused, as it would run what is in the file."
        seen.add(str(key.value))
