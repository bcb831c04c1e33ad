"""Print how often each interval covers the truth: python -m tools.coverage [BENCH ...]."""

import argparse
import sys
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from tools.coverage.benches import BENCHES, Bench, Found, samples


def main() -> None:
    """Simulate the benches that are named, or all, and print a table of each."""
    parser = argparse.ArgumentParser(prog="python -m tools.coverage", description=__doc__)
    parser.add_argument("bench", nargs="*", choices=[*BENCHES, []], help="all without one")
    parser.add_argument("--samples", type=int, default=1000, help="of each cell")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name in options.bench or BENCHES:
        rows = []
        for i, cell in enumerate(BENCHES[name].cells):
            print(f"{name}: {i + 1} of {len(BENCHES[name].cells)}", end="\r", file=sys.stderr)
            rows += covered(BENCHES[name], cell, options.samples, options.seed)
        print(f"\n{name}, {options.samples} samples, seed {options.seed}\n")
        print(pd.DataFrame(rows).to_string(index=False), flush=True)


def covered(bench: Bench, cell: dict[str, Any], count: int, seed: int) -> list[dict[str, Any]]:
    """Return one row for each interval of a cell.

    covers, below, above: shares of the samples with an interval that covers the truth, lies below
    and above it; none: those without an interval; alarms: those whose p is under 0.05 where there
    is no difference.
    """
    found: dict[str, list[Found]] = defaultdict(list)
    for made in samples(bench, cell, count, seed):
        for one in made:
            found[one.what].append(one)
    rows = []
    for what, all_of in found.items():
        value, low, high, p = np.array([one[1:] for one in all_of], float).T
        truth = bench.truth(**cell) if bench.truth else float(value.mean())
        if "difference" in what:
            truth = 0.0
        there = ~np.isnan(low)
        row = {**cell, "what": what, "truth": round(truth, 4)}
        shares = {
            "covers": (low <= truth) & (truth <= high),
            "below": high < truth,
            "above": low > truth,
        }
        for name, hit in shares.items():
            row[name] = round(100 * float(hit[there].mean()), 1) if there.any() else np.nan
        row["width"] = round(float((high - low)[there].mean()), 4) if there.any() else np.nan
        row["none"] = round(100 * float((~there).mean()), 1)
        row["alarms"] = np.nan if np.isnan(p).all() else round(100 * float((p < 0.05).mean()), 1)
        rows.append(row)
    return rows


if __name__ == "__main__":
    main()
