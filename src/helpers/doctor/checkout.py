"""What lies in the checkout: typeface, ledger, settings, corrections, catalogues; and the clock against all of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from helpers import paths
from helpers.doctor.finding import Finding, named
from helpers.refusals import Refusal

RECORD = ".source.yml"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def typeface() -> Iterator[Finding]:
    """Look whether the page's own typeface is whole."""
    cure = "git checkout -- src/helpers/fonts"
    sums = (paths.FONTS / "SHA256SUMS").read_text(encoding="ascii")
    wanted = dict(reversed(line.split(maxsplit=1)) for line in sums.splitlines())
    broken = [name for name, known in wanted.items() if _sha256(paths.FONTS / name) != known]
    if broken or not wanted:
        yield Finding("typeface", "wrong", f"not whole: {', '.join(broken) or 'no file is listed'}", cure)
    else:
        yield Finding("typeface", "well", f"{len(wanted)} files, whole")


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return "missing"


def ledger() -> Iterator[Finding]:
    """Look whether every raw file equals its record."""
    files = dict(_records())
    if not files:
        yield Finding("ledger", "wrong", "there is no raw file", "git checkout -- data/raw", exit_code=3)
        return
    told = []
    for file, known in files.items():
        name = named(file)
        if known is None:
            told.append((f"{name} has no record that can be read", f"mend {name}{RECORD}"))
        elif _sha256(file) != known.get("sha256"):
            cure = f"git checkout -- {name}; added on purpose: .venv/bin/diversion ledger record {name}"
            told.append((f"{name} is not the file its record describes", cure))
    for record in sorted(paths.RAW.glob(f"*/*{RECORD}")):
        if not record.with_name(record.name.removesuffix(RECORD)).exists():
            told.append((f"{named(record)} has no file", "git checkout -- data/raw, or take the record away"))
    for words, cure in told:
        yield Finding("ledger", "wrong", words, cure, exit_code=3)
    if not told:
        yield Finding("ledger", "well", f"{len(files)} raw files equal their records")


def _records() -> Iterator[tuple[Path, dict[str, str] | None]]:
    """Give every raw file with what its record says; None where it cannot be read.

    The reader that a run uses brings pandas, which alone takes longer than everything here.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in sorted(paths.RAW.glob("*/*.csv")):
        try:
            content = yaml.load(file.with_name(file.name + RECORD).read_text(encoding="utf-8"), Loader=loader)
        except (OSError, ValueError, yaml.YAMLError):
            content = None
        yield file, content if isinstance(content, dict) else None


def settings() -> Iterator[Finding]:
    """Look whether a run would take ``parameters.yml``."""
    from helpers import parameters

    try:
        changed = parameters.merged({}).model_fields_set
    except (Refusal, OSError, UnicodeDecodeError) as error:
        yield _unreadable("parameters.yml", error)
        return
    yield Finding("parameters.yml", "well", f"sets {', '.join(sorted(changed)) or 'nothing'}")


def corrected() -> Iterator[Finding]:
    """Look whether a run would take ``corrections.yml``."""
    from helpers import corrections

    try:
        entries = corrections.read()
    except (Refusal, OSError, UnicodeDecodeError) as error:
        yield _unreadable("corrections.yml", error)
        return
    yield Finding("corrections.yml", "well", f"{len(entries)} entries")


def _unreadable(name: str, error: Exception) -> Finding:
    first, *rest = str(error).splitlines()
    cure = next((line.partition(": ")[2] for line in rest if "what to do:" in line), "save the file as UTF-8")
    return Finding(name, "wrong", first, cure, exit_code=2)


def catalogues() -> Iterator[Finding]:
    """Look whether the German catalogues can be read."""
    from helpers.translation import catalogue

    count, files = 0, catalogue.catalogue_files("de")
    for file in files:
        try:
            count += sum(1 for _ in catalogue.read_entries(file))
        except (Refusal, OSError) as refusal:
            told = str(refusal).splitlines()[0]
            yield Finding("catalogues", "wrong", told, f"mend the entry, or git checkout -- {named(file)}",
                          exit_code=1)  # fmt: skip
            return
    if not count:
        yield Finding("catalogues", "wrong", "there are none", "git checkout -- src/helpers/locale", exit_code=1)
    else:
        yield Finding("catalogues", "well", f"{count:,} entries in {len(files)} files")


def clock() -> Iterator[Finding]:
    """Look whether the clock is behind what was read or made before."""
    now, cure = _now(), "set the clock: timedatectl set-ntp true"
    shown = now.strftime("%Y-%m-%d %H:%M UTC")
    days = [str(known.get("date_accessed", "")) for _, known in _records() if known]
    last_day = max((day for day in days if _DAY.fullmatch(day)), default="")
    last_end = max(_ends(), default="")
    if last_day > now.strftime("%Y-%m-%d"):
        yield Finding("clock", "wrong", f"{shown}, before the last day on which a raw file was read, {last_day}", cure)
    elif last_end > now.strftime("%Y-%m-%dT%H:%M:%SZ"):
        yield Finding("clock", "wrong", f"{shown}, before the last report was finished, {last_end}", cure)
    else:
        yield Finding("clock", "well", shown)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _ends() -> Iterator[str]:
    """Give when each report was finished, as far as its record tells."""
    for month in paths.months_there():
        try:
            end = json.loads((paths.REPORTS / month / "run.json").read_text(encoding="utf-8"))["finished"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(end, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", end):
            yield end
