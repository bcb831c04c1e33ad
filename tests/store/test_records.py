"""Records: what a number depends on, and which code it came from."""

import ast
import shutil

import pytest

import facebench
from facebench.store.records import code_version, record_id, work_key
from facebench.study import code_hash

IMPORTS = (ast.Import, ast.ImportFrom)


def test_a_record_id_changes_with_anything_in_the_record():
    record = {"embed": {"model": "a", "dtype": "float32"}}
    other = {"embed": {"model": "a", "dtype": "bfloat16"}}
    assert record_id(record) == record_id(dict(record)) != record_id(other)


@pytest.mark.parametrize("script", ["attack.py", "attack_photographs.py", "embed.py", "crop.py"])
def test_a_change_of_how_numbers_are_made_makes_no_picture_or_vector_again(script):
    files = {str(file.relative_to(code_hash.PACKAGE)) for file in code_hash.sources(script)
             if file.is_relative_to(code_hash.PACKAGE)}  # fmt: skip
    assert "logs.py" in files
    assert not [file for file in files if file.startswith(("evaluation/", "report/"))]


def test_the_code_version_names_the_sources():
    sources = code_hash.library("embed.py")
    assert code_version(sources) == {
        "version": facebench.__version__,
        "sources": sources,
        "commit": code_version("")["commit"],
    }
    assert len(sources) == 12 and sources != code_hash.library("index.py")


def test_a_commit_that_changes_no_source_keeps_unfinished_work():
    one, other = ({"embed": {"code": {"sources": "ab", "commit": c}}} for c in ("1", "2"))
    assert work_key(one) == work_key(other)


def test_the_hash_of_a_script_changes_with_it_and_with_what_it_imports(tmp_path, monkeypatch):
    scripts = tmp_path / "scripts"
    junk = shutil.ignore_patterns("__pycache__")
    shutil.copytree(code_hash.SCRIPTS, scripts, ignore=junk)
    monkeypatch.setattr(code_hash, "SCRIPTS", scripts)
    monkeypatch.setattr(code_hash, "PACKAGE", scripts / "facebench")
    hash_of, seen = code_hash.library.__wrapped__, set()
    # The script, a module that it imports, and one that this imports.
    for edited in ("index.py", "facebench/vectors/stored.py", "facebench/errors.py"):
        seen.add(hash_of("index.py"))
        with open(scripts / edited, "a") as file:
            file.write("# edited\n")
    seen.add(hash_of("index.py"))
    assert len(seen) == 4
    with open(scripts / "facebench" / "people" / "dataset.py", "a") as file:
        file.write("# edited\n")
    assert hash_of("index.py") in seen, "it isn't imported"


def test_no_import_is_overlooked_that_the_parser_finds():
    files = [*code_hash.SCRIPTS.glob("*.py"), *code_hash.SCRIPTS.glob("facebench/models/*.py")]
    for file in files:
        source = file.read_text()
        nodes = [node for node in ast.walk(ast.parse(source)) if type(node) in IMPORTS]
        found = {ast.unparse(ast.parse(text)) for text in code_hash.IMPORT.findall(source)}
        assert {ast.unparse(node) for node in nodes} == found, file
