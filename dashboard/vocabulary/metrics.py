"""Names of metrics, and which of them are not shares."""

from dashboard.vocabulary.columns import sentence_case
from facebench.report import headlines

#: Protocol, metric -> its name, with {at} filled in.
METRICS = {
    ("view2", "accuracy"): "LFW View 2 accuracy",
    ("view2", "standard_error"): "LFW View 2 standard error",
    ("verify", "tar"): "True accept rate at a false accept rate of {at}",
    (
        "verify",
        "tar_person",
    ): "True accept rate averaged over people, at a false accept rate of {at}",
    ("all_pairs", "tmr"): "True match rate at a false match rate of {at}",
    (
        "all_pairs",
        "tmr_with_itself",
    ): "True match rate with each picture beside itself, at a false match rate of {at}",
    ("identify", "rank"): "Found among the first {at}",
    ("neighbour", "rank"): "Nearest other picture: found among the first {at}",
    (
        "identify",
        "rank_gallery_sd",
    ): "Found among the first {at}: standard deviation from gallery to gallery",
    ("identify", "map"): "Mean average precision",
    ("neighbour", "map"): "Nearest other picture: mean average precision",
    ("open_set", "fnir"): "Missed in the open set at a false alarm rate of {at}",
    ("open_set", "tpir"): "Found in the open set at a false alarm rate of {at}",
    (
        "open_set",
        "fnir_halving_sd",
    ): "Missed at a false alarm rate of {at}: standard deviation over who sets the threshold",
    ("open_set", "fnir_investigation"): "Right person not ranked first, whatever the score",
    ("name", "top1"): "Right name first among {at}",
    ("name", "top5"): "Right name among the first five of {at}",
    ("name", "median_rank"): "Median rank of the right name among {at}",
    ("name", "top1_chance"): "Right name first among {at}, for who guesses",
    ("name", "top5_chance"): "Right name among the first five of {at}, for who guesses",
    ("name", "median_rank_chance"): "Median rank of the right name among {at}, for who guesses",
    (
        "name",
        "top1_prior",
    ): "Right name first among {at}, without looking at the person: ranked for the mean of"
    " everybody else's pictures",
    ("name", "template_top1"): "Right name first among {at}",
    ("identity_inference", "inferred"): "People called by their name by templates, at least {at}",
    (
        "identity_inference",
        "inferred_chance",
    ): "The same if names were dealt at random, at least {at}",
    (
        "identity_inference",
        "inferred_permuted",
    ): "The same with permuted names (a control), at least {at}",
    (
        "identity_inference",
        "fpr",
    ): "People whose names were never read, called by them by templates, at least {at}",
    (
        "identity_inference",
        "tpr",
    ): "People whose names were read who are told from others, of whom the share {at} is mistaken",
    (
        "identity_inference",
        "fpr_reached",
    ): "People whose names were never read who are mistaken, of {at} at most",
    (
        "identity_inference",
        "least_templates",
    ): "Templates that must give the right name, so that at most the share {at} is mistaken",
    (
        "identity_inference",
        "membership_auc",
    ): "Names read told from names never read, by pictures (area under the curve)",
    (
        "identity_inference",
        "membership_auc_text",
    ): "Names read told from names never read, by the text alone (area under the curve)",
    (
        "open_set_by_name",
        "fnir",
    ): "Right name not given, where the share {at} of strangers' pictures gets one",
    (
        "open_set_by_name",
        "tpir",
    ): "Right name given, where the share {at} of strangers' pictures gets one",
    (
        "open_set_by_name",
        "fnir_halving_sd",
    ): "Right name not given: standard deviation over who the strangers are, {at}",
    (
        "open_set_by_name",
        "threshold",
    ): "Confidence that the share {at} of strangers' pictures reaches",
    (
        "open_set_by_name",
        "stranger_named",
    ): "Strangers' pictures given a name at a confidence of {at}",
    ("open_set_by_name", "right_named"): "Right name given at a confidence of {at}",
    (
        "open_set_by_name",
        "stranger_confidence",
    ): "Confidence that strangers' pictures stay below, share {at}",
    (
        "open_set_by_name",
        "calibration_error",
    ): "Calibration error of names (ECE), less what noise adds",
    (
        "open_set_by_name",
        "calibration_error_uncorrected",
    ): "Calibration error of names with what noise adds",
    ("open_set_by_name", "overconfidence"): "Confidence in names less the share that is right",
    ("open_set_by_name", "bin_confidence"): "Mean confidence, bin {at}",
    ("open_set_by_name", "bin_right"): "Right names, bin {at}",
    ("poison", "protection"): "Searches that fail, by {at}",
    ("poison", "protection_gain"): "Searches that fail because of the cloak, by {at}",
    ("poison", "protection_made_from"): "Searches that fail, with pictures the mask was made from",
    ("poison", "protection_new"): "Searches that fail, with pictures the mask was only put on",
    (
        "poison",
        "protection_gain_made_from",
    ): "Searches that fail because of the mask, with pictures it was made from",
    (
        "poison",
        "protection_gain_new",
    ): "Searches that fail because of the mask, with pictures it was only put on",
    ("poison", "rank"): "Found among the first {at}",
    ("poison", "fnir"): "Missed though enrolled, at a false alarm rate of {at}",
    ("poison", "share"): "Share of the photographs actually cloaked",
    ("poison", "median_rank"): "Median rank of the first photograph of the same person",
    ("poison", "similarity"): "Similarity of a photograph to its cloaked version",
    ("poison", "similarity_made_from"): "Similarity to the version with the mask made from it",
    ("poison", "similarity_new"): "Similarity to the version with a mask made from others",
    ("poison", "same_photo"): "Original comes first when its cloaked copy is searched with",
    (
        "poison",
        "same_photo_median_rank",
    ): "Median rank of the original when its cloaked copy is searched with",
    ("poison", "failed_to_cloak"): "Failed to cloak",
    ("poison", "unchanged"): "Left unchanged",
    ("poison", "face_lost"): "No face found any more",
    ("poison", "face_moved"): "Face found elsewhere, in distances of the eyes",
    ("poison", "detector_precision"): "Detector of cloaks: share of its alerts that are cloaks",
    ("poison", "detector_recall"): "Detector of cloaks: share of the cloaks that it finds",
    (
        "poison",
        "detector_hits",
    ): "Cloaks that the detector finds, where it may call {at} of clean photographs cloaked",
    (
        "poison",
        "detector_alerts",
    ): "Clean photographs that the detector calls cloaked, where it may call {at} so",
    ("poison", "dssim"): "Visible cost, DSSIM",
    ("poison", "psnr"): "Visible cost, PSNR (dB)",
    ("poison", "linf"): "Largest change (of 255)",
    ("poison", "l2"): "Change, root mean square (of 255)",
    ("poison", "lpips"): "Visible cost, LPIPS",
    ("typographic", "true_top1_clean"): "True name first, without the text",
    ("typographic", "true_top1"): "True name first, with the text",
    ("typographic", "true_top1_change"): "True name first, change by the text",
    ("typographic", "true_median_rank"): "Median rank of the true name, with the text",
    ("typographic", "written_top1_clean"): "Written name first, without the text",
    ("typographic", "written_top1"): "Written name first, with the text",
    ("typographic", "written_top1_change"): "Written name first, change by the text",
    ("typographic", "written_median_rank"): "Median rank of the written name, with the text",
    ("typographic", "unwritten_top1_clean"): "Name left unwritten first, without the label",
    ("typographic", "unwritten_top1"): "Name left unwritten first, with the label",
    ("typographic", "unwritten_top1_change"): "Name left unwritten first, change by the label",
    ("typographic", "unwritten_median_rank"): "Median rank of the name left unwritten",
    ("scale", "rank1"): "Right person first among {at} strangers",
    ("scale", "fnir"): "Missed among {at} strangers and false alarms",
    ("scale", "draws"): "Galleries with other strangers, {at} each",
    ("scale", "law"): "Right person first, by a law and entries: {at}",
    ("scale", "law_error"): "Largest gallery, predicted less measured: {at}",
    ("indices", "rank1"): "Right person first, searched with {at}",
    ("indices", "lost"): "Right person first, lost to the index: {at}",
    ("indices", "recall1"): "Nearest vector found by {at}",
    ("indices", "recall1_lowest"): "Nearest vector found by {at}, in the worst build",
    ("indices", "recall10"): "Ten nearest vectors found by {at}",
    ("indices", "build_seconds"): "Seconds to make {at}",
    ("indices", "bytes"): "Bytes a vector, {at}",
    ("indices", "speed_one"): "Searches a second on one thread, {at}",
    ("indices", "speed_all"): "Searches a second on all threads, {at}",
    ("index_poison", "rank1"): "Right person first, {at} entries inserted",
    (
        "index_poison",
        "others_rank1",
    ): "Right person first for everybody else, {at} entries inserted",
}
#: The same for searches with photographs and with names.
HUBS = {
    "one_entry": "One entry for everybody is among the first {at}",
    "hits": "Searches with one of {at} entries for everybody among the first ranks",
    "hits_seen": "Searches, among those that the attacker has seen, with one of {at} entries for"
    " everybody among the first ranks",
    "people_hit": "People with such a search, {at} entries for everybody",
    "rank1": "Right person first, {at} entries for everybody",
    "entries_for_half": "How many entries for everybody it takes until half of the searches have"
    " one among the first {at}",
    "occurrence_skew": "How unequally often entries are among the first {at} (skewness;"
    " 0: all alike)",
    "occurrence_most": "Share of searches that have the commonest entry among the first {at}",
    "scan_recall": "Scan of the index: share of {at} entries for everybody that it finds",
    "scan_alarms": "Scan of the index: clean entries alerted, beside {at} entries for everybody",
    "gate_recall": "Gate of the index: share of {at} entries for everybody that it refuses",
    "gate_refused": "Gate of the index: clean pictures refused",
    "rank1_lost": "Right person first: how much the defence {at} loses of it",
    "hits_after_gate": "Searches with one of {at} entries for everybody, behind the gate",
    "hits_by_index": "Searches with one of {at} entries for everybody, through an index",
    "hits_after_scan": "Searches with one of {at} entries for everybody, after the scan",
}
HUB_PROTOCOLS = ("hubs", "hubs_by_name", "hub_pictures", "hub_pictures_by_name")
METRICS |= {(protocol, name): said for protocol in HUB_PROTOCOLS
            for name, said in HUBS.items()}  # fmt: skip
ANY_PROTOCOL = {
    "auc": "Area under the ROC curve",
    "eer": "Equal error rate",
    "threshold": "Threshold (similarity) at {at}",
}

#: Metrics that are not shares.
PLAIN_NUMBERS = {
    "threshold", "median_rank", "median_rank_chance", "same_photo_median_rank", "similarity",
    "similarity_made_from", "similarity_new",
    "true_median_rank", "written_median_rank", "unwritten_median_rank", "dssim", "psnr", "linf",
    "l2", "lpips", "least_templates", "membership_auc", "membership_auc_text", "entries_for_half",
    "occurrence_skew",
    "face_moved", "draws", "build_seconds", "bytes", "speed_one", "speed_all",
}  # fmt: skip


#: Numbers that pages show under a title of their own: provenance calls them the same.
HEADLINES = {(one.protocol, one.metric, one.at): one.title for one in headlines.HEADLINES if one.at}
HEADLINES["poison", "rank", "1"] = HEADLINES["identify", "rank", "1"]


def metric(protocol: str, name: str, at: str = "") -> str:
    """Return the name of a metric at a point.

    >>> metric("identify", "rank", "5")
    'Found among the first 5'
    >>> metric("name", "template_top1", "10/a photo of {}")
    'Right name first among 10 names, as "a photo of {}"'
    >>> metric("name", "top1", "all read"), metric("identify", "rank", "1")
    ('Right name first among names read in training', 'Found first (rank-1)')
    """
    if (protocol, name, at) in HEADLINES:
        return HEADLINES[protocol, name, at]
    found = METRICS.get((protocol, name)) or ANY_PROTOCOL.get(name)
    if found is None:
        return sentence_case(name) + (f" at {at}" if at else "")
    first, _, part = at.partition("/")
    said = found.replace("{at}", names(first) if protocol == "name" else first)
    if name in HUBS and part:
        return said + _of_a_list(name, part)
    if protocol == "all_pairs" and part:
        return f"{said}, list {part}"
    if name == "threshold" and part:
        return f"{said}, half {part}"
    return said + (f', as "{part}"' if part else "")


def _of_a_list(name: str, part: str) -> str:
    """Return within how many ranks hubs were counted, and how much the scan may alert.

    Of a search through an index, also its kind and how many of its lists it looks at.

    >>> _of_a_list("hits_after_scan", "10/0.01"), _of_a_list("scan_recall", "0.002")
    (', among the first 10, alerting at most 1 %', ', alerting at most 0.2 %')
    >>> _of_a_list("hits_by_index", "10/ivf-pq 4")
    ', among the first 10, ivf-pq 4'
    """
    top, _, budget = part.partition("/")
    if name == "hits_by_index":
        return f", among the first {top}, {budget}"
    if name in ("scan_recall", "scan_alarms"):
        top, budget = "", top
    alerted = f", alerting at most {100 * float(budget):g} %" if budget else ""
    return (f", among the first {top}" if top else "") + alerted


def by_guessing(name: str) -> bool:
    """Return whether a metric is what guessing would give.

    >>> by_guessing("top1_chance"), by_guessing("top1")
    (True, False)
    """
    return name.endswith("_chance")


def names(at: str) -> str:
    """Return how many names there are to choose from, in words; `at` as in the metrics.

    >>> names("100"), names("all read")
    ('100 names', 'all names (all but the right one were read in training)')
    """
    count, _, pool = at.partition(" ")
    read = " (all but the right one were read in training)" if pool == "read" else ""
    return f"{count} names{read}"
