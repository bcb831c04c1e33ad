"""Picture files of unusual kinds, made from a drawn head: what cameras and programs write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from tests.toys.damaged_files import cartoon

FACE = cartoon(3, 3, size=96).crop((6, 0, 90, 96))  # an oblong, so that a turn shows
GREY = np.asarray(FACE.convert("L"))


def saved(image, kind="PNG", **options):
    """Return a picture, or an array, as the bytes of a file."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer := io.BytesIO(), kind, **options)
    return buffer.getvalue()


def tiff(values):
    """Return an array (height, width) as a TIFF of its numbers: float32, int32 or uint16."""
    return saved(np.asarray(values), "TIFF")


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def png_chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def deep_png(values):
    """Return uint16 values (height, width, channels) as a PNG of 16 bits a channel."""
    height, width, channels = values.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def tiff_of_12_bits(values):
    """Return whole numbers up to 4095, an even number a row, as a TIFF of packed 12 bits."""
    height, width = values.shape
    pairs = values.reshape(height, -1, 2).astype(np.uint32)
    both = (pairs[..., 0] << 12 | pairs[..., 1]).astype(">u4").tobytes()
    data = b"".join(both[i + 1 : i + 4] for i in range(0, len(both), 4))
    tags = [
        (256, 4, width), (257, 4, height), (258, 3, 12), (259, 3, 1), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(data)),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    data += b"\0" * (len(data) % 2)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def with_comment(jpeg, note=b"edited"):
    """Return a JPEG with a comment more: other bytes, the same pixels."""
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + jpeg[2:]


def with_damaged_exif(jpeg):
    """Return a JPEG with EXIF data that end where they begin."""
    data = b"Exif\0\0II*\0\x08\0\0\0\xff\xff"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def with_late_orientation(png, orientation):
    """Return a PNG whose orientation comes behind the pixels."""
    data = exif(orientation).tobytes().removeprefix(b"Exif\0\0")
    return png[:-12] + png_chunk(b"eXIf", data) + png[-12:]
