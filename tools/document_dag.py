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
    """Return Snakemake's graph without its own look: a colour for every rule says nothing."""
    nodes_and_edges = re.findall(r'(\d+\[label = "[^"]+"|\d+ -> \d+)', graph)
    lines = [f"    {part}{']' if '[' in part else ''};" for part in nodes_and_edges]
    return "\n".join(["digraph workflow {", STYLE, *lines, "}"])


def main(picture):
    """Draw the rules of the LFW study, only the direct ways between them, to `picture`."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "dot", "--quiet", "all"]
    command += ["--configfile", "studies/lfw.yaml"]
    graph = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    graph = styled(graph)
    for tool in (["tred"], ["dot", "-Tsvg"]):
        graph = subprocess.run(tool, input=graph, check=True, capture_output=True, text=True).stdout
    Path(picture).write_text(graph)


if __name__ == "__main__":
    main(PICTURE)
