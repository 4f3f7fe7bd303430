"""A report takes the place of another in one step: no reader ever finds nothing."""

from __future__ import annotations

import sys
import threading

import pytest

from helpers import exchange as names
from helpers import paths, publish
from helpers.exchange import exchange

needs_exchange = pytest.mark.skipif(not sys.platform.startswith(("linux", "darwin")), reason="exchanges of names")


@pytest.fixture
def pair(tmp_path):
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page").write_text(name)
    return tmp_path / "new", tmp_path / "old"


@needs_exchange
def test_two_folders_exchange_their_names(pair):
    new, old = pair
    assert exchange(new, old)
    assert (old / "page").read_text() == "new" and (new / "page").read_text() == "old"


@needs_exchange
def test_a_folder_that_is_missing_is_an_error_and_the_other_stays(pair):
    new, old = pair
    with pytest.raises(FileNotFoundError):
        exchange(new.with_name("none"), old)
    assert (old / "page").read_text() == "old"


def test_a_system_that_cannot_says_so(pair, monkeypatch):
    monkeypatch.setattr(names.sys, "platform", "win32")
    assert not exchange(*pair)
    assert pair[1].joinpath("page").read_text() == "old"


def test_a_file_system_that_cannot_says_so(pair, monkeypatch):
    monkeypatch.setattr(names.ctypes, "get_errno", lambda: names.errno.EINVAL)
    assert not exchange(pair[0].with_name("none"), pair[1])


@needs_exchange
def test_a_reader_finds_a_page_at_every_moment(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(paths, "PROCESSED", tmp_path / "processed")
    monkeypatch.setattr(publish, "_write_archive", list)
    page, found, over = tmp_path / "reports" / "2026-05" / "index.html", [], threading.Event()

    def read():
        while not over.is_set():
            try:
                found.append(page.read_text())
            except FileNotFoundError:
                found.append("nothing")

    def put(number):
        report = tmp_path / "reports" / "report"
        report.mkdir(parents=True)
        (report / "index.html").write_text(f"page {number}")
        publish.put_in_place(report, tmp_path, "2026-05")
        publish.shutil.rmtree(report, ignore_errors=True)

    put(0)
    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 300):
        put(number)
    over.set()
    reader.join()
    assert "nothing" not in found and len(set(found)) > 3 and all(text.startswith("page ") for text in found)
