"""From light to a photograph: exposure, tone curve, blur, sensor noise, JPEG."""

import io

import numpy as np
from PIL import Image, ImageFilter

from facebench.people.who.view import View


def develop(light: np.ndarray, view: View) -> np.ndarray:
    """Linear light (S, S, 3) to display values (S, S, 3) float32, 0 to 1."""
    film = 1 - np.exp(-1.35 * view.exposure * light)
    display = np.clip(film, 0, 1) ** (1 / 2.2)
    return np.clip((display - 0.5) * view.contrast + 0.5, 0, 1)


def photograph(light: np.ndarray, view: View, rng: np.random.Generator) -> Image.Image:
    """Turn linear light (2S, 2S, 3) into an RGB picture (S, S) with a camera's blur and noise."""
    size = len(light) // 2
    small = light.reshape(size, 2, size, 2, 3).mean((1, 3))
    picture = Image.fromarray((develop(small, view) * 255 + 0.5).astype(np.uint8))
    if view.blur > 0.15:
        picture = picture.filter(ImageFilter.GaussianBlur(view.blur * size / 96))
    grain = rng.standard_normal((size, size, 3), np.float32)
    grain += 1.5 * rng.standard_normal((size, size, 1), np.float32)
    noisy = np.asarray(picture, np.float32) + grain * (255 * view.noise * 0.6)
    return Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """JPEG bytes, quality 1 to 95."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
