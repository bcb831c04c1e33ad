"""What the columns of results hold, so that results of another make are told in a sentence."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dashboard.data.missing import Missing

#: File, or the folder that it lies in -> what columns hold -> columns. `?`: a cell may be empty.
#: Columns that are not listed, such as a data set's own attributes, may hold anything.
HELD = {
    "metrics.parquet": {
        "text": "dataset crop model protocol metric at threat attack reencode record",
        "number": "fraction n_identities n_images n_failed",
        "number?": "value ci_low ci_high",
    },
    "comparisons.parquet": {
        "text": "dataset crop variant protocol model_a model_b",
        "number?": "difference ci_low ci_high p_corrected",
    },
    "groups.parquet": {
        "text": "dataset crop model metric at group value",
        "number": "n_identities rate",
        "number?": "ci_low ci_high difference difference_low difference_high p p_corrected",
    },
    "models.parquet": {
        "text": "model kind",
        "truth": "control",
        "number?": "parameters_m total_parameters_m gflops",
        "text?": "family data licence faces_blurred commercial revision weights_sha256",
    },
    "records.parquet": {"text": "record json"},
    "poison-transfer.parquet": {
        "text": "dataset crop attack kind surrogates victim",
        "truth": "attack_control made_on",
        "number": "found_clean found gain n_identities",
        "text?": "averaged",
        "number?": "ci_low ci_high p_corrected protected_share",
    },
    "poison-groups.parquet": {
        "text": "dataset crop attack model group value",
        "number": "gain n_identities",
        "number?": "ci_low ci_high n_found found_clean protected_share protected_low protected_high"
        " difference difference_low difference_high p_corrected",
    },
    "poison-votes.parquet": {
        "text": "dataset crop attack model_a model_b made_on",
        "number": "found_either_clean found_either gain",
        "number?": "ci_low ci_high",
    },
    "my-cloaks.parquet": {
        "text": "identity attack crop model",
        "number": "searches found_clean found",
        "number?": "p_corrected needed",
    },
    "images.parquet": {"text": "image_id status", "text?": "identity name"},
    "faces.parquet": {
        "text": "image_id status",
        "text?": "identity attack_status",
        "number?": "linf l2 psnr dssim lpips",
    },
    "metadata": {"text": "image_id", "text?": "identity"},
    "outcomes": {
        "text": "identity",
        "truth": "mated same",
        "number": "half halving gallery",
        "text?": "image_id other_id other_name",
        "truth?": "correct",
        "number?": "rank score mate_score other_score",
    },
}


def checked(path: Path, table: pa.Table) -> pa.Table:
    """Return a table whose columns hold what they should; numbers that may be empty are floats.

    Raises `Missing` with the name of the first column that doesn't.
    """
    held = HELD.get(path.name) or HELD.get(path.parent.name) or {}
    for kind, names in held.items():
        for name in names.split():
            if name in table.column_names and len(table):
                table = _column(path, table, name, kind)
    return table


def _column(path: Path, table: pa.Table, name: str, kind: str) -> pa.Table:
    column, may_be_empty = table.column(name), kind.endswith("?")
    plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    empty = column.null_count == len(column)
    if not (IS[kind.rstrip("?")](plain) or (empty and may_be_empty)):
        raise Missing(f"{path.name} is not of this program: its column {name} holds {plain}.")
    if not may_be_empty and pc.any(pc.is_null(column, nan_is_null=kind == "number")).as_py():
        raise Missing(f"{path.name} is not of this program: its column {name} has empty cells.")
    if empty and kind == "number?":
        place = table.column_names.index(name)
        return table.set_column(place, name, pa.nulls(len(table), pa.float64()))
    return table


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


#: What a column holds -> whether an Arrow type is that.
IS = {"number": _is_number, "text": _is_text, "truth": pa.types.is_boolean}
