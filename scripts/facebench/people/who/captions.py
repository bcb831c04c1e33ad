"""Sentences that describe a picture: the person's name, what they look like, the picture."""

import numpy as np

from facebench.people.seeds import chance
from facebench.people.who.identity import Identity
from facebench.people.who.view import View

NAMED = (
    "a photo of {name}", "{name}", "a portrait of {name}", "a picture of {name}",
    "this is {name}", "{name}, photographed {place}", "a {shot} of {name}",
    "{name} in a {shot}", "a photo of {name}, {who}", "{name}, {who}",
    "{name}, {who}, {place}", "a {shot} of {name}, {who} {doing}", "{name} {doing}",
    "{name} {doing} {place}", "a photo of {name} {doing}", "the face of {name}",
    "portrait: {name}, {who}", "{who} named {name}", "{who} called {name}, {place}",
    "{name}: {who} {doing}", "a snapshot of {name} {place}", "meet {name}, {who}",
)  # fmt: skip
NAMELESS = (
    "a photo of {who}", "{who}", "a portrait of {who} {place}", "a {shot} of {who} {doing}",
    "{who} {doing}", "a picture of {who}, {doing} {place}",
)  # fmt: skip
SHOTS = ("photo", "close-up", "portrait", "headshot", "snapshot", "picture", "photograph")
PLACES = {
    "studio": ("in a studio", "against a plain backdrop"),
    "blobs": ("before a blurred background", "against a cloudy backdrop"),
    "bokeh": ("in front of city lights", "with lights behind"),
    "stripes": ("before a striped wall", "in front of stripes"),
    "bricks": ("against a brick wall", "before a tiled wall"),
    "room": ("in a room", "indoors"),
    "landscape": ("outdoors", "in the countryside"),
    "clutter": ("in front of shelves", "in a cluttered room"),
}
DOING = {
    "neutral": ("looking calm", "with a neutral expression"),
    "smile": ("smiling", "with a smile"),
    "laugh": ("laughing", "with a big smile"),
    "speaking": ("speaking", "with parted lips"),
    "surprised": ("looking surprised", "with an open mouth"),
    "frown": ("frowning", "looking stern"),
}


def features(person: Identity, view: View) -> list[str]:
    """What could be said after "with", most telling things first."""
    said = []
    if person.hair_style == "shaved":
        said.append("a shaved head")
    elif person.hair_style == "bald on top":
        said.append(f"a bald crown and {person.hair_colour} hair")
    else:
        said.append(f"{person.hair_colour} hair")
        style = person.hair_style
        said.append({
            "short": "short hair", "short curls": "short curly hair", "receding": "receding hair",
            "combed back": "hair combed back", "long curls": "long curls",
        }.get(style, f"{style} hair" if style.startswith("long") else f"a {style}"))  # fmt: skip
    if person.beard not in ("clean-shaven", "stubble"):
        said.append(f"a {person.beard}")
    elif person.beard == "stubble":
        said.append("stubble")
    if view.glasses != "none":
        said.append(view.glasses)
    if view.hat != "none":
        said.append(f"a {view.hat}")
    if person.freckles > 0.4:
        said.append("freckles")
    said.append(f"{person.eye_colour} eyes")
    said.append(f"{person.skin_tone} skin")
    return said


def who(rng: np.random.Generator, person: Identity, view: View) -> str:
    """A noun phrase: "an older man with grey hair and glasses"."""
    noun = "woman" if person.sex == "feminine" else "man"
    age = {"young adult": "a young", "adult": "an adult", "middle-aged": "a middle-aged"}
    start = f"{age.get(person.age_band, 'an older')} {noun}" if rng.random() < 0.8 else f"a {noun}"
    said = features(person, view)
    chosen = sorted(rng.permutation(len(said))[: rng.integers(1, 4)])
    words = [said[i] for i in chosen]
    return f"{start} with {', '.join(words[:-1])}{' and ' if words[1:] else ''}{words[-1]}"


def caption(person: Identity, view: View, again: int = 0, named: bool = True) -> str:
    """One sentence about a view; another for each `again`. Without a name if not `named`."""
    rng = chance(person.seed, person.index, 3, view.number, again)
    template = str(rng.choice(NAMED if named else NAMELESS))
    return template.format(
        name=person.name,
        who=who(rng, person, view),
        shot=rng.choice(SHOTS),
        place=rng.choice(PLACES[view.background]),
        doing=rng.choice(DOING[view.expression]),
    )
