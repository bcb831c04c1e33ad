"""Fill in what open_clip and timm know of the models in `models/` (`make registry`).

    .venv/bin/python -m tools.fill_models

Of a new entry only its name, `family`, `arch` and `pretrained` (of timm: `repo` and `global_pool`)
and which of the facts above it takes up need be written; the rest is looked up in the installed
libraries, and counted. Files with entries that no library knows are left alone.
"""

from collections.abc import Iterator

import yaml

from facebench.errors import UserError
from facebench.study.model_files import files
from tools.registry import libraries, text


def main() -> int:
    """Rewrite the files that have changed; say which."""
    for file in files():
        before = file.read_text(encoding="utf-8")
        if (after := filled(before, count=True)) != before:
            file.write_text(after, encoding="utf-8")
            print(f"{file.name} is filled in.")
    return 0


def filled(before: str, count: bool) -> str:
    """Return the text of a file with what the libraries know.

    count: whether networks are built to count their parameters and operations, which takes a second
    each; else these numbers are left as they are.
    """
    if not known(before):
        return before
    above, entries = text.read(before)
    return text.written(above, dict(_filled(entries, count)))


def known(content: str) -> bool:
    """Return whether a library knows every entry of a file."""
    return all(map(libraries.knows, yaml.safe_load(content)["models"].values()))


def _filled(entries: dict[str, text.Entry], count: bool) -> Iterator[tuple[str, text.Entry]]:
    for name, entry in entries.items():
        own, facts = libraries.looked_up(entry.spec)
        if count:
            more, numbers = libraries.counted(entry.spec, facts)
            # A guess that needs no more than the default is no key.
            entry.spec.pop("mem_mb", None)
            own, facts = {**own, **more}, {**facts, **numbers}
        spec = {**entry.spec, **own}
        yield name, text.Entry(spec, {**entry.facts, **facts}, entry.shared)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except UserError as error:  # a tag that isn't there, or of another activation
        raise SystemExit(str(error)) from None
