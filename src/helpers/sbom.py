"""The packages a report was made with, as other programs read them: CycloneDX 1.6, ``sbom.cdx.json`` beside the page.

Made from the lock and the version of the project, so the same lock gives the same bytes on any day and machine. It
names every package of the lock, also those that only another system needs; the marker says which. The fingerprints of
their files are ten times as long as all of this: they stand in the lock, whose own fingerprint is given.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers import paths

NAME = "sbom.cdx.json"
PROJECT = "export-diversion"
_ENTRY = re.compile(r"^(?=[a-z0-9][a-z0-9._-]*==)", re.MULTILINE)
_HEAD = re.compile(r"([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)(?: ; ([^\\\n]+))?")
_VIA = re.compile(r"^ +# via (.+)$", re.MULTILINE)


def write(report: Path) -> None:
    """Write the list beside a report."""
    lock = (paths.ROOT / "requirements" / "runner.lock").read_text(encoding="utf-8")
    (report / NAME).write_bytes(of(lock, metadata.version(PROJECT)))


def of(lock: str, version: str) -> bytes:
    """Return the list of packages.

    Parameters
    ----------
    lock
        Text of a lock in the form of pip: version, marker, fingerprints, and what each package is there for.
    version
        Version of the project.
    """
    entries = [_entry(text) for text in _ENTRY.split(lock) if _HEAD.match(text)]
    project = f"{PROJECT}@{version}"
    names = {name: component["bom-ref"] for name, component, _ in entries}
    needs: dict[str, list[str]] = {reference: [] for reference in (project, *names.values())}
    for name, _, users in entries:
        for user in users:
            needs[project if user.startswith(PROJECT) else names[user]].append(names[name])
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "bom-ref": project, "type": "application", "name": PROJECT, "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            },
            "properties": [
                {"name": f"{PROJECT}:lock-sha256", "value": hashlib.sha256(lock.encode()).hexdigest()},
            ],
        },
        "components": [component for _, component, _ in entries],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(needs[ref]))} for ref in sorted(needs)],
    }  # fmt: skip
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:{PROJECT}:sbom:{json.dumps(content, sort_keys=True)}")
    whole = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "serialNumber": number.urn, **content}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def _entry(text: str) -> tuple[str, dict[str, Any], list[str]]:
    """Return the name of a package, what is said of it, and the packages that it is there for."""
    name, version, marker = _HEAD.match(text).groups()
    address = f"pkg:pypi/{name}@{version}"
    component: dict[str, Any] = {
        "bom-ref": address, "type": "library", "name": name, "version": version, "purl": address,
        "scope": "optional" if marker else "required",
    }  # fmt: skip
    if marker:
        component["properties"] = [{"name": f"{PROJECT}:marker", "value": marker.strip()}]
    told = _VIA.search(text)
    users = re.sub(r" \([^)]*\)", "", told.group(1)).split(", ") if told else []
    return name, component, users
