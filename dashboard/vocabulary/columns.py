"""Headings: what readers see instead of the names of columns."""

#: Raw column name -> heading of a column, title of an axis or line of a tooltip.
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
    "named": "Published as",
    "published": "Published",
    "ours": "Measured here",
    "points": "Difference, points",
    "feature": "Feature",
    "cut": "Published crop",
    "differs": "What differs",
    "source": "Source",
    "parameters_m": "Parameters (million)",
    "total_parameters_m": "With text tower (million)",
    "gflops": "GFLOPs a picture",
    "data": "Trained on",
    "licence": "Licence",
    "faces_blurred": "Faces blurred in training",
    "commercial": "Commercial use",
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
    "template": "Template",
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
    "face_lost": "No face found",
    "face_moved": "Face moved",
    "victim": "Against",
    "surrogates": "Made on",
    "found_clean": "Found, clean",
    "gain": "Lost to the cloak",
    "protected_share": "Of what is found, hidden",
    "averaged": "Mean over",
    "n_found": "People found, clean",
    "rate": "Rate",
    "held": "Value",
    "made": "Put on",
    "kind_of_entry": "What is added",
    "similarity": "Similarity",
}


def label(column: str) -> str:
    """Return the heading of a column.

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
