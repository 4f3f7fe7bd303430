"""The process that runs the notebooks of a report: it imports the libraries once and forks a runner for each job.

The front (``pipeline.py``) starts it, hands it jobs over a pair of sockets and reads which have ended. It lives in a
process group of its own and never outlives the front: when its socket closes, for whatever reason, it ends every
process below it, takes away the working folder and is gone. When it dies itself, its runners and kernels die with it
and the front takes the folder away. Where forks are not safe, as on macOS, every runner is a new Python.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import traceback
from collections import deque
from pathlib import Path
from typing import Any

from helpers import kernels, runner, systems
from helpers.runner import Job

# What every notebook finds in its environment, so that two runs agree to the last digit and a fork is possible.
STEADY = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "JPY_SESSION_NAME": "",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger, which nobody uses here, prints a warning
}
ORDINARY = "DIVERSION_ORDINARY_KERNELS"  # set: every notebook gets a new Python, the reference of the warm ones
LARGEST = 1 << 20
NEW_PYTHON = "import sys; from helpers import runner; runner.main(sys.argv[1])"


def _temporary(folder: Path) -> Path:
    """Make a folder for temporary files that goes with the working folder: who is killed takes nothing away himself.

    Without a home that can be written, Matplotlib and IPython of every kernel make a folder there.
    """
    place = folder / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    return place


class Wire:
    """One end of what front and forge tell each other: a JSON object a line, over a stream that every system has."""

    def __init__(self, end: socket.socket) -> None:
        """Talk over one end of a pair of sockets."""
        self._end, self._half = end, b""

    def fileno(self) -> int:
        """Return the descriptor, for ``select``."""
        return self._end.fileno()

    def send(self, told: dict[str, Any]) -> None:
        """Send an object."""
        self._end.sendall(json.dumps(told).encode() + b"\n")

    def receive(self) -> list[dict[str, Any]]:
        """Return the objects that have come whole; waits for bytes.

        Raises
        ------
        EOFError
            If the other end is closed.
        """
        if not (came := self._end.recv(LARGEST)):
            raise EOFError
        *whole, self._half = (self._half + came).split(b"\n")
        return [json.loads(line) for line in whole]

    def is_open(self) -> bool:
        """Tell whether the other end is open; takes nothing."""
        with contextlib.suppress(BlockingIOError):
            return bool(self._end.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        return True

    def close(self) -> None:
        """Close this end."""
        self._end.close()


class Forge:
    """The front's end: start the process, hand it jobs, hear which have ended, end it."""

    def __init__(self, folder: Path) -> None:
        """Start the process; ``folder`` is the working folder that it takes away if the front is killed."""
        systems.refuse_windows()
        ours, theirs = socket.socketpair()
        self._wire, self._told = Wire(ours), deque[dict[str, Any]]()
        self._busy = False
        if kernels.is_warm():
            self._process = kernels.Child(lambda: self._become_forge(theirs, folder))
        else:
            order = f"from helpers import forge; forge.main({theirs.fileno()}, {str(folder)!r})"
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", order],
                env={**os.environ, **STEADY, "TMPDIR": str(_temporary(folder))},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        theirs.close()

    def _become_forge(self, theirs: socket.socket, folder: Path) -> None:
        self._wire.close()
        os.setpgid(0, 0)
        main(theirs.detach(), str(folder))

    def prepare(self, job: Job) -> None:
        """Have a kernel made ready for a job that will be submitted soon; its folder must exist."""
        Path(job.folder, "job.json").write_text(job.as_text(), encoding="utf-8")
        self._send(prepare=job.folder)

    def submit(self, job: Job) -> None:
        """Run a job, prepared or not; its folder must hold the tables it needs."""
        Path(job.folder, "job.json").write_text(job.as_text(), encoding="utf-8")
        Path(job.folder, runner.GO).touch()
        self._send(start=job.folder)

    def drop(self, job: Job) -> None:
        """End a job that was prepared and is not wanted; nothing is told of it."""
        self._send(drop=job.folder)

    def _send(self, **order: str) -> None:
        self._busy = True
        with contextlib.suppress(OSError):  # a dead forge is found out by `ended`
            self._wire.send(order)

    def ended(self, seconds: float) -> dict[str, Any] | None:
        """Return the next job that ended, as ``{"folder": ..., "exit": ...}``; None after ``seconds`` without one.

        Raises
        ------
        EOFError
            If the process is gone.
        """
        if not self._told and select.select([self._wire], [], [], seconds)[0]:
            try:
                self._told += self._wire.receive()
            except (EOFError, ConnectionResetError):
                raise EOFError("the process that runs the notebooks is gone") from None
        return self._told.popleft() if self._told else None

    def dismiss(self) -> None:
        """Tell the process that all is done: it ends, and leaves the working folder to the front."""
        self._send(dismiss="")

    def close(self) -> None:
        """End the process and everything below it."""
        self._wire.close()
        if not self._busy:  # it may be in the middle of importing: nothing below it to be ended
            self._kill()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says so of one that has ended
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class _Server:
    """The forge's end: take jobs, fork a runner for each, tell which have ended."""

    def __init__(self, front: Wire) -> None:
        self._front = front
        self._running: dict[int, str] = {}
        self._new: dict[int, subprocess.Popen[bytes]] = {}  # those that are no forks; each ends with its pipe
        self._prepared: list[str] = []
        self.warm = False
        self._bell, ring = os.pipe()
        for end in (self._bell, ring):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def watch(self) -> None:
        """Raise EOFError if the front is gone; take nothing."""
        if not self._front.is_open():
            raise EOFError

    def serve(self, *, patient: bool) -> None:
        """Do what has been asked and tell the ends there have been; for ever, if ``patient``.

        Kernels are prepared only then: before, a fork would miss libraries that are still to be imported.
        """
        while True:
            while patient and self.warm and self._prepared:
                self._start(self._prepared.pop(0))
            heard = select.select([self._front, self._bell], [], [], None if patient else 0)[0]
            if self._bell in heard:
                os.read(self._bell, LARGEST)
            self._tell_ends()
            if self._front in heard:
                for order in self._front.receive():
                    self._obey(order)
            if not heard and not patient:
                return

    def _obey(self, order: dict[str, str]) -> None:
        ((what, folder),) = order.items()
        if what == "dismiss":
            raise StopIteration
        started = {place: pid for pid, place in self._running.items()}
        if what == "prepare":
            self._prepared.append(folder)
        elif what == "start" and folder not in started:
            self._start(folder)
        if what != "prepare" and folder in self._prepared:
            self._prepared.remove(folder)
        if what == "drop" and folder in started:
            os.kill(started[folder], signal.SIGKILL)
            del self._running[started[folder]]

    def _start(self, folder: str) -> None:
        if not self.warm:
            with Path(folder, "said.txt").open("wb") as said:
                new = subprocess.Popen([sys.executable, "-P", "-c", NEW_PYTHON, folder], stdin=subprocess.PIPE,
                                       stdout=said, stderr=said)  # fmt: skip
            self._running[new.pid], self._new[new.pid] = folder, new
            return
        gc.freeze()  # what is imported stays: neither the forge nor its forks look through it again
        parent, pid = os.getpid(), os.fork()
        if pid:
            self._running[pid] = folder
            return
        code = 1
        try:
            gc.enable()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            kernels.die_with_parent(parent)
            self._front.close()
            said = os.open(f"{folder}/{runner.SAID}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
            kernels.Waiting.next_one = kernels.Waiting()
            os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = kernels.NAME
            runner.run(Job(**json.loads(Path(folder, "job.json").read_text(encoding="utf-8"))))
            code = 0
        except BaseException:
            if Path(folder).is_dir():  # of one that is gone the front tells
                traceback.print_exc()
        finally:
            os._exit(code)

    def _tell_ends(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                code = os.waitstatus_to_exitcode(ended[1])
                if new := self._new.pop(ended[0], None):
                    new.returncode = code
                    new.stdin.close()
                if folder := self._running.pop(ended[0], None):
                    self._front.send({"folder": folder, "exit": code})

    def end_all(self) -> None:
        """Kill every runner and everything below this process; the kernels of new Pythons end with their runners."""
        for pid in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if systems.LINUX:
            end_children()


def main(descriptor: int, folder: str) -> None:
    """Serve the front until its end of the socket closes; the process ends here."""
    end = socket.socket(fileno=descriptor)
    end.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    if systems.LINUX:
        kernels.adopt_orphans()
    server = _Server(Wire(end))
    try:
        if systems.LINUX and not os.environ.get(ORDINARY):
            gc.disable()
            for name in kernels.LIBRARIES:
                kernels.load(name)
                server.watch()
            server.warm = kernels.can_be_forked()
            for name in kernels.LATER:
                server.serve(patient=False)
                kernels.load(name)
                server.warm = server.warm and kernels.can_be_forked()
        server.serve(patient=True)
    except StopIteration:
        folder = ""
    except (EOFError, ConnectionError):
        pass
    finally:
        server.end_all()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def end_children() -> None:
    """Kill every process below this one and collect it; orphans come here, so none is left."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    while children := own.read_text().split():
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(int(child), 0)
