"""An error of the machine or of the program costs no picture its place; one of the file does."""

import contextlib
import errno
import os
import resource

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFile

from facebench.attacks.contract import Context, Subject
from facebench.attacks.ready_made import ready_made
from facebench.errors import UserError
from facebench.pictures import crops, detectors, faults, reading
from facebench.pictures.faults import OF_A_FILE, Unreadable, why_unreadable
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS, box_of
from facebench.store.tables import read_table, write_table
from scripts import crop, landmarks
from tests.toys import damaged_files
from tests.toys.listing import listed

CROP = {"kind": "box", "margin": 0.0, "max_side": 512}
POINTS = np.array([[40, 50], [80, 50], [60, 75], [45, 100], [75, 100.0]])

#: Errors of the machine, and of a program: none is about the picture that was read.
MACHINE = [
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.EMFILE, "Too many open files"),
    OSError(errno.ENFILE, "Too many open files in system"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    OSError(errno.ESTALE, "Stale file handle"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError("out of memory when reading image file"),
    MemoryError(),
]
PROGRAM = [
    TypeError("box() missing 1 required positional argument: 'margin'"),
    AttributeError("'NoneType' object has no attribute 'size'"),
    NameError("name 'pixles' is not defined"),
    ValueError("operands could not be broadcast together"),
    KeyError("kind"),
]


def name_of(error):
    return f"{type(error).__name__}-{getattr(error, 'errno', None) or ''}"


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Three pictures with landmarks, and cloaked versions of them."""
    monkeypatch.setitem(detectors.DETECTORS, "blind", lambda **options: lambda pixels: [])
    for i in range(3):
        damaged_files.save(damaged_files.cartoon(0, i), tmp_path / "photos" / "p" / f"{i}.png")
        damaged_files.save(damaged_files.cartoon(0, i), tmp_path / "cloaks" / "p" / f"{i}.png")
    damaged_files.save(damaged_files.cartoon(1, 0), tmp_path / "photos" / "q" / "0.png")
    images, _ = listed(tmp_path, tmp_path / "photos", "folder")
    where = images[["image_id", "path", "status", "reason"]].assign(faces=1)
    for name, value in zip(
        BOX_COLUMNS + POINT_COLUMNS, [*box_of(POINTS), *POINTS.ravel()], strict=True
    ):
        where[name] = value
    write_table(where, tmp_path / "landmarks.parquet", {})
    return tmp_path


def list_again(study):
    images, _ = listed(study, study / "photos", "folder", threads=1)
    return images


def find_again(study):
    landmarks.main(
        images=study / "images.parquet",
        pictures=study / "photos",
        options={"detector": "blind", "choose": "centre"},
        code="0123",
        threads=1,
        work=study / "work",
        output=study / "found.parquet",
    )
    return read_table(study / "found.parquet")


def crop_again(study):
    crop.main(
        images=study / "images.parquet",
        landmarks=study / "landmarks.parquet",
        pictures=study / "photos",
        crops=["tight"],
        specs=[CROP],
        code="0123",
        threads=1,
        outputs=[study / "faces.parquet"],
    )
    return read_table(study / "faces.parquet")


def take_again(study):
    place = {"images": str(study / "images.parquet"), "crop": CROP}
    place["landmarks"] = str(study / "landmarks.parquet")
    labels = read_table(study / "images.parquet")
    side = round(max(box_of(POINTS)[2:] - box_of(POINTS)[:2]))
    pixels = np.zeros((side, side, 3), np.uint8)
    subjects = [Subject("x", path, "p", None, pixels) for path in labels.path]
    context = Context(0, labels, place=place)
    results = ready_made(subjects, context, str(study / "cloaks"), [""])
    return pd.DataFrame({"status": [result.status for result in results]})


STEPS = [list_again, find_again, crop_again, take_again]


@contextlib.contextmanager
def failing(monkeypatch, error, step):
    """Let the second picture that a step opens raise `error`."""
    opened, original = [], Image.open
    # This one also opens the crop that it has made of the first.
    after = 2 if step is take_again else 1

    def broken(*arguments, **options):
        opened.append(1)
        if len(opened) > after:
            raise error
        return original(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", broken)
        yield


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", MACHINE, ids=name_of)
def test_an_error_of_the_machine_stops_the_step_and_is_named(study, monkeypatch, step, error):
    words = str(error) or "not enough memory"
    with failing(monkeypatch, error, step), pytest.raises(UserError) as told:
        step(study)
    assert words in str(told.value) and ".png could not be read" in str(told.value)
    assert "Traceback" not in str(told.value)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", PROGRAM, ids=name_of)
def test_a_mistake_of_the_program_is_raised_as_it_is(study, monkeypatch, step, error):
    with failing(monkeypatch, error, step), pytest.raises(type(error)) as raised:
        step(study)
    assert raised.value is error


def test_a_crop_that_is_called_wrongly_is_no_unreadable_picture(study, monkeypatch):
    monkeypatch.setitem(CROP, "kind", "similarity")
    with pytest.raises(TypeError, match="margin"):
        crop_again(study)
    monkeypatch.undo()
    monkeypatch.setitem(crops.CROPS, "box", lambda picture, face, margin, max_side: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        crop_again(study)


def test_too_little_memory_for_a_crop_or_a_detector_stops_the_step(study, monkeypatch):
    def greedy(*arguments, **options):
        raise MemoryError

    monkeypatch.setitem(crops.CROPS, "box", greedy)
    monkeypatch.setitem(detectors.DETECTORS, "blind", lambda **options: greedy)
    for step in (crop_again, take_again, find_again):
        with pytest.raises(
            UserError, match=r"0\.png could not be read: there is not enough memory"
        ):
            step(study)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("number", sorted(OF_A_FILE))
def test_an_error_of_the_path_is_the_pictures(study, monkeypatch, step, number):
    error = OSError(number, os.strerror(number))
    with failing(monkeypatch, error, step):
        table = step(study)
    good = {"ok", "duplicate", "no-face"}
    assert len(table) >= 4 and not set(table.status.iloc[2:]) & good


@pytest.mark.parametrize("step", STEPS)
def test_a_damaged_file_is_the_pictures(study, step):
    for folder in ("photos", "cloaks"):
        file = study / folder / "p" / "1.png"
        file.write_bytes(file.read_bytes()[:2000])
    table = step(study)
    assert table.status.iloc[1] in ("unreadable", "not attacked")
    assert table.status.iloc[0] in ("ok", "no-face", "unchanged")


def test_real_limits_of_the_system_are_errors_of_the_machine(study):
    path = study / "photos" / "p" / "0.png"
    before, held = resource.getrlimit(resource.RLIMIT_NOFILE), []
    lowest = max(int(name) for name in os.listdir("/proc/self/fd")) + 4
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        told = caught(path)
    finally:
        for number in held:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert isinstance(told, UserError) and "Too many open files" in str(told)
    assert reading_of(path) == ""


def caught(path):
    """Return what `reading_of` raises."""
    try:
        return reading_of(path)
    except UserError as error:
        return error


def reading_of(path):
    """Return why a file can't be read; "" if it can."""
    try:
        reading.read_picture(path)
    except Exception as error:
        return why_unreadable(error, path)
    return ""


def test_a_disk_that_fails_in_the_middle_of_a_file_is_no_damage(study, monkeypatch):
    """Some decoders take a read that fails for the end of the file."""
    path = study / "photos" / "p" / "0.png"

    def hidden(*arguments):
        raise OSError("decoder error -2 when reading image file")

    monkeypatch.setattr(ImageFile.ImageFile, "load", hidden)
    assert "damaged or cut short: decoder error -2" in reading_of(path)
    monkeypatch.setattr(faults, "opened", failing_disk)
    with pytest.raises(UserError, match="Input/output error"):
        reading_of(path)


def failing_disk(file):
    raise OSError(errno.EIO, "Input/output error")


def test_what_is_said_of_a_path_is_a_sentence():
    error = OSError(errno.EACCES, "Permission denied")
    assert why_unreadable(error, "a.jpg") == "It can't be opened: Permission denied."
    assert why_unreadable(Unreadable("It is odd."), "a.jpg") == "It is odd."


def test_damaged_orientation_is_no_reason_to_refuse_but_no_memory_to_turn_is(study, monkeypatch):
    path = study / "photos" / "p" / "0.png"

    def damaged(image):
        raise MemoryError

    monkeypatch.setattr(Image.Image, "getexif", damaged)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.getexif", damaged)
    with pytest.raises((MemoryError, UserError)):
        reading.read_picture(path)
