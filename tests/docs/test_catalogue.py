"""What the catalogue of Snakemake workflows, and whoever finds a folder, reads of the project."""

import re
import tomllib

import pytest
import yaml

from facebench.study.model_files import registry
from tests.docs.test_pages import FENCED, anchors
from tests.toys.workflow import ROOT

CARDS = sorted((ROOT / "weights").glob("*/README.md"))
PAGES = [*CARDS, ROOT / "config" / "README.md", ROOT / "CHANGELOG.md"]
LOCK = dict(
    line.split(" ")[0].split("==")
    for line in (ROOT / "requirements.lock").read_text().splitlines()
    if "==" in line.split(" ")[0]
)
RECIPE = (ROOT / "Containerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.name}")
def test_every_link_leads_somewhere(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\((?!https?://)([^)\s]+)\)", text)
    assert targets
    for target in targets:
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve()
        assert place.exists(), target
        assert not anchor or anchor in anchors(place.read_text(encoding="utf-8")), target


def test_every_folder_of_weights_has_a_card_that_says_what_the_registry_says():
    folders = {path.parent for path in (ROOT / "weights").glob("*/model.safetensors")}
    folders |= {path.parent for path in (ROOT / "weights").glob("*/open_clip_model.safetensors")}
    assert folders == {card.parent for card in CARDS} and len(folders) >= 5
    for card in CARDS:
        _, front, text = card.read_text(encoding="utf-8").split("---\n", 2)
        said, name = yaml.safe_load(front), card.parent.name
        spec = registry().get(name)
        assert said["license"] == (spec["facts"]["licence"] if spec else "mit")
        assert text.startswith(f"\n# {name}\n")
        if spec:
            assert said["library_name"] == spec["family"]
            assert f"{spec['facts']['params_m']} million parameters" in " ".join(text.split())
            (entry,) = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.S)[1])[
                "models"
            ].values()
            assert entry == {key: spec[key] for key in ("family", "path")}


def test_the_recipe_of_the_container_is_of_this_project():
    (base,) = re.findall(r"^FROM \S+/python:(\d+\.\d+)-slim", RECIPE, re.M)
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert [*map(int, base.split("."))] >= [*map(int, oldest.split("."))]
    for copied in re.findall(r"^COPY (\S+) ", RECIPE, re.M):
        assert (ROOT / copied).exists(), copied
    # The lock is what says which versions: a pin beside it would have to be the same.
    for name, version in re.findall(r"([\w.-]+)==([\w.]+)", RECIPE):
        assert LOCK[name] == version, name
    assert "requirements.lock" in RECIPE and "install.py .venv" in RECIPE
    lines = re.findall(r"^RUN .*pip install.*$", RECIPE, re.M)
    assert all("==" in line or "-r requirements.lock" in line for line in lines)
    # Nothing that a run made gets into the image, nor the libraries of another machine.
    left_out = set((ROOT / ".containerignore").read_text().split())
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    assert left_out - ignored == {".git"} and {".venv", "data", "results"} <= left_out


def test_the_catalogue_promises_what_the_documents_say():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["report"] is True and usage["mandatory-flags"]["flags"] == ""
    tried = "no environment of conda" not in (ROOT / "docs" / "roadmap.md").read_text()
    assert usage["software-stack-deployment"] == {
        "conda": tried, "apptainer": False, "apptainer+conda": False
    }  # fmt: skip
    words = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "snakemake" in words and "workflow" in words


def test_the_changes_are_of_the_version_that_the_project_has():
    versions = re.findall(r"^## (\S+?),", (ROOT / "CHANGELOG.md").read_text(), re.M)
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]
    assert versions[0] == PROJECT["version"] == cited
