"""The published models of the registry, each compared with the installed open_clip and timm."""

import re

import pytest
import timm

from dashboard.sentences.card import PUBLISHED
from facebench.errors import UserError
from facebench.models.openclip_library import openclip
from facebench.study.config import checked
from facebench.study.model_files import files, registry
from tests.toys.workflow import ROOT
from tools.fill_models import filled, known
from tools.registry.libraries import MEANS, timm_config

open_clip = openclip()
REGISTRY = registry()
OPEN_CLIP = {name: spec for name, spec in REGISTRY.items() if "pretrained" in spec}
DINO = {name: spec for name, spec in REGISTRY.items() if "global_pool" in spec}
TAGS = [
    (arch, tag)
    for arch, tag in open_clip.list_pretrained()
    if not arch.endswith("-quickgelu") and open_clip.get_model_config(arch)
]
#: Tags that are left out although they could be loaded: their table names another's repository.
WRONG = {("ViT-B-16-plus-240", "laion400m_e32")}


@pytest.mark.parametrize("name", OPEN_CLIP)
def test_open_clip_knows_the_entry_as_it_stands(name):
    spec = OPEN_CLIP[name]
    facts, config = spec["facts"], open_clip.get_model_config(spec["arch"])
    plain = spec["arch"].removesuffix("-quickgelu")
    assert spec["pretrained"] in open_clip.list_pretrained_tags_by_model(plain)
    tag = open_clip.get_pretrained_cfg(plain, spec["pretrained"])
    assert tag["hf_hub"].rstrip("/") == spec["repo"]
    # All three, or its vectors are wrong and nobody is told.
    activations = {
        facts["quick_gelu"],
        config.get("quick_gelu", False),
        tag.get("quick_gelu", False),
    }
    assert len(activations) == 1 and spec["arch"].endswith("-quickgelu") == facts["quick_gelu"]
    assert facts["pixels"] == config["vision_cfg"]["image_size"]
    assert facts["dim"] == config["embed_dim"]
    how = (tag["resize_mode"], tag["interpolation"], MEANS[tag["mean"]])
    assert facts["preprocess"] == " ".join(how)


def test_every_tag_of_open_clip_is_there_unless_it_is_a_pickle_or_reads_with_another_library():
    there = {(s["arch"].removesuffix("-quickgelu"), s["pretrained"]) for s in OPEN_CLIP.values()}
    assert len(there) == len(OPEN_CLIP)
    for arch, tag in TAGS:
        place = open_clip.get_pretrained_cfg(arch, tag)["hf_hub"]
        foreign = "hf_model_name" in open_clip.get_model_config(arch)["text_cfg"]
        left_out = place.endswith(".bin") or foreign or (arch, tag) in WRONG
        assert ((arch, tag) in there) != left_out, (arch, tag)


def test_the_dashboard_says_how_large_published_clips_are():
    sizes = [spec["facts"]["params_m"] for spec in OPEN_CLIP.values()]
    assert f"{min(sizes):.0f} to {max(sizes):,.0f}" == PUBLISHED


def test_the_pages_say_how_many_models_there_are():
    on_hub = sum("repo" in spec for spec in REGISTRY.values())
    for page, numbers in {
        "README.md": [len(REGISTRY)],
        "docs/models.md": [len(REGISTRY), on_hub],
        "docs/roadmap.md": [len(REGISTRY), on_hub, len(OPEN_CLIP)],
    }.items():
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [number for number in numbers if not re.search(rf"\b{number}\b", text)] == [], page


@pytest.mark.parametrize("name", DINO)
def test_timm_knows_the_image_models_as_they_stand(name):
    spec, config = DINO[name], timm_config(DINO[name]["repo"])
    assert f"{config.hf_hub_id}" == spec["repo"] and spec["global_pool"] == "token"
    assert {config.input_size[1], config.input_size[2]} == {spec["facts"]["pixels"]}
    assert spec["facts"]["preprocess"].endswith(f"{config.interpolation} {MEANS[config.mean]}")
    assert (config.crop_pct, config.crop_mode) == (1.0, "center") and not config.num_classes


def licences():
    """Return what timm states for its repositories."""
    known = [timm.models.get_pretrained_cfg(name) for name in timm.list_pretrained()]
    return {config.hf_hub_id: config.license for config in known if config.license}


def test_a_licence_is_the_one_that_timm_states_where_it_states_one():
    stated, compared = licences(), 0
    for name, spec in REGISTRY.items():
        if "repo" in spec and spec["repo"] in stated:
            compared += 1
            assert spec["facts"]["licence"] == stated[spec["repo"]], name
    assert compared > 30


def test_one_licence_allows_one_thing():
    allowed: dict[str, set] = {}
    for spec in REGISTRY.values():
        if "licence" in spec["facts"]:
            allowed.setdefault(spec["facts"]["licence"], set()).add(spec["facts"]["commercial"])
    assert {licence: len(found) for licence, found in allowed.items()} == dict.fromkeys(allowed, 1)
    assert allowed["cc-by-nc-4.0"] == allowed["apple-amlr"] == {False}
    assert allowed["mit"] == allowed["apache-2.0"] == {True} and allowed["see card"] == {"unknown"}


def test_what_is_published_says_from_where_it_is_known():
    for name, spec in REGISTRY.items():
        facts = spec["facts"]
        assert "data" in facts and ("params_m" in facts or spec["family"] == "onnx"), name
        assert spec["family"] in ("pixels", "random") or "licence" in facts, name
        if "repo" in spec:
            assert len(facts["source"]) > 20 and facts["pixels"] > 0, name
        if name in OPEN_CLIP:
            assert facts["faces_blurred"] in (True, False, "unknown"), name


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_a_file_is_as_the_tool_writes_it(file):
    text = file.read_text(encoding="utf-8")
    assert known(text) == (file.stem not in ("faces", "ours"))
    assert filled(text, count=False) == text


# All files take minutes: `make registry` counts them, and the others are written by it too.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["openai", "mobileclip", "dino"])
def test_the_counted_numbers_are_those_of_the_networks(name):
    (file,) = (one for one in files() if one.stem == name)
    text = file.read_text(encoding="utf-8")
    assert filled(text, count=True) == text


def test_a_tag_with_another_activation_is_refused_by_the_tool():
    text = (ROOT / "models" / "openai.yaml").read_text(encoding="utf-8")
    with pytest.raises(UserError, match="the right architecture is ViT-L-14-quickgelu"):
        filled(text.replace("arch: ViT-L-14-quickgelu", "arch: ViT-L-14"), count=False)


def test_the_registry_fits_the_schema():
    evaluate = {"datasets": ["people"], "crops": ["tight"], "models": list(REGISTRY)}
    study = {
        "datasets": {"people": {"reader": "people", "people": 5}},
        "crops": {"tight": {"kind": "box"}},
        "evaluate": {**evaluate, "protocols": ["identify"]},
    }
    assert checked(study, ROOT / "rules" / "schema")["models"].keys() == REGISTRY.keys()
