"""One request to one office: paced, repeated when that helps, resumed when it broke, refused when it must be.

Whatever goes wrong becomes a :class:`~helpers.sources.contract.RefusedAnswer` with a reason. No message holds an
address with a key: errors of the library are not passed on.
"""

from __future__ import annotations

import email.utils
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import requests
import tenacity
import urllib3

from helpers.fetch import answers
from helpers.refusals import Refusal
from helpers.sources.contract import Ask, Office, RefusedAnswer

AGAIN = {"connection", "too slow", "truncated", "compression", "rate limit", "server error"}
KEPT = 2**18  # bytes of an answer that is refused unread: enough to see what it was
SHORTEST_KEY = 8  # anything shorter is no key, and might be a figure
REDIRECTS = {301, 302, 303, 307, 308}
ELSEWHERE = "DIVERSION_OFFICES"  # a local server that stands for all offices, for tests and trials


@dataclass(frozen=True)
class Patience:
    """How long to wait: tries, seconds to connect, between bytes, for a whole answer, and between tries."""

    tries: int = 4
    connect: float = 15.0
    silence: float = 60.0
    whole: float = 600.0
    first_wait: float = 2.0
    longest_wait: float = 120.0


class Transport:
    """Brings answers; keeps each office's pace."""

    def __init__(self, patience: Patience | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self.patience = patience or Patience()
        self._sleep = sleep
        self._called: dict[str, float] = {}
        self._session = requests.Session()
        self._session.trust_env = not os.environ.get(ELSEWHERE)

    def bring(self, office: Office, ask: Ask) -> bytes | None:
        """Return the body of an answer, unpacked; ``None`` when the office says that there is nothing.

        Raises
        ------
        RefusedAnswer
            When it failed for good; ``wait`` says when it could be tried again.
        """

        def pause(state: tenacity.RetryCallState) -> float:
            asked = getattr(state.outcome.exception(), "wait", 0.0)
            return max(asked, self.patience.first_wait * 2 ** (state.attempt_number - 1))

        again = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.patience.tries),
            retry=tenacity.retry_if_exception(self._is_worth_another_try), wait=pause, sleep=self._sleep, reraise=True,
        )  # fmt: skip
        return again(self._once, office, ask)

    def _is_worth_another_try(self, error: BaseException) -> bool:
        return (
            isinstance(error, RefusedAnswer) and error.reason in AGAIN and error.wait <= self.patience.longest_wait
        )  # fmt: skip

    def _once(self, office: Office, ask: Ask) -> bytes | None:
        self._keep_pace(office)
        try:
            return self._body(office, ask)
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error) or "doesn't match" in str(error):
                refusal = ("certificate", "the certificate was not accepted", "a certificate for this name")
            else:
                refusal = ("connection", "no encrypted connection, or it broke", "a connection")
        except (requests.Timeout, urllib3.exceptions.ReadTimeoutError):
            refusal = ("too slow", "no answer in time", f"a byte within {self.patience.silence:g} seconds")
        except ValueError:  # an address or a header that cannot be sent
            refusal = ("connection", "the request could not be made", "a connection")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            refusal = ("connection", "no connection, or it broke", "a connection")
        reason, found, expected = refusal
        raise RefusedAnswer(reason, f"{ask.name}: {found}", expected=expected, remedy="fetch again later") from None

    def _keep_pace(self, office: Office) -> None:
        wait = self._called.get(office.name, -office.pace) + office.pace - time.monotonic()
        if wait > 0 and not os.environ.get(ELSEWHERE):
            self._sleep(wait)
        self._called[office.name] = time.monotonic()

    def _body(self, office: Office, ask: Ask) -> bytes | None:
        half = answers.half(ask)
        headers = {
            "User-Agent": "export-diversion (statistical research; figures are cited to the office)",
            "Accept": ask.accept, "Accept-Encoding": "gzip", **half.headers,
        }  # fmt: skip
        key = key_of(office)
        query, more = office.sign(key) if key else ({}, {})
        with self._open(office, ask, query, headers | more) as answer:
            if answer.status_code in (204, *ask.empty):
                return None
            if answer.status_code == 416:
                half.forget()
                raise RefusedAnswer("truncated", f"{ask.name}: no such part", expected="the missing part")
            if answer.status_code not in (200, 206):
                raise _failure(office, ask, answer, _without(key, self._complaint(answer)))
            if answer.status_code == 200:
                half = answers.Half(ask)
            elif not answer.headers.get("Content-Range", "").startswith(f"bytes {len(half.body)}-"):
                half.forget()
                raise RefusedAnswer("truncated", f"{ask.name}: the wrong part was sent", expected="the missing part")
            try:
                self._read(office, ask, answer, half)
                half.forget()
                text = _unpacked(office, ask, bytes(half.body), answer.headers.get("Content-Encoding", ""))
            except RefusedAnswer as refusal:
                refusal.body = _without(key, bytes(half.body[:KEPT]))
                raise
            return _without(key, text)

    def _complaint(self, answer: requests.Response) -> bytes:
        """Return the beginning of the body of a failure, as much as arrives in the time of one silence."""
        end, body = time.monotonic() + self.patience.silence, b""
        try:
            while len(body) < KEPT and time.monotonic() < end:
                if not (chunk := answer.raw.read1(4096, decode_content=True)):
                    break
                body += chunk
        except (urllib3.exceptions.HTTPError, OSError):
            pass
        return body

    def _open(self, office: Office, ask: Ask, query: dict[str, str], headers: dict[str, str]) -> requests.Response:
        """Open the answer; a redirect inside the host is followed, one to elsewhere is refused."""
        url = address_of(office) + ask.path
        for _ in range(4):
            answer = self._session.get(
                url, params=query, headers=headers, stream=True, allow_redirects=False,
                timeout=(self.patience.connect, self.patience.silence),
            )  # fmt: skip
            if answer.status_code not in REDIRECTS:
                return answer
            there, here = urlsplit(urljoin(url, answer.headers.get("Location", ""))), urlsplit(url)
            answer.close()
            if "key" in there.path and "missing" in there.path or "invalid_key" in there.path:
                raise _no_key(office, ask, "sends us to its page about keys")
            if there.netloc != here.netloc or (here.scheme == "https" and there.scheme != "https"):
                raise RefusedAnswer(
                    "redirect", f"{ask.name}: sent to {there.scheme}://{there.netloc.rpartition('@')[2]}"[:200],
                    expected=f"an answer from {here.netloc}",
                )  # fmt: skip
            url, query = there.geturl(), {}
        raise RefusedAnswer("redirect", f"{ask.name}: sent in circles", expected="an answer")

    def _read(self, office: Office, ask: Ask, answer: requests.Response, half: answers.Half) -> None:
        """Read the raw body; one that breaks off is kept for the next try if the server can continue it."""
        end = time.monotonic() + self.patience.whole
        whole = answer.headers.get("Content-Length", "")
        due = len(half.body) + int(whole) if whole.isdigit() else None
        if answer.status_code == 206 and (size := answer.headers.get("Content-Range", "").rpartition("/")[2]).isdigit():
            due = int(size)
        try:
            while chunk := answer.raw.read1(65536, decode_content=False):
                half.body += chunk
                if len(half.body) > office.largest:
                    raise RefusedAnswer(
                        "too large", f"{ask.name}: more than {office.largest >> 20} MiB",
                        expected="an answer of the usual size",
                    )  # fmt: skip
                if time.monotonic() > end:
                    half.keep(answer.headers)
                    raise RefusedAnswer(
                        "too slow", f"{ask.name}: {len(half.body)} bytes in {self.patience.whole:g} seconds",
                        expected="a whole answer in that time",
                    )  # fmt: skip
        except (urllib3.exceptions.ProtocolError, urllib3.exceptions.ReadTimeoutError):
            half.keep(answer.headers)
            raise RefusedAnswer(
                "truncated", f"{ask.name}: broke off after {len(half.body)} bytes", expected=f"{due or 'all'} bytes"
            ) from None
        if due is not None and len(half.body) < due:
            half.keep(answer.headers)
            raise RefusedAnswer("truncated", f"{ask.name}: {len(half.body)} bytes", expected=f"{due} bytes")
        says_its_end = due is not None or "Transfer-Encoding" in answer.headers or "Content-Encoding" in answer.headers
        if ask.expects == "csv" and not says_its_end and not half.body.endswith(b"\n"):
            raise RefusedAnswer(
                "truncated", f"{ask.name}: ends inside a line, and the server did not say how long it is",
                expected="whole lines",
            )  # fmt: skip


def address_of(office: Office) -> str:
    """Return where an office is asked: at its own address, or at a local server that stands for all.

    Raises
    ------
    Refusal
        If that server is not on this machine.
    """
    stand_in = os.environ.get(ELSEWHERE)
    if not stand_in:
        return office.address
    if urlsplit(stand_in).hostname not in ("127.0.0.1", "localhost"):
        raise Refusal(
            f"{ELSEWHERE}={stand_in}", expected="a server on this machine, such as http://127.0.0.1:8000",
            remedy="take the variable away", exit_code=2,
        )  # fmt: skip
    return f"{stand_in.rstrip('/')}/{office.name}"


def _unpacked(office: Office, ask: Ask, body: bytes, encoding: str) -> bytes:
    if encoding.lower() in ("", "identity"):
        return body
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise RefusedAnswer("compression", f"{ask.name}: packed as {encoding[:20]}", expected="gzip, or not packed")
    text = bytearray()
    while True:  # gzip may come in several parts, one after the other
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            text += unpacker.decompress(body, office.largest + 1 - len(text))
        except zlib.error:
            raise RefusedAnswer("compression", f"{ask.name}: broken gzip", expected="gzip") from None
        if len(text) > office.largest:
            raise RefusedAnswer("too large", f"{ask.name}: more than {office.largest >> 20} MiB unpacked",
                                expected="an answer of the usual size")  # fmt: skip
        if not unpacker.eof:
            raise RefusedAnswer("compression", f"{ask.name}: gzip without its end", expected="whole gzip")
        if not (body := unpacker.unused_data):
            return bytes(text)


def _no_key(office: Office, ask: Ask, what: str) -> RefusedAnswer:
    variable = office.key_variable
    return RefusedAnswer(
        "key", f"{ask.name}: the office {what}", expected=f"a valid key in {variable}" if variable else "no key",
        remedy=f"ask {office.producer} for a free key and set {variable}" if variable else "fetch again later",
    )  # fmt: skip


def key_of(office: Office) -> str:
    """Return the key of an office, from the environment and nowhere else; empty when there is none."""
    return os.environ.get(office.key_variable, "").strip() if office.key_variable else ""


def _without(key: str, body: bytes) -> bytes:
    """Take a key out of an answer that repeats it, so that it comes into no file and no message."""
    for spelling in {key, quote(key, safe=""), quote_plus(key)} if len(key) >= SHORTEST_KEY else ():
        body = body.replace(spelling.encode(), b"(the key)")
    return body


def _failure(office: Office, ask: Ask, answer: requests.Response, body: bytes) -> RefusedAnswer:
    """Name what a status means; the beginning of its body goes into the message."""
    refusal = _named(office, ask, answer, " ".join(body.decode("utf-8", "replace").split())[:160])
    refusal.body = body
    return refusal


def _named(office: Office, ask: Ask, answer: requests.Response, said: str) -> RefusedAnswer:
    status = answer.status_code
    wait = seconds_of(answer.headers.get("Retry-After", ""))
    lower = said.lower()
    if status == 429:
        reason = "rate limit"
    elif status == 403 and ("quota" in lower or "volume" in lower):
        reason = "quota"
    elif status == 401 or (status == 403 and office.key_variable):
        return _no_key(office, ask, f"answers {status}")
    elif status in (413, 414) or "extraction_too_big" in lower or "url too long" in lower:
        reason = "too big"
    elif status in (404, 410):
        reason = "not found"
    elif status in (403, 412, 451):
        reason = "forbidden"
    elif status >= 500:
        reason = "server error"
    else:
        reason = "bad request"
    hint = f"fetch again in {wait:.0f} seconds" if wait else "fetch again later"
    return RefusedAnswer(reason, f"{ask.name}: status {status}: {said}", expected="an answer", remedy=hint, wait=wait)


def seconds_of(text: str) -> float:
    """Read ``Retry-After``: seconds or a date; anything else, and a zero, is no hint."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 10**6))
    try:
        when = email.utils.parsedate_to_datetime(text)
        return max(0.0, when.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0
