"""The measures of a head: their averages by sex presentation and how far people differ."""

import numpy as np

from facebench.people.seeds import bounded

# Decimetres unless said otherwise: masculine mean, feminine mean, spread between people.
MEASURES = {
    "skull_width": (0.760, 0.745, 0.040),
    "skull_height": (0.800, 0.800, 0.050),
    "skull_depth": (0.950, 0.930, 0.035),
    "forehead": (0.000, 0.020, 0.040),
    "face_width": (0.650, 0.620, 0.045),
    "face_length": (0.000, -0.055, 0.075),
    "cheekbone": (0.150, 0.160, 0.030),
    "cheek": (0.180, 0.185, 0.040),
    "jaw_width": (0.560, 0.470, 0.055),
    "jaw_corner": (0.135, 0.105, 0.022),
    "chin_width": (0.210, 0.160, 0.045),
    "chin_drop": (0.030, 0.000, 0.045),
    "chin_forward": (0.010, -0.010, 0.045),
    "brow_ridge": (0.050, 0.008, 0.025),
    "brow_y": (0.225, 0.250, 0.028),
    "brow_arch": (0.025, 0.050, 0.022),
    "brow_tilt": (0.000, 0.010, 0.070),
    "brow_thick": (0.064, 0.036, 0.012),
    "brow_length": (0.220, 0.210, 0.022),
    "eye_x": (0.320, 0.315, 0.027),
    "eye_y": (0.000, 0.000, 0.025),
    "eye_deep": (0.000, 0.015, 0.022),
    "eye_size": (0.134, 0.147, 0.010),
    "eye_tilt": (0.030, 0.080, 0.075),
    "lid_upper": (0.400, 0.470, 0.075),
    "lid_lower": (0.360, 0.370, 0.050),
    "nose_length": (0.445, 0.390, 0.045),
    "nose_width": (0.087, 0.067, 0.014),
    "nose_bridge": (0.030, 0.000, 0.045),
    "nose_forward": (0.285, 0.255, 0.050),
    "nose_tip": (0.107, 0.087, 0.016),
    "nose_up": (-0.010, 0.020, 0.035),
    "nostril": (0.132, 0.108, 0.022),
    "philtrum": (0.270, 0.255, 0.032),
    "mouth_width": (0.265, 0.245, 0.030),
    "lip_upper": (0.046, 0.068, 0.017),
    "lip_lower": (0.064, 0.087, 0.018),
    "lip_forward": (0.000, 0.010, 0.030),
    "ear_size": (0.285, 0.255, 0.030),
    "ear_out": (0.350, 0.300, 0.140),
    "neck": (0.470, 0.385, 0.035),
    "shoulders": (1.000, 0.860, 0.060),
}


def draw_bones(rng: np.random.Generator, masculine: float) -> dict[str, float]:
    """One head's measures; `masculine` from 0 to 1 moves the averages, never the spread."""
    return {
        name: bounded(rng, masculine * his + (1 - masculine) * hers, spread)
        for name, (his, hers, spread) in MEASURES.items()
    }
