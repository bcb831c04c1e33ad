"""Weights from the hub: the real client against a server on this machine."""

import json

import pytest

from tests.toys.hub import ASK, COMMIT, hub, python
from tests.toys.models import tiny_clip, tiny_timm

SPEC = {"family": "open_clip", "repo": "someone/tiny-clip", "revision": "main"}
NOWHERE = "http://127.0.0.1:9"  # the port of the protocol "discard": nobody listens

#: What a job does with a model: find it, say what it is, load it, use it.
USE = """
import json, sys
import numpy as np
from facebench.errors import UserError
from facebench.models import load
from scripts import weights
name, spec, output = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
try:
    weights.main(model=name, spec=spec, output=output)
except UserError as error:
    sys.exit(f"UserError: {error}")
facts = json.load(open(output))
encoder = load(facts["spec"], facts["files"], device="cpu")
print(encoder.encode(np.full((1, 3, 32, 32), 9, np.uint8)).round(4).tolist())
"""


def missing(models, **env):
    """Return what `missing_weights` says in a process of its own."""
    done = python(ASK, json.dumps(models), **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def repos(tmp_path_factory):
    """Two repositories: one as open_clip publishes, one as timm does."""
    folder = tmp_path_factory.mktemp("repos")
    tiny_clip(folder / "clip")
    tiny_timm(folder / "face")
    return {"someone/tiny-clip": folder / "clip", "someone/tiny-face": folder / "face"}


def test_a_model_is_fetched_then_used_offline_and_missed_with_a_sentence(repos, tmp_path):
    home, output = tmp_path / "home", tmp_path / "x.json"
    with hub(repos, break_off=1_000_000) as (address, requests):
        assert missing({"x": SPEC}, HF_ENDPOINT=address, HF_HOME=str(home)) == []
        assert not any(request.startswith("GET") for request in requests)
        done = python(USE, "x", json.dumps(SPEC), output, HF_ENDPOINT=address, HF_HOME=str(home))
    assert done.returncode == 0, done.stderr
    fetched = [request for request in requests if request.startswith("GET")]
    weights = [request for request in fetched if request.endswith("open_clip_model.safetensors")]
    assert len(weights) == 2, "the broken download is resumed once"
    record = json.loads(output.read_text())["record"]
    assert record["revision"] == COMMIT and len(record["weights_sha256"]) == 64
    assert str(home) in json.loads(output.read_text())["files"]["weights"]

    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}
    assert missing({"x": SPEC}, **offline) == []
    again = python(USE, "x", json.dumps(SPEC), tmp_path / "again.json", **offline)
    assert again.stdout == done.stdout and again.returncode == 0
    assert json.loads((tmp_path / "again.json").read_text())["record"] == record

    empty = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "empty")}
    done = python(USE, "x", json.dumps(SPEC), tmp_path / "no.json", **empty)
    words = ["someone/tiny-clip", "HF_HUB_OFFLINE is set", "hf download", "HF_HOME", "`path`"]
    for sentence in (done.stderr, *missing({"x": SPEC}, **empty)):
        assert all(word in sentence for word in words), sentence
        assert "Traceback" not in sentence
    assert done.returncode == 1 and not (tmp_path / "no.json").exists()


def test_a_commit_pins_a_model_and_a_wrong_one_is_refused(repos, tmp_path):
    face = {"family": "timm", "repo": "someone/tiny-face"}
    find = (
        "import json, sys\nfrom facebench.errors import UserError\n"
        "from facebench.models import find\n"
        "try:\n    print(find(json.loads(sys.argv[1])).revision)\n"
        "except UserError as error:\n    print(error)"
    )
    with hub(repos) as (address, requests):
        env = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path)}

        def said(spec):
            return python(find, json.dumps(spec), **env).stdout.strip()

        assert said({**face, "revision": COMMIT}) == COMMIT
        seen = len(requests)
        assert said({**face, "revision": COMMIT}) == COMMIT
        assert len(requests) == seen, "a cached commit needs no request"
        assert said({**face, "revision": "f" * 40}).endswith(f"no revision {'f' * 40}.")
        assert "no repository someone/else" in said({**face, "repo": "someone/else"})
        wrong = said({"family": "timm", "repo": "someone/tiny-clip", "revision": "main"})
        assert wrong == (
            "The repository someone/tiny-clip has no file config.json in revision main. Check the"
            " file name and the revision."
        )


def test_only_what_the_hub_lacks_is_missing(repos, tmp_path):
    models = {
        "typo": {**SPEC, "repo": "someone/tiny-clop"},
        "there": SPEC,
        "floor": {"family": "pixels"},
    }
    with hub(repos) as (address, _):
        said = missing(models, HF_ENDPOINT=address, HF_HOME=str(tmp_path))
    assert len(said) == 1 and said[0].startswith("1 model is not in ")
    assert f"{address} doesn't give it. It is typo. Run this" in said[0]
    files = "open_clip_config.json open_clip_model.safetensors"
    assert said[0].splitlines()[1:] == [f"  hf download someone/tiny-clop {files}"]


def test_without_a_network_all_are_missing_and_nobody_waits_long(tmp_path):
    models = {name: {**SPEC, "repo": f"someone/{name}"} for name in "abcdefgh"}
    said = missing(models, HF_ENDPOINT=NOWHERE, HF_HOME=str(tmp_path))
    assert len(said) == 1 and f"They are {', '.join('abcdefgh')}. Run these" in said[0]
    assert len(said[0].splitlines()) == 9
