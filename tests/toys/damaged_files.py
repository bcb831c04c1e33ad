"""A folder of pictures that nobody would wish for, around some that can be used. No real face."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

GOOD_PEOPLE = ["Ann Lee", "Bob_Ray", "Chloé Núñez", "李 明", "Eve"]
VIEWS = 3

#: Files that are listed though they can't be used: path -> words of the reason.
BAD = {
    "Ann Lee/empty.jpg": "empty",
    "Ann Lee/cut.jpg": "truncated",
    "Bob_Ray/cut.png": "cut short",
    "Bob_Ray/page.jpg": "no picture",
    "Bob_Ray/bomb.png": "pixels",
    "Bob_Ray/phone.heic": ".heic",
    "Chloé Núñez/gone.jpg": "link to nothing",
    "Eve/cut.webp": "damaged",
}

#: Files that can be used, with a remark: path -> the remark.
MISNAMED = {
    "Ann Lee/jpeg.png": "It is named .png but is a JPEG.",
    "Ann Lee/picture": "It has no extension and is a PNG.",
    "Bob_Ray/photo.txt": "It is named .txt but is a JPEG.",
}

#: Usable pictures of unusual kinds.
UNUSUAL = [
    "Eve/cmyk.jpg", "Eve/16 bit.png", "Eve/palette.png", "Eve/alpha.png", "Eve/moving.gif",
    "Eve/turned.jpg", "Eve/grey.pgm", "Eve/one bit.bmp", "Eve/float.tif", "Eve/photo.JPG",
    "Chloé Núñez/n\nl.jpg",
]  # fmt: skip

#: Files with the bytes of another: path -> words of the reason.
DUPLICATES = {
    "Ann Lee/copy of 1.jpg": "same bytes as Ann Lee/1.jpg.",
    "Eve/stolen.jpg": "same bytes as Bob_Ray/2.jpg, which is of Bob_Ray.",
}

NOBODY = ["loose.jpg"]

#: No pictures, neither by name nor by content; not listed.
LEFT_ALONE = [
    "README.txt", "Ann Lee/Thumbs.db", "Ann Lee/.DS_Store", "Bob_Ray/notes.md", "Eve/empty.txt",
    ".cache/1.jpg", "__MACOSX/Ann Lee/1.jpg",
]  # fmt: skip


def make_nasty_folder(folder: str | Path) -> Path:
    """Write all of the above, one folder a person; return `folder`."""
    folder = Path(folder)
    for i, person in enumerate(GOOD_PEOPLE):
        for view in range(1, VIEWS + 1):
            save(cartoon(i, view), folder / person / f"{view}.jpg", quality=92)
    jpeg, png = encoded(cartoon(0, 7), "JPEG"), encoded(cartoon(0, 8), "PNG")
    contents = {
        "Ann Lee/empty.jpg": b"",
        "Ann Lee/cut.jpg": jpeg[: len(jpeg) // 2],
        "Bob_Ray/cut.png": png[: len(png) // 2],
        "Bob_Ray/page.jpg": b"<html>404 Not Found</html>",
        "Bob_Ray/bomb.png": bomb(),
        "Bob_Ray/phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500),
        "Eve/cut.webp": encoded(cartoon(4, 9), "WEBP")[:-200],
        "Ann Lee/jpeg.png": jpeg,
        "Ann Lee/picture": png,
        "Bob_Ray/photo.txt": encoded(cartoon(1, 7), "JPEG"),
        "Ann Lee/copy of 1.jpg": (folder / "Ann Lee/1.jpg").read_bytes(),
        "Eve/stolen.jpg": (folder / "Bob_Ray/2.jpg").read_bytes(),
        "loose.jpg": encoded(cartoon(9, 1), "JPEG"),
        "README.txt": b"Pictures of nobody.",
        "Ann Lee/Thumbs.db": b"\xd0\xcf\x11\xe0" + bytes(100),
        "Ann Lee/.DS_Store": b"\0\0\0\1Bud1" + bytes(100),
        "Bob_Ray/notes.md": b"# Notes",
        "Eve/empty.txt": b"",
        ".cache/1.jpg": jpeg,
        "__MACOSX/Ann Lee/1.jpg": bytes(100),
    }
    for path, data in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "Chloé Núñez/gone.jpg").symlink_to("nowhere.jpg")
    unusual(folder)
    return folder


def unusual(folder: Path) -> None:
    """Write the pictures of `UNUSUAL`."""
    face = [cartoon(4, 20 + i) for i in range(10)]
    eve = folder / "Eve"
    face[0].convert("CMYK").save(eve / "cmyk.jpg")
    deep = np.asarray(face[1].convert("L")).astype(np.uint16) * 257
    Image.fromarray(deep).save(eve / "16 bit.png")
    face[2].convert("P", palette=Image.Palette.ADAPTIVE).save(eve / "palette.png", transparency=0)
    alpha = face[3].copy()
    alpha.putalpha(Image.linear_gradient("L").resize(alpha.size))
    alpha.save(eve / "alpha.png")
    face[4].save(eve / "moving.gif", save_all=True, append_images=face[5:7])
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = face[5].crop((0, 20, 160, 140)).rotate(90, expand=True)
    wide.save(eve / "turned.jpg", exif=exif)
    face[6].convert("L").save(eve / "grey.pgm")
    face[7].convert("1").save(eve / "one bit.bmp")
    Image.fromarray(np.asarray(face[8].convert("L"), np.float32)).save(eve / "float.tif")
    face[9].save(eve / "photo.JPG")
    cartoon(2, 9).crop((10, 0, 150, 160)).save(folder / "Chloé Núñez" / "n\nl.jpg")


def cartoon(person: int, view: int, size: int = 160) -> Image.Image:
    """Return a drawn head: enough of a face for a detector, of nobody."""
    rng = np.random.default_rng([person, 1])
    skin = tuple(int(v) for v in rng.uniform(150, 225) * np.array([1, 0.82, 0.7]))
    wide, eyes, mouth = rng.uniform(0.27, 0.33), rng.uniform(0.11, 0.14), rng.uniform(0.09, 0.14)
    hair = tuple(int(v) for v in rng.uniform(10, 90, 3))
    rng = np.random.default_rng([person, 2, view])
    big = Image.new("RGB", (size * 4,) * 2, tuple(int(v) for v in rng.uniform(60, 190, 3)))
    draw = ImageDraw.Draw(big)
    x, y = 0.5 + rng.uniform(-0.03, 0.03, 2)

    def ellipse(cx, cy, w, h, fill):
        box = (x + cx - w, y + cy - h, x + cx + w, y + cy + h)
        draw.ellipse([v * size * 4 for v in box], fill=fill)

    dark = tuple(int(v * 0.55) for v in skin)
    ellipse(0, -0.06, wide + 0.05, 0.42, hair)
    ellipse(0, 0.42, 0.2, 0.2, dark)
    ellipse(0, 0.03, wide, 0.38, skin)
    for side in (-1, 1):
        ellipse(side * eyes, -0.075, 0.075, 0.05, dark)
        ellipse(side * eyes, -0.07, 0.055, 0.028, (235, 235, 235))
        ellipse(side * eyes, -0.07, 0.026, 0.028, (40, 25, 20))
        ellipse(side * eyes, -0.14, 0.075, 0.014, hair)
        ellipse(side * 0.03, 0.09, 0.025, 0.018, dark)
    ellipse(0, 0.0, 0.018, 0.08, tuple(min(255, int(v * 1.1)) for v in skin))
    ellipse(0, 0.21, mouth, 0.028, (150, 60, 60))
    ellipse(0, 0.207, mouth * 0.9, 0.006, (70, 20, 20))
    small = big.resize((size, size), Image.Resampling.LANCZOS)
    light = np.linspace(1.15, 0.75, size)[None, :, None] * rng.uniform(0.9, 1.1)
    noise = rng.normal(0, 4, (size, size, 3))
    pixels = np.clip(np.asarray(small.filter(ImageFilter.GaussianBlur(1))) * light + noise, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


def save(image: Image.Image, path: Path, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


def encoded(image: Image.Image, kind: str) -> bytes:
    image.save(buffer := io.BytesIO(), kind)
    return buffer.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """Return a small PNG that says it has `side` × `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10**6), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
