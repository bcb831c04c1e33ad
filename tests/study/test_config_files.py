"""A configuration's file as it is written: what YAML would swallow is named with its line."""

import pytest
import yaml

from facebench.errors import UserError
from facebench.study import model_files, start
from facebench.study.config_files import check_files, from_command_line
from tests.toys.workflow import ROOT

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
)

#: Content of a file -> words of what is said of it.
BAD = {
    "a key given twice": ("verify: {images: 5}\nidentify: {}\nverify: {}", "line 3: the key 'veri"),
    "a key given twice inside": ("models:\n  a: 1\n  b: 2\n  a: 3", "line 4: the key 'a' is given"),
    "a key given twice in JSON": ('{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' is given twice"),
    "a number as a key": ("5: 6", "line 1: the key 5 is no text: write '5'"),
    "a truth as a key": ("a:\n  on: 1", "line 2: the key on is no text: write 'on'"),
    "a list as a key": ("? [a, b]\n: 1", "is no text"),
    "an alias inside of itself": ("a: &x\n  b: *x", "line 1: an alias is inside of what"),
    "an alias inside of itself in a list": ("a: &x [1, [*x]]", "an alias is inside of what"),
    "laughs": (LAUGHS, "more than 1,000,000 values"),
    "depth": ("a: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    "depth in JSON": ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    "UTF-16": ("study: a".encode("utf-16"), "is in UTF-16: save it in UTF-8"),
    "UTF-16 without a mark": ("study: a".encode("utf-16-le"), "is in UTF-16"),
    "Latin-1": ("study: Zoë".encode("latin-1"), r"isn't in UTF-8 \(byte 9\)"),
    "a NUL": (b"study: a\nb: a\0b", "line 2 isn't YAML"),
    "a tab": ("a:\n\tb: 1", "line 2: a tab stands where"),
    "a tab further down": ("a:\n  b: 1\n\tc: 2", "line 3: a tab stands where"),
    "an open bracket": ("a: [1, 2\nb: 3", r"line 2: the bracket \[ that opens in line 1 is not"),
    "an open brace": ("a: {x: 1\nb: 3", "line 2: the bracket { that opens in line 1 is not"),
    "an open bracket at the end": ("a: [1,", "is never closed"),
    "the wrong bracket": ("a: [x}", r"line 1: the bracket \[ that opens in line 1 is not"),
    "a bracket that closes nothing": ("a: 1\nb: ]", r"line 2: the bracket \] closes none"),
    "an open quotation": ("a: 'x\nb: 2", "the quotation mark that opens in line 1 is never"),
    "too far in": ("a:\n  b: 1\n   c: 2", "line 3: it is indented further than line 2"),
    "not far enough in": ("a:\n    b: 1\n  c: 2", "line 3: it is indented otherwise than"),
    "a list, unevenly": ("a:\n  - x\n - y", "line 3: it is indented otherwise than"),
    "two colons": ("a: b: c", "line 1: it has two colons"),
    "no colon": ("a:\n  b 1\n  c: 2", "line 3: line 2 has no ': ' between a key"),
    "no blank after a colon": ("a:1\nb: 2", "line 2: line 1 has no ': '"),
    "a text that begins oddly": ("a: @b", "line 1: a text that begins with @"),
    "a pattern": ("a: *.jpg", r"line 1: a text that begins with \*"),
    "a path of Windows": ('a: "C:\\photos"', "line 1: a .* in double quotation marks"),
    "no such alias": ("a: *b", r"line 1: the \* stands for something"),
    "two documents": ("a: 1\n---\nb: 2", "line 2: --- begins a second document"),
    "code": ("a: !!python/object/apply:os.system [ls]", "python/object/apply:os.system is no kind"),
    "code in a tag": ("a: !!python/name:os.system ''", "is no kind of value"),
    "a set": ("a: !!set {x, y}", "set is no kind of value"),
    "a template": ("__use_yte__: true\na: 1", "__use_yte__ is refused"),
    "a number of 5,000 digits": ("a: " + "9" * 5000, "is no sensible number"),
    "nothing": ("", "is empty"),
    "a comment": ("# studies", "is empty"),
    "a list": ("- a", "has no keys"),
    "a word": ("hello", "has no keys"),
    "a large file": (b"a: b\n" * 2_100_000, "is no configuration"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cant_be_used_is_named_with_its_line(tmp_path, case):
    content, words = BAD[case]
    path = tmp_path / "study.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UserError, match=words) as error:
        check_files([path])
    assert str(error.value).startswith(str(path)) and len(str(error.value)) < 500


def test_either_parser_is_understood(tmp_path, monkeypatch):
    """The one in Python is used where PyYAML came without the one in C."""
    monkeypatch.setattr("facebench.study.config_files._Loader", yaml.SafeLoader)
    for content, words in BAD.values():
        if isinstance(content, str) and len(content) < 100 and words.startswith("line"):
            (tmp_path / "study.yaml").write_text(content)
            with pytest.raises(UserError, match=words):
                check_files([tmp_path / "study.yaml"])


def test_a_file_that_isnt_there_or_is_a_folder_is_told(tmp_path):
    with pytest.raises(UserError, match="(?s)gone.yaml can't be read.*can't be read"):
        check_files([tmp_path / "gone.yaml", tmp_path])


@pytest.mark.parametrize(
    "content",
    [
        "a: &x {b: 1}\nc: {<<: *x, b: 2}\nd: [*x, *x]",
        '{"a": {"b": 1}, "c": {"b": 1}}',
        "\ufeffa: 1\r\nb: Zoë\r\n",
        "'5': 6\n'on': 7\ndate: 2026-01-01\nnone: null",
    ],
)
def test_what_is_right_is_left_alone(tmp_path, content):
    (tmp_path / "study.yaml").write_text(content, encoding="utf-8")
    check_files([tmp_path / "study.yaml"])


@pytest.mark.parametrize(
    "path",
    [ROOT / "config.yaml", *model_files.files(), *sorted((ROOT / "studies").glob("*.yaml"))],
    ids=lambda path: path.stem,
)
def test_the_files_that_come_with_the_program_are_right(path):
    check_files([path])


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (["statistics={draws: 200}"], [{"statistics": {"draws": 200}}]),
        (["identify={ranks: [1, 5]}"], [{"identify": {"ranks": [1, 5]}}]),
        (["identify={distractors: false}"], [{"identify": {"distractors": False}}]),
        (["statistics={'draws': 200}", "study=x"], [{"statistics": {"draws": 200}}]),
        (["verify={far: [0.01, 1.0e-3]}"], [{"verify": {"far": [0.01, 0.001]}}]),
        (["study=007", "a={", "b=", "c"], []),
    ],
)
def test_numbers_on_the_command_line_are_numbers(entries, found):
    assert from_command_line(entries) == found


@pytest.mark.parametrize("python", ["/my dir/python", "/a'b/python", "/a$b/python", "/(x)/python"])
def test_a_python_that_snakemake_cant_start_is_told(monkeypatch, python):
    monkeypatch.setattr("sys.executable", python)
    with pytest.raises(UserError, match="can't start a path"):
        start.check_python()


def test_a_home_that_cant_be_written_to_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("os.access", lambda path, mode: not str(path).startswith(str(tmp_path)))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new"))
    assert start.main([]) == 2
    said = capsys.readouterr().err
    assert "Nothing can be written" in said and "XDG_CACHE_HOME" in said


def test_a_study_that_isnt_there_is_told_with_those_that_are(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert start.main(["studies/lwf.yaml"]) == 2
    said = capsys.readouterr().err
    assert "no study studies/lwf.yaml (did you mean studies/lfw.yaml?)" in said
    assert "studies/mine.yaml" in said


def test_before_a_start_a_study_is_read(tmp_path, capsys):
    (tmp_path / "study.yaml").write_text(yaml.safe_dump({"evaluate": {}}))
    assert start.main([str(tmp_path / "study.yaml")]) == 0
    (tmp_path / "study.yaml").write_bytes("study: a".encode("utf-16"))
    assert start.main([str(tmp_path / "study.yaml")]) == 2
    assert "UTF-16" in capsys.readouterr().err
