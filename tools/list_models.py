"""List the models of the registry, with what is known of them (`make models`).

    make models ARGS="siglip2 --smaller-than 500"
    make models ARGS="--licence apache-2.0 --commercial yes --pixels 224"
    make models ARGS=laion-vit-h-14

Words are looked for in names, architectures and training data; all of them must be there. A name
alone shows everything about that model. Columns that don't fit into the terminal are left out, and
named below; output that goes to a file or a pipe has all. docs/models.md explains the columns.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from facebench.study.model_files import registry
from tools.registry import table
from tools.registry.filters import Filters, chosen

NOT_RUN = (
    "None of the models whose weights are on the hub was run by the authors, who could reach no"
    " hub: what is said of them is from the libraries that load them, and from their makers."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or one model."""
    asked = vars(parser().parse_args(arguments))
    width = asked.pop("width") or terminal_width()
    models = registry()
    if asked["words"] in ([name] for name in models):
        (name,) = asked["words"]
        print(table.whole(name, models[name], width))
        if "repo" in models[name]:
            print("", *table.folded(NOT_RUN, width), sep="\n")
        return 0
    # First those that run without a download.
    found = dict(sorted(chosen(models, Filters(**asked)).items(), key=lambda one: "repo" in one[1]))
    if not found:
        print("No model fits. Without ARGS, `make models` lists all.")
        return 0
    print(*lines(found, len(models), width), sep="\n")
    return 0


def lines(found: Mapping[str, Any], all_models: int, width: int) -> list[str]:
    """Return the table, and what is to be known of it."""
    shown, left_out = table.rows(found, width)
    said = [f"{len(found)} of {all_models} models."]
    if left_out:
        said.append(f"Not shown for lack of room: {', '.join(left_out)}.")
    if any("repo" in spec for spec in found.values()):
        here = sum("repo" not in spec for spec in found.values())
        said += [f"The first {here} need no download."] if here > 1 else []
        said.append(NOT_RUN)
    return [*shown, "", *table.folded(" ".join(said), width)]


def terminal_width() -> int:
    """Return the columns of the terminal; what is wide enough for all where there is none."""
    if "COLUMNS" in os.environ or sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return 1000


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    made = argparse.ArgumentParser(
        prog="make models ARGS=...",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = ("yes", "no", "unknown")
    made.add_argument("words", nargs="*", help="words that must be in name, architecture or data")
    made.add_argument("--family", help="what loads it (open_clip, timm, ...), or how names begin")
    made.add_argument("--licence", help="a licence, or a part of its name")
    made.add_argument("--commercial", choices=known, help="whether its licence allows that")
    made.add_argument("--blurred", choices=known, help="whether faces in training were blurred")
    for name in ("smaller-than", "larger-than"):
        made.add_argument(
            f"--{name}", type=float, metavar="M", help="million parameters of the image tower"
        )
    made.add_argument("--pixels", type=int, help="width of the pictures that it takes")
    made.add_argument("--width", type=int, help="columns of the table; those of the terminal")
    return made


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`); nothing is left to be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
