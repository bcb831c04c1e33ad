"""The reader of the paper's set of cloaked pictures, on a set that is drawn in its layout."""

import numpy as np
import pytest
import yaml
from PIL import Image

from facebench.attacks import options_of
from facebench.datasets import READERS
from facebench.datasets.perturbed_faces import published_versions
from facebench.errors import UserError
from facebench.store.tables import read_table, write_table
from facebench.study import attack_plan
from facebench.study.dataset_files import sources
from tests.toys import damaged_files
from tests.toys.poison import OPTIONS, Poisoned
from tests.toys.workflow import ROOT, jobs, workflow
from tools.verification.study import configuration

READ = READERS["perturbed_faces"]

#: Who is on CelebA's pictures 1 to 12; the first four are published.
WHO = [7, 3, 7, 5, 3, 3, 5, 7, 9, 9, 9, 5]
PUBLISHED = 4


def write_celeba(root):
    """Write CelebA's pictures and list of identities; return the reader's files."""
    for number, person in enumerate(WHO, 1):
        picture = damaged_files.cartoon(person, number).resize((178, 218), Image.Resampling.LANCZOS)
        damaged_files.save(picture, root / "img_align_celeba" / f"{number:06d}.jpg", quality=95)
    lines = [f"{number:06d}.jpg {person}" for number, person in enumerate(WHO, 1)]
    (root / "identity_CelebA.txt").write_text("\n".join(lines) + "\n")
    return {"identity": root / "identity_CelebA.txt"}


def write_published(root, celeba):
    """Write the first pictures with two changed versions each, in one folder."""
    for number in range(1, PUBLISHED + 1):
        source = celeba / "img_align_celeba" / f"{number:06d}.jpg"
        root.mkdir(parents=True, exist_ok=True)
        (root / source.name).write_bytes(source.read_bytes())
        pixels = np.asarray(Image.open(source)).astype(int)
        for step, ending in ((6, "cloaked"), (12, "attacked")):
            signs = np.random.default_rng(number + step).choice([-step, step], pixels.shape)
            changed = np.clip(pixels + signs, 0, 255).astype(np.uint8)
            Image.fromarray(changed).save(root / f"{number:06d}_{ending}.png")
    return root


@pytest.fixture
def sets(tmp_path):
    files = write_celeba(tmp_path / "celeba")
    return tmp_path / "celeba", write_published(tmp_path / "perturbed", tmp_path / "celeba"), files


def test_all_pictures_of_the_published_people_and_of_nobody_else(sets):
    celeba, published, files = sets
    images = READ(celeba, files, published=str(published)).images
    assert sorted(images.identity) == sorted(str(who) for who in WHO if who != 9)
    numbers = images.path.str.extract(r"(\d+)\.jpg")[0].astype(int)
    assert list(images.published) == list(numbers <= PUBLISHED)


@pytest.mark.parametrize("enrolled", ["published", "others"])
def test_the_published_are_enrolled_or_searched_with(sets, enrolled):
    celeba, published, files = sets
    images = READ(celeba, files, published=str(published), enrolled=enrolled).images
    gallery = images.published if enrolled == "published" else ~images.published
    assert list(images.role == "gallery") == list(gallery)
    assert set(images.role) == {"gallery", "probe"}


def test_the_set_alone_has_its_originals_only(sets):
    _, published, files = sets
    images = READ(published, files).images
    assert list(images.path) == [f"{number:06d}.jpg" for number in range(1, PUBLISHED + 1)]
    assert images.published.all() and "role" not in images


def test_a_published_picture_that_celeba_lacks_is_listed(sets):
    celeba, published, files = sets
    (celeba / "img_align_celeba" / "000002.jpg").unlink()
    images = READ(celeba, files, published=str(published)).images
    assert "000002.jpg" in set(images.path)


def test_which_versions_there_are(sets):
    _, published, _ = sets
    (published / "000003_attacked.png").unlink()
    (published / "000004.jpg").unlink()
    (published / "000099.jpg").write_bytes(b"")
    versions = published_versions(published)
    assert list(versions.index) == [1, 2, 3, 4]
    assert list(versions.lowkey) == [True, True, False, True]
    assert list(versions.original) == [True, True, True, False]


def test_a_folder_of_other_pictures_is_refused(sets):
    celeba, _, files = sets
    with pytest.raises(UserError, match="not the set perturbed_faces"):
        READ(celeba, files, published=str(celeba))


def test_a_list_of_others_is_refused(sets):
    celeba, published, files = sets
    files["identity"].write_text("000800.jpg 1\n000801.jpg 1\n")
    with pytest.raises(UserError, match="none of the pictures"):
        READ(celeba, files, published=str(published))


def test_the_set_must_be_said_before_any_job(sets, monkeypatch):
    celeba, published, _ = sets
    monkeypatch.delenv("PERTURBED_FACES", raising=False)
    spec = {
        "reader": "perturbed_faces",
        "folder": str(celeba),
        "files": {"identity": {"name": "identity_CelebA.txt"}},
        "published": "$PERTURBED_FACES",
    }
    with pytest.raises(UserError, match="PERTURBED_FACES"):
        sources("x", spec)
    monkeypatch.setenv("PERTURBED_FACES", str(published / "gone"))
    with pytest.raises(UserError, match="nothing at"):
        sources("x", spec)
    monkeypatch.setenv("PERTURBED_FACES", str(published))
    assert sources("x", spec).files == {"identity": str(celeba / "identity_CelebA.txt")}


# What the experiments with attacks make of the roles


def published_toy(folder, enrolled):
    """Return a data set in which each person's first picture was attacked, and what it became."""
    toy = Poisoned(folder, people=20, each=4, noise=0.3)
    first = np.arange(80) % 4 == 0
    moved = toy.attack("cloak", 3.0)
    said = np.where(first, "ok", "not attacked").astype(object)
    state = np.where(first, "ok", "not-attacked").astype(object)
    toy.write("cloak", moved, state, said)
    table = read_table(toy.path("images.parquet"))
    table["role"] = np.where(first == (enrolled == "published"), "gallery", "probe")
    write_table(table, toy.path("images.parquet"), {})
    return toy, moved, first


@pytest.mark.parametrize(
    ("enrolled", "threat", "other"),
    [("published", "gallery", "probe"), ("others", "probe", "gallery")],
)
def test_recognition_is_by_the_persons_other_pictures(tmp_path, enrolled, threat, other):
    toy, moved, first = published_toy(tmp_path, enrolled)
    options = {**OPTIONS, "threats": [threat, other], "shares": [0, 1], "defences": []}
    metrics, outcomes = toy.report(options=options)
    for share, published in ((0.0, toy.vectors), (1.0, moved)):
        hits = []
        for person in range(20):
            own = (toy.people == person) & first
            vectors = toy.vectors.copy()
            vectors[own] = published[own]
            gallery, probes = (first, ~first) if enrolled == "published" else (~first, first)
            asked = np.flatnonzero(probes & (toy.people == person))
            best = np.argmax(vectors[asked] @ vectors[gallery].T, axis=1)
            hits.append((toy.people[gallery][best] == person).sum())
        mine = outcomes[(outcomes.threat == threat) & (outcomes.fraction == share)]
        assert list(mine.sort_values("identity").nearest) == hits
    protection = metrics[(metrics.metric == "protection") & (metrics["at"] == "nearest")]
    assert protection[protection.threat == other].value.isna().all()


def test_the_own_original_is_looked_for_among_all_and_kept_apart(tmp_path):
    toy, moved, first = published_toy(tmp_path, "published")
    options = {**OPTIONS, "threats": ["gallery"], "shares": [0, 1]}
    metrics, _ = toy.report(options=options)
    best = np.argmax(moved[first] @ toy.vectors.T, axis=1)
    expected = (best == np.flatnonzero(first)).mean()
    same = metrics[metrics.metric == "same_photo"]
    assert same.value.item() == pytest.approx(expected)
    assert set(same.threat) == {"same-photo"}


# The workflow on it


def study_on(celeba, published):
    """Return studies/paper-cloaks.yaml on the drawn set, with one model and one crop."""
    study = yaml.safe_load((ROOT / "studies" / "paper-cloaks.yaml").read_text())
    study["evaluate"] |= {"crops": ["full"], "models": ["pixels"], "reencodings": ["half"]}
    of = {"folder": str(celeba / "img_align_celeba"), "published": str(published)}
    study["datasets"] = {name: of for name in study["evaluate"]["datasets"]}
    taken = [name for name in study["evaluate"]["attacks"] if name.startswith("published")]
    study["attacks"] = {name: {"folder": str(published)} for name in taken}
    study["poison"] |= {"fpir": [0.3], "classifiers": ["nearest"]}
    return study


def test_the_published_cloaks_count_in_the_claims_about_their_programs():
    config = configuration("paper-cloaks", ROOT / "studies" / "paper-cloaks.yaml")
    kinds = {name: attack["kind"] for name, attack in attack_plan.attacks(config).items()}
    assert kinds["published-fawkes"] == "fawkes" and kinds["published-lowkey"] == "lowkey"
    assert kinds["published-originals"] == "ready-made", "no cloak, and no program's"
    assert "made_by" not in options_of(config["attacks"]["published-fawkes"])


@pytest.mark.workflow
def test_the_published_pictures_are_taken_as_variants(sets, tmp_path):
    celeba, published, _ = sets
    (published / "000002_attacked.png").unlink()
    study = study_on(celeba, published)
    folder = "store/perturbed-faces/full"
    names = study["evaluate"]["attacks"][:3]
    targets = [f"{folder}/{name}/faces.parquet" for name in names]
    workflow(tmp_path / "run", study, "--", *targets)
    tables = [read_table(tmp_path / "run" / target) for target in targets]
    counts = {
        name: dict(table.attack_status.value_counts())
        for name, table in zip(names, tables, strict=True)
    }
    assert counts == {
        "published-originals": {"unchanged": 4, "not attacked": 5},
        "published-fawkes": {"ok": 4, "not attacked": 5},
        "published-lowkey": {"ok": 3, "not attacked": 6},
    }
    for table, most in zip(tables, (0, 6, 12), strict=True):
        assert (table.linf.dropna() == most).all()


@pytest.mark.workflow
def test_all_crops_and_attacks_of_the_papers_study_are_planned(sets, tmp_path):
    celeba, published, _ = sets
    study = study_on(celeba, published)
    paper = yaml.safe_load((ROOT / "studies" / "paper-cloaks.yaml").read_text())["evaluate"]
    paper["models"] = paper["models"][:3]
    study["evaluate"] = paper
    done = workflow(tmp_path / "run", study, "--dry-run", env={"HF_HUB_OFFLINE": "1"})
    # A job for all crops of each of the two data sets.
    assert jobs(done)["poison"] == 2 * len(paper["models"])
    assert jobs(done)["attack"] == 2 * len(paper["attacks"])
    for name in paper["datasets"]:
        for crop in paper["crops"]:
            assert f"store/{name}/{crop}/published-fawkes/faces.parquet" in done.stdout
