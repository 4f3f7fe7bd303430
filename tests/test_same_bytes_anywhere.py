"""A small report in two very different surroundings: the same bytes. The trial of the real one is in ``trials``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from checkout import checkout
from conftest import missing

sys.path.insert(0, str(Path(__file__).parent / "trials"))

import same_bytes  # noqa: E402
from same_bytes import ALL, QUICK  # noqa: E402


@pytest.fixture
def root(tmp_path_factory):
    """An empty folder that another user may enter."""
    if not same_bytes.can_be_another():
        missing("a second user", "run the tests as root, with setpriv (apt-get install util-linux)")
    root = tmp_path_factory.mktemp("root")
    for folder in (root, root.parent, root.parent.parent):
        folder.chmod(0o755)
    return root


def test_two_small_reports_are_the_same(root):
    told = same_bytes.run(QUICK, root, checkout)
    assert told["failures"] == [] and told["checked"] == told["files of a report"] >= 10
    assert told["users"] == told["folders"] == 2 and told["languages"]["C"]


def test_the_surroundings_differ_in_everything_that_is_told():
    for name, least in (("folder", 2), ("language", 4), ("zone", 3), ("hashes", 2), ("user", 2), ("processors", 2)):
        counted = [getattr(place, name) for place in ALL]
        assert len(set(counted)) == least and min(map(counted.count, set(counted))) >= 1, name
    assert len(ALL) == len(set(ALL)) == 10
    first, second = (vars(place) for place in QUICK)
    assert all(first[name] != second[name] for name in first)


def test_a_report_that_tells_its_time_zone_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(same_bytes, "can_be_another", lambda: True)
    monkeypatch.setattr(same_bytes, "languages", lambda folder: [])
    monkeypatch.setattr(same_bytes, "made", lambda place, *_: {"index.html": place.zone.encode(), "feed.xml": b""})
    told = same_bytes.run(ALL, tmp_path, checkout)
    assert told["checked"] == 18 and told["failed"] == sum(place.zone != ALL[0].zone for place in ALL) > 0


def test_what_differs_is_named():
    first = {"index.html": b"a", "data/t.csv": b"1"}
    assert same_bytes.compare(first, dict(first), ALL[1]) == (2, [])
    count, failures = same_bytes.compare(first, {"index.html": b"b", "new": b""}, ALL[1])
    assert count == 3 and [told.split()[0] for told in failures] == ["data/t.csv", "index.html", "new"]


def test_what_is_told_is_of_these_surroundings_and_nothing_failed():
    told = json.loads(same_bytes.RESULTS.read_text(encoding="utf-8"))
    assert told["runs"] == len(ALL) and list(told["languages"]) == list(dict.fromkeys(p.language for p in ALL))
    assert told["failed"] == 0 and told["checked"] == 9 * told["files of a report"] > 9 * 100
