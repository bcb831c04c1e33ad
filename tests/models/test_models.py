"""The families: each gives the vectors of the library that it wraps."""

import json

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file

from facebench.errors import UserError
from facebench.models import (
    find,
    load,
)
from facebench.models.openclip_configs import QUICK
from scripts import weights
from tests.toys.models import MEAN, pictures, tiny_timm


@pytest.mark.parametrize(
    ("arch", "tag", "right"),
    [
        ("ViT-B-32", "openai", "ViT-B-32-quickgelu"),
        ("RN50", "openai", "RN50-quickgelu"),
        ("ViT-B-32-quickgelu", "laion2b_s34b_b79k", "ViT-B-32"),
    ],
)
def test_weights_of_another_activation_are_refused_with_the_right_architecture(arch, tag, right):
    spec = {"family": "open_clip", "arch": arch, "pretrained": tag}
    with pytest.raises(UserError, match=f"QuickGELU.*the right architecture is {right}\\."):
        find(spec)
    assert QUICK in arch + right


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"arch": "ViT-B-23", "pretrained": "openai"}, "did you mean ViT-B-32"),
        ({"arch": "ViT-B-32", "pretrained": "nobody"}, "no weights nobody for ViT-B-32; it has"),
        ({"arch": "ViT-B-32"}, "needs `arch` and `pretrained`, or `repo`, or `path`"),
        ({"path": "nowhere/model.bin"}, "is no folder"),
        ({"path": "nowhere/model.bin", "arch": "ViT-B-32"}, "nowhere has no file model.bin"),
    ],
)
def test_an_entry_that_cant_work_is_explained(spec, words):
    with pytest.raises(UserError, match=words):
        find({"family": "open_clip", **spec})


def test_a_local_folder_gives_open_clips_own_vectors(clip):
    import open_clip
    from PIL import Image

    encoder = load({"family": "open_clip", "path": str(clip)}, device="cpu")
    network, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{clip}")
    network.eval()
    picture = pictures(1, (32, 32))
    with torch.inference_mode():
        plain = Image.fromarray(picture[0].transpose(1, 2, 0))
        wanted = network.encode_image(preprocess(plain)[None], normalize=True).numpy()
    assert encoder.dim == 16
    assert encoder.preprocess.mean == tuple(MEAN)
    assert encoder.preprocess.interpolation == "bilinear"
    np.testing.assert_allclose(encoder.encode(picture), wanted, atol=1e-6)
    assert encoder.record["dtype"] == "float32" and encoder.record["device"] == "cpu"


def test_the_last_blocks_unused_tokens_are_left_out():
    import open_clip

    from facebench.models.openclip_family import spare_unused_tokens
    from tests.toys.models import TOWERS

    torch.manual_seed(0)
    pixels, other = torch.randn(3, 3, 32, 32), {**TOWERS["vision_cfg"], "pool_type": "avg"}
    for vision, spared in ((TOWERS["vision_cfg"], True), (other, False)):
        tower = open_clip.CLIP(**{**TOWERS, "vision_cfg": vision}).visual.eval()
        seen = []
        tower.transformer.resblocks[-1].mlp.register_forward_hook(
            lambda _, inputs, __, seen=seen: seen.append(inputs[0].shape[1])
        )
        with torch.inference_mode():
            wanted = tower(pixels)
            spare_unused_tokens(tower)
            torch.testing.assert_close(tower(pixels), wanted, atol=2e-6, rtol=0)
        assert seen == [5, 1 if spared else 5]


def test_text_rows_are_open_clips_though_the_padding_is_left_out(clip):
    import open_clip

    sentences = [
        "Ada",
        "a photo of the celebrity Grace Brewster Murray Hopper",
        "actor Alan Turing",
    ]
    encoder = load({"family": "open_clip", "path": str(clip)}, device="cpu")
    network, _ = open_clip.create_model_from_pretrained(f"local-dir:{clip}")
    tokens = open_clip.get_tokenizer("ViT-B-32")(sentences)
    with torch.inference_mode():
        wanted = network.eval().encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_text(sentences), wanted, atol=1e-6)
    np.testing.assert_allclose(encoder.encode_text(sentences[:1]), wanted[:1], atol=1e-6)


def test_variables_in_a_path_are_filled_in(clip, monkeypatch):
    monkeypatch.setenv("MY_MODELS", str(clip.parent))
    spec = {"family": "open_clip", "path": f"$MY_MODELS/{clip.name}"}
    assert find(spec).files["weights"] == clip / "open_clip_model.safetensors"


def test_a_folder_in_timms_format_gives_timms_own_vectors(tmp_path):
    network = tiny_timm(tmp_path)
    encoder = load({"family": "timm", "path": str(tmp_path)}, device="cpu")
    picture = pictures(2, (112, 112))
    with torch.inference_mode():
        rows = network((torch.from_numpy(picture) / 255 - 0.5) / 0.5)
        wanted = torch.nn.functional.normalize(rows, dim=1).numpy()
    np.testing.assert_allclose(encoder.encode(picture), wanted, atol=1e-6)
    assert encoder.preprocess.size == (112, 112)
    assert encoder.encode_text is None
    facts = weights.describe("x", {"family": "timm", "path": str(tmp_path)})
    assert facts["parameters_m"] * 1e6 == sum(p.numel() for p in network.parameters())


def test_random_weights_come_from_the_seed():
    spec = {"family": "random", "arch": "ViT-B-32"}
    picture = pictures(3, (224, 224))
    first, again, other = (
        load({**spec, "seed": seed}, device="cpu").encode(picture) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)


def test_pixels_are_grey_unit_rows_without_their_mean():
    encoder = load({"family": "pixels", "size": 8})
    picture = pictures(5, (8, 8))
    rows = encoder.encode(picture)
    assert rows.shape == (5, 64) == (5, encoder.dim)
    np.testing.assert_allclose(rows.mean(axis=1), 0, atol=1e-7)
    brighter = (picture // 2 + 50).astype(np.uint8)
    assert (np.sum(rows * encoder.encode(brighter), axis=1) > 0.999).all()
    flat = encoder.encode(np.full((1, 3, 8, 8), 90, np.uint8))
    assert np.linalg.norm(flat) == pytest.approx(1)
    assert load({"family": "pixels", "size": 8, "grey": False}).dim == 192


def test_the_class_token_of_dinov3_is_the_vector_where_it_is_asked_for(tmp_path):
    # Of DINOv3 itself, blocks are scaled down to next to nothing until it is trained.
    args = {"depth": 1, "embed_dim": 24, "num_heads": 2, "init_values": 1.0}
    torch.manual_seed(0)
    network = timm.create_model("vit_small_patch16_dinov3", **args).eval()
    config = {
        "architecture": "vit_small_patch16_dinov3",
        "num_classes": 0,
        "num_features": 24,
        "global_pool": "avg",
        "pretrained_cfg": {"input_size": [3, 256, 256], "num_classes": 0, "crop_pct": 1.0},
        "model_args": args,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    spec = {"family": "timm", "path": str(tmp_path)}
    picture = pictures(2, (256, 256))
    tokens, mean = (
        load({**spec, **pool}, device="cpu").encode(picture)
        for pool in ({"global_pool": "token"}, {})
    )
    scale = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[:, None, :, None, None]
    with torch.inference_mode():
        wanted = network.forward_features((torch.from_numpy(picture) / 255 - scale[0]) / scale[1])
    unit = torch.nn.functional.normalize(wanted[:, 0], dim=1).numpy()
    np.testing.assert_allclose(tokens, unit, atol=1e-6)
    assert not np.allclose(mean, unit, atol=0.01)


def test_a_pool_that_a_network_lacks_is_refused(tmp_path):
    tiny_timm(tmp_path)
    with pytest.raises(UserError, match="config.json"):
        load({"family": "timm", "path": str(tmp_path), "global_pool": "sideways"}, device="cpu")
