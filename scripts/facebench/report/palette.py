"""Colours of charts: one for each model, on pages and in pictures, whatever else is shown."""

from collections.abc import Iterable

#: Colours that are told apart by people with any kind of colour vision, after Okabe and Ito. Each
#: has a contrast of 3 to white and to the dark page (WCAG 2, 1.4.11).
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#C46D9C", "#8F7A00", "#7A72D6", "#7D7D7D"]
#: Kind of model -> its colours, in the order of a study's models. CLIPs are cold, models made for
#: faces warm, and controls grey.
HUES = {
    "CLIP": [
        "#0072B2",
        "#009E73",
        "#7A72D6",
        "#2A93B0",
        "#5C8A2E",
        "#4E7FD9",
        "#A65FC4",
        "#3D8A80",
    ],
    "made for faces": ["#D55E00", "#B57B00", "#C46D9C", "#C8503C", "#9C6B30", "#D1477F"],
    "untrained CLIP": ["#7D7D7D", "#6F8494", "#8F7F70"],
    "raw pixels": ["#8A8A8A"],
}


def of_models(models: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the colour of each model; `models`: (name, kind), in the order of the study.

    A kind with more models than colours begins again with its first.

    >>> of_models([("s", "CLIP"), ("face", "made for faces"), ("m", "CLIP"), ("x", "another")])
    {'s': '#0072B2', 'face': '#D55E00', 'm': '#009E73', 'x': '#C46D9C'}
    """
    used: dict[str, int] = {}
    found: dict[str, str] = {}
    for name, kind in models:
        hues, place = HUES.get(kind, COLOURS[3:]), used.get(kind, 0)
        found[name] = hues[place % len(hues)]
        used[kind] = place + 1
    return found
