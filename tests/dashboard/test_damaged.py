"""Results that are old, damaged or vanish: pages say so, each in its place, and never fail."""

import shutil

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.test_pages import ROOT, VIEWS
from tests.toys.dashboard_tables import write_results

RECOGNITION = "strangers/full/clean/*/outcomes"
#: Tables -> where they are shown, and the columns without which that can't be.
TABLES = {
    "metrics.parquet": (
        "models",
        "",
        "dataset crop model protocol metric at threat attack fraction reencode value ci_low ci_high"
        " n_identities n_images n_failed record",
    ),
    "comparisons.parquet": (
        "models",
        "",
        "dataset crop variant protocol model_a model_b difference ci_low ci_high p_corrected",
    ),
    "models.parquet": ("models", "", ""),
    "records.parquet": ("provenance", "", "record json"),
    "poison-transfer.parquet": (
        "poisoning",
        "Transfer",
        "dataset crop attack kind surrogates victim made_on models found_clean found gain ci_low"
        " ci_high p_corrected n_identities",
    ),
    "poison-groups.parquet": (
        "poisoning",
        "Transfer",
        "dataset crop attack model group value gain ci_low ci_high n_identities",
    ),
    "poison-votes.parquet": (
        "poisoning",
        "Two models",
        "dataset crop attack model_a model_b made_on found_either_clean found_either gain ci_low"
        " ci_high",
    ),
    "strangers/images.parquet": (
        "recognition",
        "Person by person",
        "image_id status identity name",
    ),
    f"{RECOGNITION}/identify.parquet": (
        "recognition",
        "Person by person",
        "image_id identity correct other_id",
    ),
    f"{RECOGNITION}/open_set.parquet": (
        "recognition",
        "Curves",
        "identity mated half rank mate_score other_score",
    ),
    f"{RECOGNITION}/name.parquet": ("names", "", "image_id identity correct other_name"),
    "strangers/full/clean/faces.parquet": ("search", "", "image_id status image"),
    "strangers/full/noise/faces.parquet": (
        "poisoning",
        "Before and after",
        "image_id identity status attack_status linf l2 psnr dssim lpips image",
    ),
    "strangers/full/clean/*/metadata/metadata_0000.parquet": ("search", "", "image_id identity"),
    "strangers/my-cloaks.parquet": (
        "find_me",
        "",
        "identity attack crop model searches found_clean found p_corrected needed",
    ),
}
#: Other files -> where they are shown.
OTHERS = {
    "strangers/full/clean/*/img_emb/img_emb_0000.npy": ("search", ""),
    "strangers/full/clean/*/index.faiss": ("search", ""),
    "models/*.json": ("search", "Words"),
    "../benchmarks/**/*.tsv": ("cost", ""),
}
FILES = {name: where[:2] for name, where in TABLES.items()} | OTHERS
DAMAGE = {
    "something else": lambda held: b"not what it should be",
    "cut short": lambda held: held[: len(held) // 2],
    "a hole in it": lambda held: held[: len(held) // 3].ljust(len(held), b"\0"),
    "a list": lambda held: b"[1]",
}
#: Without these a page goes on, and shows what it has.
SILENT = ("models.parquet",)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("damaged") / "results")


@pytest.fixture
def results(made, tmp_path, monkeypatch):
    shutil.copytree(made.parent, tmp_path / "study")
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "study" / "results"))
    return tmp_path / "study" / "results"


def said(page, part):
    """Open a page, which must not fail, and return what it says to be missing, in one text."""
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    if part:
        app.query_params["by" if page == "search" else "part"] = part
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception, [e.stack_trace for e in app.exception]
    return " ".join(element.value.replace("\\", "") for element in app.info)


def put(path, content):
    """Replace a file, as the workflow does: who has the old one open keeps it."""
    path.unlink()
    path.write_bytes(content)


def write(path, table):
    """Replace a table."""
    path.unlink()
    pq.write_table(table, path)


@pytest.mark.parametrize("name", TABLES)
def test_a_column_that_is_not_there_is_named_where_it_is_needed(results, name):
    page, part, needed = TABLES[name]
    tables = {path: pq.read_table(path) for path in results.glob(name)}
    needed = needed.split()
    spare = set(next(iter(tables.values())).column_names) - set(needed)
    for column in needed:
        for path, table in tables.items():
            write(path, table.drop_columns(column))
        assert f"it lacks {column}." in said(page, part)
    for path, table in tables.items():
        write(path, table.drop_columns(list(spare)))
    assert "it lacks" not in said(page, part)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_said_where_it_is_needed(results, name):
    page, part = FILES[name]
    held = {path: path.read_bytes() for path in results.glob(name)}
    assert held
    for damage, harm in DAMAGE.items():
        if damage == "a list" and not name.endswith(".json"):
            continue
        for path, content in held.items():
            put(path, harm(content))
        told = said(page, part)
        if damage != "a hole in it" and name not in SILENT:  # numbers of a hole are numbers too
            assert "can't be read" in told, (damage, told)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_vanished_is_said_where_it_is_needed(results, name):
    page, part = FILES[name]
    for path in results.glob(name):
        path.unlink()
    told = said(page, part)
    if name not in (*SILENT, "strangers/full/clean/*/index.faiss"):  # which is built anew
        assert "There " in told or "not here" in told, told


@pytest.mark.parametrize(("page", "part"), VIEWS)
def test_with_nothing_but_damaged_files_every_page_says_so(results, page, part):
    for path in results.parent.rglob("*.*"):
        put(path, b"not what it should be")
    told = said(page, part)
    assert "can't be read" in told or page == "find_me", told
