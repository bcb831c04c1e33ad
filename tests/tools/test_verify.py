"""Verifying results: untouched ones match, and every kind of change is named."""

import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facebench.store import layout
from facebench.store.tables import read_table, write_table
from tests.toys.verified import CROP, DATASET, MODEL, STUDY, WHERE, write_study
from tests.toys.workflow import NAME, copied
from tools.verify import main

METRICS, RECORDS = (layout.result(STUDY, f"{name}.parquet") for name in ("metrics", "records"))
NUMBERS, CONFIG = layout.metrics(*WHERE, "name"), f"{STUDY}.yaml"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a small study."""
    folder = tmp_path_factory.mktemp("verified")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_study()
    return folder


@pytest.fixture
def mine(made, tmp_path, monkeypatch):
    """A copy of the study, in the working directory; its weights are where they were."""
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    model = Path(layout.model(MODEL))
    model.write_text(model.read_text().replace(str(made), str(tmp_path / "copy")))


def changed(path, column, value):
    """Change the first cell of a column; the footer stays."""
    table = pq.read_table(path)
    place, values = table.column_names.index(column), table[column].to_pylist()
    cells = pa.array([value, *values[1:]], table[column].type)
    pq.write_table(table.set_column(place, table.schema.field(column), cells), path)


def forge(path, column, value):
    """Change the first cell of a column and write a footer that fits."""
    table = read_table(path)
    table.loc[0, column] = value
    write_table(table, path, {})


def without_rows(path):
    write_table(read_table(path).iloc[:0], path, {})


def other_template():
    path = layout.names(DATASET, MODEL)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["templates"] = np.array(["a picture of {}", "{}"])
    np.savez(path, **arrays)


def replace(path, old, new):
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def cut(path):
    Path(path).write_bytes(Path(path).read_bytes()[:100])


VECTORS = layout.embeddings(DATASET, CROP, layout.CLEAN, MODEL)
#: What is done to a study -> how, and what a line says of it.
HARM = {
    "a picture": (
        lambda: Path("pictures/Ana/0.png").write_bytes(b"another"),
        r"pictures/Ana/0.png: expected sha256 \w{16}..., found \w{16}. Put the picture back",
    ),
    "a picture that is gone": (
        lambda: Path("pictures/Bo/2.png").unlink(),
        "pictures/Bo/2.png: .* found nothing.",
    ),
    "who is on a picture": (
        lambda: changed(layout.images(DATASET), "identity", "Bo"),
        "store/photos/images.parquet: expected rows",
    ),
    "who is on a picture, with a footer that fits": (
        lambda: forge(layout.images(DATASET), "identity", "Bo"),
        r"store/photos/images.parquet: expected \w{64}, found",
    ),
    "weights": (
        lambda: Path("small.bin").write_bytes(b"Weights"),
        r"small, weights_sha256 \(.*small.bin\): expected \w{64}, found \w{64}. Put the file back",
    ),
    "weights that are gone": (lambda: Path("small.bin").unlink(), "small.bin.* found nothing."),
    "where the weights are": (
        lambda: Path(layout.model(MODEL)).write_text("[1]"),
        "store/models/small.json: expected where the weights are",
    ),
    "vectors": (lambda: np.save(VECTORS, np.eye(3, 4, dtype=np.float32)[::-1]), VECTORS),
    "a prompt of the vectors": (other_template, "prompts in store/photos/names/small.npz: "),
    "a prompt of the configuration": (
        lambda: replace(CONFIG, "a photo of {}", "a face of {}"),
        'name.templates of the configuration: expected "a photo of {}", found none such.',
    ),
    "a name": (
        lambda: forge(layout.images(DATASET), "name", "Zoe"),
        "names of photos in the recorded templates of small: ",
    ),
    "a number": (lambda: changed(METRICS, "value", 0.99), f"{METRICS}: expected rows"),
    "a number, with a footer that fits": (
        lambda: forge(METRICS, "value", 0.99),
        f"a number in {METRICS}: .* found photos full small name top1 all .* 0.99 ",
    ),
    "a number of a protocol": (
        lambda: changed(NUMBERS, "value", 0.99),
        f"{NUMBERS}: expected rows",
    ),
    "a number of the text": (
        lambda: replace(layout.result(STUDY, "metrics.csv"), "0.3333", "0.4444"),
        "metrics.csv: expected the numbers of metrics.parquet, found others.",
    ),
    "a record": (
        lambda: forge(RECORDS, "json", '{"name": {"names": 5}}'),
        r"record \w{12}: expected \w{12}, found \w{12}. Delete results/album/records.parquet",
    ),
    "a record that is gone": (lambda: without_rows(RECORDS), "found none of this id."),
    "whose record a number has": (lambda: forge(NUMBERS, "record", "0" * 12), NUMBERS),
    "a table that is cut": (lambda: cut(NUMBERS), f"{NUMBERS}: .* found nothing that can be read."),
    "an outcome": (
        lambda: changed(layout.outcomes(*WHERE, "name"), "rank", 2.0),
        "outcomes/name.parquet: expected rows",
    ),
}  # fmt: skip


def said(capsys, *arguments):
    """Verify, and return the code of the end, the lines on mismatches, and the last line."""
    code = main(*arguments)
    *lines, last = capsys.readouterr().out.splitlines()
    return code, lines, last


def test_what_nobody_touched_matches(mine, capsys):
    assert said(capsys, "results", CONFIG) == (0, [], "1 records, 0 mismatches")
    assert said(capsys, f"results/{STUDY}", CONFIG)[0] == 0


@pytest.mark.parametrize("harm", HARM)
def test_what_was_changed_is_named_in_a_line_with_what_to_do(mine, capsys, harm):
    change, words = HARM[harm]
    change()
    code, lines, last = said(capsys, "results", CONFIG)
    assert code == 1 and any(re.search(words, line) for line in lines), lines
    assert all(re.match(r"album: .+: expected .+, found .+\. \w+", line) for line in lines), lines
    assert last == f"{0 if harm == 'a record that is gone' else 1} records, {len(lines)} mismatches"


def test_code_that_changed_is_named_with_the_commit_of_then(mine, capsys, monkeypatch):
    monkeypatch.setattr("tools.verification.code.library", lambda script: "0" * 12)
    code, lines, _ = said(capsys, "results", CONFIG)
    assert code == 1 and len(lines) == 4  # data, embed, embed_text, name
    assert all("git checkout" in line for line in lines)


def test_what_cannot_be_checked_is_told_and_counts_as_no_mismatch(mine, capsys):
    code, lines, _ = said(capsys, "results")
    assert code == 0 and len(lines) == 1 and "not checked" in lines[0] and "STUDY=FILE" in lines[0]


def test_without_results_it_says_what_to_run(tmp_path, capsys):
    assert main(str(tmp_path)) == 2
    assert "make run" in capsys.readouterr().err


def test_the_workflows_own_results_match(run_dir, tmp_path, capsys):
    whole = copied(run_dir, tmp_path / "run")
    code, lines, last = said(capsys, str(whole / "results"), str(whole / f"{NAME}.yaml"))
    assert (code, lines) == (0, []) and re.fullmatch(r"\d+ records, 0 mismatches", last)
