"""Packed bulk files: each kind is read, each bad archive is one refusal; a killed ingest goes on where it was."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import bulk_files
import py7zr
import pytest
from conftest import ROOT

from helpers import paths, systems
from helpers.bulk import archives, ingest
from helpers.progress import Progress
from helpers.refusals import Refusal

DAY = "2026-11-27"
MONTHS = bulk_files.months_from("202311", 3)
LZMA1 = [{"id": py7zr.FILTER_LZMA2, "preset": 1}]
CALL = """
import sys
from pathlib import Path
from helpers.bulk import chunks, ingest
from helpers.progress import Progress

chunks.SIZE = int(sys.argv[2])
done = ingest.ingest([Path(sys.argv[1])], float(sys.argv[3]), sys.argv[4], Progress())
"""


@pytest.fixture(autouse=True)
def products(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(paths, "PRODUCTS", tmp_path / "products")
    return paths.PRODUCTS


@pytest.fixture(scope="module")
def lines(tmp_path_factory) -> Path:
    return bulk_files.write_comext(tmp_path_factory.mktemp("bulk") / "full_v2_202401.csv", 30_000, MONTHS)


def take(file: Path) -> ingest.Done:
    return ingest.ingest([file], 2, DAY, Progress(io.StringIO()))[0]


def held(folder: Path) -> dict[str, bytes]:
    """Return the Parquet that lies in a store."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.parquet")}


def refused(file: Path) -> str:
    with pytest.raises(Refusal) as stop:
        take(file)
    assert not held(paths.PRODUCTS) and not list(paths.PRODUCTS.rglob("*.json"))
    assert str(stop.value).startswith(file.name) and stop.value.exit_code == 3
    return str(stop.value)


def call(file: Path, store: Path, size: int, gib: float = 2) -> subprocess.Popen:
    """Start an ingest with small chunks in a process of its own."""
    surroundings = {**os.environ, "DIVERSION_PRODUCTS": str(store), "PYTHONPATH": str(ROOT / "src")}
    words = [sys.executable, "-c", CALL, str(file), str(size), str(gib), DAY]
    return subprocess.Popen(words, env=surroundings, stderr=subprocess.PIPE, text=True)


def test_every_kind_of_archive_gives_the_same_bytes_with_one_processor_too(tmp_path, lines, monkeypatch):
    packed = [lines, *(bulk_files.pack(tmp_path / f"full_v2_202401.{kind}", lines) for kind in ("7z", "zip", "csv.gz"))]
    made = []
    for place, file in enumerate([*packed, lines]):
        paths.PRODUCTS = tmp_path / f"store{place}"
        if place == len(packed):
            monkeypatch.setattr(systems, "processors", lambda: 1)
        take(file)
        made.append(held(paths.PRODUCTS))
    assert len(made[0]) == 2 and all(one == made[0] for one in made)


def test_the_generator_gives_the_same_bytes_and_as_many_different_rows_as_asked(tmp_path, lines):
    again = bulk_files.write_comext(tmp_path / "again.csv", 30_000, MONTHS)
    assert again.read_bytes() == lines.read_bytes()
    assert bulk_files.write_comext(tmp_path / "other.csv", 30_000, MONTHS, 2).read_bytes() != lines.read_bytes()
    rows = lines.read_text().splitlines()[1:]
    assert len(rows) == len({row.rsplit(",", 4)[0] for row in rows}) == 30_000
    assert {"CN", "US", "VN"} < {row.split(",")[1] for row in rows} and {"DE", "MT"} < {row[:2] for row in rows}


def test_an_archive_that_is_cut_off_or_damaged_is_refused(tmp_path, lines):
    for kind in ("7z", "zip", "csv.gz"):
        whole = bulk_files.pack(tmp_path / f"whole.{kind}", lines).read_bytes()
        file = tmp_path / f"full_v2_202401.{kind}"
        file.write_bytes(whole[: len(whole) // 2])
        assert "cut off or damaged" in refused(file)
        middle = len(whole) // 2
        file.write_bytes(
            whole[:middle] + bytes(byte ^ 0x55 for byte in whole[middle : middle + 40]) + whole[middle + 40 :]
        )
        assert "cut off or damaged" in refused(file)
        file.write_bytes(whole[:8])
        assert "cut off or damaged" in refused(file)


def test_an_archive_of_several_files_or_none_is_refused(tmp_path, lines):
    other = bulk_files.write_comext(tmp_path / "other.csv", 100, MONTHS)
    for kind in ("7z", "zip"):
        assert "2 members" in refused(bulk_files.pack(tmp_path / f"two.{kind}", lines, other))
        assert "0 members" in refused(bulk_files.pack(tmp_path / f"none.{kind}"))


@pytest.mark.parametrize("name", ["../full.csv", "/tmp/full.csv", "a/full.csv", "a\\full.csv", "C:full.csv"])
def test_a_member_with_a_path_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "x")
    assert "named by a path" in refused(tmp_path / "a.zip")
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w", filters=LZMA1) as archive:
        archive.writestr("x", "x")
        archive.files[0]._file_info["filename"] = name
    assert "named by a path" in refused(tmp_path / "a.7z")


def test_a_bomb_is_refused_long_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 2**20)
    (tmp_path / "plain").write_bytes((bulk_files.COMEXT_HEADER + "\n").encode() + b"\n" * 2**24)
    for kind in ("zip", "7z", "csv.gz"):
        told = refused(bulk_files.pack(tmp_path / f"a.{kind}", tmp_path / "plain"))
        assert "never 250 times" in told
    (tmp_path / "two.gz").write_bytes(gzip.compress(bytes(2**24)) * 3)
    assert "a line of more than" in refused(tmp_path / "two.gz") or "never" in refused(tmp_path / "two.gz")


def test_a_password_and_a_dictionary_beyond_the_ceiling_are_refused(tmp_path, lines, monkeypatch):
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w", filters=None, password="secret") as archive:
        archive.writestr("a", "full.csv")
    assert "password" in refused(tmp_path / "a.7z")
    file = bulk_files.pack(tmp_path / "b.7z", lines)
    monkeypatch.setattr(ingest, "UNPACK_MEMORY", 2**16)
    with pytest.raises(Refusal, match="of memory for its dictionary") as stop:
        take(file)
    assert stop.value.exit_code == 4


def test_a_killed_ingest_goes_on_where_it_was_and_gives_the_same_bytes(tmp_path, lines):
    file = bulk_files.pack(tmp_path / "full_v2_202401.7z", lines)
    whole, store = tmp_path / "whole", tmp_path / "store"
    assert call(file, whole, 2**19).wait(60) == 0
    process = call(file, store, 2**19)
    seen = []
    for line in process.stderr:
        seen.append(json.loads(line))
        if seen[-1]["event"] == "checked":
            process.send_signal(signal.SIGKILL)
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL and not held(store / "comext_bulk")
    again = call(file, store, 2**19)
    _, told = again.communicate()
    events = [json.loads(line) for line in told.splitlines()]
    assert again.returncode == 0 and events[0]["why"] == "taken up again"
    checked = [event["chunk"] for event in events if event["event"] == "checked"]
    assert checked and checked[0] >= 1 and checked == list(range(checked[0], checked[-1] + 1))
    assert held(store) == held(whole) and not list((store / ".ingest").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv.gz", "7z"])
def test_the_whole_process_stays_under_its_ceiling(tmp_path, kind):
    file = bulk_files.write_comext(tmp_path / f"full_v2_202401.{kind}", 4_000_000, MONTHS)
    process = call(file, tmp_path / "store", 64 * 2**20, 1)
    with process.stderr:
        told = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, told
    assert used.ru_maxrss * 1024 < 2**30
