"""Plain bytes out of .7z, .zip and .gz as a stream: one member, no path, no bomb, whole; else one clear refusal.

The first bytes say what a file is, not its name. Nothing is unpacked to a place that an archive names.
"""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from helpers.refusals import Refusal

Sink = Callable[[bytes], Any]
BLOCK = 2**20
# Customs figures become five to thirty times larger; what becomes 250 times larger holds something else.
LARGEST_RATIO, ALWAYS_ALLOWED = 250, 64 * 2**20
GUESS = {"gzip": 12, "plain": 1}  # how much larger a file becomes where it does not say so itself
_MAGIC = {b"7z\xbc\xaf\x27\x1c": "7z", b"PK": "zip", b"\x1f\x8b": "gzip"}
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, ValueError, TypeError, KeyError,
           IndexError, AttributeError, AssertionError, OverflowError, RuntimeError)  # fmt: skip


def kind_of(file: Path) -> str:
    """Return ``7z``, ``zip``, ``gzip`` or ``plain``."""
    with file.open("rb") as opened:
        first = opened.read(6)
    return next((kind for magic, kind in _MAGIC.items() if first.startswith(magic)), "plain")


class Archive:
    """A file of one member that may be packed.

    Parameters
    ----------
    file
        Where it is.
    name
        As messages name it.
    memory
        Bytes that unpacking may take for its dictionary.
    """

    def __init__(self, file: Path, name: str, memory: int) -> None:
        self._file, self._name, self._memory = file, name, memory
        self.kind = kind_of(file)
        self._packed = file.stat().st_size
        self._unpacked = 0

    def size(self) -> int:
        """Return how many bytes will come out: as the archive says, or a guess.

        Raises
        ------
        Refusal
            If the archive is damaged, holds more than one member, or one that cannot be taken.
        """
        if self.kind == "7z":
            return self._guarded(self._size_of_7z)
        if self.kind == "zip":
            return self._guarded(self._size_of_zip)
        return self._packed * GUESS[self.kind]

    def stream(self, sink: Sink) -> None:
        """Give all bytes to ``sink``, block by block."""
        given = _Given(sink, self._weigh)
        try:
            ways = {"7z": self._stream_7z, "zip": self._stream_zip}
            self._guarded(lambda: ways.get(self.kind, self._stream_other)(given))
        except BaseException:
            if given.error is not None:
                raise given.error from None
            raise

    def _guarded(self, work: Callable[[], Any]) -> Any:
        """Tell what a library says of a damaged archive as one refusal."""
        try:
            return work()
        except Refusal:
            raise
        except Exception as error:
            known = isinstance(error, _BROKEN) or type(error).__module__.startswith("py7zr")
            if not known:
                raise
            raise Refusal(
                f"the archive is cut off or damaged ({type(error).__name__}: {str(error)[:120]})",
                expected=f"a whole {self.kind} file", remedy="fetch it anew and compare its size with the office's",
                file=self._name,
            ) from error  # fmt: skip

    def _weigh(self, count: int) -> None:
        self._unpacked += count
        self._check_size(self._unpacked)

    def _check_size(self, size: int) -> None:
        if self.kind != "plain" and size > max(ALWAYS_ALLOWED, LARGEST_RATIO * self._packed):
            raise Refusal(
                f"{self._packed:,} bytes become {size:,} or more", file=self._name, expected="customs figures, which "
                f"become some twenty times larger, never {LARGEST_RATIO} times", remedy="take the file from the office",
            )  # fmt: skip

    def _check_members(self, names: list[str]) -> None:
        if len(names) != 1:
            shown = ", ".join(names[:3])
            raise Refusal(
                f"{len(names)} members{f' ({shown}, …)' if names else ''}", expected="one file of figures",
                remedy="unpack it, and give the files one by one", file=self._name,
            )  # fmt: skip
        if "/" in names[0] or "\\" in names[0] or names[0].startswith(".") or ":" in names[0]:
            raise Refusal(
                f'the member "{names[0][:80]}" is named by a path', expected="a plain name such as full_v2_202401.dat",
                remedy="take the file from the office", file=self._name,
            )  # fmt: skip

    def _refuse_secret(self, is_secret: bool) -> None:
        if is_secret:
            raise Refusal("the archive asks for a password", expected="none", file=self._name,
                          remedy="take the file from the office")  # fmt: skip

    def _size_of_zip(self) -> int:
        with zipfile.ZipFile(self._file) as archive:
            members = archive.infolist()
            self._check_members([member.orig_filename for member in members])
            self._refuse_secret(bool(members[0].flag_bits & 1))
            self._check_size(members[0].file_size)
            return members[0].file_size

    def _stream_zip(self, given: _Given) -> None:
        with zipfile.ZipFile(self._file) as archive, archive.open(archive.infolist()[0]) as member:
            _pump(member, given)

    def _stream_other(self, given: _Given) -> None:
        with gzip.open(self._file) if self.kind == "gzip" else self._file.open("rb") as member:
            _pump(member, given)

    def _size_of_7z(self) -> int:
        import py7zr

        with self._file.open("rb") as opened, py7zr.SevenZipFile(opened) as archive:
            self._refuse_secret(archive.needs_password())
            members = list(archive.files)
            self._check_members([member.filename for member in members])
            if not members[0].is_file or members[0].is_symlink or members[0].folder is None:
                raise Refusal("the member is no file of figures", expected="one file", file=self._name,
                              remedy="take the file from the office")  # fmt: skip
            self._check_size(members[0].uncompressed)
            needed = max(_dictionary(coder) for coder in members[0].folder.coders)
            if needed > self._memory:
                raise Refusal(
                    f"unpacking takes {needed / 2**20:,.0f} MB of memory for its dictionary",
                    expected=f"at most {self._memory / 2**20:,.0f} MB", file=self._name, exit_code=4,
                    remedy="allow more with --memory, or unpack the file elsewhere",
                )  # fmt: skip
            return members[0].uncompressed

    def _stream_7z(self, given: _Given) -> None:
        import py7zr
        from py7zr.io import Py7zIO, WriterFactory

        class Pipe(Py7zIO):
            """Where py7zr writes to; nothing can be read back."""

            def write(self, s: bytes | bytearray) -> int:
                given(bytes(s))
                return len(s)

            def read(self, size: int | None = None) -> bytes:
                return b""

            def seek(self, offset: int, whence: int = 0) -> int:
                return 0

            def flush(self) -> None:
                """Do nothing: each block is passed on at once."""

            def size(self) -> int:
                return 0

        class Pipes(WriterFactory):
            """Gives the one pipe, whatever the name."""

            def create(self, filename: str) -> Py7zIO:
                return Pipe()

        with self._file.open("rb") as opened, py7zr.SevenZipFile(opened) as packed:
            packed.extract(targets=packed.getnames(), factory=Pipes())  # into the pipe: no file is written


class _Given:
    """Passes blocks on after they were weighed, and keeps the error of whoever takes them: it is not the archive's."""

    def __init__(self, sink: Sink, weigh: Callable[[int], None]) -> None:
        self._sink, self._weigh = sink, weigh
        self.error: BaseException | None = None

    def __call__(self, block: bytes) -> None:
        try:
            self._weigh(len(block))
            self._sink(block)
        except BaseException as error:
            self.error = error
            raise


def _pump(member: IO[bytes], given: _Given) -> None:
    while block := member.read(BLOCK):
        given(block)


def _dictionary(coder: dict[str, Any]) -> int:
    """Return how many bytes of memory a coder of a .7z file asks for: the dictionary of LZMA and LZMA2."""
    method, told = coder.get("method", b""), coder.get("properties") or b""
    if method == b"\x21" and told:  # LZMA2: 2 or 3 times a power of two
        return min((2 | told[0] & 1) << (told[0] // 2 + 11), 2**32)
    if method == b"\x03\x01\x01" and len(told) >= 5:
        return int.from_bytes(told[1:5], "little")
    return 0
