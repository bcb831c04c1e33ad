"""Words for what tables hold: labels of columns and metrics, numbers as people write them."""

import math
import re
import unicodedata

#: Raw column name -> what a reader sees above a column, beside an axis, or in a tooltip.
COLUMNS = {
    "found_either_clean": "Found by either, no cloak",
    "found_either": "Found by either, cloaked",
    "dataset": "Data set",
    "crop": "Crop",
    "model": "Model",
    "kind": "Kind",
    "protocol": "Protocol",
    "metric": "Measure",
    "at": "At",
    "threat": "Threat",
    "attack": "Attack",
    "fraction": "Share cloaked",
    "reencode": "Re-encoding",
    "value": "Value",
    "percent": "Value",
    "interval": "Interval",
    "ci_low": "Low",
    "ci_high": "High",
    "n_identities": "People",
    "n_images": "Pictures",
    "n_failed": "Failed",
    "record": "Made by",
    "family": "Family",
    "parameters_m": "Parameters (million)",
    "total_parameters_m": "With text tower (million)",
    "gflops": "GFLOPs a picture",
    "data": "Trained on",
    "licence": "Licence",
    "revision": "Revision",
    "weights_sha256": "Hash of the weights",
    "model_a": "Model",
    "model_b": "Against",
    "difference": "Difference",
    "p_corrected": "p, corrected",
    "identity": "Person",
    "name": "Name",
    "searches": "Searches",
    "found": "Found first",
    "share": "Share found",
    "mistaken": "Mistaken for",
    "picture": "Picture",
    "step": "Step",
    "job": "Job",
    "seconds": "Seconds",
    "memory_mb": "Peak memory (MB)",
    "cpu_seconds": "Processor seconds",
    "images": "Pictures",
    "per_second": "Pictures a second",
    "template": "Sentence",
    "said": "Measure",
    "way": "How it is searched",
    "candidates": "Names to choose from",
    "chance": "By chance",
    "rank": "Place",
    "group": "Group",
    "psnr": "PSNR (dB)",
    "dssim": "DSSIM",
    "linf": "Largest change (of 255)",
    "l2": "Change, root mean square (of 255)",
    "lpips": "LPIPS",
    "status": "Status",
    "reason": "Reason",
    "count": "How many",
    "fact": "Fact",
    "failed_to_cloak": "Failed to cloak",
    "unchanged": "Left unchanged",
    "victim": "Against",
    "surrogates": "Made on",
    "found_clean": "Found, clean",
    "gain": "Lost to the cloak",
    "rate": "Rate",
    "held": "Value",
    "similarity": "Similarity",
}

#: Model family -> what it is to a reader.
KINDS = {
    "open_clip": "CLIP",
    "timm": "made for faces",
    "dlib": "made for faces",
    "random": "untrained CLIP",
    "pixels": "raw pixels",
}
UNKNOWN_KIND = "other"
#: Kinds of models that recognise nobody: no cloak can protect from them.
CONTROLS = ("untrained CLIP", "raw pixels")

PROTOCOLS = {
    "view2": "LFW View 2",
    "verify": "All pairs",
    "identify": "Identification",
    "neighbour": "Leave one out",
    "open_set": "Open set",
    "name": "Naming",
    "poison": "Poisoning",
    "written": "Names written on pictures",
    "index_poison": "Index poisoning",
}

#: Protocol, metric -> what it says, with {at} filled in.
METRICS = {
    ("view2", "accuracy"): "LFW View 2 accuracy",
    ("view2", "standard_error"): "LFW View 2 standard error",
    ("verify", "tar"): "Pairs of one person accepted at a false accept rate of {at}",
    ("verify", "tar_person"): "The same, every person weighing alike, at {at}",
    ("identify", "rank"): "Found among the first {at}",
    ("neighbour", "rank"): "Nearest other picture: found among the first {at}",
    ("identify", "map"): "Mean average precision",
    ("neighbour", "map"): "Nearest other picture: mean average precision",
    ("open_set", "fnir"): "Missed, with strangers, at a false alarm rate of {at}",
    ("open_set", "tpir"): "Found, with strangers, at a false alarm rate of {at}",
    ("open_set", "fnir_investigation"): "Missed as first hit, without a threshold",
    ("name", "top1"): "Right name first of {at}",
    ("name", "top5"): "Right name among the first five of {at}",
    ("name", "median_rank"): "Place of the right name (median) of {at}",
    ("name", "top1_chance"): "Right name first of {at}, by guessing",
    ("name", "top5_chance"): "Right name among the first five of {at}, by guessing",
    ("name", "median_rank_chance"): "Place of the right name of {at}, by guessing",
    ("name", "template_top1"): "Right name first of {at}",
    ("poison", "protection"): "Searches that fail, by {at}",
    ("poison", "protection_gain"): "Searches lost to the cloak, by {at}",
    ("poison", "rank"): "Found among the first {at}",
    ("poison", "fnir"): "Missed, with strangers, at a false alarm rate of {at}",
    ("poison", "share"): "Share of the photographs cloaked in fact",
    ("poison", "median_rank"): "Place of the first own photograph (median)",
    ("poison", "similarity"): "Similarity of a photograph to its cloaked self",
    ("poison", "same_photo"): "The very photograph found first by its cloaked copy",
    ("poison", "same_photo_median_rank"): "Place of the very photograph (median)",
    ("poison", "failed_to_cloak"): "Failed to cloak",
    ("poison", "unchanged"): "Left unchanged",
    ("poison", "detector_precision"): "Of photographs called cloaked, those that are",
    ("poison", "detector_recall"): "Of cloaked photographs, those that are called so",
    ("poison", "dssim"): "Visible cost, DSSIM",
    ("poison", "psnr"): "Visible cost, PSNR (dB)",
    ("poison", "linf"): "Largest change (of 255)",
    ("poison", "l2"): "Change, root mean square (of 255)",
    ("poison", "lpips"): "Visible cost, LPIPS",
    ("index_poison", "rank1"): "Right person first, {at} entries slipped in",
    ("index_poison", "others_rank1"): "Everybody else first, {at} entries slipped in",
}
ANY_PROTOCOL = {
    "auc": "Area under the ROC curve",
    "eer": "Equal error rate",
    "threshold": "Threshold (similarity) at {at}",
}

#: Metrics that are not shares.
PLAIN_NUMBERS = {
    "threshold", "median_rank", "median_rank_chance", "same_photo_median_rank", "similarity",
    "dssim", "psnr", "linf", "l2", "lpips",
}  # fmt: skip

#: What the columns of the summary mean, in a sentence for a newcomer.
HEADLINES = {
    ("identify", "rank"): (
        "Found first (rank-1)",
        "A photograph is searched among one photograph of everybody. How often is the first hit "
        "the right person?",
    ),
    ("neighbour", "rank"): (
        "Nearest picture is of the same person",
        "Every photograph is searched among all others. How often is the nearest one of the same "
        "person? Whoever has many pictures is found more easily.",
    ),
    ("view2", "accuracy"): (
        "LFW View 2 accuracy",
        "Same person or not, on the pairs that LFW lists. Half are, so guessing gives 50 %.",
    ),
    ("verify", "tar"): (
        "Same person recognised at a false accept rate of {at}",
        "Of all pairs of one person, how many are recognised when only so many pairs of two "
        "people pass by mistake?",
    ),
    ("open_set", "fnir"): (
        "Missed among strangers at a false alarm rate of {at}",
        "Of searches for somebody who is enrolled, how many fail when only so many searches for "
        "strangers raise an alarm? Lower is better recognition.",
    ),
    ("name", "top1"): (
        "Right name first of {at}",
        "How often is the right name the best match for a photograph, by text alone? Part of the "
        "names may be invented: a model that never read those has it easier.",
    ),
}
LOWER_IS_BETTER = {("open_set", "fnir"), ("open_set", "fnir_investigation")}

THREATS = {
    "none": "nothing",
    "gallery": "their photographs in the index",
    "probe": "the photograph searched with",
    "both": "both",
    "decoys": "everybody else's photographs in the index",
    "same-photo": "a copy of the very photograph",
    "index-inserted": "entries near the person, under a false name",
    "index-relabelled": "pictures of people who look like them, under a false name",
    "index-swapped": "names of two people, exchanged",
    "written": "nothing: a name is written on the photograph",
}

#: How a person is told from others in the experiments with attacks.
CLASSIFIERS = {
    "nearest": "nearest picture",
    "linear": "a trained classifier",
    "adaptive": "a classifier trained on cloaks",
}

#: Rule -> what it does.
STEPS = {
    "data": "The pictures",
    "landmarks": "Finding faces",
    "faces": "Cutting faces out",
    "crop": "Cutting faces out",
    "embed": "Pictures to vectors",
    "embed_text": "Names to vectors",
    "list_images": "Reading pictures",
    "render_people": "Drawing people",
    "attack": "Cloaking",
    "verify": "All pairs",
    "identify": "Identification",
    "neighbour": "Leave one out",
    "open_set": "Open set",
    "view2": "LFW View 2",
    "name": "Naming",
    "poison": "Poisoning",
}

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@=^])")

#: What an address has to hold (a backslash may be in it where a text is Markdown), and an emoji.
_ADDRESS = re.compile(r"(www(?=\\?\.)|:(?=\\?/)|@|:(?=[\w/+-]+:))", re.IGNORECASE)


def label(column: str) -> str:
    """Return what a reader sees instead of a column's raw name.

    >>> label("n_identities"), label("head_size")
    ('People', 'Head size')
    """
    return COLUMNS.get(column) or sentence_case(column)


def sentence_case(name: str) -> str:
    """Return a raw name as words.

    >>> sentence_case("sex_presentation")
    'Sex presentation'
    """
    words = str(name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def kind(family: object) -> str:
    """Return what a model's family is to a reader."""
    return KINDS.get(str(family), UNKNOWN_KIND)


def step(name: str) -> str:
    """Return what a step of the workflow does."""
    return STEPS.get(name, sentence_case(name))


def classifier(name: str) -> str:
    """Return how a person is told from others."""
    return CLASSIFIERS.get(name, sentence_case(name))


def reencoding(name: str) -> str:
    """Return what pictures went through on their way.

    >>> reencoding("none"), reencoding("jpeg-30"), reencoding("all:jpeg-30")
    ('as they are', 'jpeg-30', 'all pictures jpeg-30 (a defence)')
    """
    if name == "none":
        return "as they are"
    before, _, way = name.rpartition(":")
    return f"all pictures {tidy(way)} (a defence)" if before == "all" else tidy(way)


def whole_percent(value: float) -> str:
    """Return a share in whole per cent.

    >>> whole_percent(0.25)
    '25 %'
    """
    return percent(value, 0)


def variant(name: str) -> str:
    """Return a set of faces in words: an attack, and what the pictures went through after it.

    >>> variant("clip-cloak+jpeg-30"), variant("clean")
    ('clip-cloak, then jpeg-30', 'clean')
    """
    return tidy(name).replace("+", ", then ", 1)


def threat(name: str) -> str:
    """Return who cloaks, and what is searched with."""
    return THREATS.get(name, sentence_case(name))


def metric(protocol: str, name: str, at: str = "") -> str:
    """Return what a number says.

    >>> metric("identify", "rank", "5")
    'Found among the first 5'
    >>> metric("name", "template_top1", "10/a photo of {}")
    'Right name first of 10, as "a photo of {}"'
    """
    found = METRICS.get((protocol, name)) or ANY_PROTOCOL.get(name)
    if found is None:
        return sentence_case(name) + (f" at {at}" if at else "")
    first, _, part = at.partition("/")
    words = found.replace("{at}", {"all": "all names"}.get(first, first))
    if name == "threshold" and part:
        return f"{words}, half {part}"
    return words + (f', as "{part}"' if part else "")


def plain(text: object, longest: int = 120) -> str:
    """Return a text from data so that Markdown shows it as it is: no tag, link, picture or code.

    Control characters and those that turn the direction of writing around are dropped.

    >>> plain("<img src=x onerror=alert(1)>")
    '\\\\<img src\\\\=x onerror\\\\=alert\\\\(1\\\\)\\\\>'
    >>> plain("a" * 200, longest=5)
    'aaaa…'
    """
    return _SPECIAL.sub(r"\\\1", unlinked(tidy(text, longest)))


def unlinked(text: str) -> str:
    """Return a text whose addresses don't become links: a space of no width is in each.

    Nor names of emojis such. Backslashes don't help: both are looked for after those are gone.

    >>> unlinked("www.a.b http://a.b c@d.e").replace("\u200b", "|")
    'www|.a.b http:|//a.b c@|d.e'
    """
    return _ADDRESS.sub("\\1\u200b", text)


def tidy(text: object, longest: int = 120) -> str:
    """Return a text from data on one line, without control characters, cut if it is too long."""
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    shown = "".join(
        c if unicodedata.category(c)[0] != "C" else " " for c in str(text).replace("\u200b", "")
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def percent(value: float, digits: int = 1) -> str:
    """Return a share in per cent.

    >>> percent(0.8634), percent(float("nan"))
    ('86.3 %', 'not measured')
    """
    return "not measured" if value is None or math.isnan(value) else f"{100 * value:.{digits}f} %"


def interval(low: float, high: float, rate: bool = True) -> str:
    """Return an interval in brackets; nothing where there is none.

    >>> interval(0.847, 0.878), interval(float("nan"), 1.0)
    ('[84.7, 87.8]', '')
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"[{100 * low:.1f}, {100 * high:.1f}]" if rate else f"[{low:,.4g}, {high:,.4g}]"


def number(name: str, value: float, low: float, high: float) -> str:
    """Return a number of a metric with its interval.

    >>> number("rank", 0.5, 0.4, 0.6), number("median_rank", 12.0, 9.0, 15.0)
    ('50.0 % [40.0, 60.0]', '12 [9, 15]')
    """
    rate = name not in PLAIN_NUMBERS
    if value is None or math.isnan(value):
        return "not measured"
    shown = percent(value) if rate else f"{value:,.4g}"
    return f"{shown} {interval(low, high, rate)}".strip()


def size(parameters_m: float) -> str:
    """Return a number of parameters.

    >>> size(1.234), size(87.85), size(0.0)
    ('1.2 M parameters', '88 M parameters', 'no parameters')
    """
    if parameters_m is None or math.isnan(parameters_m) or parameters_m == 0:
        return "no parameters"
    return (
        f"{parameters_m:.1f} M parameters"
        if parameters_m < 10
        else f"{parameters_m:.0f} M parameters"
    )


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def file_name(*parts: str) -> str:
    """Return a name for a download that is safe on any system.

    >>> file_name("lfw", "../x <y>")
    'lfw-x-y'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", "-".join(parts)).strip("-").lower()[:80] or "facebench"
