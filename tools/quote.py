"""Refresh the figures that README.md and docs/ quote from a run of a study.

    .venv/bin/python -m tools.quote RESULTS [--texts]

docs/figures.json says for every figure what it is (`is`), of which study, and holds its value; this
program fills in the values, and the tables, of the study whose results these are
(`results/default`). Its tables in the texts are written anew.
Numbers in sentences have a marker behind them, `84<!-- figure: KEY --> %`; those that no longer
agree are listed, and with --texts replaced: read the sentence again then. Ends with 1 if any number
doesn't agree. A test holds the texts to docs/figures.json.
"""

import argparse
import json
from pathlib import Path

from facebench.errors import UserError
from tools.quoting import figures, tables, texts

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures.json"
RESULTS = ("people", "poison", "lfw", "hubs", "undoing", "budget", "scale")
PAGES = [ROOT / "README.md", *(ROOT / "docs" / f"results-{what}.md" for what in RESULTS)]


def main(results: str, write_texts: bool = False) -> int:
    """Write docs/figures.json and the tables, and list the numbers that don't agree with them."""
    try:
        known = json.loads(FIGURES.read_text(encoding="utf-8"))
        found = figures.Results(Path(results))
        known["commits"][found.study] = found.commit
        for figure in known["figures"].values():
            if figure.get("study", "default") == found.study:
                figure["value"] = figures.value(found, figure["is"])
        wanted = [key for page in PAGES for key in tables.keys(page.read_text(encoding="utf-8"))]
        known["tables"] = {
            key: tables.table(found, key)
            if tables.study_of(key) == found.study
            else known["tables"][key]
            for key in dict.fromkeys(wanted)
            if tables.study_of(key) == found.study or key in known["tables"]
        }
    except UserError as error:
        raise SystemExit(str(error)) from error
    FIGURES.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    wrong = 0
    for page in PAGES:
        text = tables.filled(page.read_text(encoding="utf-8"), known["tables"])
        text = texts.made_at(text, known["commits"])
        if write_texts:
            text = texts.replaced(text, known["figures"])
        for line in texts.disagreeing(text, known["figures"], ROOT):
            print(f"{page.name}: {line}")
            wrong += 1
        page.write_text(text, encoding="utf-8")
    mine = [one for one in known["figures"].values() if one.get("study", "default") == found.study]
    print(
        f"{len(mine)} figures of {found.study} at {found.commit}; {wrong} in the texts don't agree"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", help="results/default of a finished run")
    parser.add_argument(
        "--texts", action="store_true", dest="write_texts", help="replace numbers in sentences too"
    )
    raise SystemExit(main(**vars(parser.parse_args())))
