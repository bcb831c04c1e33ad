"""docs/adding.md is followed to the letter in a copy of the repository, and its study is run."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from facebench.store import layout

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding.md"
STUDY = "studies/all-new.yaml"
#: Less work, and what the copy lacks: the rest of the study is the page's.
SMALL = {"landmarks": {"tries": 1, "neural": False}, "statistics": {"draws": 100}}


def blocks():
    """Return (file, text) of every code block of the page whose first line names a file."""
    fenced = re.findall(r"^```\w+\n# ([\w/.-]+)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert len(fenced) > 12
    return fenced


def follow(file, text):
    """Write a block to a new file, or add it to a file that is there, as the page explains."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return
    before, registry, entries = re.split(r"^(\w+\b[^\n]* = \{\n)    \.\.\.\n", text, flags=re.M)
    start = registry.split("=")[0].split(":")[0].strip()
    head, opening, rest = re.split(rf"^({start}\b[^\n]* = \{{)", file.read_text(), flags=re.M)
    if rest.startswith("\n"):  # one entry a line: before the line that closes it
        inside, rest = rest.split("\n}\n", 1)
        inside += "\n"
    else:
        inside, rest = rest.split("}\n", 1)
        inside = f"\n    {inside},\n"
    imports = "".join(re.findall(r"^from .*\n", before, re.M))
    before = before.removeprefix(imports).lstrip("\n")
    head = re.sub(r"^from facebench", rf"{imports}from facebench", head, count=1, flags=re.M)
    file.write_text(f"{head}{before}{opening}{inside}{entries.rstrip()}\n{rest}")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository's files, with all that the page adds."""
    folder = tmp_path_factory.mktemp("adding") / "facebench"
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in files:
        if name and not name.startswith(("tests/", "docs/img/")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    for name, text in blocks():
        follow(folder / name, text)
    sort = [sys.executable, "-m", "ruff", "check", "--quiet", "--select", "I", "--fix"]
    subprocess.run([*sort, folder / "scripts"], check=True)
    return folder


@pytest.fixture(scope="module")
def run(copy):
    """The folder in which the study of the page was run, on stripes of colour."""
    directory = copy.parent / "run"
    (directory / "photos").mkdir(parents=True)
    random = np.random.default_rng(0)
    for person in range(8):
        stripes = random.integers(0, 256, (8, 1, 3))
        for number in range(4):
            noisy = stripes + random.normal(0, 20, (8, 32, 3))
            pixels = np.repeat(noisy, 4, axis=0).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(directory / f"photos/Person_{person}_{number}.png")
    (directory / "small.yaml").write_text(yaml.safe_dump(SMALL))
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--snakefile", copy / "Snakefile",
         "--directory", directory, "--configfile", directory / "small.yaml", copy / STUDY],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return directory


def test_the_code_of_the_page_is_in_this_projects_style(copy):
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([*ruff, *command, copy / "scripts"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_new_protocol_repeats_none_of_the_others(copy):
    code = "from facebench.study.code_hash import library as l; print(l('{}'))"
    # `poison.py` searches through indices, and the page adds a kind of these.
    for script in ("facebench/evaluation/identify.py", "facebench/evaluation/open_set.py"):
        command = [sys.executable, "-c", code.format(script)]
        before, after = (
            subprocess.run(command, cwd=root / "scripts", capture_output=True, check=True).stdout
            for root in (ROOT, copy)
        )
        assert before == after


@pytest.mark.workflow
def test_what_the_page_adds_is_run(run):
    metrics = pd.read_parquet(run / layout.result("all-new", "metrics.parquet"))
    found = metrics.set_index(["protocol", "model", "metric", "attack"]).sort_index()
    assert set(metrics.model) == {"pixels", "colours"}
    assert (found.loc[("reciprocal", "colours", "mrr", "clean"), "value"] > 0.9).all()
    assert (found.loc[("neighbour", "colours", "rank", "clean"), "value"] > 0.9).all()
    assert "mosaic-8" in set(metrics[metrics.protocol == "poison"].attack)


@pytest.mark.workflow
def test_its_reader_attack_and_index_are_the_pages(run):
    images = pd.read_parquet(run / layout.images("mine"))
    assert set(images.name) == {f"Person {i}" for i in range(8)}
    index = (run / layout.index("mine", "full", "clean", "colours")).with_name("index.faiss")
    flat = 32 * 48 * 4
    assert flat / 2 <= index.stat().st_size < flat
    faces = pd.read_parquet(run / layout.faces("mine", "full", "mosaic-8"))
    assert (faces.attack_status == "ok").all()
