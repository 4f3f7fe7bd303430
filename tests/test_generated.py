"""No generated document is out of date; part of ``make check``."""

from __future__ import annotations

from helpers import paths
from helpers.documents import written


def test_every_generated_document_reads_as_code_ledger_notebooks_and_tests_make_it():
    stale = [
        paths.shown(file) for file, text in written.of_the_checkout().items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]  # fmt: skip
    assert not stale, f"out of date: {', '.join(stale)}; run `{written.COMMAND}` and read what it changed"
