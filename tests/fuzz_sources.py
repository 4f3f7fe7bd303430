"""A search, guided by the code it reaches, for bytes that make an office's reader do anything but accept or refuse.

``python tests/fuzz_sources.py [seconds]``; a crash leaves its bytes in the folder named by ``DIVERSION_FUZZ_FOLDER``.
The first byte chooses the kind of ask, the rest is the answer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["helpers.sources", "helpers.partners", "helpers.products", "helpers.countries"]
):
    from source_cases import CASES, INDEXES, ODD, RAW_JSON, TAGS, Case, spoiled, try_answer, try_index

KINDS = [*CASES, *INDEXES]
SECONDS = 600


def one_answer(data: bytes) -> None:
    if data:
        ask = KINDS[data[0] % len(KINDS)].ask
        (try_answer if ask.dataset else try_index)(ask, data[1:])


def changed(data: bytes, longest: int, seed: int) -> bytes:
    """Spoil an answer as the tests do two times out of three, cell by cell and tag by tag; else byte by byte."""
    if data and seed % 3:
        case = KINDS[data[0] % len(KINDS)]
        try:
            body = spoiled(Case(case.ask, data[1:]), seed)
        except (RecursionError, ValueError):
            body = b""
        if 0 < len(body) < longest:
            return data[:1] + body
    return atheris.Mutate(data, longest)


def corpus(folder: Path) -> Path:
    """Write the good answers as the bytes to start from."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(KINDS):
        (folder / f"{number:02d}").write_bytes(bytes([number]) + case.body)
    return folder


def words(file: Path) -> Path:
    """Write the odd strings as libFuzzer's dictionary."""
    known = {word.encode() for word in (*ODD, *RAW_JSON, *TAGS) if 0 < len(word) <= 60}
    file.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in sorted(known)))
    return file


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    folder = Path(os.environ.get("DIVERSION_FUZZ_FOLDER") or tempfile.mkdtemp())
    longest = max(len(case.body) for case in KINDS) + 6000
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", f"-max_len={longest}", "-timeout=20", "-rss_limit_mb=4096",
         "-seed=1",
         f"-artifact_prefix={folder}/", f"-dict={words(folder / 'words')}", "-print_final_stats=1",
         str(corpus(folder / "corpus"))],
        one_answer,
        custom_mutator=changed,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
