"""What is not there: not asked for, not in this crop, or not run yet. Three sentences."""

import json
import re

import pandas as pd
import pytest

from dashboard.data import absent, curves
from facebench.store.tables import write_table
from tests.toys.pages import missing, texts
from tests.toys.working import RUN, working

ASKED = "not asked for in this study"
SIZED = ["clip-cloak-16", "noise-16"]
POISON = ["poison", "index_poison", "typographic"]


def without(folder, chosen):
    """Take numbers out of a study."""
    metrics = pd.read_parquet(folder / "metrics.parquet")
    write_table(metrics[~chosen(metrics)], folder / "metrics.parquet", {})


#: What the study lacks -> page, part, and what is said there, of the data set or the crop shown.
LACKING = [
    (lambda m: m.protocol.isin(POISON), "overview", "", f"Attacks: {ASKED}."),
    (lambda m: m.protocol.isin(POISON), "poisoning", "Protection", f"Attacks: {ASKED}."),
    (lambda m: m.protocol.isin(POISON), "poisoning", "Transfer", f"Attacks: {ASKED}."),
    (lambda m: m.protocol == "index_poison", "poisoning", "Index",
     f"Entries inserted into an index: {ASKED}."),
    (lambda m: m.protocol.str.startswith("hub"), "poisoning", "Hubs",
     f"Entries for everybody: {ASKED}. studies/hubs.yaml asks for it."),
    (lambda m: m.attack.isin(SIZED), "poisoning", "Visible cost",
     f"Attacks of several sizes: {ASKED}. studies/budget.yaml asks for it."),
    (lambda m: m.attack.isin(SIZED) & (m.crop == "full"), "poisoning", "Visible cost",
     "Attacks of several sizes: not measured in the crop full."),
    (lambda m: m.attack.str.startswith("photo"), "poisoning", "Photographs",
     f"Attacks on whole photographs: {ASKED}. studies/lfw-photographs.yaml asks for it."),
    (lambda m: m.attack.str.startswith("photo") & (m.crop == "full"), "poisoning", "Photographs",
     "Attacks on whole photographs: not measured in the crop full."),
    (lambda m: m.protocol == "name", "names", "", f"Naming: {ASKED}."),
    (lambda m: m.protocol == "name", "overview", "", f"By name: {ASKED}."),
    (lambda m: m.protocol == "verify", "recognition", "Curves", f"All pairs: {ASKED}."),
    (lambda m: m.protocol == "open_set", "recognition", "Curves", f"Open set: {ASKED}."),
    (lambda m: m.protocol == "scale", "recognition", "Larger galleries",
     f"Larger galleries: {ASKED}."),
    (lambda m: m.protocol.isin(["identify", "neighbour"]), "recognition", "Person by person",
     f"Searches: {ASKED}."),
    (lambda m: m.protocol.isin(POISON) & (m.crop == "full"), "poisoning", "Protection",
     "Attacks: not measured in the crop full."),
    (lambda m: m.protocol.isin(POISON) & (m.crop == "full"), "overview", "",
     "Attacks: not measured in the crop full."),
    (lambda m: (m.protocol == "name") & (m.crop == "full"), "names", "",
     "Naming: not measured in the crop full."),
    (lambda m: (m.protocol == "verify") & (m.crop == "full"), "recognition", "Curves",
     "All pairs: not measured in the crop full."),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "page", "part", "said"), LACKING)
def test_what_was_not_asked_for_is_told_apart(mine, show, chosen, page, part, said):
    without(mine, chosen)
    app = show(mine, page, part)
    told = [*missing(app), *(text.replace("\\", "") for text in texts(app))]
    assert any(text.startswith(said) for text in told), told
    # Running this study again would change nothing of it; another one may ask for it.
    commands = [code.value for code in app.code if "make run" in code.value]
    other = re.search(r"(studies/[\w-]+\.yaml) asks for it", " ".join(told))
    assert all(other and f"STUDY={other[1]}" in command for command in commands), commands


def test_the_crop_that_has_it_is_one_click_away(mine, show):
    without(mine, lambda m: m.protocol.isin(POISON) & (m.crop == "full"))
    app = show(mine, "poisoning")
    (button,) = [one for one in app.button if one.label == "See background"]
    button.click().run()
    assert app.selectbox(key="crop").value == "background" and missing(app) == []


def test_the_data_set_that_has_it_is_one_click_away(mine, show):
    metrics = pd.read_parquet(mine / "metrics.parquet")
    others = metrics[metrics.protocol == "name"].assign(dataset="known")
    write_table(pd.concat([metrics, others]), mine / "metrics.parquet", {})
    app = show(mine, "recognition", dataset="known")
    buttons = [one for one in app.button if one.label == "See strangers, full"]
    buttons[0].click().run()
    assert app.selectbox(key="dataset").value == "strangers" and missing(app) == []


def test_what_is_configured_and_has_no_numbers_was_not_run_yet(mine, show, tmp_path, monkeypatch):
    study = tmp_path / "default.yaml"
    study.write_text(
        "datasets: {strangers: {reader: people, people: 4, views: 2}}\n"
        "evaluate: {datasets: [strangers], crops: [full], models: [pixels], only: {},"
        " protocols: [identify, verify], attacks: []}\n"
    )
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    without(mine, lambda m: m.protocol.isin(["verify", "name"]))
    app = show(mine, "recognition", "Curves")
    assert "All pairs: not run yet for strangers, crop full. To make it, run:" in missing(app)
    assert any(code.value.startswith(f"make run STUDY={study}") for code in app.code)
    (told,) = missing(show(mine, "names"))
    assert told == f"Naming: {ASKED}."


def test_a_run_of_the_study_that_is_at_work_is_told_and_no_command(
    mine, show, tmp_path, monkeypatch
):
    study = tmp_path / "default.yaml"
    study.write_text(
        "datasets: {strangers: {reader: people, people: 4, views: 2}}\n"
        "evaluate: {datasets: [strangers], crops: [full], models: [pixels], only: {},"
        " protocols: [identify, verify], attacks: []}\n"
    )
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    without(mine, lambda m: m.protocol == "verify")
    root = mine.parents[1]
    with working(root, RUN.format(study="default")):
        said = missing(show(mine, "recognition", "Curves"))
        (mine / "metrics.parquet").unlink()
        app = show(mine, "models")
        assert missing(app)[0].startswith(
            "There is no results/default/metrics.parquet yet. A run of"
        )
        assert not app.code
    far = r"A run of the study default is at work here, since .*; 2 of 9 steps are done\)\."
    start = "All pairs: not there yet for strangers, crop full"
    assert any(re.fullmatch(rf"{start}\. {far}", one) for one in said), said
    with working(root, RUN.format(study="another")):
        (told,) = missing(show(mine, "models"))
    assert "A run" not in told


def test_ones_own_photographs_are_pointed_to_the_study_of_ones_own_cloaks(
    mine, show, tmp_path, monkeypatch
):
    study = tmp_path / "default.yaml"
    study.write_text("dashboard: {own: [strangers]}\nevaluate: {attacks: []}\n")
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    without(mine, lambda m: m.protocol.isin(POISON))
    assert f"Attacks: {ASKED}. studies/my-cloaks.yaml asks for it. Run:" in missing(
        show(mine, "overview")
    )


def test_ranks_beyond_a_small_gallery_are_those_of_all_of_it(mine, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    record = json.dumps({"identify": {"gallery_images": 3}})
    write_table(pd.DataFrame({"record": ["a"], "json": [record]}), mine / "records.parquet", {})
    ranks = pd.DataFrame({"model": "m", "rank": [1.0, 5.0, 100.0], "record": "a"})
    assert curves.within_gallery(ranks)["rank"].tolist() == [1, 3]
    assert curves.within_gallery(ranks.assign(record="b"))["rank"].tolist() == [1, 5, 100]


@pytest.mark.parametrize(("part", "attacks", "what"), [
    ("Photographs", {"a": "{kind: noise, photographs: [full]}"}, "Attacks on whole photographs"),
    ("Visible cost", {"a-2": "{kind: noise}", "a-4": "{kind: noise}"}, "Attacks of several sizes"),
])  # fmt: skip
def test_attacks_that_are_configured_were_not_run_yet(
    mine, show, tmp_path, monkeypatch, part, attacks, what
):
    study = tmp_path / "default.yaml"
    study.write_text(
        "datasets: {strangers: {reader: people, people: 4, views: 2}}\n"
        "crops: {full: {kind: box, margin: 0.1}}\n"
        f"attacks: {{{', '.join(f'{name}: {spec}' for name, spec in attacks.items())}}}\n"
        "evaluate: {datasets: [strangers], crops: [full], models: [pixels], only: {},"
        f" protocols: [identify], attacks: [{', '.join(attacks)}]}}\n"
    )
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    without(mine, lambda m: m.attack.isin(SIZED) | m.attack.str.startswith("photo"))
    told = missing(show(mine, "poisoning", part))
    assert f"{what}: not run yet for strangers, crop full. To make it, run:" in told


@pytest.mark.parametrize("text", ["[1]", "evaluate: {datasets: 5}", "{", "models: {}"])
def test_a_configuration_that_cannot_be_used_tells_nothing(mine, tmp_path, monkeypatch, text):
    study = tmp_path / "default.yaml"
    study.write_text(text)
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    assert not absent.asked() or text == "models: {}"


def test_a_number_by_which_models_are_not_compared_names_those_that_are(full, show):
    app = show(full, "models", number="True accept rate at a false accept rate of 0.001")
    (told,) = missing(app)
    assert told == "Models are not compared by All pairs, only by Identification."
