"""Names written on pictures: CLIP reads (Goh and others, Distill 2021)."""

import string
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.seeds import chance
from facebench.errors import UserError
from facebench.pictures.lettering import drawable, writable

#: Width of a sticker for its height, where the picture is wide enough.
SHAPE = 6.0

#: Letters of fewer pixels are unreadable.
LEAST = 5

#: Share of the sticker's sides that the text may fill.
FILLED = 0.94


class Box(NamedTuple):
    """A rectangle of whole pixels."""

    left: int
    top: int
    right: int
    bottom: int


def typographic(
    subjects: Sequence[Subject], context: Context, text: str, area: float, place: str
) -> list[Attacked]:
    """Stick a white label on every picture, with the text that `TEXTS[text]` makes.

    The label covers `area` of the picture, at its `place`, and is the same whatever the text.
    `target` is the person whose name would be written; controls record it as well, for comparison.
    The font is Pillow's own, in black, as large as fits on at most three lines, without accents.
    Names in other scripts than Latin can't be written: they are never used, and with `own` people
    who have one aren't attacked.
    """
    names = known_names(context)
    return [labelled(subject, context.seed, names, text, area, place) for subject in subjects]


def labelled(
    subject: Subject, seed: int, names: dict[str, str], text: str, area: float, place: str
) -> Attacked:
    """Return a picture with its label."""
    written = TEXTS[text](subject, seed, names)
    if written is None:
        reason = f"No name can be written in Latin letters: {subject.name or 'it has none'}."
        return Attacked(None, "not attacked", reason)
    target = None if text == "own" else namesake(other_name(subject, seed, names), names)
    height, width = subject.pixels.shape[:2]
    box = sticker(width, height, area, place, chance(seed, "place", subject.image_id))
    pixels, size = label(subject.pixels, box, drawable(written))
    if written and size < LEAST:
        reason = f"Its letters would have {size} pixels, which nobody can read."
        return Attacked(pixels, "failed to cloak", reason, target=target, written=written)
    return Attacked(pixels, target=target, written=written or None)


def namesake(name: str, names: dict[str, str]) -> str:
    """Return the first person of that name."""
    return next(who for who, known in names.items() if known == name)


def known_names(context: Context) -> dict[str, str]:
    """Return the name of every person whose name can be written; `UserError` for fewer than two."""
    people = context.usable.drop_duplicates("identity")
    names = dict(zip(people.identity, people["name"], strict=True))
    names = {who: n for who, n in names.items() if isinstance(n, str) and writable(n)}
    if len(set(names.values())) < 2:
        raise UserError(
            "The attack `typographic` writes people's names on pictures, and this data set has no"
            " two names in Latin letters."
        )
    return names


def other_name(subject: Subject, seed: int, names: dict[str, str]) -> str:
    """Return the name of another person, the same for all pictures of a person."""
    others = sorted({name for name in names.values() if name != subject.name})
    return str(chance(seed, "written", subject.identity).choice(others))


def random_letters(subject: Subject, seed: int, names: dict[str, str]) -> str:
    """Return letters at random in the shape of the other name: the same number and length of words.

    They are no wider, so that they are written as large.
    """
    rng = chance(seed, "letters", subject.identity)
    name = drawable(other_name(subject, seed, names))
    ruler = font(40)
    drawn = [_letters(name.split(), rng) for _ in range(50)]
    return next((d for d in drawn if ruler.getlength(d) <= ruler.getlength(name)), drawn[0])


def _letters(words: Sequence[str], rng: np.random.Generator) -> str:
    letters = list(string.ascii_lowercase)
    return " ".join("".join(rng.choice(letters, len(word))).capitalize() for word in words)


def own_name(subject: Subject, seed: int, names: dict[str, str]) -> str | None:
    """Return the person's own name; None if it can't be written."""
    return names.get(subject.identity)


def nothing(subject: Subject, seed: int, names: dict[str, str]) -> str:
    """Return no text: the label alone."""
    return ""


TEXTS = {"other": other_name, "letters": random_letters, "blank": nothing, "own": own_name}


def sticker(width: int, height: int, area: float, place: str, rng: np.random.Generator) -> Box:
    """Return where the label of a picture is.

    >>> sticker(100, 100, 0.1, "bottom", np.random.default_rng(0))
    Box(left=11, top=85, right=88, bottom=98)
    """
    size = area * width * height
    wide = min(width, max(round((size * SHAPE) ** 0.5), -(-size // height)))
    tall = max(1, min(height, round(size / wide)))
    wide = int(wide)
    spare_x, spare_y = width - wide, height - tall
    if place == "bottom":
        left, top = spare_x // 2, spare_y - min(spare_y, round(0.02 * height))
    else:
        left, top = (int(rng.integers(spare, endpoint=True)) for spare in (spare_x, spare_y))
    return Box(left, top, left + wide, top + tall)


def label(pixels: np.ndarray, box: Box, text: str) -> tuple[np.ndarray, int]:
    """Return the picture with a white label and `text` on it, and the size of the letters."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), "white")
    if not text:
        return np.asarray(picture), 0
    width, height = (box.right - box.left) * FILLED, (box.bottom - box.top) * FILLED
    size, lines = max(fit(draw, lines, width, height) for lines in broken(text))
    centre = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    draw.multiline_text(centre, lines, "black", font(size), "mm", spacing=0, align="center")
    return np.asarray(picture), size


def broken(text: str) -> list[str]:
    r"""Return the text on one, two and three lines, broken between words.

    >>> broken("Anna Maria Rossi")
    ['Anna Maria Rossi', 'Anna Maria\nRossi', 'Anna\nMaria\nRossi']
    """
    words = text.split()
    lines = []
    for count in range(1, min(3, len(words)) + 1):
        ends = [round(len(words) * line / count) for line in range(count + 1)]
        parts = (" ".join(words[a:b]) for a, b in zip(ends, ends[1:], strict=False))
        lines.append("\n".join(parts))
    return lines


def fit(draw: ImageDraw.ImageDraw, lines: str, width: float, height: float) -> tuple[int, str]:
    """Return the largest size (1 at least) in which the lines fit, and the lines."""
    size = int(height) + 1
    while size > 1:
        left, top, right, bottom = draw.multiline_textbbox((0, 0), lines, font(size), spacing=0)
        scale = min(width / max(right - left, 1), height / max(bottom - top, 1))
        if scale >= 1:
            break
        size = max(1, min(size - 1, int(size * scale)))
    return size, lines


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font; a new one each time, since threads can't share one."""
    return ImageFont.load_default(size)
