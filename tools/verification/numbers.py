"""Whether tables are as they were written, and whether every number has its record."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facebench.errors import UserError
from facebench.store import layout
from facebench.store.keys import content_of, read_content
from facebench.store.records import record_id
from facebench.store.tables import METRIC_COLUMNS, csv_text, read_record, read_table
from tools.verification.study import RECORDS, Mismatch, Study

#: What stands for a table that can't be read.
UNREADABLE = "nothing that can be read"


def changed_tables(study: Study) -> Iterator[Mismatch]:
    """Yield tables whose rows are not those that their footer has the hash of."""
    for path in study.tables:
        expected, found = hashes(path)
        if expected != found:
            yield Mismatch(str(path), f"rows {expected}", found, f"Delete it: {study.again}.")


def hashes(path: Path) -> tuple[str, str]:
    """Return the hash of a table's rows in its footer, and that of the rows it has."""
    try:
        expected = read_content(path) or "a hash in its footer"
        if path.name != "faces.parquet":
            return expected, content_of(pq.read_table(path))
        digest = sha256()  # as `facebench.store.faces` hashes them
        with pq.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                digest.update(content_of(file.read_row_group(group)).encode())
        return expected, digest.hexdigest()[:24]
    except (OSError, UserError, pa.ArrowException):
        return "the hash of a table", UNREADABLE


def records(study: Study) -> Iterator[Mismatch]:
    """Yield records that were changed, and numbers whose file has another record than they say."""
    again = f"Delete {layout.result(study.name, RECORDS)}: {study.again}."
    for name, record in study.records.items():
        if record_id(record) != name:
            yield Mismatch(f"record {name}", name, record_id(record), again)
    for path in metric_files(study):
        try:
            footer, said = record_id(read_record(path)), set(read_table(path, ["record"]).record)
        except (OSError, ValueError, UserError, pa.ArrowException):
            continue  # `changed_tables` names it
        if said - {footer}:
            remedy = f"Delete it: {study.again}."
            yield Mismatch(
                str(path), f"numbers of record {footer}", ", ".join(sorted(said)), remedy
            )
        if footer not in study.records:
            yield Mismatch(str(path), f"record {footer} in {RECORDS}", "none of this id", again)


def metric_files(study: Study) -> list[Path]:
    """Return the tables of numbers of every protocol, data set, crop and model."""
    place = layout.metrics(study.name, "*", "*", "*", "*")
    return sorted(Path().glob(place))


def gathered(study: Study) -> Iterator[Mismatch]:
    """Yield numbers of the whole study that no protocol has written, also of metrics.csv."""
    path = Path(layout.result(study.name, "metrics.parquet"))
    remedy = f"Delete {path}: {study.again}."
    try:
        whole = read_table(path)
        parts = [read_table(part) for part in metric_files(study)]
    except (OSError, ValueError, UserError, pa.ArrowException):
        return  # `changed_tables` names it
    written = Counter(row for part in parts for row in rows(part))
    for row in Counter(rows(whole)) - written:
        yield Mismatch(f"a number in {path}", "a number that a protocol has written", row, remedy)
    for number in sorted(set(whole.record) - set(study.records)):
        yield Mismatch(f"numbers in {path}", f"record {number} in {RECORDS}", "none", remedy)
    csv = path.with_suffix(".csv")
    text = csv.read_text(encoding="utf-8") if csv.exists() else ""
    if text != csv_text(whole):
        yield Mismatch(
            str(csv), f"the numbers of {path.name}", "others", f"Delete it: {study.again}."
        )


def rows(table: pd.DataFrame) -> list[str]:
    """Return the rows of a table of numbers as texts, to the last digit."""
    table = table.reindex(columns=METRIC_COLUMNS).astype(object)
    return [" ".join(map(str, row)) for row in table.itertuples(index=False, name=None)]
