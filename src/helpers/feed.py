"""The feed of all months, ``reports/feed.xml``: Atom 1.0, one entry per report, the newest first.

An entry is dated by what it tells, never by the clock: the last day on which a figure was read, or the day of its
latest correction. Its id is made from project and month and never changes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from helpers import notice
from helpers.bilingual import Bilingual
from helpers.months import month_name
from helpers.shelf import Shelved
from helpers.typesetting import fine
from helpers.xml_text import for_xml

NAME = "feed.xml"
ATOM = "http://www.w3.org/2005/Atom"
TITLE, AUTHOR = "Where did China's exports go? All months", "The export-diversion authors"
_PROJECT = uuid.uuid5(uuid.NAMESPACE_URL, "urn:export-diversion:reports")


def feed(reports: Sequence[Shelved]) -> bytes:
    """Return the feed of these reports, the newest first; those without a record are left out."""
    told = [report for report in reports if report.record]
    language = next((report.language for report in told), "en")
    site = next((report.site for report in told if report.site), "")
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _add(root, "id", _id())
    _add(root, "title", Bilingual(language).plain(TITLE))
    _add(root, "updated", max((updated(report) for report in told), default="1970-01-01T00:00:00Z"))
    ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=f"{site}{NAME}")
    ET.SubElement(root, "link", rel="alternate", type="text/html", href=f"{site}index.html")
    _add(ET.SubElement(root, "author"), "name", AUTHOR)
    for report in told:
        _entry(root, report)
    ET.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def _entry(root: ET.Element, report: Shelved) -> None:
    t = Bilingual(report.language)
    entry = ET.SubElement(root, "entry", {"xml:lang": report.language})
    title = f"Where did China's exports go? {month_name(report.month)}"
    last = report.corrections[-1] if report.corrections else None
    state = notice.state_of(last, report.stamp) if last else ""
    _add(entry, "id", _id(report.month))
    _add(entry, "title", t.plain(f"{title} ({state})" if last else title))
    _add(entry, "updated", updated(report))
    ET.SubElement(entry, "link", rel="alternate", type="text/html", href=f"{report.site}{report.month}/index.html")
    if last:
        ET.SubElement(entry, "category", term=state.replace(" ", "-"), label=t.plain(state))
    _add(entry, "summary", summary(report, t))


def summary(report: Shelved, t: Bilingual) -> str:
    """Return the finding, behind what was corrected; of a withdrawn report only why it was."""
    parts = []
    for entry in reversed(report.corrections):
        parts += [
            t.plain(f"{notice.dated(entry, report.stamp)}."),
            fine(entry.what_de if t.language == "de" else entry.what),
        ]
    return " ".join([*parts, *([] if report.is_withdrawn else [t.plain(report.finding)])])


def updated(report: Shelved) -> str:
    """Return when an entry last changed, in the form of RFC 3339."""
    return f"{max([_read(report), *(entry.day for entry in report.corrections)])}T00:00:00Z"


def _read(report: Shelved) -> str:
    """Return the last day on which a figure was read, or the first of its month for a report without figures."""
    day = report.read
    return day if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else f"{report.month}-01"


def _id(month: str = "") -> str:
    return uuid.uuid5(_PROJECT, month).urn


def _add(parent: ET.Element, name: str, text: str) -> None:
    """Add an element with text; what XML cannot hold is left out."""
    ET.SubElement(parent, name).text = for_xml(text, "")
