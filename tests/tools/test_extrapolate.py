"""What many more pictures would take, on paper."""

import numpy as np
import pandas as pd

from facebench.store import layout
from tools import extrapolate

HEAD = "s\th:m:s\tmax_rss\tmax_vms\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run_in(folder):
    """Write what a run of 2,000 pictures in two parts leaves."""
    images = folder / layout.images("web")
    images.parent.mkdir(parents=True)
    pd.DataFrame({"path": np.arange(2000)}).to_parquet(images)
    for step, seconds in (("list_images", 10), ("landmarks", 200), ("crop", 20)):
        write(folder / "benchmarks" / step / "web.tsv", f"{HEAD}{seconds}\t0:00:10\t150.5\t1\n")
    for job, seconds, vectors in (
        ("web__2", 30, "1,500"),
        ("web__2", 10, "400"),
        ("other__1", 1, 9),
    ):
        part = "0001" if vectors == "400" else "0000"
        write(folder / "benchmarks" / f"embed__{job}" / f"mini-s-{part}.tsv",
              f"{HEAD}{seconds}\t0:00:10\t{seconds}00\t-\n")  # fmt: skip
        write(folder / "logs" / f"embed__{job}" / f"mini-s-{part}.log",
              f"12:00:00 result: {vectors} vectors\n")  # fmt: skip
    return folder


def test_every_step_goes_on_at_the_rate_that_it_had(tmp_path, capsys):
    found = list(extrapolate.steps(run_in(tmp_path), "web", "mini-s"))
    assert [tuple(step) for step in found] == [
        ("list_images", 2000, 10, 150.5),
        ("landmarks", 2000, 200, 150.5),
        ("crop", 2000, 20, 150.5),
        ("embed", 1900, 40, 3000),
    ]
    assert extrapolate.main("web", "mini-s", 7_200_000, 2.0, tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].split() == ["landmarks", "2,000", "10.0", "150", "200.0", "400.00"]
    assert float(lines[6].split()[1]) == round(10 + 200 + 20 + 7_200_000 / 47.5 / 3600, 1)


def test_a_run_without_benchmarks_says_so(tmp_path, capsys):
    pd.DataFrame({"path": [1]}).to_parquet(run_in(tmp_path) / layout.images("web"))
    assert extrapolate.main("web", "mini-s", 10, 1.0, tmp_path) == 0
    for table in (tmp_path / "benchmarks").rglob("*.tsv"):
        table.unlink()
    assert extrapolate.main("web", "mini-s", 10, 1.0, tmp_path) == 1
    assert "No step of web was measured" in capsys.readouterr().out
