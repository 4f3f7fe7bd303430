"""Sign the record of a report as minisign does, and check such a signature; where no key is named, nothing is signed.

The record holds the fingerprints of the page and of its tables, so its signature covers them. It can be checked with
the tool ``minisign`` as well: ``minisign -V -p KEY.pub -m run.json``.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from helpers.refusals import Refusal

KEY, PASSWORD, PUBLIC = "DIVERSION_MINISIGN_KEY", "DIVERSION_MINISIGN_PASSWORD_FILE", "DIVERSION_MINISIGN_PUBLIC"
SUFFIX = ".minisig"


@dataclass(frozen=True)
class Signature:
    """What is known of a file's signature: ``good``, ``not checked`` or ``none``, and what the signer said in it."""

    state: str
    comment: str = ""


def is_asked() -> bool:
    """Tell whether reports are to be signed."""
    return bool(os.environ.get(KEY))


def is_due(folder: Path) -> bool:
    """Tell whether a published report is to be signed and is not."""
    return is_asked() and not (folder / f"run.json{SUFFIX}").exists()


def get_ready() -> None:
    """Make sure before anything runs that what signing needs is there.

    Raises
    ------
    Refusal
        If the key or the file of its password cannot be read (exit code 2), or the library is missing (4).
    """
    if is_asked():
        _library()
        for name in (KEY, PASSWORD):
            if os.environ.get(name):
                _read(name)


def sign(file: Path, comment: str) -> Path | None:
    """Sign a file, if a key is named.

    Parameters
    ----------
    file
        What is signed; the signature is written beside it.
    comment
        What the signature says of it, and vouches for.

    Returns
    -------
    pathlib.Path or None
        The signature.

    Raises
    ------
    Refusal
        If the key is none, or the password is not its own; exit code 1.
    """
    if not is_asked():
        return None
    library = _library()
    try:
        with library.SecretKey.from_bytes(_read(KEY)) as key:
            if key.is_encrypted():
                key.decrypt(_password())
            # a damaged key without a password shows here: its two halves must belong together
            signature = key.sign(content := file.read_bytes(), trusted_comment=comment)
            key.get_public_key().verify(content, signature)
    except library.Error as error:
        raise Refusal(
            f"the report cannot be signed: {error}", expected=f"a minisign secret key in the file that {KEY} names, "
            f"and its password, if it has one, in the file that {PASSWORD} names",
            remedy=f"mend that, or unset {KEY} to publish without a signature; finished steps are kept", exit_code=1,
        ) from error  # fmt: skip
    out = file.with_name(f"{file.name}{SUFFIX}")
    out.write_bytes(bytes(signature) + b"\n")
    return out


def check(file: Path) -> Signature:
    """Hold a file against the signature beside it, by the public key that :data:`PUBLIC` names.

    Raises
    ------
    Refusal
        If there is a public key and the file has no signature, or one that is not good; exit code 3.
    """
    beside = file.with_name(f"{file.name}{SUFFIX}")
    if not os.environ.get(PUBLIC):
        return Signature("not checked" if beside.exists() else "none")
    library, key = _library(), _public()
    try:
        signature = library.Signature.from_bytes(beside.read_bytes())
        key.verify(file.read_bytes(), signature)
    except (OSError, library.Error) as error:
        found = "the record is not signed" if not beside.exists() else f"the signature is not good: {error}"
        raise Refusal(
            found, expected=f"a signature by the key that {PUBLIC} names",
            remedy="take the report from its publisher again; do not rely on this copy",
            file=f"{file.parent.name}/{beside.name}",
        ) from error  # fmt: skip
    return Signature("good", signature.trusted_comment)


def _public() -> object:
    """Return the public key: :data:`PUBLIC` is the path of its file, or the key itself as ``minisign -P`` takes it."""
    library, given = _library(), os.environ[PUBLIC]
    try:
        if Path(given).expanduser().exists():
            return library.PublicKey.from_bytes(_read(PUBLIC))
        return library.PublicKey.from_base64(given)
    except library.Error as error:
        raise Refusal(
            f"{PUBLIC} is no public key: {error}", expected="the path of a minisign.pub, or its second line",
            remedy="set it again", exit_code=2,
        ) from error  # fmt: skip


def _password() -> str:
    """Return the first line of the file with the password."""
    return _read(PASSWORD).decode("utf-8").partition("\n")[0].rstrip("\r") if os.environ.get(PASSWORD) else ""


def _read(name: str) -> bytes:
    """Return the content of the file that a setting names."""
    try:
        return Path(os.environ[name]).expanduser().read_bytes()
    except OSError as error:
        raise Refusal(
            f"{name} names a file that cannot be read ({error.strerror})", expected="the path of a file",
            remedy="set it again, or unset it", exit_code=2,
        ) from error  # fmt: skip


def _library() -> ModuleType:
    try:
        return importlib.import_module("minisign")
    except ImportError as error:
        raise Refusal(
            "signatures need the package py-minisign, which is not installed", expected="the environment of the lock",
            remedy="tools/set_up.sh runner", exit_code=4,
        ) from error  # fmt: skip
