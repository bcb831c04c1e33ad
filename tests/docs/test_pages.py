"""The pages: their code runs, their links lead somewhere, and their numbers are explained."""

import re
from pathlib import Path

import pytest
import yaml

from facebench.report.headlines import HEADLINES
from tests.toys.dashboard_tables import write_results

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)


def test_the_blocks_of_pandas_run_in_their_order(tmp_path, monkeypatch, capsys):
    write_results(tmp_path, people=6)
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "reading-results.md").read_text(encoding="utf-8")
    blocks, space = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S), {}
    assert len(blocks) == 8
    for block in blocks:
        exec(compile(block, "docs/reading-results.md", "exec"), space)
        assert len(capsys.readouterr().out.splitlines()) >= 1
        assert len(block.strip().splitlines()) <= 8
    assert list(space["rank1"].model)[0] == "mini-s" and (space["rank1"]["at"] == "1").all()
    assert (space["pairs"].p_corrected < 0.05).all() and (space["missed"]["rank"] > 1).all()
    assert space["rule"].fmr == 0.01 and space["one"] @ space["one"] >= space["rule"].threshold
    assert not space["cloaks"].made_on.any() and space["people"].nunique() == 6


def anchors(text):
    """Return what GitHub calls the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.M)
    kept = [re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", h)).lower() for h in heads]
    return {head.strip().replace(" ", "-") for head in kept}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        assert place.exists(), target
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_study_and_setting_of_make_that_is_printed_exists(page):
    text = page.read_text(encoding="utf-8")
    known = (ROOT / "Makefile").read_text()
    for study in re.findall(r"STUDY=(studies/[\w-]+\.yaml)", text):
        assert (ROOT / study).is_file() or study == "studies/all-new.yaml", study
    for target in re.findall(r"(?:`|    )(?:\w+=\S+ )*make ([a-z]+)\b", text):
        assert re.search(rf"^{target}:", known, re.M), target


def test_every_page_is_named_in_the_readme():
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme] == []


def test_every_column_of_the_readmes_table_is_defined_with_what_is_better():
    text = PAGES[0].read_text(encoding="utf-8")
    head = re.search(r"^\| model +\|(.+)\|$", text, re.M)[1]
    columns = [column.strip() for column in head.split("|")]
    rows = re.search(
        r"^\| number \| what it says \| better \|\n\|[-|]+\n(.*?)\n\n", text, re.M | re.S
    )
    defined = {
        name: better
        for name, _, better in (
            [cell.strip() for cell in row.strip("|").split("|")] for row in rows[1].splitlines()
        )
    }
    for column in columns:
        name = next((name for name in defined if column.startswith(name)), None)
        assert name, column
        known = [h for h in HEADLINES if column.startswith(h.label.split("{")[0].strip())]
        if known:
            assert ("lower" in defined[name]) == known[0].lower_is_better, column


def test_the_profile_for_a_cluster_is_the_one_that_is_there_and_what_it_is_to_add():
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    said = yaml.safe_load(re.search(r"^```yaml\n(.*?)^```$", page, re.M | re.S)[1])
    there = yaml.safe_load((ROOT / "profiles" / "slurm" / "profile.yaml").read_text())
    added = {key: said.pop(key) for key in said.keys() - there.keys()}
    assert said == there and set(added) == {"default-resources", "set-resources"}
    assert added["default-resources"] == {"slurm_account": "my-account", "slurm_partition": "cpu"}
    assert set(added["set-resources"]) == {"embed__celeba__1"}


def test_the_profile_for_several_gpus_is_the_ordinary_one_with_more_of_them():
    profiles = {
        name: yaml.safe_load((ROOT / "profiles" / name / "profile.yaml").read_text())
        for name in ("default", "gpus", "slurm")
    }
    gpus = [profiles[name].pop("resources")["gpu"] for name in ("default", "gpus")]
    assert gpus == [1, 4] and profiles["default"] == profiles["gpus"]
    assert profiles["default"].items() <= profiles["slurm"].items()
