"""Write docs/configuration.md from rules/schema (`make docs`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from facebench.study.config import read_schema

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "rules" / "schema"
PAGE = ROOT / "docs" / "configuration.md"

HEAD = """# Configuration

<!-- Generated from rules/schema by `make docs`; edit the files there instead. -->

{description}
`<name>` stands for a name of your choice ({name}).
A key that is not listed here is refused.
"""


def page(schema: dict[str, Any]) -> str:
    """Return the reference page of a JSON Schema, in Markdown."""
    head = HEAD.format(
        description=schema["description"], name=f"`{schema['$defs']['name']['pattern']}`"
    )
    sections = [
        f"## `{name}`\n\n{sub.get('description', '')}\n" + _table(list(_rows(schema, sub, "")))
        for name, sub in schema["properties"].items()
    ]
    return "\n".join([head, *sections])


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    if not rows:
        return ""
    lines = ["", "| key | type | default | meaning |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _rows(
    schema: dict[str, Any], node: dict[str, Any], prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, type, default and meaning of everything below `node`."""
    node = _resolved(schema, node)
    for name, sub in node.get("properties", {}).items():
        resolved = _resolved(schema, sub)
        key = f"{prefix}{name}"
        default = "" if resolved.get("default") in (None, {}) else f"`{_text(resolved['default'])}`"
        if name in node.get("required", []):
            default = "required"
        meaning = " ".join(str(resolved.get("description", "")).split())
        yield f"`{key}`", _type(resolved), default, meaning
        yield from _rows(schema, sub, f"{key}.")
        if "items" in resolved and _resolved(schema, resolved["items"]).get("properties"):
            yield from _rows(schema, resolved["items"], f"{key}[].")
    if isinstance(entry := node.get("additionalProperties"), dict):
        yield from _rows(schema, entry, f"{prefix}<name>.")
    yield from _conditional_rows(schema, node, prefix)


def _conditional_rows(
    schema: dict[str, Any], node: dict[str, Any], prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of conditional parts that `node` itself doesn't describe, each once."""
    cases: dict[tuple[str, str, str, str], dict[str, list[str]]] = {}
    for rule in node.get("allOf", []):
        for row in _rows(schema, rule.get("then", {}), prefix):
            key = row[0].strip("`").removeprefix(prefix).split(".")[0]
            if key not in node.get("properties", {}):
                for chosen, value in rule["if"]["properties"].items():
                    name = f"`{value.get('const') or value.get('enum')}`"
                    cases.setdefault(row, {}).setdefault(chosen, []).append(name)
    for (key, kind, default, meaning), where in cases.items():
        chosen = "; ".join(f"{name} {', '.join(values)}" for name, values in where.items())
        yield key, kind, default, f"({chosen}) {meaning}"


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return `node` with its `$ref` replaced by what it refers to; own keys win."""
    if "$ref" not in node:
        return node
    target: Any = schema
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**_resolved(schema, target), **{k: v for k, v in node.items() if k != "$ref"}}


def _type(node: dict[str, Any]) -> str:
    if "enum" in node:
        return " \\| ".join(f"`{_text(value)}`" for value in node["enum"]).replace("\\|", "/")
    kind = node.get("type", "")
    if kind == "array":
        return f"list of {_type(node.get('items', {})) or 'values'}"
    return " or ".join(kind) if isinstance(kind, list) else kind


def _text(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10**6).split("\n...")[0].strip()


if __name__ == "__main__":
    PAGE.write_text(page(read_schema(SCHEMA)))
