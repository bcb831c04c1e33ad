"""The bill of materials: what facebench is made of, under which terms, with which advisories."""

import json
import re
import socket
import threading
import tomllib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from facebench.study.model_files import with_registry
from tools.audit import main
from tools.auditing import terms
from tools.auditing.packages import libraries

ROOT = Path(__file__).parents[2]
CONFIG = with_registry(yaml.safe_load((ROOT / "config.yaml").read_text()))


@contextmanager
def osv(answer, status=200):
    """Serve what OSV would answer; give the address, and what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.extend(question["queries"])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer(question["queries"]))

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/querybatch", asked
    finally:
        server.shutdown()
        server.server_close()


def one_advisory(queries):
    """Answer as OSV does: pillow has an advisory, all else has none."""
    found = [{"vulns": [{"id": "PYSEC-0000-1"}]} if q["package"]["name"] == "pillow" else {}
             for q in queries]  # fmt: skip
    return json.dumps({"results": found}).encode()


def none(queries):
    return json.dumps({"results": [{} for _ in queries]}).encode()


def bill(tmp_path, *arguments):
    code = main(str(tmp_path / "bom.json"), *arguments)
    return code, json.loads((tmp_path / "bom.json").read_text())


def test_an_advisory_is_told_and_in_the_bill(tmp_path, capsys):
    with osv(one_advisory) as (address, asked):
        code, made = bill(tmp_path, address)
    assert code == 1 and "https://osv.dev/vulnerability/PYSEC-0000-1" in capsys.readouterr().out
    (found,) = made["vulnerabilities"]
    assert found["affects"][0]["ref"] in {one["bom-ref"] for one in made["components"]}
    assert {one["package"]["ecosystem"] for one in asked} == {"PyPI"}
    assert len(asked) == len(libraries(ROOT))


def test_the_bill_is_of_cyclonedxs_form_and_says_nothing_of_when_or_where(tmp_path, capsys):
    with osv(none) as (address, _):
        code, made = bill(tmp_path, address)
        again = bill(tmp_path, address)[1]
    assert code == 0 and made == again and "vulnerabilities" not in made
    assert "0 on " in capsys.readouterr().out
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    kinds = {"library", "data", "machine-learning-model"}
    references = [one["bom-ref"] for one in made["components"]]
    assert len(set(references)) == len(references)
    for one in [*made["components"], made["metadata"]["component"]]:
        assert one["name"] and one["type"] in {*kinds, "application"}
        for licence in one["licenses"]:
            assert licence.keys() == {"expression"} or licence["license"].keys() in (
                {"id"},
                {"name"},
            )
    names = {one["name"] for one in made["components"]}
    assert {*CONFIG["datasets"], *CONFIG["models"], "torch"} <= names
    assert str(ROOT) not in json.dumps(made)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda queries: b"<html>", 200),
        (lambda queries: b"[]", 200),
        (lambda queries: b'{"results": [{}]}', 200),
        (lambda queries: b'{"results": ' + b"[" * 10**5, 200),
        (none, 500),
    ],
)
def test_an_answer_that_is_not_osvs_is_told(tmp_path, capsys, answer, status):
    with osv(answer, status) as (address, _):
        code, made = bill(tmp_path, address)
    assert code == 0 and "Advisories: not checked: " in capsys.readouterr().out
    assert made["components"] and "vulnerabilities" not in made


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_without_a_network_it_says_what_was_not_checked(tmp_path, capsys, scheme):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"{scheme}://127.0.0.1:{free.getsockname()[1]}/"
        code, _ = bill(tmp_path, address, 2)
    assert code == 0 and f"not checked: {address} can't be reached" in capsys.readouterr().out


def test_every_library_that_facebench_asks_for_has_a_purpose_and_a_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    wanted = {re.split("==", line)[0] for line in lines}
    found = {one.name: one for one in libraries(ROOT)}
    assert wanted <= set(found)
    for name in wanted:
        assert not found[name].purpose.startswith("needed by"), name
        assert not found[name].licence.startswith("unknown"), name


def test_what_is_not_known_of_terms_is_said_to_be_unknown():
    found = {one.name: one for one in [*terms.datasets(CONFIG), *terms.models(CONFIG)]}
    assert found["mini-s"].licence == "mit" and "notice" in found["mini-s"].forbids
    assert found["pixels"].licence == "none needed"
    assert found["lfw"].licence.startswith("unknown: ask")
    assert found["cosface-vit-tiny"].licence.startswith("unknown: ask (https://huggingface.co/")
    for spec in CONFIG["datasets"].values():
        assert spec["reader"] in terms.TERMS["readers"]
    other = {"datasets": {"x": {"reader": "new"}}, "models": {"y": {"family": "onnx"}}}
    assert terms.datasets(other)[0].licence == "unknown: ask"
    assert terms.models(other)[0][1:3] == ("unknown: ask", "unknown: ask")
