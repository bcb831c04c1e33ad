"""Results that are old, damaged or vanish: pages say so, each in its place, and never fail."""

import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.data import cost, files, places, search
from dashboard.data.missing import Missing
from facebench.store import layout
from tests.toys.dashboard_tables import DATASET, STUDY
from tests.toys.pages import VIEWS, missing, opened


def outcomes(protocol):
    return layout.outcomes(STUDY, DATASET, "full", "*", protocol)


def of_study(name):
    return layout.result(STUDY, name)


#: Tables -> where they are shown, and the columns without which they can't be.
TABLES = {
    of_study("metrics.parquet"): (
        "models",
        "",
        "dataset crop model protocol metric at threat attack fraction reencode value ci_low ci_high"
        " n_identities n_images n_failed record",
    ),
    of_study("comparisons.parquet"): (
        "models",
        "",
        "dataset crop variant protocol model_a model_b difference ci_low ci_high p_corrected",
    ),
    of_study("groups.parquet"): (
        "recognition",
        "By group",
        "dataset crop model metric at group value n_identities rate ci_low ci_high difference"
        " difference_low difference_high p p_corrected",
    ),
    of_study("claims.parquet"): (
        "claims",
        "",
        "says source rule dataset crop verdict people evidence",
    ),
    of_study("models.parquet"): ("models", "", ""),
    of_study("records.parquet"): ("provenance", "", "record json"),
    of_study("poison-transfer.parquet"): (
        "poisoning",
        "Transfer",
        "dataset crop attack kind attack_control surrogates victim averaged made_on"
        " found_clean found gain ci_low ci_high protected_share p_corrected n_identities",
    ),
    of_study("poison-groups.parquet"): (
        "poisoning",
        "Transfer",
        "dataset crop attack model group value n_found found_clean protected_share protected_low"
        " protected_high difference difference_low difference_high p_corrected",
    ),
    of_study("poison-votes.parquet"): (
        "poisoning",
        "Two models",
        "dataset crop attack model_a model_b made_on found_either_clean found_either gain ci_low"
        " ci_high",
    ),
    layout.images(DATASET): ("recognition", "Person by person", "image_id status identity name"),
    outcomes("identify"): (
        "recognition",
        "Person by person",
        "image_id identity correct other_id",
    ),
    outcomes("open_set"): (
        "recognition",
        "Curves",
        "identity mated halving half rank mate_score other_score",
    ),
    outcomes("name"): ("names", "", "image_id identity correct other_name"),
    layout.faces(DATASET, "full"): ("search", "", "image_id status image"),
    layout.faces(DATASET, "full", "noise"): (
        "poisoning",
        "Before and after",
        "image_id identity status attack_status linf l2 psnr dssim lpips image",
    ),
    layout.metadata(DATASET, "full", "clean", "*"): ("search", "", "image_id identity"),
    layout.my_cloaks(STUDY, DATASET, "parquet"): (
        "find_me",
        "",
        "identity attack crop model searches found_clean found lost gained p_corrected needed",
    ),
}
INDEX = layout.index(DATASET, "full", "clean", "*")
INDEX_FILE = INDEX.replace(".json", ".faiss")
#: Other files -> where they are shown.
OTHERS = {
    layout.embeddings(DATASET, "full", "clean", "*"): ("search", ""),
    INDEX: ("search", ""),
    INDEX_FILE: ("search", ""),
    layout.model("*"): ("search", "Words"),
    of_study("thresholds.json"): ("models", ""),
    "benchmarks/**/*.tsv": ("cost", ""),
}
FILES = {name: where[:2] for name, where in TABLES.items()} | OTHERS
DAMAGE = {
    "something else": lambda held: b"not what it should be",
    "a hole in it": lambda held: held[: len(held) // 3].ljust(len(held), b"\0"),
    "a list": lambda held: b"[1]",
}
#: Without these a page goes on, and shows what it has.
SILENT = (of_study("models.parquet"),)


@pytest.fixture
def root(full, tmp_path, monkeypatch):
    """The folder of a run, whose files are links: replace them, don't write into them."""
    made = tmp_path / "run"
    shutil.copytree(full.parents[1], made, copy_function=os.link)
    monkeypatch.setenv("FACEBENCH_RESULTS", str(made / "results" / STUDY))
    return made


def put(path, content):
    """Replace a file, as the workflow does: a reader that has the old one open keeps it."""
    path.unlink()
    path.write_bytes(content)


def without(tables, columns):
    """Replace tables (by path) by themselves without some columns; their rows stay."""
    for path, table in tables.items():
        rest = table.drop_columns([name for name in columns if name in table.column_names])
        path.unlink()
        pq.write_table(rest.append_column("unused", pa.array(range(len(table)))), path)


def lacking(told, columns):
    """Return which columns a page says to be lacking."""
    sentences = [text.partition("it lacks ")[2].partition(".")[0] for text in told]
    return {name for text in sentences for name in text.split(", ")} & set(columns)


@pytest.mark.parametrize("name", TABLES)
def test_columns_that_are_not_there_are_named_where_they_are_needed(root, name):
    page, part, needed = TABLES[name]
    tables = {path: pq.read_table(path) for path in root.glob(name)}
    # What is named last may be read only where the rest is there.
    left = set(needed.split())
    while left:
        without(tables, left)
        named = lacking(missing(opened(page, part)), left)
        assert named, f"nobody misses {left}"
        left -= named
    spare = set(next(iter(tables.values())).column_names) - set(needed.split())
    without(tables, spare)
    assert not any("it lacks" in text for text in missing(opened(page, part)))


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_said_where_it_is_needed(root, name):
    page, part = FILES[name]
    held = {path: path.read_bytes() for path in root.glob(name)}
    assert held
    for damage, harm in DAMAGE.items():
        if damage == "a list" and not name.endswith(".json"):
            continue
        for path, content in held.items():
            put(path, harm(content))
        told = " ".join(missing(opened(page, part)))
        if damage != "a hole in it" and name not in SILENT:  # numbers of a hole are numbers too
            assert "can't be read" in told, (damage, told)


def reading(name, path):
    """Read a file as pages do."""
    if name in (INDEX, INDEX_FILE):
        return search.index(DATASET, "full", path.parents[1].name)
    if path.suffix == ".npy":
        return search.vectors(DATASET, "full", "clean", path.parents[1].name)
    if path.suffix == ".tsv":
        return cost.jobs()
    place = str(path.relative_to(places.root()))
    return files.parsed(place) if path.suffix == ".json" else files.table(place)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_short_cannot_be_read(root, name):
    for path in root.glob(name):
        put(path, path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Missing, match="can't be read"):
        reading(name, path)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_vanished_is_said_where_it_is_needed(root, name):
    page, part = FILES[name]
    for path in root.glob(name):
        path.unlink()
    told = " ".join(missing(opened(page, part)))
    if name == INDEX_FILE:
        assert "index.json can't be read" in told, told
    elif name not in (*SILENT, INDEX):  # an index is built again
        assert "There " in told or "has no answer" in told, told


@pytest.mark.parametrize(("page", "part"), VIEWS)
def test_with_nothing_but_damaged_files_every_page_says_so(root, page, part):
    for path in root.rglob("*.*"):
        put(path, b"not what it should be")
    told = " ".join(missing(opened(page, part)))
    assert "can't be read" in told or page == "find_me", told
