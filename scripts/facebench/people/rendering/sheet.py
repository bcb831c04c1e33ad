"""Contact sheets: people beside each other, to be looked at."""

from PIL import Image

from facebench.people.rendering.render import render
from facebench.people.who.identity import draw_identity
from facebench.people.who.view import draw_view


def contact_sheet(
    seed: int, first: int, rows: int, columns: int, views: int = 1, size: int = 128
) -> Image.Image:
    """An RGB sheet of rows x columns people, `views` pictures each, `size` pixels a picture."""
    sheet = Image.new("RGB", (columns * views * size, rows * size))
    for place in range(rows * columns):
        person = draw_identity(seed, first + place)
        row, column = divmod(place, columns)
        for number in range(views):
            picture, _ = render(person, draw_view(person, number), size)
            sheet.paste(picture, ((column * views + number) * size, row * size))
    return sheet
