"""Who else is in the gallery, where a study has a list to choose from."""

import pytest

from facebench.errors import UserError
from facebench.study import crowd

DATASETS = {
    "theirs": {"reader": "folder", "folder": "$MY_CROWD"},
    "archived": {"reader": "folder", "archive": ["$CROWD_ARCHIVE", "crowd.tgz"]},
    "fetched": {
        "reader": "folder",
        "files": {"archive": {"name": "a.tgz", "sha256": "0" * 64, "urls": ["https://example"]}},
    },
    "rendered": {"reader": "people"},
}
ORDER = [*DATASETS]


@pytest.fixture(autouse=True)
def somewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("MY_CROWD", "CROWD_ARCHIVE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "people").mkdir()
    (tmp_path / "an.tgz").touch()


def chosen(first_of=tuple(ORDER), decoys=()):
    poison = {"decoys": list(decoys), "decoys_first_of": list(first_of)}
    return crowd.decoys({"datasets": DATASETS, "poison": poison})


@pytest.mark.parametrize(
    ("variables", "files", "found"),
    [
        ({}, [], "rendered"),
        ({"MY_CROWD": "people"}, [], "theirs"),
        ({"CROWD_ARCHIVE": "an.tgz"}, [], "archived"),
        ({}, ["crowd.tgz"], "archived"),
        ({"MY_CROWD": "people", "CROWD_ARCHIVE": "an.tgz"}, [], "theirs"),
        ({}, ["data/fetched/files/a.tgz"], "fetched"),
        ({}, ["data/fetched/downloads/a.tgz"], "fetched"),
    ],
)
def test_the_first_that_is_here_is_taken(monkeypatch, tmp_path, variables, files, found):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert chosen() == [found]


def test_it_joins_the_decoys_that_are_named():
    assert chosen(["rendered"], ["others"]) == ["others", "rendered"]
    assert chosen(["rendered"], ["rendered"]) == ["rendered"]
    assert chosen([]) == []


@pytest.mark.parametrize(
    ("first_of", "variables", "words"),
    [
        (ORDER, {"MY_CROWD": "nowhere"}, "datasets.theirs.folder"),
        (ORDER, {"CROWD_ARCHIVE": "nowhere"}, "datasets.archived.archive"),
        (["theirs", "fetched"], {}, "none of theirs, fetched is on this machine"),
        (["nobody"], {}, "poison.decoys_first_of names 'nobody'"),
    ],
)
def test_what_cannot_be_meant_is_told(monkeypatch, first_of, variables, words):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=words):
        chosen(first_of)
