"""Names of people, files, models and data sets are only text, wherever they are written."""

import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from dashboard import elements, safe_text, widgets
from dashboard.data import my_cloaks, provenance
from dashboard.parts.neighbours import Query, caption
from facebench.report.my_cloaks import answer
from facebench.store.faces import encode, write_faces
from facebench.store.tables import METRIC_COLUMNS, csv_text, write_table
from facebench.terminal.joblog import STAMP
from facebench.texts import coded, one_line, plain
from scripts import accuracy_size, contact_sheet, summary
from tests.toys.hostile_names import HOSTILE_NAMES

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: What moves a cursor, breaks a line, or turns the direction of writing.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\uffff]")

everybody = pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)


def study_summary(name):
    """Return the summary of a study in which everything has this name."""
    number = {"dataset": name, "crop": name, "model": name, "threat": "none", "attack": name}
    number |= {"fraction": 0.0, "reencode": "none", "value": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    number |= {"n_identities": 9, "n_images": 18, "n_failed": 0, "record": "r"}
    rows = [
        number | {"protocol": "identify", "metric": "rank", "at": "1"},
        number | {"protocol": "name", "metric": "top1", "at": "all"},
        number | {"protocol": "index_poison", "metric": "rank1", "at": "10", "threat": name},
        number | {"protocol": "hubs", "metric": "hits", "at": "10/1", "threat": name},
    ]
    for metric in ("true_top1", "true_top1_clean", "written_top1", "written_top1_clean"):
        rows.append(number | {"protocol": "typographic", "metric": metric, "at": ""})
    pair = {"dataset": name, "crop": name, "variant": name, "protocol": "identify", "at": "1"}
    pair |= {"model_a": name, "model_b": name, "p_corrected": 0.5, "margin": 0.05, "p_alike": 0.5}
    effect = {"dataset": name, "crop": name, "threat": "gallery", "attack": name, "models": 1}
    effect |= {"attack_control": False, "surrogates": name, "victim": name, "made_on": True}
    effect |= {"control": False, "found_clean": 0.9, "found": 0.1, "gain": 0.8, "ci_low": 0.7}
    effect |= {"ci_high": 0.9, "p_corrected": 0.01, "fraction": 1.0, "n_identities": 9}
    effect |= {"averaged": "", "protected_share": 0.9}
    refused = json.dumps({"verify": {"refused": {"tar": f"{name} is refused."}}})
    return summary.summary(
        pd.DataFrame(rows, columns=METRIC_COLUMNS),
        pd.DataFrame([pair]),
        pd.DataFrame({"record": ["r"], "json": [refused]}),
        left_out=[f"verify needs pairs; {name} has none."],
        transfer=pd.DataFrame([effect]),
    )


def my_answer(name):
    """Return the answer to somebody with this name, whose pictures and cloaks have it too."""
    row = {"attack": name, "identity": name, "crop": name, "model": name, "threat": "gallery"}
    row |= {"searches": 9, "found_clean": 9, "found": 0, "lost": 9, "gained": 0, "needed": 6}
    row |= {"p": 0.01, "p_corrected": 0.01}
    row |= {"control": name, "found_control": 8, "p_control": 0.01}
    table = pd.DataFrame([row])
    status = ["unchanged", "failed to cloak", "not attacked", "ok"]
    pictures = pd.DataFrame({"identity": name, "path": f"{name}.jpg", "attack_status": status})
    pictures = pictures.assign(status="ok", attack_reason=f"{name} can't be read.")
    return answer(table, {name: pictures}, {name: 5}, invented=True)


def structure(markdown):
    """Return what a text of Markdown consists of, and the words in it."""
    kinds, words = [], []
    for block in MARKDOWN.parse(markdown):
        for token in [block, *(block.children or [])]:
            kinds.append(token.type)
            words.append(token.content if token.type in ("text", "code_inline") else "")
    # Neighbouring pieces of text are one.
    kinds = [kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before]
    return kinds, " ".join("".join(words).replace("\u200b", "").split())


@everybody
@pytest.mark.parametrize("document", [study_summary, my_answer])
def test_documents_in_markdown_are_of_the_same_parts_whatever_names_are_in_them(document, name):
    parts, text = structure(document(name))
    assert parts == structure(document("Ana"))[0]
    assert "".join(one_line(name).replace("`", "'").split()) in "".join(text.split())
    assert not CONTROL.search(document(name).replace("\n", ""))


@everybody
@pytest.mark.parametrize("harmless", [plain, coded, safe_text.plain, my_cloaks.harmless])
def test_a_name_alone_is_one_paragraph_of_text(harmless, name):
    # `harmless` is given whole documents, in which names are already marked as text.
    before = plain(name) if harmless is my_cloaks.harmless else name
    kind = "code_inline" if harmless is coded else "text"
    parts = set(structure(f"# {harmless(before)}")[0])
    assert parts <= {"heading_open", "inline", kind, "heading_close"}, parts


@everybody
def test_a_table_of_comma_separated_values_has_one_row_a_name_and_no_formula(name):
    text = csv_text(pd.DataFrame({name: [name, "b"], "n": [-1.5, 2]}))
    rows = list(csv.reader(io.StringIO(text)))
    assert [len(row) for row in rows] == [2, 2, 2] and [row[1] for row in rows] == [
        "n",
        "-1.5",
        "2.0",
    ]
    for line in text.splitlines():
        first = line.rpartition(",")[0]
        for separator in (";", "\t"):  # as other languages separate
            cells = [cell.strip(' "') for cell in first.split(separator)]
            assert not any(cell[:1] in tuple("=+-@") and cell for cell in cells), line
    assert not CONTROL.search(text.replace("\n", ""))


@everybody
def test_a_picture_of_lines_holds_a_name_as_text(tmp_path, name):
    row = {"dataset": name, "crop": name, "model": name, "protocol": "identify", "metric": "rank"}
    row |= {"at": "1", "value": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    write_table(pd.DataFrame([row]), tmp_path / "m.parquet", {})
    model = tmp_path / "model.json"
    model.write_text(json.dumps({"model": name, "family": name, "parameters_m": 1.0}))
    svg = tmp_path / "a.svg"
    accuracy_size.main(tmp_path / "m.parquet", [model], str(svg), str(tmp_path / "a.png"))
    tags = {element.tag.rpartition("}")[2] for element in ET.parse(svg).iter()}
    assert tags <= {
        "svg",
        "g",
        "path",
        "text",
        "rect",
        "line",
        "defs",
        "clipPath",
        "style",
        "tspan",
    }
    said = "".join(ET.parse(svg).getroot().itertext())
    assert one_line(name)[:20] in said and not CONTROL.search(said.replace("\n", ""))


def test_a_message_of_a_log_quotes_a_name_and_is_still_one_message(tmp_path):
    log, names = tmp_path / "a.log", list(HOSTILE_NAMES.values())
    program = "import json, sys\nfrom facebench.logs import LOG, log_to\nlog_to(sys.argv[1])\n"
    program += "for name in json.loads(sys.argv[2]): LOG.info('looked at %s', name)\n"
    program += "raise ValueError('a\\n12:00:00 result: all is well')"
    command = [sys.executable, "-c", program, log, json.dumps(names)]
    subprocess.run(command, cwd="scripts", capture_output=True, check=False)
    text = log.read_text()
    messages = STAMP.split(text)[1:]
    assert len(messages) == len(names) + 2  # the error, and the processor time
    assert all(one.startswith("looked at ") for one in messages[: len(names)])
    assert "result: all is well" in messages[-2]
    assert not CONTROL.search(re.sub(r"[\n\t]", "", text))


def test_a_contact_sheet_is_drawn_whatever_it_is_of(tmp_path):
    picture = encode(np.full((8, 8, 3), 200, np.uint8))
    rows = []
    for number, name in enumerate(HOSTILE_NAMES.values()):
        row = {"image_id": f"{number:016x}", "path": name, "identity": name, "name": name}
        bad = number % 3 == 0
        row |= {"status": "unreadable" if bad else "ok", "reason": name if bad else ""}
        row |= {"width": 8, "height": 8, "image": None if bad else picture}
        rows.append(row)
    write_faces(rows, tmp_path / "faces.parquet", {})
    for seed in range(8):  # which of them are drawn
        output = tmp_path / f"{seed}.jpg"
        name = list(HOSTILE_NAMES.values())[seed]
        contact_sheet.main(
            faces=tmp_path / "faces.parquet", dataset=name, crop=name, seed=seed, output=output
        )
        assert Image.open(output).format == "JPEG"


@everybody
def test_the_dashboard_shows_a_name_as_one_line_of_text(name):
    found = pd.Series({"image_id": "1", "identity": name, "similarity": 0.5, "variant": "clean"})
    query = Query("people", "full", "m", np.zeros(2), identity=name)
    lines = [
        safe_text.tidy(name),
        safe_text.plain(name),
        caption(query, found, 1, name),
        *widgets.labels([name, name + " "], safe_text.tidy).values(),
    ]
    for line in lines:
        assert not CONTROL.search(line) and len(line) <= 300
    assert re.fullmatch(r"[a-z0-9-]{1,80}", safe_text.file_name(name))
    # Cells are shown, and saved by the table's own menu, as they are.
    (cell,) = elements.as_text(pd.DataFrame({"a": [name]})).a
    assert not cell.startswith(tuple("=+-@")) and cell.replace("\u200b", "") == one_line(name)


@everybody
def test_a_name_in_an_address_comes_back_as_it_was(name):
    row = {column: name for column in ["record", *provenance.IDENTITY]}
    (address,) = provenance.addresses(pd.DataFrame([row]))
    assert dict(parse_qsl(urlsplit(address).query))["model"] == name
