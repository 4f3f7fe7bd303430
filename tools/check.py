"""Hold code, notebooks and documents against the house rules: what `make check` and every commit run, in seconds.

Here is the one list of what is held. All of it runs at the same time; what does not hold is printed with what mends it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUFF = Path(sys.executable).with_name("ruff")
TESTS = (sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short")
# What is held: its name, the command that says whether it holds, what mends it.
CHECKS: tuple[tuple[str, tuple[str | Path, ...], str], ...] = (
    ("style", (RUFF, "check", "--quiet"), ".venv/bin/ruff check --fix mends most of it; the rest by hand"),
    ("layout", (RUFF, "format", "--check"), ".venv/bin/ruff format"),
    (
        "notebooks",
        (*TESTS, "tests/test_notebooks.py"),
        "an output or a count: make strip; a definition: move it to src/helpers; a long "
        "cell: split it; a form: as src/helpers/parameters.py has it; a table: name it in notebooks/pipeline.yml",
    ),
    (
        "floors",
        (*TESTS, "tests/test_architecture.py"),
        "name a new module in the docstring of src/helpers/__init__.py; import downwards only; "
        "cut what is too long along a sentence; say first why a module is there",
    ),
    (
        "documents",
        (*TESTS, "tests/test_docs.py", "tests/test_generated.py"),
        "what is generated: .venv/bin/diversion docs, after make report; a link or a name: mend it where it stands",
    ),
)


def main() -> int:
    """Run every check; print those that do not hold, and return 1 if there are any."""
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(run, (command for _, command, _ in CHECKS)))
    failed = [(check, told) for check, (code, told) in zip(CHECKS, done, strict=True) if code]
    for (name, _, remedy), told in failed:
        print(f"{told.strip()}\n\ncheck: {name} does not hold\n  what to do: {remedy}\n")
    print(f"check: {len(CHECKS) - len(failed)} of {len(CHECKS)} hold: {', '.join(name for name, _, _ in CHECKS)}")
    return 1 if failed else 0


def run(command: tuple[str | Path, ...]) -> tuple[int, str]:
    """Run a command in the checkout; return its exit code and what it said."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # none is needed, and each costs time
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
