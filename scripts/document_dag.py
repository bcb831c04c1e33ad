"""Write docs/img/workflow.svg, the picture of the rules and what flows between them (`make docs`).

Needs Graphviz (`dot`).
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "img" / "workflow.svg"

#: Snakemake gives every rule a colour of its own, which says nothing; one quiet style instead.
STYLE = [
    "-Gbgcolor=white",
    "-Grankdir=LR",
    "-Gnodesep=0.15",
    "-Granksep=0.35",
    "-Nfontname=Helvetica",
    "-Nfontsize=12",
]


def main(picture):
    """Draw the rule graph of the default study to `picture`."""
    snakemake = [sys.executable, "-m", "snakemake", "--rulegraph", "dot", "--quiet", "all"]
    graph = subprocess.run(snakemake, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    graph = graph[graph.index("digraph") :]
    subprocess.run(["dot", "-Tsvg", *STYLE, "-o", picture], input=graph, check=True, text=True)


if __name__ == "__main__":
    main(PICTURE)
