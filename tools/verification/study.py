"""A study that is checked: its records, and the configuration that it was made with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import yaml

from facebench.errors import UserError
from facebench.store import layout
from facebench.store.tables import read_table
from facebench.study.config import checked
from facebench.study.model_files import laid_over

ROOT = Path(__file__).parents[2]
RECORDS = "records.parquet"


class Mismatch(NamedTuple):
    """What no longer matches its record, and what to do."""

    what: str
    expected: str
    found: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}. {self.remedy}"


class NotChecked(NamedTuple):
    """What could not be checked, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: not checked, {self.why}"


@dataclass(frozen=True)
class Study:
    """The records of a study, by their id. config: None where the study's file is not known."""

    name: str
    records: Mapping[str, dict[str, Any]]
    config: Mapping[str, Any] | None

    @property
    def again(self) -> str:
        """How the study is run again."""
        known = (ROOT / "studies" / f"{self.name}.yaml").exists()
        return f"make run STUDY=studies/{self.name}.yaml" if known else "make run"

    @cached_property
    def datasets(self) -> dict[str, dict[str, Any]]:
        """What the records say of each data set."""
        parts = [record.get("data", {}) for record in self.records.values()]
        return {part["dataset"]: part for part in parts if "dataset" in part}

    @cached_property
    def tables(self) -> list[Path]:
        """The study's own tables, and those of its data sets in the store."""
        folders = [Path(layout.RESULTS, self.name)]
        folders += [Path(layout.STORE, dataset) for dataset in self.datasets]
        return [path for folder in folders for path in sorted(folder.rglob("*.parquet"))]


def found(folder: Path) -> list[Path]:
    """Return the folders of the studies in a folder, or the folder if it is that of a study."""
    studies = [folder] if (folder / RECORDS).exists() else []
    studies += sorted(path.parent for path in folder.glob(f"*/{RECORDS}"))
    if not studies:
        raise UserError(f"There are no records in {folder}: run a study first (make run).")
    return studies


def root(folder: Path) -> Path:
    """Return the folder in which a study ran: it holds `results` and `store`."""
    if folder.parent.name != layout.RESULTS:
        raise UserError(
            f"{folder} is not in a folder `{layout.RESULTS}` beside a `{layout.STORE}`."
        )
    return folder.parents[1]


def read(folder: Path, configfile: Path | None = None) -> Study:
    """Return the study in a folder; the working directory is the one in which it ran."""
    path = folder / RECORDS
    try:
        table = read_table(path, ["record", "json"])
        parsed = [json.loads(text) for text in table["json"]]
        if not all(isinstance(part, dict) for record in parsed for part in record.values()):
            raise ValueError("a step of a record is no mapping")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, pa.ArrowException) as error:
        raise UserError(f"{path} can't be read: delete it and run the study again.") from error
    records = dict(zip(table["record"], parsed, strict=True))
    return Study(folder.name, records, configuration(folder.name, configfile))


def configuration(name: str, given: Path | None) -> dict[str, Any] | None:
    """Return the configuration of a study with its defaults; None for a study without a file."""
    own = given or ROOT / "studies" / f"{name}.yaml"
    files = [ROOT / "config.yaml", *([own] if own.exists() else [])]
    if len(files) == 1 and name != "default":
        return None
    config: dict[str, Any] = {}
    for file in files:
        config = laid_over(config, yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    return checked(config, ROOT / "rules" / "schema")
