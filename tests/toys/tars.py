"""Tars of pictures as img2dataset writes them, of noise or of whatever is given."""

import io
import json
import tarfile

import numpy as np
from PIL import Image


def noise(seed, side=32, quality=85):
    """Return a JPEG of coloured noise, another for every seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


def write_tar(path, members):
    """Write a tar with these members, (name, bytes), in their order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def samples(number, pictures, said=lambda key: {}):
    """Yield the members of tar `number`: of every picture itself, its caption and its JSON.

    They come in another order than that of their names, as downloads end.
    """
    for place in reversed(range(len(pictures))):
        key = f"{number:05d}{place:04d}"
        yield f"{key}.txt", b"a picture"
        yield f"{key}.json", json.dumps({"key": key, **said(key)}).encode()
        yield f"{key}.jpg", pictures[place]


def write_shards(root, counts, said=lambda key: {}):
    """Write a tar of noise for every count, with the files that img2dataset puts beside it."""
    first = 0
    for number, count in enumerate(counts):
        pictures = [noise(first + place) for place in range(count)]
        write_tar(root / f"{number:05d}.tar", samples(number, pictures, said))
        (root / f"{number:05d}_stats.json").write_text("{}")
        first += count
    return root
