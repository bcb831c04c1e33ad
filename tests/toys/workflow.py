"""A small study of the whole workflow, and how tests run it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "datasets"

#: Two data sets without a real face: rendered people, and a folder of troublesome pictures.
STUDY = {
    "evaluate": {
        "datasets": ["tiny-people", "nasty"],
        "crops": ["tight", "background"],
        "models": ["pixels", "random-tiny"],
        "protocols": ["verify", "identify", "neighbour", "open_set", "name"],
        "attacks": [],
    },
    "datasets": {
        "tiny-people": {"reader": "people", "people": 24, "views": 5, "size": 64},
        "nasty": {"reader": "folder", "folder": "photos"},
    },
    "models": {"random-tiny": {"family": "random", "arch": "ViT-B-32", "seed": 1}},
    "name": {"templates": ["a photo of {}", "{}"], "distractors": 20, "candidates": [10]},
    "statistics": {"draws": 200},
}


def workflow(directory, study, *arguments, check=True, env=None):
    """Run Snakemake on `study` in `directory`; return the finished process."""
    config = Path(directory) / "study.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(yaml.safe_dump(study, allow_unicode=True))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--snakefile", ROOT / "Snakefile"]
    command += ["--directory", directory, "--configfile", config, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(env or {})}
    )
    assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return done


def jobs(done):
    """Return the steps that a run finished (or a dry run planned), with how often."""
    counted = {}
    for name in re.findall(
        r"^(?:(?:local)?rule (\w+):|\[ *\d+/\d+\] (\w+))", done.stdout + done.stderr, re.MULTILINE
    ):
        name = "".join(name).split("__")[0]
        counted[name] = counted.get(name, 0) + 1
    return counted
