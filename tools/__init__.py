"""Programs that are no rules: benchmarks, documentation, pictures: `python -m tools.NAME`."""

import sys
from pathlib import Path

# As Snakemake does it for a script of a rule: `import facebench` works.
sys.path.append(str(Path(__file__).parents[1] / "scripts"))
