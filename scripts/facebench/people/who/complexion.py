"""Colours of skin, hair and eyes, and which go together how often. Linear RGB, 0 to 1."""

import numpy as np

SKIN_TONES = np.array(
    [[0.74, 0.51, 0.42], [0.62, 0.385, 0.28], [0.42, 0.235, 0.15], [0.22, 0.112, 0.068],
     [0.085, 0.045, 0.032]]
)  # fmt: skip
SKIN_BANDS = ("very light", "light", "medium", "brown", "dark")
HAIR_COLOURS = {
    "black": (0.012, 0.010, 0.010), "dark brown": (0.035, 0.020, 0.013),
    "brown": (0.080, 0.042, 0.024), "light brown": (0.17, 0.10, 0.056),
    "blond": (0.42, 0.28, 0.14), "red": (0.24, 0.070, 0.024),
}  # fmt: skip
IRISES = {
    "dark brown": (0.025, 0.012, 0.007), "brown": (0.09, 0.042, 0.016),
    "hazel": (0.16, 0.11, 0.04), "green": (0.12, 0.19, 0.09), "blue": (0.12, 0.24, 0.42),
    "grey": (0.22, 0.26, 0.30),
}  # fmt: skip


def draw_skin(rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """How dark (0 to 1) and which colour; every band is as likely as another."""
    dark = float(rng.uniform(0.0, 1.0))
    at = np.arange(5) / 4
    tone = np.array([np.interp(dark, at, SKIN_TONES[:, c]) for c in range(3)])
    return dark, tone * (1 + rng.normal(0, [0.03, 0.04, 0.07]).clip(-0.15, 0.15))


def draw_moles(rng: np.random.Generator) -> np.ndarray:
    """Moles (M, 4) float32 on the front of the face: x, y, radius, darkness."""
    count = min(int(rng.poisson(1.2)), 5)
    across = rng.uniform(-0.55, 0.55, count)
    return np.stack(
        [across, rng.uniform(-0.95, 0.6, count), rng.uniform(0.010, 0.026, count),
         rng.uniform(0.4, 0.85, count)], axis=1,
    ).astype(np.float32)  # fmt: skip


def hair_chances(dark: float) -> dict[str, float]:
    """How likely each hair colour goes with a skin, 0 (fair) to 1 (dark)."""
    fair = max(0.0, 1 - 2.2 * dark)
    return {
        "black": 0.3 + 3 * dark, "dark brown": 1.0, "brown": 1.2 * (1 - dark),
        "light brown": 1.1 * fair, "blond": 1.6 * fair, "red": 1.2 * fair,
    }  # fmt: skip


def iris_chances(dark: float, hair_colour: str) -> dict[str, float]:
    """How likely each eye colour goes with a skin and a hair colour."""
    fair = max(0.0, 1 - 2.2 * dark)
    if hair_colour in ("black", "dark brown", "brown"):
        return {"dark brown": 1 + 3 * dark, "brown": 2.0, "hazel": fair, "green": 0.4 * fair}
    return {"blue": 2.0, "grey": 1.0, "green": 1.2, "hazel": 1.0, "brown": 0.7}
