"""A Python source read once with ``ast``: its docstring, its imports, and what each statement at its top names."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import NamedTuple


class Said(NamedTuple):
    """What some code names (variables, chains such as ``tables.write``, arguments), and the texts in it."""

    names: frozenset[str]
    texts: frozenset[str]


class Source(NamedTuple):
    """One source: every name defined at its top with its statements, what all of it and what each of them says."""

    tree: ast.Module
    imports: list[ast.Import | ast.ImportFrom]
    defined: dict[str, list[ast.stmt]]
    whole: Said
    each: dict[str, Said]


@cache
def read(text: str) -> Source:
    """Read a source; the same text is read once."""
    tree = ast.parse(text)
    imports: list[ast.Import | ast.ImportFrom] = []
    said = [(statement, _said(statement, imports)) for statement in tree.body]
    defined: dict[str, list[ast.stmt]] = {}
    parts: dict[str, list[Said]] = {}
    for statement, found in said:
        for name in _names_given(statement):
            defined.setdefault(name, []).append(statement)
            parts.setdefault(name, []).append(found)
    return Source(
        tree, imports, defined, _together([found for _, found in said]),
        {name: _together(found) for name, found in parts.items()},
    )  # fmt: skip


def _names_given(statement: ast.stmt) -> set[str]:
    """Return the names to which a statement at the top of a module gives a meaning."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return set()
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _together(parts: list[Said]) -> Said:
    return Said(frozenset().union(*(part.names for part in parts)), frozenset().union(*(part.texts for part in parts)))


def _said(top: ast.AST, imports: list[ast.Import | ast.ImportFrom]) -> Said:
    """Walk a statement once; its imports are added to a list."""
    names, texts, left = set(), set(), [top]
    while left:
        node = left.pop()
        if isinstance(node, ast.Attribute):
            chain = [node.attr]
            while isinstance(node.value, ast.Attribute):
                node = node.value
                chain.append(node.attr)
            if isinstance(node.value, ast.Name):
                names.add(".".join([node.value.id, *reversed(chain)]))
            else:
                left.append(node.value)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                texts.add(node.value)
        else:
            if isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(node)
            left += ast.iter_child_nodes(node)
    return Said(frozenset(names), frozenset(texts))


def imported(source: Source) -> dict[str, str]:
    """Return the names that imports bring, wherever they stand, with what each is in full."""
    found = {}
    for node in source.imports:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if node.module and not node.level:
                    found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif alias.asname:
                found[alias.asname] = alias.name
            else:
                first = alias.name.split(".")[0]
                found[first] = first
    return found


def sentence(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> str:
    """Return the first sentence of a docstring as Markdown, without its full stop; empty where there is none."""
    text = (ast.get_docstring(node) or "").split("\n\n")[0]
    return re.sub(r":\w+:(?=`)", "", " ".join(text.split())).replace("``", "`").removesuffix(".")
