"""Which sentence rules of the summary may rest on which cell: read in ``wording/``, where each rule is filled.

A function that says a rule and names a table and a column, itself or in a private function beside it, rests on it.
"""

from __future__ import annotations

import ast
import re

from helpers.documents.code import read
from helpers.table_list import TABLE_LIST
from helpers.wording.rules import RULES

FOLDER, WORDS = "wording/", "wording/rules.py"


def rules_by_cell(files: dict[str, str]) -> dict[tuple[str, str], list[str]]:
    """Return the rules for each table and column.

    Parameters
    ----------
    files
        Text of every file of the package by its path.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for file, text in files.items():
        if file.startswith(FOLDER) and file != WORDS:
            source = read(text)
            said = {name: {p for node in nodes for p in _patterns(node)} for name, nodes in source.defined.items()}
            for name, own in said.items():
                beside = (said[other] for other in source.each[name].names & said.keys() if other.startswith("_"))
                rules = [rule for rule in RULES if _fits(own, rule)]
                for cell in _cells(own.union(*beside)) if rules else ():
                    held = found.setdefault(cell, [])
                    held += [rule for rule in rules if rule not in held]
    return found


def _cells(patterns: set[str]) -> list[tuple[str, str]]:
    """Return every table that is named in full, with each of its columns that fits a text."""
    named = [table for table in TABLE_LIST if re.escape(table.name) in patterns]
    return [(table.name, column) for table in named for column in table.names if _fits(patterns, column)]


def _fits(patterns: set[str], text: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in patterns)


def _patterns(top: ast.AST) -> list[str]:
    """Return the texts in code as patterns, what is filled in standing for anything."""
    found, inside = [], set()
    for node in ast.walk(top):
        if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.Constant) for part in node.values):
            inside |= {id(part) for part in node.values}
            parts = (re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values)
            found.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            found.append(re.escape(node.value))
    return found
