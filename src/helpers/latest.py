"""``reports/latest.html``: the address that always leads to the newest report, from a disk and from any web server.

A page that leads on, not a symbolic link: some servers and every archive lose links. It is written after everything
else, so that whoever follows it finds the report whole.
"""

from __future__ import annotations

from helpers import corrections, paths
from helpers.months import month_name

NAME = "latest.html"
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={month}/index.html">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name}</title>
</head>
<body><p><a href="{month}/index.html">{name}</a></p></body>
</html>
"""


def month() -> str:
    """Return the newest month that has a report which was not withdrawn, or else the newest; empty if there is none."""
    told, there = corrections.read(), paths.months_there()
    for newest in reversed(there):
        if not any(entry.kind == "withdrawn" for entry in corrections.of(told, newest)[-1:]):
            return newest
    return there[-1] if there else ""


def content() -> bytes | None:
    """Return the page, if there is a report to lead to."""
    newest = month()
    return _PAGE.format(month=newest, name=month_name(newest)).encode() if newest else None
