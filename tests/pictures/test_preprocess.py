"""Preprocessing: `exact` is open_clip's own transform, `fast` is close to it."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from facebench.errors import UserError
from facebench.models.openclip_family import preprocess_of
from facebench.models.timm_family import preprocess_of as timm_preprocess_of
from facebench.pictures.preprocess import Preprocess, batch, exact, fast, normalise

#: (width, height) of pictures: as LFW's, small, larger than any model's input, oblong, odd, tiny.
SIZES = [(250, 250), (96, 96), (700, 523), (151, 389), (224, 224), (13, 7)]
KINDS = ["gradient", "noise", "edges"]


@pytest.fixture(autouse=True)
def one_thread():
    """The pictures are small: waiting for threads costs more than they save."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pixels(kind, width, height):
    """Return uint8 RGB pixels with a slope, with noise, or with hard edges."""
    rng = np.random.default_rng([width, height])
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    if kind == "gradient":
        return np.stack([255 * x / width, 255 * y / height, 255 - 255 * x / width], 2).astype("u1")
    return np.repeat(255 * ((x // 5 + y // 3) % 2), 3).reshape(height, width, 3).astype(np.uint8)


def encoded(picture, form, **options):
    """Return a picture's bytes in a format."""
    file = BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


@pytest.fixture(params=SIZES, ids=lambda size: "x".join(map(str, size)))
def golden(request):
    """The encoded pictures of one size, by name."""
    found = {}
    for kind in KINDS:
        picture = Image.fromarray(pixels(kind, *request.param))
        found[f"{kind}.png"] = encoded(picture, "PNG")
        found[f"{kind}.jpg"] = encoded(picture, "JPEG", quality=90)
        found[f"{kind}-grey.jpg"] = encoded(picture.convert("L"), "JPEG")
    return found


def openclip_config(**changes):
    """Return an open_clip preprocess_cfg."""
    from open_clip.transform import PreprocessCfg, merge_preprocess_dict

    return merge_preprocess_dict(PreprocessCfg(), changes)


CONFIGS = {
    "shortest-bicubic": openclip_config(size=224),
    "half-mean": openclip_config(size=224, mean=(0.5,) * 3, std=(0.5,) * 3),
    "squash-bilinear": openclip_config(size=256, resize_mode="squash", interpolation="bilinear"),
    "longest-padded": openclip_config(size=160, resize_mode="longest", fill_color=7),
    "oblong": openclip_config(size=(192, 128), interpolation="bilinear"),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_exact_is_open_clips_transform_bit_for_bit(golden, config):
    from open_clip.transform import PreprocessCfg, image_transform_v2

    transform = image_transform_v2(PreprocessCfg(**config), is_train=False)
    pre = preprocess_of(config)
    for name, picture in golden.items():
        wanted = transform(Image.open(BytesIO(picture)))
        found = normalise(torch.tensor(exact(picture, pre))[None], pre)[0]
        assert torch.equal(found, wanted), name


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA", "CMYK", "1"])
def test_exact_keeps_open_clips_order_for_other_colour_modes(mode):
    from open_clip.transform import PreprocessCfg, image_transform_v2

    picture = Image.fromarray(pixels("noise", 250, 200)).convert(mode)
    data = encoded(picture, "TIFF")
    transform = image_transform_v2(PreprocessCfg(), is_train=False)
    pre = Preprocess()
    found = normalise(torch.tensor(exact(data, pre))[None], pre)[0]
    assert torch.equal(found, transform(Image.open(BytesIO(data))))


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_fast_stays_within_2_of_255(golden, config):
    pre = preprocess_of(config)
    for name, picture in golden.items():
        far = np.abs(fast(picture, pre).astype(int) - exact(picture, pre).astype(int))
        assert far.max() <= 2, (name, far.max())
        assert far.mean() <= 0.3, (name, far.mean())


def test_fast_rounds_as_pillow_does_from_any_size_to_any():
    rng = np.random.default_rng(3)
    for _ in range(300):
        width, height, wide, tall = rng.integers(5, 300, 4).tolist()
        data = encoded(Image.fromarray(pixels("noise", width, height)), "PNG")
        pre = Preprocess(size=(tall, wide), resize_mode="squash")
        far = np.abs(fast(data, pre).astype(int) - exact(data, pre).astype(int))
        assert far.max() <= 2, (width, height, wide, tall)


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK"])
def test_fast_leaves_odd_pictures_to_pillow(mode):
    picture = Image.fromarray(pixels("gradient", 224, 224)).convert(mode)
    data = encoded(picture, "JPEG" if mode == "CMYK" else "PNG")
    assert np.array_equal(fast(data, Preprocess()), exact(data, Preprocess()))


@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
@pytest.mark.parametrize("crop_pct", [1.0, 0.875])
def test_exact_is_timms_transform_too(golden, crop_mode, crop_pct):
    from timm.data import create_transform

    config = {
        "input_size": (3, 112, 112),
        "interpolation": "bicubic",
        "mean": (0.5, 0.4, 0.3),
        "std": (0.5, 0.5, 0.5),
        "crop_pct": crop_pct,
        "crop_mode": crop_mode,
    }
    transform = create_transform(**config)
    pre = timm_preprocess_of(config)
    for name, picture in golden.items():
        wanted = transform(Image.open(BytesIO(picture)).convert("RGB"))
        found = normalise(torch.tensor(exact(picture, pre))[None], pre)[0]
        assert torch.allclose(found, wanted, atol=1e-6), name


def test_a_batch_has_the_models_shape():
    pictures = [encoded(Image.fromarray(pixels("noise", *size)), "PNG") for size in SIZES]
    assert batch(pictures, Preprocess(size=(64, 48))).shape == (len(SIZES), 3, 64, 48)
    assert batch([], Preprocess()).shape == (0, 3, 224, 224)


@pytest.mark.parametrize("variant", ["fast", "exact"])
@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xe0 no jpeg", b"\x89PNG\r\n\x1a\n"])
def test_damage_is_told_in_a_sentence(variant, data):
    with pytest.raises(UserError, match="can't be decoded"):
        batch([data], Preprocess(), variant)
