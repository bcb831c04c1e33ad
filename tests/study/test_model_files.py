"""The registry of models: files that are read together, under whatever a study says."""

import pytest

from facebench.errors import UserError
from facebench.study import model_files
from facebench.study.model_files import registry, with_registry


def test_a_study_changes_a_key_of_an_entry_and_leaves_the_rest():
    own = {"openai-rn50": {"revision": "main"}, "mine": {"family": "pixels"}}
    models = with_registry({"models": own})["models"]
    assert models["openai-rn50"] == {**registry()["openai-rn50"], "revision": "main"}
    assert models["mine"] == {"family": "pixels"}
    assert models.keys() == {*registry(), "mine"}


def test_what_is_done_to_a_configuration_leaves_the_registry_alone():
    models = with_registry({})["models"]
    models["openai-rn50"]["facts"]["licence"] = "other"
    models["pixels"]["size"] = 5
    assert registry()["openai-rn50"]["facts"]["licence"] == "mit"
    assert "size" not in with_registry({})["models"]["pixels"]


def test_a_section_that_is_no_mapping_is_left_to_the_schema():
    assert with_registry({"models": 5}) == {"models": 5}


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    for name in "ba":
        (tmp_path / f"{name}.yaml").write_text(f"models:\n  of-{name}: {{family: pixels}}\n")
    assert list(registry(tmp_path)) == ["of-a", "of-b"]


def test_a_name_in_two_files_is_refused_with_both(tmp_path):
    for file in ("a.yaml", "b.yaml"):
        (tmp_path / file).write_text("models:\n  twice: {family: pixels}\n")
    with pytest.raises(UserError, match=r"model twice is in .*a\.yaml and in .*b\.yaml"):
        registry(tmp_path)


@pytest.mark.parametrize("text", ["", "- a", "mine: {family: pixels}", "models: [a]"])
def test_a_file_without_entries_is_named(tmp_path, text):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(UserError, match=r"mine\.yaml has no entries"):
        registry(tmp_path)


def test_the_files_lie_beside_the_configuration():
    assert {file.stem for file in model_files.files()} >= {"ours", "faces", "openai", "laion"}
