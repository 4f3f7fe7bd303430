"""Signatures as the tool minisign 0.11 writes and reads them. The key is invented, from bytes anybody can count."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess

import minisign
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from invented import InstantForge, house

from helpers import cli, pipeline, signing
from helpers.refusals import Refusal

NUMBER, SEED = bytes(range(8)), bytes(range(32))
HALF = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
PUBLIC = base64.b64encode(b"Ed" + NUMBER + HALF).decode()
HEAD = "untrusted comment: invented for tests\n"
SIGNED, COMMENT = b'{"invented": true}\n', "report 2026-05 stamp 0123456789ab"
# What `minisign -S -s KEY -m run.json -t COMMENT` (0.11) wrote for these bytes and this key.
BY_THE_TOOL = """untrusted comment: signature from minisign secret key
RUQAAQIDBAUGB1L4fI18eepeZTqluALZlH0dzF5ZxV4BR9wma3xU8JV413RX1e0mvRULSjk9lBiw/wfal1OLCJHypSN+Oor6hgo=
trusted comment: report 2026-05 stamp 0123456789ab
mDhrtIJwiYBO2GAYqwN7286ZbHlUM1PvxBYQcZLp8cvRMr5rv/LyMoUI4qecFJCsJcDUthSUK1uecTYg0N03AA==
"""


def key_file(folder, password: str = ""):
    """Write the invented key as the tool does with ``-W``, or behind a password that costs little to try."""
    checksum = hashlib.blake2b(b"Ed" + NUMBER + SEED + HALF, digest_size=32).digest()
    content = b"Ed\0\0B2" + bytes(48) + NUMBER + SEED + HALF + checksum
    text = HEAD.encode() + base64.b64encode(content)
    if password:
        key = minisign.SecretKey.from_bytes(text)
        key.encrypt(password, opslimit=32768, memlimit=1 << 20)
        text = bytes(key)
    file = folder / "invented.key"
    file.write_bytes(text + b"\n")
    return file


@pytest.fixture
def record(tmp_path, monkeypatch):
    for name in (signing.KEY, signing.PASSWORD, signing.PUBLIC):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "run.json"
    file.write_bytes(SIGNED)
    return file


def test_a_signature_is_the_tools_to_the_byte_and_the_tool_takes_it(record, tmp_path, monkeypatch):
    monkeypatch.setenv(signing.KEY, str(key_file(tmp_path)))
    assert signing.sign(record, COMMENT).read_text() == BY_THE_TOOL
    if tool := shutil.which("minisign"):
        subprocess.run([tool, "-V", "-P", PUBLIC, "-m", str(record)], check=True, capture_output=True)


def test_a_signature_by_the_tool_is_good_and_one_changed_byte_spoils_it(record, tmp_path, monkeypatch):
    (tmp_path / "run.json.minisig").write_text(BY_THE_TOOL)
    assert signing.check(record).state == "not checked"
    monkeypatch.setenv(signing.PUBLIC, PUBLIC)
    assert signing.check(record) == signing.Signature("good", COMMENT)
    (tmp_path / "minisign.pub").write_text(f"{HEAD}{PUBLIC}\n")
    monkeypatch.setenv(signing.PUBLIC, str(tmp_path / "minisign.pub"))
    assert signing.check(record).state == "good"

    record.write_bytes(SIGNED.replace(b"true", b"nope"))
    with pytest.raises(Refusal, match="the signature is not good") as refusal:
        signing.check(record)
    assert refusal.value.exit_code == 3
    record.write_bytes(SIGNED)
    (tmp_path / "run.json.minisig").write_text(BY_THE_TOOL.replace("stamp 0123", "stamp 9123"))
    with pytest.raises(Refusal, match="the signature is not good"):
        signing.check(record)


def test_a_record_without_signature_is_refused_only_where_a_key_is_named(record, monkeypatch):
    assert signing.sign(record, COMMENT) is None and signing.check(record).state == "none"
    monkeypatch.setenv(signing.PUBLIC, PUBLIC)
    with pytest.raises(Refusal, match="the record is not signed") as refusal:
        signing.check(record)
    assert refusal.value.exit_code == 3
    monkeypatch.setenv(signing.PUBLIC, "no key")
    with pytest.raises(Refusal, match="is no public key") as refusal:
        signing.check(record)
    assert refusal.value.exit_code == 2


def test_a_password_is_read_from_its_file_and_a_wrong_one_is_refused(record, tmp_path, monkeypatch):
    monkeypatch.setenv(signing.KEY, str(key_file(tmp_path, "invented pass")))
    with pytest.raises(Refusal, match="wrong password") as refusal:
        signing.sign(record, COMMENT)
    assert refusal.value.exit_code == 1 and not (tmp_path / "run.json.minisig").exists()
    (tmp_path / "password").write_text("invented pass\n")
    monkeypatch.setenv(signing.PASSWORD, str(tmp_path / "password"))
    assert signing.sign(record, COMMENT).read_text() == BY_THE_TOOL


@pytest.mark.parametrize("at", [-60, -90], ids=["public half", "secret half"])
def test_a_damaged_key_signs_nothing(record, tmp_path, monkeypatch, at):
    file = key_file(tmp_path)
    head, _, content = file.read_bytes().partition(b"\n")
    damaged = bytearray(base64.b64decode(content))
    damaged[at] ^= 1
    file.write_bytes(head + b"\n" + base64.b64encode(damaged) + b"\n")
    monkeypatch.setenv(signing.KEY, str(file))
    with pytest.raises(Refusal, match="cannot be signed"):
        signing.sign(record, COMMENT)


class NoForge(InstantForge):
    def submit(self, job):
        raise AssertionError("a kernel was started")


def test_a_published_report_is_signed_before_it_is_put_in_place(tmp_path, monkeypatch):
    root = house(tmp_path / "house", monkeypatch)
    monkeypatch.setattr(pipeline, "Forge", InstantForge)
    page = pipeline.run([]).page
    record = page.with_name("run.json")
    assert not record.with_name("run.json.minisig").exists()

    monkeypatch.setenv(signing.KEY, str(key_file(tmp_path)))
    monkeypatch.setenv(signing.PUBLIC, PUBLIC)
    monkeypatch.setattr(pipeline, "Forge", NoForge)  # nothing has changed but that it is to be signed
    assert pipeline.run([]).page == page
    stamp = json.loads(record.read_text())["stamp"]
    assert signing.check(record) == signing.Signature("good", f"report 2026-05 stamp {stamp}")
    before = record.with_name("run.json.minisig").read_bytes()
    assert pipeline.run([]).page == page and record.with_name("run.json.minisig").read_bytes() == before
    assert (root / "reports/2026-05") == page.parent


def test_a_key_that_is_not_there_stops_the_run_before_any_step(tmp_path, monkeypatch, capsys):
    root = house(tmp_path / "house", monkeypatch)
    monkeypatch.setattr(pipeline, "Forge", NoForge)
    monkeypatch.setenv(signing.KEY, str(tmp_path / "nowhere.key"))
    assert cli.main(["report"]) == 2
    assert signing.KEY in capsys.readouterr().err and not (root / "reports/2026-05").exists()
