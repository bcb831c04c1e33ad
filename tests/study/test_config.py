"""The configuration: defaults are filled in, and every mistake is named with what is allowed."""

import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from facebench.errors import UserError
from facebench.study.config import checked, read_schema
from tools import document_config

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "rules" / "schema"
STUDIES = sorted((ROOT / "studies").glob("*.yaml"))
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())


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
    assert config["statistics"] == {"draws": 1000, "confidence": 0.95, "seed": 0}


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
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(keys, value, words):
    with pytest.raises(UserError) as error:
        checked(broken(*keys, value=value), SCHEMA)
    assert all(word in str(error.value) for word in words), str(error.value)


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
    # The one package that only a cluster's environment has.
    own = {pin for pin in pip if not pin.startswith("snakemake-executor-plugin-slurm==")}
    assert own and own <= pins_of_pyproject()


def test_the_lock_holds_the_pins_of_pyproject():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert pins_of_pyproject() <= {line.split(";")[0].strip() for line in lines}
