"""Ask whether a locked package has a known vulnerability: audit.py [words for pip-audit]; needs a network.

Everything in ``requirements/`` is asked about, by name and version, without installing anything. The end is 0 if
nothing is known, 1 if something is, 4 if there was no answer, be it about one package: then nothing is said about it.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

from helpers import paths

LOCKS = ("bootstrap", "runner", "lab", "dev", "scale")
# What pip-audit says in the last lines of a traceback when nobody answered; it has no code of its own for that.
UNREACHED = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError", "SSLError", "ServiceError", "HTTPError")


def main(words: list[str]) -> int:
    """Ask, tell, and return the exit code."""
    if importlib.util.find_spec("pip_audit") is None:
        print("audit: pip-audit is missing in this environment: tools/set_up.sh dev", file=sys.stderr)
        return 4
    command = [sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--require-hashes",
               "--disable-pip", "--desc=off"]  # fmt: skip
    for lock in LOCKS:
        command += ["--requirement", str(paths.ROOT / "requirements" / f"{lock}.lock")]
    done = subprocess.run([*command, *words], capture_output=True, text=True)
    lines, code = told(done.stdout, done.stderr)
    print("\n".join(lines), file=sys.stderr if code == 4 else sys.stdout)
    return code


def told(out: str, error: str) -> tuple[list[str], int]:
    """Return what to say of the answer of pip-audit, and the exit code."""
    try:
        asked = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (error.strip().splitlines() or ["nothing was said"])[-1]
        if any(word in last for word in UNREACHED):
            return ["audit: the database of vulnerabilities could not be reached; nothing is known about any package",
                    f"  {last[:300]}", "  what to do: run it where the package index can be reached"], 4  # fmt: skip
        return ["audit: pip-audit failed; nothing is known about any package", f"  {last[:300]}"], 4
    if not asked:
        return ["audit: no package was asked about"], 4
    lines, unasked = [], [package["name"] for package in asked if package.get("skip_reason")]
    for package in asked:
        for known in package.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            lines.append(f"{package['name']} {package['version']}: {known['id']}, mended in {mended}")
    known = len(lines)
    if unasked:
        some = ", ".join(unasked[:5]) + " and others" * (len(unasked) > 5)
        lines += [f"no answer about {some}: the index does not know them"]
    lines += [f"{len(asked)} packages of {len(LOCKS)} locks: {known} vulnerabilities known, {len(unasked)} unanswered"]
    return lines, 1 if known else 4 if unasked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
