"""The configuration: defaults are filled in, and every mistake is named with what is allowed."""

import math
import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from facebench.errors import UserError
from facebench.study.config import checked, read_schema, study_name
from tools import document_config

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "rules" / "schema"
STUDIES = sorted((ROOT / "studies").glob("*.yaml"))
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())


#: Where the files of a data set are described.
FILES = ("datasets", "lfw", "files")


def mirror(url):
    """Return a file with one address."""
    return {"a": {"name": "x", "sha256": "0" * 64, "urls": [url]}}


def circle():
    """Return a mapping that contains itself, as an alias in YAML can."""
    around: dict = {"kind": "noise"}
    around["x"] = around
    return {"x": around}


def deep(levels=200):
    """Return a list in lists."""
    return [deep(levels - 1)] if levels else []


def broken(*keys, value):
    """Return the default configuration with one value changed."""
    config = deepcopy(CONFIG)
    node = config
    for key in keys[:-1]:
        node = node.setdefault(key, {})
    node[keys[-1]] = value
    return config


def test_defaults_are_filled_in_at_every_level():
    config = checked(CONFIG, SCHEMA)
    assert config["statistics"] == {"draws": 1000, "confidence": 0.95, "seed": 0, "margin": 0.05}


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_that_comes_with_the_program_has_a_name_that_it_may_have(path):
    assert study_name(yaml.safe_load(path.read_text()), [path])


def test_the_given_configuration_is_left_alone():
    before = deepcopy(CONFIG)
    checked(CONFIG, SCHEMA)
    assert before == CONFIG


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        (("evalute",), {}, ["evalute is unknown", "did you mean evaluate", "statistics"]),
        (("statistics", "drws"), 5, ["statistics.drws is unknown", "did you mean draws"]),
        (("statistics", "draws"), "many", ["statistics.draws is 'many'", "integer"]),
        (("statistics", "draws"), 3, ["statistics.draws", "3", "100"]),
        (("evaluate", "models"), ["pixls"], ["evaluate.models", "'pixls'", "mean pixels"]),
        (("evaluate", "protocols"), ["verfy"], ["evaluate.protocols[0]", "did you mean verify"]),
        (("evaluate", "only"), {"peple": {}}, ["evaluate.only", "'peple'", "mean people"]),
        (
            ("evaluate", "only"),
            {"people": {"attacked_crops": ["tigth"]}},
            ["evaluate.only.people.attacked_crops", "'tigth'", "mean tight"],
        ),
        (("evaluate",), {"models": ["pixels"]}, ["evaluate lacks datasets, crops, protocols"]),
        (("models", "Bad Name"), {"family": "pixels"}, ["models", "'Bad Name'", "a-z0-9"]),
        (("models", "x"), {"family": "nothing"}, ["models.x.family", "'nothing'", "open_clip"]),
        (("models", "x"), {"family": "pixels", "sise": 3}, ["models.x.sise is unknown", "size"]),
        (("datasets", "x"), {"reader": "lfv"}, ["datasets.x.reader", "did you mean lfw"]),
        (("crops", "x"), {"kind": "bx"}, ["crops.x.kind", "did you mean box"]),
        # Numbers that no bound holds, or that are none.
        (("verify", "far"), [math.nan], ["verify.far[0] is nan"]),
        (("limits", "unpacked_gb"), math.inf, ["limits.unpacked_gb is inf"]),
        (("models", "mini-s", "facts", "params_m"), math.nan, ["models.mini-s.facts.params_m is"]),
        (("attacks", "clip-cloak", "l2"), -math.inf, ["attacks.clip-cloak.l2 is -inf"]),
        (("datasets", "people", "people"), 12.0, ["people is 12.0", "integer"]),
        (("statistics", "draws"), True, ["draws is True", "integer"]),
        (("statistics", "draws"), "200", ["draws is '200'", "integer", "without quotes"]),
        (("verify", "far"), ["1e-3"], ["far[0] is '1e-3'", "1.0e-3"]),
        (("statistics", "draws"), 10**12, ["draws is 1000000000000", "at most 1000000"]),
        (("statistics", "seed"), 2**63, ["statistics.seed", "at most 9223372036854775807"]),
        (("datasets", "people", "seed"), 2**70, ["datasets.people.seed", "at most"]),
        (("datasets", "people", "people"), 10**30, ["datasets.people.people", "at most"]),
        (("datasets", "people", "size"), 10**6, ["datasets.people.size", "at most 4096"]),
        (("embed", "shard"), 10**20, ["embed.shard", "at most"]),
        (("identify", "ranks"), [10**9], ["identify.ranks[0]", "at most"]),
        (("poison", "shares"), [1.5], ["poison.shares[0] is 1.5", "at most 1"]),
        # Keys and texts that are none.
        ((5,), 6, ["the configuration: the key 5 is no text"]),
        (("statistics", True), 6, ["statistics: the key True is no text"]),
        (("models", "x"), {"family": "pixels", None: 1}, ["models.x: the key None is no text"]),
        (("datasets", "x"), {"reader": "folder", "folder": "a\0b"}, ["x.folder has characters"]),
        (("models", "x"), {"family": "onnx", "path": "\ud800"}, ["models.x.path has characters"]),
        (("name", "templates"), ["{} {}"], ["name.templates[0]", "must match"]),
        (("attacks",), circle(), ["attacks.x.x contains itself"]),
        (("attacks", "x"), deep(), ["is nested too deeply"]),
        (("statistics",), [1, 2], ["statistics is [1, 2]", "object"]),
        # Names that are the workflow's, or no folders.
        (("models", "x\n"), {"family": "pixels"}, ["models: 'x\\n' must match"]),
        (("models", "x" * 101), {"family": "pixels"}, ["models: 'x", "must match"]),
        (("crops", "names"), {"kind": "box"}, ["crops: the name 'names'", "own"]),
        (("datasets", "models"), {"reader": "lfw"}, ["datasets: the name 'models'", "own"]),
        (("attacks", "clean"), {"kind": "noise"}, ["attacks: the name 'clean'", "own"]),
        (("reencodings", "none"), {"kind": "jpeg"}, ["reencodings: the name 'none'", "own"]),
        (("models", "faces.parquet"), {"family": "pixels"}, ["the name 'faces.parquet'", "own"]),
        (("datasets", "metrics.csv"), {"reader": "lfw"}, ["the name 'metrics.csv'", "own"]),
        (("study",), "weights", ["study: the name 'weights'", "own"]),
        (("study",), "../x", ["study: '../x' must match"]),
        (("datasets", "lfw.quick"), {"reader": "lfw"}, ["lfw-quick and lfw.quick", "rename"]),
        # What names something else.
        (
            ("evaluate", "only"),
            {"people": {"protocols": ["verfy"]}},
            ["evaluate.only.people.protocols[0]", "did you mean verify"],
        ),
        (("evaluate", "models"), [["pixels"]], ["evaluate.models[0]", "string"]),
        (("pretrain", "pictures"), ["nobody"], ["pretrain.pictures: datasets defines no 'nobody'"]),
        (("pretrain", "known"), ["lfw"], ["pretrain.known: lfw must be of the reader people"]),
        (("attacks", "clip-cloak", "surrogates"), [{}], ["surrogates[0]", "string"]),
        (("indices",), {"models": ["mini-x"]}, ["indices.models: evaluate asks for no 'mini-x'"]),
        (("indices",), {"models": 3}, ["indices.models is 3"]),
        (("models", "x"), {"family": ["pixels"]}, ["models.x.family is ['pixels']"]),
        (("datasets", "x"), {"reader": {}}, ["datasets.x.reader is {}"]),
        # Files and addresses.
        (FILES, {"a": {"name": ".."}}, ["files.a.name", "must match"]),
        (FILES, {"a": {"name": "x/y"}}, ["files.a.name", "must match"]),
        (FILES, {"a": {"name": "x.part"}}, ["files.a.name", "must match"]),
        (FILES, {"a": {"name": "x\ny"}}, ["files.a.name", "must match"]),
        (FILES, {"a": {"name": "x"}, "b": {"name": "x"}}, ["a and b have the same name 'x'"]),
        (FILES, {"a": {"name": "x", "urls": ["http://h/x"]}}, ["files.a", "sha256"]),
        (FILES, mirror("file:///etc/passwd"), ["urls[0]", "^https?://"]),
        (FILES, mirror("http://me:s3cret@host/x"), ["urls[0] has a user name", "~/.netrc"]),
        (FILES, mirror("http://me:s3/cret@host/x"), ["urls[0] has a user name"]),
        (FILES, {"a": {"name": "x", "urls": "http://me:s3cret@h/x?t=s3cret"}}, ["array"]),
        (("models", "x"), {"family": "timm", "repo": "../../x"}, ["models.x.repo", "must match"]),
        (
            ("models", "x"),
            {"family": "onnx", "repo": "a/b", "file": "../x", "size": 1, "mean": 0, "std": 1},
            ["models.x.file", "must match"],
        ),
        (
            ("attacks", "x"),
            {"kind": "ready-made", "folder": "x", "endings": ["/../y"]},
            ["attacks.x.endings[0]", "must match"],
        ),
        (("models", "x"), {"family": "onnx", "size": 1, "mean": 0, "std": 0}, ["x.std is 0"]),
        # Noise that is to be as large as an attack.
        (("attacks", "x"), {"kind": "noise", "like": "blr"}, ["x.like", "'blr'", "mean blur"]),
        (("attacks", "x"), {"kind": "noise", "like": "x"}, ["x.like: x is itself like another"]),
        (("attacks", "x"), {"kind": "blur", "like": "noise"}, ["attacks.x.like is unknown"]),
        (("attacks", "x"), {"kind": "noise", "like": "blur"}, ["people and seed must be those of"]),
        (
            ("attacks", "x"),
            {"kind": "noise", "like": "blur", "people": 100, "photographs": ["tight"]},
            ["x.like: sizes are of crops"],
        ),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(keys, value, words):
    with pytest.raises(UserError) as error:
        checked(broken(*keys, value=value), SCHEMA)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "s3cret" not in str(error.value) and len(str(error.value)) < 2000


def test_noise_as_large_as_an_attack_needs_that_attack_in_the_study():
    config = broken("attacks", "x", value={"kind": "noise", "like": "blur", "people": 100})
    config["evaluate"]["attacks"] = ["x"]
    with pytest.raises(UserError, match="x is as large as blur, which must be there as well"):
        checked(config, SCHEMA)
    config["evaluate"]["attacks"] = ["x", "blur"]
    assert checked(config, SCHEMA)["attacks"]["x"]["like"] == "blur"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("weights", "the program itself has folders and files called weights"),
        ("x.csv", "can't give its name to the study"),
        ("Ä", "gives no valid name for a study"),
        ("a b", "gives no valid name for a study"),
        ("x" * 101, "gives no valid name for a study"),
    ],
)
def test_a_file_whose_name_is_no_studys_is_refused(file, said):
    with pytest.raises(UserError, match=said):
        study_name({}, [f"studies/{file}.yaml"])


def numbers_of(node, key=""):
    """Yield (key, schema) of every number in a schema."""
    if isinstance(node, dict):
        kinds = node.get("type", ())
        if {kinds} & {"integer", "number"} if isinstance(kinds, str) else {"number"} & {*kinds}:
            yield key, node
        for name, sub in node.items():
            yield from numbers_of(sub, f"{key}.{name}")
    elif isinstance(node, list):
        for i, sub in enumerate(node):
            yield from numbers_of(sub, f"{key}[{i}]")


def test_every_number_has_a_least_and_a_largest_value():
    found = dict(numbers_of(read_schema(SCHEMA)))
    assert len(found) > 50
    for key, node in found.items():
        assert {"minimum", "exclusiveMinimum"} & set(node), key
        assert {"maximum", "exclusiveMaximum"} & set(node), key


def test_all_mistakes_are_told_at_once():
    config = broken("statistics", "draws", value="many")
    config["statistics"]["sed"] = 1
    with pytest.raises(UserError, match=r"(?s)draws is 'many'.*sed is unknown|sed is.*draws is"):
        checked(config, SCHEMA)


def test_every_key_has_a_description():
    page = document_config.page(read_schema(SCHEMA))
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert [row for row in rows if row.rstrip().endswith("|  |")] == []


def test_the_reference_page_is_up_to_date():
    page = document_config.page(read_schema(SCHEMA))
    assert document_config.PAGE.read_text() == page, "run `make docs`"


def pins_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return {*project["dependencies"], *(pin for extra in extras for pin in extra)}


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_conda_environments_repeat_the_pins_of_pyproject(path):
    env = yaml.safe_load(path.read_text())
    pip = next(part["pip"] for part in env["dependencies"] if isinstance(part, dict))
    # The packages that only a cluster's environment has.
    own = {pin for pin in pip if not pin.startswith("snakemake-executor-plugin-slurm")}
    assert own and own <= pins_of_pyproject()


def test_the_lock_holds_the_pins_of_pyproject():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert pins_of_pyproject() <= {line.split(";")[0].strip() for line in lines}


def test_the_lock_for_milvus_adds_to_the_other_and_changes_nothing_there():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    everybodys, more = (
        {line.split(";")[0].strip() for line in (ROOT / name).read_text().splitlines()}
        for name in ("requirements.lock", "requirements-milvus.lock")
    )
    added = {pin.partition("==")[0] for pin in more - everybodys}
    assert set(groups["milvus"]) <= more and "grpcio" in added
    assert not added & {pin.partition("==")[0] for pin in everybodys}
