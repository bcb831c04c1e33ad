"""List what facebench is made of: libraries, data sets and models, their licences, and advisories.

    .venv/bin/python -m tools.audit [--output FILE] [--osv URL]

Prints a table and writes a bill of materials in CycloneDX's JSON. Advisories are asked of OSV
(https://osv.dev), by name and version; where it can't be reached, the table says so. Ends with 1 if
there are any.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import yaml

from facebench.store.atomic import replacing
from facebench.study import model_files
from facebench.texts import one_line
from tools.auditing import advisories, bom, packages, terms

ROOT = Path(__file__).parents[1]


def main(output: str = "bom.cdx.json", osv: str = advisories.OSV, timeout: float = 10) -> int:
    """Print the table and write the bill of materials; return 1 if there are advisories."""
    given = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config = model_files.with_registry(given)
    libraries = packages.libraries(ROOT)
    datasets, models = terms.datasets(config), terms.models(config)
    found = advisories.known(libraries, osv, timeout)
    table("Libraries", ["name", "version", "licence", "what it is for"], libraries)
    table("Data sets", ["name", "licence", "what that forbids"], datasets)
    table("Models", ["name", "licence", "what that forbids"], models)
    print(f"\nAdvisories: {found.said}")
    for advisory in found.advisories:
        print(f"  {advisory.name} {advisory.version}: https://osv.dev/vulnerability/{advisory.id}")
    made = bom.bill(ROOT, libraries, [*datasets, *models], found.advisories)
    with replacing(output) as part:
        part.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\nThe bill of materials is in {output}.")
    return 1 if found.advisories else 0


def table(title: str, head: list[str], rows: list[Any]) -> None:
    """Print rows under a title, in columns; what is longest comes last."""
    lines = [head, *([one_line(cell) for cell in row[: len(head)]] for row in rows)]
    widths = [min(40, max(len(line[place]) for line in lines)) for place in range(len(head))]
    print(f"\n{title} ({len(rows)})\n")
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", default="bom.cdx.json", help="where the bill is written")
    asked = os.environ.get("FACEBENCH_OSV", advisories.OSV)
    parser.add_argument("--osv", default=asked, help="what is asked for advisories")
    raise SystemExit(main(**vars(parser.parse_args())))
