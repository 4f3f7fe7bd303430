"""CITATION.cff is valid, so that whoever cites gets what we wrote."""

from __future__ import annotations

import datetime as dt

import jsonschema
import pytest
import yaml
from conftest import ROOT

# Citation File Format 1.2.0, as far as a project without identifiers uses it.
PERSON = {"required": ["family-names", "given-names"], "properties": {
    "family-names": {"type": "string"}, "given-names": {"type": "string"}, "affiliation": {"type": "string"},
    "orcid": {"pattern": r"^https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"}, "email": {"pattern": r"^\S+@\S+$"},
}, "additionalProperties": False}  # fmt: skip
ENTITY = {"required": ["name"], "properties": {"name": {"type": "string"}, "website": {"pattern": "^https?://"}},
          "additionalProperties": False}  # fmt: skip
CITATION = {
    "type": "object",
    "required": ["cff-version", "message", "title", "authors"],
    "additionalProperties": False,
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": {"type": "string", "minLength": 1},
        "title": {"type": "string", "minLength": 1},
        "abstract": {"type": "string", "minLength": 1},
        "type": {"enum": ["software", "dataset"]},
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "date-released": {"type": "string", "format": "date"},
        "license": {"const": "MIT"},
        "keywords": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
        "repository-code": {"type": "string", "pattern": "^https?://"},
        "url": {"type": "string", "pattern": "^https?://"},
        "doi": {"type": "string", "pattern": r"^10\.\d{4,9}/\S+$"},
        "authors": {"type": "array", "minItems": 1, "items": {"oneOf": [PERSON, ENTITY]}},
    },
}


def citation() -> dict:
    return yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def test_the_citation_is_valid():
    jsonschema.validate(citation(), CITATION)
    dt.date.fromisoformat(citation()["date-released"])
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT")


@pytest.mark.parametrize("spoil", [{"cff-version": "1.1.0"}, {"authors": []}, {"authors": [{"nam": "x"}]},
                                   {"version": "next"}, {"licence": "MIT"}, {"type": "code"}])  # fmt: skip
def test_a_citation_that_is_not_valid_is_found_out(spoil):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(citation() | spoil, CITATION)
