"""Fingerprints of large files: remembered while the file is the same one, and not a moment longer."""

from __future__ import annotations

import hashlib
import os
import time

import pytest

from helpers import digests, paths


@pytest.fixture
def reads(tmp_path, monkeypatch):
    """Which files are read, one entry each time; a large file has ten bytes or more, a moment is over at once."""
    seen = []
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(digests, "LARGE", 10)
    monkeypatch.setattr(digests, "MOMENT", 0)
    digests._memory.cache_clear()
    whole = digests.sha256_of
    monkeypatch.setattr(digests, "sha256_of", lambda file: (seen.append(file.name), whole(file))[1])
    yield seen
    digests._memory.cache_clear()


def test_a_large_file_is_read_once_also_by_the_next_run_and_a_small_one_every_time(tmp_path, reads):
    large, small = tmp_path / "large", tmp_path / "small"
    large.write_bytes(b"0123456789")
    small.write_bytes(b"1")
    for _ in range(3):
        assert digests.known_sha256_of(large) == hashlib.sha256(b"0123456789").hexdigest()
        assert digests.known_sha256_of(small) == hashlib.sha256(b"1").hexdigest()
        digests._memory.cache_clear()  # as in another run
    assert reads.count("large") == 1 and reads.count("small") == 3


def test_a_change_that_keeps_size_and_date_is_noticed(tmp_path, reads):
    file = tmp_path / "large"
    file.write_bytes(b"0123456789")
    before, times = digests.known_sha256_of(file), file.stat()
    time.sleep(0.02)
    with file.open("r+b") as opened:
        opened.write(b"9")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert digests.known_sha256_of(file) == digests.sha256_of(file) != before


def test_what_changed_a_moment_ago_is_always_read(tmp_path, reads, monkeypatch):
    monkeypatch.setattr(digests, "MOMENT", 10**12)
    file = tmp_path / "large"
    file.write_bytes(b"0123456789")
    for _ in range(2):
        digests.known_sha256_of(file)
    assert reads == ["large", "large"]


def test_a_file_that_is_not_there_is_an_error(tmp_path, reads):
    with pytest.raises(FileNotFoundError):
        digests.known_sha256_of(tmp_path / "nothing")
