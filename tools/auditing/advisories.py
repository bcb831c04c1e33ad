"""Known advisories on libraries, asked of OSV by name and version."""

import json
import urllib.request
from http.client import HTTPException
from typing import NamedTuple

from tools.auditing.packages import Library

OSV = "https://api.osv.dev/v1/querybatch"
#: Bytes; an answer is a few names a library.
LONGEST = 10_000_000


class Advisory(NamedTuple):
    """An advisory on a version of a library."""

    id: str
    name: str
    version: str


class Found(NamedTuple):
    """The advisories, and what was asked in words."""

    advisories: list[Advisory]
    said: str


def known(libraries: list[Library], osv: str, timeout: float) -> Found:
    """Return the advisories on these versions; none, and why, where OSV can't be asked."""
    try:
        answers = asked(libraries, osv, timeout)
        found = [
            Advisory(str(one["id"]), library.name, library.version)
            for library, answer in zip(libraries, answers, strict=True)
            for one in answer.get("vulns") or []
        ]
    except (OSError, HTTPException) as error:
        return Found([], f"not checked: {osv} can't be reached ({error})")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Found([], f"not checked: the answer of {osv} is not OSV's")
    return Found(found, f"{len(found)} on {len(libraries)} libraries, according to {osv}")


def asked(libraries: list[Library], osv: str, timeout: float) -> list[dict]:
    """Return OSV's answer on each library, in their order."""
    if not osv.startswith(("https://", "http://")):
        raise OSError("it is no address of the web")
    queries = [
        {"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version}
        for one in libraries
    ]
    request = urllib.request.Request(  # noqa: S310 (its scheme was looked at)
        osv,
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
        answers: list[dict] = json.loads(response.read(LONGEST))["results"]
        return answers
