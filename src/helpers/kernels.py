"""Warm kernels: real ipykernels, forked from a process that has imported the heavy libraries once.

An ordinary kernel spends more time on importing pandas, Matplotlib and statsmodels than on the figures. Here one
process imports them while it has a single thread; every notebook gets a fork of it, which becomes an ordinary
ipykernel, and papermill talks to it as to any other; only what launches it differs (``provisioner.py``).

What a fork must put right is listed in :func:`_as_new`; ``tests/test_kernels.py`` holds the outputs of every notebook
against those of ordinary kernels.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
import types
from collections.abc import Callable
from pathlib import Path

from helpers import systems

NAME = "diversion-warm"  # as registered in pyproject.toml
# What a notebook needs, in the order in which it is needed; the last ones are imported while the first step runs.
LIBRARIES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "papermill", "pandas",
    "pyarrow.parquet", "pyarrow.dataset", "pyarrow.pandas_compat", "matplotlib.pyplot",
    "matplotlib.backends.backend_svg", "yaml", "pydantic.main", "pydantic.fields", "pydantic.functional_validators",
    "IPython.core.completerlib", "IPython.extensions.storemagic", "tornado.platform.asyncio", "sqlite3",
)  # fmt: skip
LATER = ("scipy.stats", "statsmodels.regression.linear_model")
THREADED = ("polars",)  # statsmodels takes it along where it is installed, and it starts threads
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def is_warm() -> bool:
    """Tell whether this process has imported everything and can be forked."""
    return all(name in sys.modules for name in LIBRARIES + LATER) and can_be_forked()


def can_be_forked() -> bool:
    """Tell whether this process has one thread: only then does a fork of it hold everything it needs.

    On macOS a fork may not use the system's own libraries, which start threads unseen: there the answer is always no.
    """
    return systems.LINUX and len(list(Path("/proc/self/task").iterdir())) == 1


def load(name: str) -> None:
    """Import a library without those that start threads; a notebook may import them all the same."""
    kept = [other for other in THREADED if other not in sys.modules]
    sys.modules.update(dict.fromkeys(kept))
    try:
        importlib.import_module(name)
    finally:
        for other in kept:
            del sys.modules[other]


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when the one that forked it ends, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Ask Linux to hand this process the children of its dead children, so that none is left over."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Child:
    """A fork of this process, to be polled and ended like a ``subprocess.Popen``."""

    def __init__(self, life: Callable[[], None]) -> None:
        """Fork; the child does ``life`` and ends, with exit code 1 if that raised, 130 if it was interrupted."""
        self.stdin = self.stdout = self.stderr = None
        self._status: int | None = None
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                life()
                code = 0
            except KeyboardInterrupt:
                code = 130  # no error: whoever interrupted knows why it ended
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)

    def poll(self) -> int | None:
        """Return the exit code, or None while the child lives."""
        if self._status is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def wait(self, timeout: float = float("inf")) -> int:
        """Wait for the end of the child and return its exit code."""
        until = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("fork", timeout)
            time.sleep(0.005)
        return self._status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the child has ended; one that cannot be refused is waited for."""
        if self.poll() is None:
            os.kill(self.pid, number)
            if number == signal.SIGKILL:
                self.wait()

    def kill(self) -> None:
        """End the child at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the child to end."""
        self.send_signal(signal.SIGTERM)


class Waiting(Child):
    """A kernel that has been forked and waits to be told its command: the runner's end of it."""

    next_one: Waiting | None = None  # the one that the next launch takes

    def __init__(self) -> None:
        told, self._tell = os.pipe()
        self._ready, ready = os.pipe()
        parent = os.getpid()

        def life() -> None:
            os.close(self._tell)
            os.close(self._ready)
            _be_a_kernel(parent, told, ready)

        super().__init__(life)
        os.close(told)
        os.close(ready)

    def start(self, cmd: list[str], env: dict[str, str], cwd: str) -> None:
        """Tell the kernel its command and wait until its sockets are open; one that died is found out by papermill."""
        with os.fdopen(self._tell, "w", encoding="utf-8") as pipe:
            json.dump({"cmd": cmd, "env": env, "cwd": cwd}, pipe)
        with os.fdopen(self._ready, "rb") as pipe:
            pipe.read(1)


def _be_a_kernel(parent: int, told: int, ready: int) -> None:
    """Wait for the command, then live as an ipykernel."""
    die_with_parent(parent)
    with os.fdopen(told, encoding="utf-8") as pipe:
        order = json.load(pipe)
    _as_new(order["cmd"], {**order["env"], "JPY_PARENT_PID": str(parent)}, order["cwd"])
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    handle = f"--IPKernelApp.parent_handle={parent}"  # its default was read when the class was imported
    app.initialize([*order["cmd"][3:], handle])  # after "python -m ipykernel_launcher"
    os.write(ready, b"1")
    os.close(ready)
    app.start()


def _as_new(cmd: list[str], env: dict[str, str], cwd: str) -> None:
    """Give a fork what a new Python would have: surroundings, signals, seeds, options, and no module of ours."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *cmd[3:]]
    sys.modules["__main__"] = types.ModuleType("__main__")
    forget_helpers()
    random.seed()
    import matplotlib
    import numpy
    import pandas

    numpy.random.seed()
    pandas.set_option("display.max_columns", 20)  # pandas took the forge for a terminal
    matplotlib.rcParams["backend"] = "module://matplotlib_inline.backend_inline"


def forget_helpers() -> None:
    """Forget every module of this package, so that the next import reads the files as they are now."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "helpers"]:
        del sys.modules[name]
