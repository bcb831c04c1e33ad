"""What a study is going to take and what it lacks, told before it runs."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from facebench.study import measurable, outlook, picture_counts, workload
from facebench.study.config import checked

ROOT = Path(__file__).parents[2]


def study(name, **changes):
    """Return the configuration of a shipped study, checked; `default` is the default one."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    if name != "default":
        update_config(config, yaml.safe_load((ROOT / "studies" / f"{name}.yaml").read_text()))
    update_config(config, changes)
    return {**checked(config, ROOT / "rules" / "schema"), "study": name}


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """An empty folder, an empty cache of weights, and no hub."""
    monkeypatch.chdir(tmp_path)
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.setattr(
            f"huggingface_hub.constants.{name}", str(tmp_path / "hub"), raising=False
        )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for name in ("CELEBA_ARCHIVE", "LFW_ARCHIVE", "MY_PHOTOS"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_missing_is_one_sentence_a_cause_data_sets_first(tmp_path):
    data, weights = outlook.missing_files(study("paper"))
    folder = tmp_path / "data" / "celeba" / "downloads"
    assert data.startswith(
        "datasets.celeba needs img_align_celeba.zip and identity_CelebA.txt (about"
    )
    assert "1.4 GB" in data and f"put them into {folder}, or set CELEBA_ARCHIVE" in data
    first, *commands = weights.splitlines()
    assert first.startswith("15 models (about 32.4 GB) are not in") and "HF_HUB_OFFLINE" in first
    assert first.count("HF_HUB_OFFLINE") == 1 and "openai-vit-b-32, " in first
    assert len(commands) == 15 and all(line.startswith("  hf download ") for line in commands)
    assert any(
        line.endswith(f"--revision {'00fd56258d8020fda2c9a8b683cf883d477ad3eb'}")
        for line in commands
    )


def test_two_data_sets_without_the_same_files_are_one_sentence(tmp_path):
    config = study("paper", evaluate={"models": ["pixels"]})
    config["datasets"]["again"] = config["datasets"]["celeba"]
    config["evaluate"]["datasets"] = ["celeba", "again"]
    (said,) = outlook.missing_files(config)
    assert said.startswith("datasets.celeba and datasets.again need img_align_celeba.zip")
    assert "celeba/downloads and " in said and "again/downloads" in said


def test_one_model_is_spoken_of_as_one():
    (said,) = outlook.missing_files(
        study("default", evaluate={"models": ["openai-vit-b-32"], "attacks": []})
    )
    assert said.startswith("1 model (about 0.6 GB) is not in") and "It is openai-vit-b-32. " in said


def test_nothing_is_missing_of_the_default_study_and_its_time_is_told():
    config = study("default")
    assert outlook.missing_files(config) == []
    assert list(outlook.lines(config)) == [
        "Study default: 6 models on people, people-known; about 4 minutes on two cores."
    ]


def test_times_are_told_of_studies_that_there_are():
    there = {path.stem for path in (ROOT / "studies").glob("*.yaml")}
    assert outlook.TOOK.keys() | outlook.OWN.keys() <= there | {"default"}


def test_downloads_and_the_work_of_large_models_are_told(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    said = "\n".join(outlook.lines(study("paper")))
    assert "the weights of 15 models (about 32.4 GB)" in said
    assert "GB are free on this disk" in said and " days on 2 cores at 200 GFLOP/s" in said
    said = "\n".join(outlook.lines(study("lfw")))
    assert "lfw-funneled.tgz of lfw-view2 (about 0.2 GB); pairs.txt of lfw-view2" in said
    assert "about 40 minutes" in said


@pytest.mark.parametrize(("tflops", "rate"), [(None, 400), (50, 50_000)])
def test_a_plan_tells_the_hours_of_the_largest_models_and_they_can_be_checked(
    monkeypatch, tflops, rate
):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    config = study("paper", **({"embed": {"tflops": tflops}} if tflops else {}))
    table = [line for line in outlook.lines(config, in_full=True) if line.startswith("  ")]
    head, *rows = table[: workload.SHOWN + 3]
    columns = ["work on clean faces", "GFLOP a face", "faces, at most", "hours"]
    assert re.split("  +", head.strip()) == columns
    work = [line.rsplit(maxsplit=3) for line in rows[: workload.SHOWN]]
    hours = []
    for model, gflop, faces, told in work:
        assert float(gflop) == config["models"][model.strip()]["facts"]["gflops"]
        # CelebA's pictures in each of the study's crops.
        assert faces == f"{202_599 * len(config['evaluate']['crops']):,}"
        hours.append(float(gflop) * int(faces.replace(",", "")) / rate / 3600)
        assert float(told.replace(",", "")) == pytest.approx(hours[-1], abs=0.006)
    assert hours == sorted(hours, reverse=True)
    others, every = (float(line.split()[-1].replace(",", "")) for line in rows[-2:])
    assert every == pytest.approx(sum(hours) + others, abs=0.04)
    rest = table[workload.SHOWN + 3 :]
    assert f"{rate:,} GFLOP/s / 3,600" in rest[0]
    assert any("No GPU was measured" in line for line in rest) == (tflops is None)
    assert not any(line.startswith("The large models") for line in table)


def test_features_fusions_and_what_is_not_embedded_add_no_work():
    asked = {"models": ["openai-vit-b-32", "pixels"], "datasets": ["people", "people-known"]}
    (alone,) = workload.works(study("default", evaluate=asked))
    more = {
        "features": {"openai-vit-b-32": ["token"]},
        "fusions": {"two": ["openai-vit-b-32-token", "pixels"]},
    }
    assert workload.works(study("default", evaluate={**asked, **more})) == [alone]
    # Naming is all that is asked of `people-known`, in one crop.
    assert alone.faces == 3 * 1200 + 600
    config = study("default", evaluate=asked)
    assert workload.faces(config, "pixels", workload.counts_of(config)) == 3 * 1200


def test_what_was_computed_is_not_told_as_measured():
    (said, *_) = outlook.lines(study("names-seen"))
    assert said.endswith("about 75 minutes on two cores, as computed and never measured.")


def test_too_little_room_for_a_download_is_said_plainly(monkeypatch, tmp_path):
    def told(free):
        disk = type("Disk", (), {"free": free})
        monkeypatch.setattr("shutil.disk_usage", lambda place: disk)
        (line,) = [line for line in outlook.lines(study("paper")) if "To download" in line]
        return line

    # 15 models, and data that no program can download.
    assert told(20e9).endswith("20 GB are free on this disk: not enough for these 32.4 GB.")
    assert told(1.25e9).endswith("1.2 GB are free on this disk: not enough for these 32.4 GB.")
    assert told(40e9).endswith("40 GB are free on this disk.")


def test_downloads_of_another_disk_are_held_against_that(tmp_path):
    tiny, huge = [1.0], [1e12]
    here, there = outlook.Fetch("a", tiny, tmp_path / "no" / "yet"), Path("/dev/shm")
    other = outlook.Fetch("b", huge, there / "hub")
    if tmp_path.stat().st_dev == there.stat().st_dev:
        pytest.skip("needs a second disk")
    assert outlook.room([here]).endswith("are free on this disk.")
    said = outlook.room([here, other, outlook.Fetch("c", [None], tmp_path)])
    assert said.count("are free on") == 2 and said.endswith(
        "free on the disk of /dev/shm: not enough for these 1,000,000,000.0 GB."
    )


@pytest.mark.parametrize("name", sorted(outlook.OWN))
def test_the_time_of_a_study_of_ones_own_depends_on_how_many_photographs_there_are(
    tmp_path, monkeypatch, name
):
    monkeypatch.setenv("MY_PHOTOS", str(tmp_path / "photos"))
    said = []
    for count in (1, 1000):
        for i in range(count):
            (tmp_path / "photos" / "Ann").mkdir(parents=True, exist_ok=True)
            (tmp_path / "photos" / "Ann" / f"{i}.jpg").touch()
        said.append(next(outlook.lines(study(name))))
    assert "mine (1 photograph); about " in said[0] and said[0].endswith(" are large.")
    assert "mine (1,000 photographs); about " in said[1] and said[0] != said[1]


def test_ones_own_pictures_are_counted(tmp_path):
    for i in range(3):
        (tmp_path / "photos" / "Ann").mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / "Ann" / f"{i}.jpg").touch()
    spec = {"reader": "folder", "folder": "photos"}
    assert picture_counts.pictures("mine", spec) == 3
    assert picture_counts.pictures("mine", {**spec, "folder": "$MY_PHOTOS"}) == 0


RENDERED = ["mini-face", "mini-s", "mini-m", "mini-l"]


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("default", {}, []),
        ("poison", {}, []),
        ("pretraining", {}, []),
        ("mine", {}, []),
        ("my-cloaks", {}, []),
        ("lfw", {}, []),
        ("mine", {"evaluate": {"models": ["dlib", "mini-s"]}}, ["mini-s was trained on rendered"]),
        ("lfw", {"evaluate": {"models": RENDERED}}, ["mini-face, mini-s, mini-m, mini-l were"]),
        ("lfw", {"evaluate": {"attacks": ["fawkes"]}}, ["fawkes looks into mini-m"]),
        (
            "lfw-poison",
            {},
            ["mini-face, mini-m were", "cloak-small looks into"],
        ),
        (
            "pretraining",
            {"evaluate": {"datasets": ["lfw"]}},
            ["mini-s-again, mini-m, mini-m-again"],
        ),
    ],
)
def test_models_of_rendered_faces_are_told_where_photographs_are_asked_about(name, changes, words):
    said = measurable.warnings(study(name, **changes))
    assert len(said) == len(words)
    assert all(word in one for word, one in zip(words, said, strict=True))


@pytest.mark.parametrize(
    ("name", "models"),
    [("mine", ["pixels", "dlib", "sface"]), ("my-cloaks", ["pixels", "dlib", "sface"])],
)
def test_studies_of_ones_own_photographs_download_nothing_by_default(name, models):
    config = study(name)
    assert config["evaluate"]["models"] == models
    config["datasets"]["mine"]["folder"] = str(ROOT / "docs")
    assert outlook.missing_files(config) == []
    assert not any("download" in line for line in outlook.lines(config))


def test_the_line_that_adds_a_clip_to_ones_own_study_is_right():
    text = (ROOT / "studies" / "mine.yaml").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("  # models:")]
    config = yaml.safe_load(
        text.replace("  models: [pixels, dlib, sface]\n", "").replace(line, line.replace("# ", ""))
    )
    assert config["evaluate"]["models"] == ["pixels", "dlib", "sface", "openai-vit-b-32"]
    assert "openai-vit-b-32" in study("default")["models"]


def test_an_empty_folder_is_told_before_anything_is_done(tmp_path):
    config = study("mine")
    config["datasets"]["mine"]["folder"] = str(tmp_path)
    assert outlook.missing_files(config) == [f"datasets.mine: the folder {tmp_path} holds no file."]
    (tmp_path / "Ann").mkdir()
    (tmp_path / "Ann" / "1.jpg").touch()
    assert outlook.missing_files(config) == []
