"""The features of image towers: each is what open_clip's own tower gives on its way."""

import json
from copy import deepcopy

import numpy as np
import pytest
import torch

from facebench.errors import UserError
from facebench.models import load, missing_weights, reads_text
from facebench.models.features import FEATURES
from facebench.models.openclip_build import build
from facebench.models.openclip_family import encoder
from facebench.pictures.preprocess import normalise
from tests.toys.models import TOWERS, pictures

#: Vision transformers of open_clip's own code, and of timm's, whose vector is of a class token.
KINDS = {
    "open_clip": TOWERS["vision_cfg"],
    "norm after the pooling": {**TOWERS["vision_cfg"], "final_ln_after_pool": True},
    "timm": {"timm_model_name": "vit_tiny_patch16_224", "timm_pool": "token", "timm_proj": None},
    "eva": {"timm_model_name": "eva02_tiny_patch14_224", "timm_pool": "token", "timm_proj": None},
}
#: Those that have none, and what is said of them.
LACK = {
    "mean of its patches": {**TOWERS["vision_cfg"], "pool_type": "avg"},
    "pools by attention": {
        **TOWERS["vision_cfg"],
        "attentional_pool": True,
        "attn_pooler_heads": 2,
    },
    "ResNet, is no plain transformer": {"timm_model_name": "resnet10t", "timm_pool": "avg"},
}


def folder_of(vision, folder):
    """Write the description of a CLIP with an image tower to a folder; return it."""
    vision = {"image_size": 224, **vision}
    config = {"model_cfg": {**TOWERS, "vision_cfg": vision}, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


def unit(rows):
    """Return rows of a tensor scaled to length 1."""
    return torch.nn.functional.normalize(rows, dim=1).numpy()


def by_hand(tower, pixels):
    """Return pictures' embedding, class token and mean of patches, by the library's own ways."""
    outputs = []
    with torch.inference_mode():
        projection = tower(pixels)
        if hasattr(tower, "trunk"):
            tokens = tower.trunk.forward_features(pixels)
            token, patches = tower.trunk.forward_head(tokens, pre_logits=True), tokens[:, 1:]
        else:
            plain = deepcopy(tower)
            plain.proj, plain.output_tokens = None, True
            plain.transformer.register_forward_hook(lambda *given: outputs.append(given[2]))
            token, patches = plain(pixels)
            if plain.final_ln_after_pool:
                patches = plain.ln_post(outputs[0])[:, 1:]
    return {"projection": projection, "token": token, "mean": patches.mean(dim=1)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_feature_is_the_towers_own_in_a_pass_for_it_and_in_one_for_all(tmp_path, kind):
    name = f"local-dir:{folder_of(KINDS[kind], tmp_path)}"
    network = build(name).eval()
    tower = network.visual
    made = {each: encoder(deepcopy(network), name, "cpu", "auto", each) for each in FEATURES}
    picture = pictures(3, made["token"].preprocess.size)
    pixels = normalise(torch.from_numpy(picture), made["token"].preprocess)
    wanted = by_hand(tower, pixels)
    every = encoder(deepcopy(network), name, "cpu", "auto", FEATURES)
    rows = every.encode(picture)
    assert every.parts == tuple(wanted[each].shape[1] for each in FEATURES)
    for number, each in enumerate(FEATURES):
        np.testing.assert_allclose(made[each].encode(picture), unit(wanted[each]), atol=2e-6)
        np.testing.assert_allclose(every.cut(rows, number), unit(wanted[each]), atol=2e-6)
    seen = pixels[:1].clone().requires_grad_()
    every.forward(seen)[:, -1].sum().backward()
    assert seen.grad.abs().max() > 0, "a feature can be a surrogate"
    assert not np.allclose(unit(wanted["token"]), unit(wanted["mean"]), atol=0.01)
    head = tower.trunk.head if hasattr(tower, "trunk") else lambda token: token @ tower.proj
    with torch.inference_mode():  # timm's head has a bias, which is nothing before training
        projected = unit(head(torch.from_numpy(made["token"].encode(picture))))
    np.testing.assert_allclose(projected, unit(wanted["projection"]), atol=2e-6)


def test_random_weights_of_an_architecture_have_features_and_only_the_embedding_reads_text():
    spec = {"family": "random", "arch": "ViT-S-32-alt"}
    picture = pictures(2, (224, 224))
    projection, token, mean = (
        load({**spec, "feature": each}, device="cpu", precision="float32") for each in FEATURES
    )
    assert (projection.dim, token.dim, mean.dim) == (256, 384, 384)
    network = build("ViT-S-32-alt").eval()
    projected = torch.from_numpy(token.encode(picture)) @ network.visual.proj.detach()
    np.testing.assert_allclose(projection.encode(picture), unit(projected), atol=2e-6)
    assert projection.encode_text and not token.encode_text and not mean.encode_text
    assert [reads_text({**spec, "feature": each}) for each in FEATURES] == [True, False, False]


@pytest.mark.parametrize("why", LACK)
@pytest.mark.parametrize("feature", ["token", "mean"])
def test_a_tower_without_a_class_token_is_refused_before_a_run(tmp_path, why, feature):
    folder = folder_of(LACK[why], tmp_path)
    (folder / "open_clip_model.safetensors").touch()
    spec = {"path": str(folder), "feature": feature}
    said = missing_weights({f: {"family": f, **spec} for f in ("open_clip", "random")})
    assert len(said) == 2 and all(why in one and "no feature token or mean" in one for one in said)
    with pytest.raises(UserError, match=why):
        load({"family": "random", **spec}, device="cpu")


@pytest.mark.parametrize("arch", ["RN50-quickgelu", "ViT-B-16-SigLIP", "coca_ViT-B-32"])
def test_architectures_without_one_are_told_though_no_weights_are_here(arch):
    tag = {"RN50-quickgelu": "openai", "ViT-B-16-SigLIP": "webli"}.get(arch, "laion2b_s13b_b90k")
    spec = {"family": "open_clip", "arch": arch, "pretrained": tag, "feature": "token"}
    (said,) = missing_weights({"x": spec})
    assert said.startswith(f"x: {arch} has no feature token or mean: its image tower")


def test_the_small_models_have_their_embedding_alone():
    for name in ("mini-s", "mini-m", "mini-l"):
        spec = {"family": "open_clip", "path": f"weights/{name}"}
        assert missing_weights({name: {**spec, "feature": "projection"}}) == []
        (said,) = missing_weights({name: {**spec, "feature": "mean"}})
        assert "its image tower is a ModifiedResNet" in said
