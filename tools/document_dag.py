"""Write docs/img/workflow.svg, the picture of the rules and what flows between them (`make docs`).

Needs Graphviz (`dot`, `tred`).
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "img" / "workflow.svg"

STYLE = """
    graph[bgcolor=white, rankdir=LR, nodesep=0.18, ranksep=0.35];
    node[shape=box, style="rounded,filled", fillcolor="#eef3f8", color="#4a6785",
         fontname="Helvetica,Arial,sans-serif", fontsize=13];
    edge[color="#7a8794", arrowsize=0.7];
"""


def styled(graph: str) -> str:
    """Return Snakemake's graph without its own look, one node a step.

    A colour for every rule says nothing, and several rules of a step are one to the reader.
    """
    labels = re.findall(r'(\d+)\[label = "([^"]+)"', graph)
    step = {number: label.split("__")[0] for number, label in labels}
    edges = {(step[a], step[b]) for a, b in re.findall(r"(\d+) -> (\d+)", graph)}
    nodes = [f'    "{name}";' for name in dict.fromkeys(step.values())]
    arrows = [f'    "{a}" -> "{b}";' for a, b in sorted(edges) if a != b]
    return "\n".join(["digraph workflow {", STYLE, *nodes, *arrows, "}"])


def said(command, given=None):
    """Return what a program prints, given a text to read."""
    options = {"cwd": ROOT, "check": True, "capture_output": True, "text": True}
    # Nothing of the commands comes from outside.
    return subprocess.run(command, input=given, **options).stdout  # noqa: S603


def main(picture):
    """Draw the rules of the LFW study, only the direct ways between them, to `picture`."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "dot", "--quiet", "all"]
    command += ["--configfile", "studies/lfw.yaml"]
    graph = styled(said(command))
    for tool in (["tred"], ["dot", "-Tsvg"]):
        graph = said(tool, graph)
    Path(picture).write_text(graph)


if __name__ == "__main__":
    main(PICTURE)
