"""A bill of materials in CycloneDX's JSON (https://cyclonedx.org/docs/1.6/json)."""

import re
import tomllib
from pathlib import Path
from typing import Any

from tools.auditing.advisories import Advisory
from tools.auditing.packages import UNKNOWN, Library
from tools.auditing.terms import Terms

#: SPDX's identifiers that licences here are named by, and other spellings of them.
SPDX = {
    "mit": "MIT", "mit license": "MIT", "the mit license (mit)": "MIT",
    "apache-2.0": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
    "bsd-3-clause": "BSD-3-Clause", "bsd 3-clause license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause", "bsd-2-clause": "BSD-2-Clause",
    "2-clause bsd": "BSD-2-Clause", "mpl-2.0": "MPL-2.0", "psf-2.0": "PSF-2.0",
    "isc license": "ISC", "boost software license": "BSL-1.0", "mit-cmu": "MIT-CMU",
}  # fmt: skip


def bill(
    root: Path, libraries: list[Library], other: list[Terms], advisories: list[Advisory]
) -> dict[str, Any]:
    """Return the bill of facebench in the checkout `root`. It says nothing of when or where."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    made: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "facebench",
                "name": project["name"],
                "version": project["version"],
                "licenses": licences(project["license"]),
            }
        },
        "components": [*map(library, libraries), *map(listed, other)],
    }
    if advisories:
        made["vulnerabilities"] = [
            {
                "id": one.id,
                "source": {"name": "OSV", "url": f"https://osv.dev/vulnerability/{one.id}"},
                "affects": [{"ref": reference(one.name, one.version)}],
            }
            for one in advisories
        ]
    return made


def library(one: Library) -> dict[str, Any]:
    """Return a library as a component."""
    address = reference(one.name, one.version)
    return {
        "type": "library",
        "bom-ref": address,
        "name": one.name,
        "version": one.version,
        "purl": address,
        "description": one.purpose,
        "scope": "required" if one.installed else "optional",
        "licenses": licences(one.licence),
    }


def listed(one: Terms) -> dict[str, Any]:
    """Return a data set or model as a component; what its licence forbids is a property."""
    found = {"type": one.kind, "bom-ref": f"{one.kind}/{one.name}", "name": one.name}
    version = {"version": one.version} if one.version else {}
    forbids = [{"name": "facebench:forbids", "value": one.forbids}]
    return {**found, **version, "licenses": licences(one.licence), "properties": forbids}


def licences(text: str) -> list[dict[str, Any]]:
    """Return a licence as CycloneDX has it: an identifier or expression of SPDX's, or a name.

    >>> licences("MIT License"), licences("MIT AND 0BSD")
    ([{'license': {'id': 'MIT'}}], [{'expression': 'MIT AND 0BSD'}])
    >>> licences("see card")
    [{'license': {'name': 'see card'}}]
    """
    if text.lower() in SPDX:
        return [{"license": {"id": SPDX[text.lower()]}}]
    if re.fullmatch(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)+", text):
        return [{"expression": text}]
    return [{"license": {"name": text or UNKNOWN}}]


def reference(name: str, version: str) -> str:
    """Return the address of a version of a library on PyPI, as bills of materials write it.

    >>> reference("numpy", "2.4.6")
    'pkg:pypi/numpy@2.4.6'
    """
    return f"pkg:pypi/{name}@{version.replace('+', '%2B')}"
