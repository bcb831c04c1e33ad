"""From measures and a mimic to the ellipsoids of a head, a neck and shoulders."""

import numpy as np

from facebench.people.rendering.ellipsoids import Shapes, turn
from facebench.people.rendering.scene import BODY, MOUTH, SKIN, Eyes, floats

Bones = dict[str, float]


def mouth_place(b: Bones, mimic: dict[str, float]) -> dict[str, float]:
    """Where this mouth is in this mimic: x half-width, y, z, gap, and its bend by x squared."""
    smile, gap = mimic["smile"], mimic["gap"]
    width = b["mouth_width"] * (1 + 0.16 * max(smile, 0) + 0.05 * smile - 0.12 * gap)
    return {
        "width": width,
        "y": nose_tip(b)[0] - b["philtrum"] - 0.25 * b["face_length"] - 0.01 * smile,
        "z": 0.825 + b["lip_forward"] - 0.02 * max(smile, 0),
        "gap": 0.2 * gap,
        "bend": 0.075 * smile / width**2 * (1 if smile > 0 else 0.6),
    }


def skull(s: Shapes, b: Bones, mimic: dict[str, float]) -> None:
    """Cranium, face, jaw, chin and cheeks: what hair and hat stand off from."""
    long, drop = b["face_length"], 0.5 * 0.2 * mimic["gap"]
    width = b["face_width"]
    s.add(SKIN, (0, 0.33, -0.1), (b["skull_width"], b["skull_height"], b["skull_depth"]))
    s.add(SKIN, (0, 0.42, 0.42), (0.5, 0.35, 0.4 + b["forehead"]), 0.3)
    s.add(SKIN, (0, -0.28 - 0.3 * long, 0.2), (width, 0.72, 0.58), 0.3)
    jaw_y = -0.66 - 0.8 * long - drop
    s.add(SKIN, (0, jaw_y, 0.22), (b["jaw_width"], 0.38, 0.47), 0.22)
    low = (b["jaw_width"] * 0.55 + b["chin_width"] * 0.6, 0.26, 0.36)
    s.add(SKIN, (0, jaw_y - 0.16, 0.36), low, 0.16)
    corner = (b["jaw_width"] * 0.86, jaw_y + 0.04, 0.08)
    s.add(SKIN, corner, (b["jaw_corner"], 0.2, 0.24), 0.15, both=True)
    chin = (0, -0.98 - long - b["chin_drop"] - 1.6 * drop, 0.56 + b["chin_forward"])
    s.add(SKIN, chin, (b["chin_width"], 0.14, 0.15), 0.2)
    bone = (width * 0.74, -0.17, 0.46)
    s.add(SKIN, bone, (b["cheekbone"] * 1.2, 0.12, b["cheekbone"] * 1.3), 0.16, both=True)
    lift = 0.05 * max(mimic["smile"], 0)
    cheek = (0.37, -0.46 - 0.3 * long + lift, 0.52)
    s.add(SKIN, cheek, (b["cheek"], 0.22, b["cheek"] + 0.6 * lift), 0.18, both=True)


def features(s: Shapes, b: Bones, mimic: dict[str, float]) -> None:
    """Brow, eye sockets, nose, lips and ears."""
    brow = (0.26, b["brow_y"] - 0.05, 0.70)
    s.add(SKIN, brow, (0.24, 0.07, 0.08 + b["brow_ridge"]), 0.12, both=True, bend=(0.0, -0.6))
    eye = eyes(b, mimic)
    socket = (float(eye.x), float(eye.y) + 0.01, float(eye.z) + 0.20)
    s.add(SKIN, socket, (0.19, 0.115, 0.12), 0.1, both=True, cut=True)
    inner = (0.13, float(eye.y) + 0.02, float(eye.z) + 0.24)
    s.add(SKIN, inner, (0.07, 0.10, 0.1), 0.08, both=True, cut=True)
    nose(s, b)
    mouth(s, b, mimic)
    out = turn(yaw=b["ear_out"])
    side = b["skull_width"] * 0.5 + b["face_width"] * 0.5 + 0.02
    s.add(SKIN, (side, -0.08, -0.06), (0.06, b["ear_size"], 0.16), 0.05, out, both=True)
    s.add(SKIN, (side + 0.05, -0.07, -0.0), (0.05, 0.17, 0.085), 0.04, out, both=True, cut=True)


def nose_tip(b: Bones) -> tuple[float, float]:
    """Height and forwardness of the nose's tip (its sphere's centre)."""
    return -b["nose_length"] + 0.02 + b["nose_up"] - 0.25 * b["face_length"], 0.70 + b[
        "nose_forward"
    ]


def nose(s: Shapes, b: Bones) -> None:
    """Bridge, tip, wings, and two nostrils cut out."""
    y, z = nose_tip(b)
    root = np.array([0.0, 0.10, 0.745 + 0.6 * b["nose_bridge"]])
    tip = np.array([0.0, y + 0.03, z - 0.02])
    middle, along = (root + tip) / 2, tip - root
    lean = turn(pitch=float(np.arctan2(along[2], -along[1])) * 1.0)
    half = 0.5 * float(np.hypot(along[1], along[2]))
    hump = np.array([0.0, 0.0, 0.5 * b["nose_bridge"]])
    radii = (b["nose_width"], half * 1.15, b["nose_width"] * 1.25)
    s.add(SKIN, middle + hump, radii, 0.09, lean)
    ball = b["nose_tip"]
    s.add(SKIN, (0, y, z - 0.03), (ball, ball * 0.9, ball), 0.08)
    wing = (b["nostril"], y - 0.035, z - 0.14)
    s.add(SKIN, wing, (0.066, 0.066, 0.095), 0.05, both=True)
    hole = (b["nostril"] * 0.58, y - 0.105, z - 0.075)
    s.add(SKIN, hole, (0.042, 0.034, 0.06), 0.03, both=True, cut=True)


def mouth(s: Shapes, b: Bones, mimic: dict[str, float]) -> None:
    """A rise around the lips, two lips along a bent line, the slit, and what shows inside."""
    m = mouth_place(b, mimic)
    w, y, z, gap, bend = m["width"], m["y"], m["z"], m["gap"], (m["bend"], -0.9)
    s.add(SKIN, (0, y + 0.02, z - 0.22), (w * 1.15, 0.22, 0.17), 0.16)
    up, low = b["lip_upper"], b["lip_lower"]
    s.add(SKIN, (0, y + 0.5 * up + 0.35 * gap, z - 0.05), (w, up * 0.75, 0.085), 0.05, bend=bend)
    low_y = y - 0.5 * low - 0.65 * gap
    s.add(SKIN, (0, low_y, z - 0.06), (w * 0.92, low * 0.75, 0.095), 0.05, bend=bend)
    slit = (0, y - 0.15 * gap, z)
    s.add(SKIN, slit, (w * 0.93, 0.014 + 0.5 * gap, 0.12), 0.01, cut=True, bend=bend)
    s.add(MOUTH, (0, y - 0.1 * gap, z - 0.14), (w, 0.05 + gap, 0.1), bend=bend)


def body(s: Shapes, b: Bones, turned: np.ndarray) -> None:
    """Neck and shoulders; `turned` (3, 3) is the body's rotation as the head sees it."""
    pivot = np.array([0.0, -0.9, -0.2])

    def place(x: float, y: float, z: float) -> np.ndarray:
        return pivot + turned @ (np.array([x, y, z]) - pivot)

    n, w = b["neck"], b["shoulders"]
    s.add(SKIN, place(0, -1.2, -0.22), (n, 1.0, n * 0.95), 0.16, turned)
    s.add(BODY, place(0, -1.6, -0.24), (n * 1.04, 0.6, n), 0.1, turned)
    s.add(BODY, place(0, -2.25, -0.16), (w * 0.82, 0.85, 0.50), 0.3, turned)
    for side in (-1, 1):
        s.add(BODY, place(side * w * 0.98, -2.12, -0.22), (0.42, 0.5, 0.40), 0.3, turned)
        slope = turned @ turn(roll=-0.45 * side)
        s.add(BODY, place(side * w * 0.52, -1.74, -0.26), (0.6, 0.16, 0.26), 0.25, slope)


def eyes(b: Bones, mimic: dict[str, float]) -> Eyes:
    """Eyeballs and lids; a smile lifts the lower lid, `lids` opens (1) or closes (0) the upper."""
    upper = b["lid_upper"] * mimic["lids"] + 0.02 - 0.3 * (1 - mimic["lids"])
    lower = -b["lid_lower"] + 0.12 * max(mimic["smile"], 0)
    return floats(
        Eyes,
        x=b["eye_x"],
        y=b["eye_y"],
        z=0.615 - b["eye_deep"] * 0.5 + (0.135 - b["eye_size"]),
        radius=b["eye_size"],
        lid=b["eye_size"] + 0.018,
        tilt_cos=np.cos(b["eye_tilt"]),
        tilt_sin=np.sin(b["eye_tilt"]),
        upper_cos=np.cos(upper),
        upper_sin=np.sin(upper),
        lower_cos=np.cos(lower),
        lower_sin=np.sin(lower),
    )
