"""Recognisers of real faces: whom to ask what they should say, and faces to show them."""

import tarfile
from itertools import islice

import numpy as np
from PIL import Image

from facebench.models import find
from facebench.models.encoder import unit_rows
from facebench.people import draw_identity, draw_view, render
from tests.toys.workflow import SHARED

LFW = SHARED / "lfw-deepfunneled.tgz"


def rendered(people, views, size):
    """Return pictures of people who don't exist, one person's after the other's.

    uint8 (people x views, 3, size, size), as encoders take them.
    """
    everybody = [draw_identity(0, number) for number in range(people)]
    shown = [
        render(who, draw_view(who, view), size)[0] for who in everybody for view in range(views)
    ]
    return np.stack([np.asarray(picture).transpose(2, 0, 1) for picture in shown])


def of_lfw(count):
    """Return the first photographs of LFW, RGB."""
    with tarfile.open(LFW) as archive:
        members = islice((m for m in archive if m.name.endswith(".jpg")), count)
        return [Image.open(archive.extractfile(member)).convert("RGB") for member in members]


def photographed(count, size):
    """Return the middles of photographs of LFW, which show faces: uint8 (count, 3, size, size)."""
    left = (250 - 150) // 2
    middles = [photo.crop((left, left, left + 150, left + 150)) for photo in of_lfw(count)]
    return np.stack(
        [np.asarray(middle.resize((size, size))).transpose(2, 0, 1) for middle in middles]
    )


def dlibs(pixels):
    """Return the unit rows that dlib itself gives for chips."""
    import dlib

    network = dlib.face_recognition_model_v1(str(find({"family": "dlib"}).files["weights"]))
    chips = [np.ascontiguousarray(chip.transpose(1, 2, 0)) for chip in pixels]
    return unit_rows(np.array([network.compute_face_descriptor(chip) for chip in chips]))


def onnxruntimes(pixels):
    """Return the unit rows that onnxruntime gives for aligned faces, of SFace's file.

    It doesn't open the file as it is, because that lists weights as inputs that it has not.
    """
    import onnx
    import onnxruntime

    model = onnx.load(find({"family": "sface"}).files["weights"])
    (data,) = (one for one in model.graph.input if one.name == "data")
    del model.graph.input[:]
    model.graph.input.append(data)
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), quiet)
    faces = pixels.astype(np.float32)
    rows = [session.run(None, {"data": faces[i : i + 1]})[0] for i in range(len(faces))]
    return unit_rows(np.concatenate(rows))


#: The side of a recogniser's pictures, and whoever it must agree with.
REFEREES = {"dlib": (150, dlibs), "sface": (112, onnxruntimes)}
