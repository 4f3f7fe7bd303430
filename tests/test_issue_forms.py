"""The forms for issues and pull requests are those that GitHub takes, and name only what exists here."""

from __future__ import annotations

import re

import jsonschema
import pytest
import yaml
from conftest import ROOT

GITHUB = ROOT / ".github"
FORMS = [file for file in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if file.stem != "config"]
# The forms as GitHub takes them: https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues
FORM = {
    "type": "object",
    "required": ["name", "description", "body"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 4},
        "description": {"type": "string", "minLength": 4},
        "title": {"type": "string"},
        "labels": {"type": "array", "items": {"type": "string"}},
        "body": {
            "type": "array",
            "contains": {"properties": {"type": {"not": {"const": "markdown"}}}},
            "items": {
                "oneOf": [
                    {
                        "required": ["type", "attributes"],
                        "additionalProperties": False,
                        "properties": {
                            "type": {"const": "markdown"},
                            "attributes": {"required": ["value"], "properties": {"value": {"type": "string"}}},
                        },
                    },
                    {
                        "required": ["type", "id", "attributes"],
                        "additionalProperties": False,
                        "properties": {
                            "type": {"enum": ["input", "textarea", "dropdown"]},
                            "id": {"type": "string", "pattern": "^[a-z-]+$"},
                            "attributes": {
                                "required": ["label"],
                                "additionalProperties": False,
                                "properties": {
                                    "label": {"type": "string"},
                                    "description": {"type": "string"},
                                    "placeholder": {"type": "string"},
                                    "render": {"type": "string"},
                                    "options": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                                },
                            },
                            "validations": {"properties": {"required": {"type": "boolean"}}},
                        },
                        "if": {"properties": {"type": {"const": "dropdown"}}},
                        "then": {"properties": {"attributes": {"required": ["options"]}}},
                    },
                ]
            },
        },
    },
}


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_an_issue_form_is_one_that_github_takes(file):
    form = yaml.safe_load(file.read_text(encoding="utf-8"))
    jsonschema.validate(form, FORM)
    names = [part["id"] for part in form["body"] if "id" in part]
    assert len(names) == len(set(names))


def test_there_is_a_form_for_everything_that_can_be_told():
    assert {file.stem for file in FORMS} == {"wrong-number", "source-changed", "destination-or-source", "bug"}


@pytest.mark.parametrize("spoil", [{"body": []}, {"kind": "x"}, {"body": [{"type": "dropdown", "id": "a",
                                    "attributes": {"label": "b"}}]}, {"name": 1}])  # fmt: skip
def test_a_form_that_github_would_refuse_is_found_out(spoil):
    form = yaml.safe_load(FORMS[0].read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(form | spoil, FORM)


def test_a_pull_request_is_asked_for_policy_and_data_and_for_what_moved():
    text = (GITHUB / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")
    assert re.findall(r"^- (\w+):$", text, flags=re.MULTILINE) == ["Methodology", "Data", "Code"]
    for name in re.findall(r"docs/[\w./]*\w|[A-Z]+\.md", text):
        assert (ROOT / name).exists(), name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)`", text):
        assert f"\n{target}: ## " in makefile, target
