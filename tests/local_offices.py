"""A server on this machine that stands for all offices, or misbehaves as servers do. Listens on 127.0.0.1 only."""

from __future__ import annotations

import gzip
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One request: the office's name (first part of the path), the rest, the query and the headers."""

    office: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    """One answer: whole, or cut after ``cut`` bytes, or one byte each ``drip`` seconds; ``unsized``: ends unsaid."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0
    packed: bool = False
    chunked: bool = False
    unsized: bool = False


class LocalOffices:
    """Answers with ``reply(asked)``; ``seen`` holds every request."""

    def __init__(self, reply: Callable[[Asked], Reply]) -> None:
        self.reply = reply
        self.seen: list[Asked] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes: the second does not wait for the first

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                office, _, rest = parts.path.lstrip("/").partition("/")
                asked = Asked(office, "/" + rest, dict(parse_qsl(parts.query, keep_blank_values=True)),
                              dict(self.headers))  # fmt: skip
                outer.seen.append(asked)
                self._give(outer.reply(asked))

            def _give(self, reply: Reply) -> None:
                body = gzip.compress(reply.body, mtime=0) if reply.packed else reply.body
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.packed:
                    self.send_header("Content-Encoding", "gzip")
                if reply.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                elif reply.status != 204 and not reply.unsized:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                sent = body if reply.cut is None else body[: reply.cut]
                try:
                    if reply.chunked:
                        self.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
                        if reply.cut is None:
                            self.wfile.write(b"0\r\n\r\n")
                    elif reply.drip:
                        for place in range(len(sent)):
                            self.wfile.write(sent[place : place + 1])
                            self.wfile.flush()
                            time.sleep(reply.drip)
                    else:
                        self.wfile.write(sent)
                except OSError:
                    pass
                if reply.cut is not None or reply.unsized:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def offices(reply: Callable[[Asked], Reply]) -> Iterator[LocalOffices]:
    """Run a server for the length of a ``with`` block."""
    server = LocalOffices(reply)
    server.start()
    try:
        yield server
    finally:
        server.stop()
