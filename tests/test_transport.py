"""What goes wrong on the way: statuses, redirects, certificates, silence, halves. Every refusal has its reason."""

from __future__ import annotations

import email.utils
import gzip
import json
import socket
import ssl
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
import shapes
import trustme
from fetched import (
    GATEWAY,
    MONTHS,
    PATIENCE,
    TODAY,
    WANTED,
    Trial,
    always,
    appended,
    asks_of,
    census_values,
    contents,
    eurostat,
    gacc_page,
    gacc_with,
    good,
    imf,
    imf_values,
    refused,
    small_ledger,
)
from local_offices import LocalOffices, Reply

from helpers import paths, provenance
from helpers.fetch import account, answers
from helpers.fetch.collect import collect
from helpers.fetch.transport import Patience, Transport, address_of, seconds_of
from helpers.refusals import Refusal
from helpers.sources import OFFICES

IMF, CENSUS, COMTRADE, EUROSTAT = (OFFICES[name] for name in ("imf", "census", "comtrade", "eurostat"))
ONCE = replace(PATIENCE, tries=1)


@pytest.fixture
def trial(tmp_path, monkeypatch):
    ledger = small_ledger()
    trial = Trial(tmp_path, monkeypatch)
    for name, content in ledger.items():
        (paths.RAW / name).parent.mkdir(parents=True, exist_ok=True)
        (paths.RAW / name).write_bytes(content)
    return trial


def one_ask():
    """One question to the IMF and its good answer, exports only."""
    ask = asks_of("imf")[0]
    return [ask], shapes.imf("XG_FOB_USD", imf_values("XG"))


def after(*replies: Reply):
    """Some bad replies first, then good answers."""
    left = list(replies)
    return lambda asked: left.pop(0) if left else good(asked)


# --- statuses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "waited"), [({"Retry-After": "7"}, 7.0), ({}, 3.0), ({"Retry-After": "soon"}, 3.0)]
)
def test_429_is_asked_again_after_the_time_the_office_says(trial, headers, waited):
    asks, body = one_ask()
    sleeps = []
    harvest = trial.collect(
        IMF, asks, always(Reply(b"Rate limit is exceeded.", 429, headers), Reply(body)), sleeps=sleeps,
        patience=replace(PATIENCE, first_wait=3.0),
    )  # fmt: skip
    assert sleeps == [waited]
    assert harvest.answered == 1 and not harvest.failures


def test_429_with_a_date_is_asked_again_then(trial):
    asks, body = one_ask()
    sleeps = []
    date = email.utils.formatdate(time.time() + 60, usegmt=True)
    trial.collect(IMF, asks, always(Reply(b"", 429, {"Retry-After": date}), Reply(body)), sleeps=sleeps)
    assert len(sleeps) == 1 and 0 < sleeps[0] <= 60


@pytest.mark.parametrize(
    ("text", "seconds"), [("12", 12), (" 0 ", 0), ("", 0), ("-5", 0), ("1e9", 0), ("9" * 40, 10**6), ("Mon, 99", 0),
                          ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)  # fmt: skip
def test_retry_after_is_seconds_a_date_or_no_hint(text, seconds):
    assert seconds_of(text) == seconds


def test_429_that_asks_for_an_hour_is_told_and_the_office_is_left_alone(trial):
    reply = Reply(b"Rate limit is exceeded.", 429, {"Retry-After": "3600"})
    failure = refused(trial, always(reply), "census", "rate limit")
    assert failure.wait == 3600 and "3600 seconds" in failure.message
    assert len(trial.seen) == 1


def test_429_without_end_is_refused_after_all_tries(trial):
    refused(trial, always(Reply(b"Rate limit is exceeded.", 429)), "eurostat", "rate limit")
    assert len(trial.seen) == PATIENCE.tries


def test_a_quota_that_is_used_up_ends_the_day_for_this_office(trial):
    said = "Out of call volume quota. Quota will be replenished in 03:14:17."
    reply = Reply(json.dumps({"statusCode": 403, "message": said}).encode(), 403, {"Retry-After": "11657"})
    asks = asks_of("comtrade", products=True)
    harvest = trial.collect(COMTRADE, asks, always(reply))
    (failure,) = harvest.failures
    assert (failure.reason, failure.wait, harvest.not_asked) == ("quota", 11657, len(asks) - 1)
    assert said in failure.message and len(trial.seen) == 1
    assert appended(harvest) == []
    assert (
        paths.ANSWERS / "refused" / "comtrade" / TODAY.isoformat() / f"{failure.ask}.json"
    ).read_bytes() == reply.body


TOO_BIG = (
    b"<S:Envelope><S:Body><S:Fault><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The requested extraction "
    b"is too big, estimated 420709314 rows, max authorised is 5000000</faultstring></S:Fault></S:Body></S:Envelope>"
)


@pytest.mark.parametrize("status", [413, 400], ids=["413", "another status, the same words"])
def test_what_is_too_big_is_asked_again_in_parts(trial, status):
    def answer(asked):
        first, last = asked.query["startPeriod"], asked.query["endPeriod"]
        if first != last:
            return Reply(TOO_BIG, status)
        return Reply(shapes.comext([("TOTAL", first, 1000, 10), ("850760", first, 400, 4)]))

    harvest = trial.collect(EUROSTAT, asks_of("eurostat", products=True), answer)
    assert not harvest.failures and harvest.answered == 3
    periods = {figure.period for figure, _ in harvest.figures["comext_imports_hs6"].values()}
    assert periods == set(MONTHS)
    assert not (paths.ANSWERS / "refused").exists()


def test_what_is_too_big_is_cut_in_halves_until_it_fits_and_enters_the_ledger(trial):
    def answer(asked):
        if asked.path.endswith("/naics"):
            return Reply(status=204)
        first, last = asked.query["time"].removeprefix("from ").split(" to ")
        months = [month for month in MONTHS if first <= month <= last]
        return Reply(TOO_BIG, 413) if len(months) > 1 else Reply(shapes.census_totals(census_values(months)))

    (found,) = trial.fetch(answer, "census")
    assert (found.status, found.answered, found.counts["new"]) == ("new", 3, 5 * 2 * 3)


def test_what_is_too_big_and_cannot_be_cut_is_refused(trial):
    refused(trial, always(Reply(TOO_BIG, 413)), "imf", "too big")


def test_as_many_records_as_a_call_gives_are_too_big_too(trial, monkeypatch):
    monkeypatch.setattr("helpers.sources.comtrade.FULL", 2)

    def answer(asked):
        numbers = asked.query["partnerCode"].split(",")
        return Reply(shapes.comtrade({"period": "202510", "partnerCode": int(number), "cmdCode": "850760",
                                      "primaryValue": 5.0} for number in numbers))  # fmt: skip

    ask = next(ask for ask in asks_of("comtrade", "2025-10", "2025-10", products=True) if len(ask.about[2]) < 400)
    harvest = trial.collect(COMTRADE, [ask], answer)
    assert not harvest.failures and harvest.answered == len(ask.about[2].split(","))


@pytest.mark.parametrize(
    ("office", "reply"), [("imf", Reply(status=204)), ("eurostat", Reply(status=204)), ("census", Reply(status=204)),
                          ("abs", Reply(b"NoRecordsFound", 404))],
)  # fmt: skip
def test_nothing_there_is_no_failure_and_nothing_new(trial, office, reply):
    before = contents(paths.RAW)
    (found,) = trial.fetch(always(reply), office)
    assert (found.status, found.answered) == ("nothing new", 0) and found.empty > 0
    assert account.exit_code([found]) == account.NOTHING_NEW
    assert contents(paths.RAW) == before


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [
        (400, "error: error: unknown variable 'X'", "bad request"),
        (401, "Access denied due to missing subscription key", "key"),
        (404, "ERR_NOT_FOUND_4", "not found"),
        (414, "<html>Request URL Too Long</html>", "too big"),
        (412, "<html>challenge</html>", "forbidden"),
        (403, "<html>Access Denied</html>", "forbidden"),
    ],
)
def test_a_status_that_says_no_is_refused_with_what_was_said(trial, status, said, reason):
    failure = refused(trial, always(Reply(said.encode(), status)), "imf", reason)
    assert reason == "key" or said in failure.message
    assert len(trial.seen) == len(asks_of("imf")) or reason in ("key", "forbidden")


def test_the_census_says_what_it_did_not_understand(trial):
    said = b"error: error: unknown variable 'X'"
    failure = refused(trial, always(Reply(said, 400, {"Content-Type": "text/plain"})), "census", "bad request")
    assert said.decode() in failure.message


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_recovers_on_the_second_try(trial, status):
    (found,) = trial.fetch(after(Reply(GATEWAY, status)), "eurostat")
    assert found.status == "new" and len(trial.seen) == 3


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_does_not_recover(trial, status):
    refused(trial, always(Reply(b"<html>oh dear</html>", status)), "eurostat", "server error")
    assert len(trial.seen) == 2 * PATIENCE.tries


def test_a_complaint_that_never_ends_is_not_waited_for(trial):
    quick = replace(ONCE, silence=0.2)
    asks, _ = one_ask()
    harvest = trial.collect(IMF, asks, always(Reply(b"x" * 2000, 500, drip=0.05)), patience=quick)
    assert [failure.reason for failure in harvest.failures] == ["server error"]


# --- redirects --------------------------------------------------------------------------------------------------------


def test_the_census_sends_whoever_has_no_key_to_a_page_about_keys(trial):
    moved = Reply(b"", 302, {"Location": "/data/missing_key.html"})
    failure = refused(trial, always(moved), "census", "key", nothing_arrived=True)
    assert "CENSUS_API_KEY" in failure.message and len(trial.seen) == 1


def test_a_key_that_is_needed_and_not_set_means_that_nothing_is_asked(trial, monkeypatch):
    monkeypatch.delenv("CENSUS_API_KEY")
    refused_by = trial.fetch(good, "census")[0].failures[0]
    assert refused_by.reason == "key" and "CENSUS_API_KEY" in refused_by.message
    assert trial.seen == ()


@pytest.mark.parametrize("there", ["http://elsewhere.example/figures", "https://127.0.0.1:9/", "//elsewhere.example/"])
def test_a_redirect_to_another_host_is_refused(trial, there):
    failure = refused(trial, always(Reply(b"", 302, {"Location": there})), "imf", "redirect", nothing_arrived=True)
    assert "sent to" in failure.message and len(trial.seen) == 1


def test_a_redirect_in_circles_is_refused(trial):
    refused(trial, always(Reply(b"", 301, {"Location": "/imf/again"})), "imf", "redirect", nothing_arrived=True)


def test_a_redirect_within_the_host_is_followed(trial):
    def answer(asked):
        if asked.path.startswith("/new"):
            return good(replace(asked, path=asked.path.removeprefix("/new")))
        return Reply(b"", 307, {"Location": f"/abs/new{asked.path}"})

    (found,) = trial.fetch(answer, "abs")
    assert found.status == "new"
    assert [asked.path.startswith("/new") for asked in trial.seen] == [False, True]


# --- bodies that do not arrive, or not whole --------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True], ids=["shorter than its length", "without its last chunk"])
def test_a_body_that_breaks_off(trial, chunked):
    asks, body = one_ask()
    refused(trial, always(Reply(body, cut=300, chunked=chunked)), "imf", "truncated", arrived=body[:300])
    assert len(trial.seen) == PATIENCE.tries * len(asks_of("imf"))


def test_a_body_in_chunks_is_whole_with_its_last_chunk(trial):
    asks, body = one_ask()
    assert not trial.collect(IMF, asks, always(Reply(body, chunked=True))).failures


def test_a_body_of_unsaid_length_that_ends_inside_a_figure(trial):
    def answer(asked):
        head, *lines = eurostat(asked).splitlines(keepends=True)
        cells = [line.split(b",") for line in (head, *lines)]
        short = b"\r\n".join(b",".join(row[:10]) for row in cells)
        return Reply(short[:-1], unsized=True)

    refused(trial, answer, "eurostat", "truncated")
    (found, *_) = trial.fetch(lambda asked: replace(good(asked), unsized=True), "eurostat")
    assert found.status == "new"


MARK = {"ETag": '"v1"', "Accept-Ranges": "bytes"}


def rest_of(body: bytes, start: int, **headers: str) -> Reply:
    """The part that is missing, as a server sends it."""
    where = f"bytes {start}-{len(body) - 1}/{len(body)}"
    return Reply(body[start:], 206, {**MARK, "Content-Range": where, **headers})


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_that_broke_off_is_continued(trial, packed):
    asks, body = one_ask()
    raw = gzip.compress(body, mtime=0) if packed else body
    more = {"Content-Encoding": "gzip"} if packed else {}
    replies = always(Reply(raw, headers=MARK | more, cut=200), rest_of(raw, 200, **more))
    harvest = trial.collect(IMF, asks, replies)
    assert harvest.answered == 1 and not harvest.failures
    assert [asked.headers.get("Range") for asked in trial.seen] == [None, "bytes=200-"]
    assert trial.seen[1].headers["If-Range"] == '"v1"'
    assert not any((paths.ANSWERS / "halves").rglob("*.part"))


def test_a_body_that_broke_off_yesterday_is_continued_today(trial):
    asks, body = one_ask()
    assert trial.collect(IMF, asks, always(Reply(body, headers=MARK, cut=200)), patience=ONCE).failures
    assert answers.half(asks[0]).body == body[:200]
    assert not trial.collect(IMF, asks, always(rest_of(body, 200)), patience=ONCE).failures
    assert [asked.headers["Range"] for asked in trial.seen] == ["bytes=200-"]


def test_a_version_that_changed_meanwhile_is_read_anew(trial):
    asks, body = one_ask()
    newer = shapes.imf("XG_FOB_USD", imf_values("XG", USA_2025_11=41))
    replies = always(Reply(body, headers=MARK, cut=200), Reply(newer, headers=MARK | {"ETag": '"v2"'}))
    harvest = trial.collect(IMF, asks, replies)
    (held,) = harvest.figures.values()
    found = [figure.value for figure, _ in held.values() if (figure.partner, figure.period) == ("USA", "2025-11")]
    assert found == [41_000]


@pytest.mark.parametrize(
    "headers",
    [{}, {"ETag": '"v1"'}, {"ETag": 'W/"v1"', "Accept-Ranges": "bytes"}, {"Accept-Ranges": "bytes"}],
    ids=["neither", "no ranges", "a weak mark", "no mark"],
)
def test_a_body_that_cannot_be_continued_is_read_anew(trial, headers):
    asks, body = one_ask()
    assert not trial.collect(IMF, asks, always(Reply(body, headers=headers, cut=200), Reply(body))).failures
    assert "Range" not in trial.seen[1].headers


@pytest.mark.parametrize(
    "wrong",
    [
        lambda body: Reply(body[100:], 206, {**MARK, "Content-Range": f"bytes 100-{len(body) - 1}/{len(body)}"}),
        lambda body: Reply(body[200:], 206, MARK),
        lambda body: Reply(b"", 416, {"Content-Range": f"bytes */{len(body)}"}),
    ],
    ids=["another part", "a part of nothing", "no such part"],
)
def test_a_wrong_part_is_not_put_behind_the_half(trial, wrong):
    asks, body = one_ask()
    replies = always(Reply(body, headers=MARK, cut=200), wrong(body), Reply(body))
    assert not trial.collect(IMF, asks, replies, patience=replace(PATIENCE, tries=3)).failures
    assert "Range" not in trial.seen[2].headers


def test_a_part_that_nobody_asked_for_is_no_whole_answer(trial):
    body = shapes.imf("XG_FOB_USD", imf_values("XG"))
    start = body[: body.index(b"\n", 1500) + 1]
    part = Reply(start, 206, {"Content-Range": f"bytes 0-{len(start) - 1}/{len(body)}"})
    refused(trial, always(part), "imf", "truncated", arrived=start)


def packed_as_gzip(body: bytes) -> Reply:
    return Reply(body, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    "spoil",
    [lambda raw: raw[:-8], lambda raw: raw[:60], lambda raw: raw[:40] + b"\xff\xff" + raw[42:], lambda raw: b"plain",
     lambda raw: raw + raw[:50], lambda raw: raw + b"rubbish"],
    ids=["without its end", "half", "broken", "not packed", "half a second part", "something behind it"],
)  # fmt: skip
def test_gzip_that_cannot_be_unpacked(trial, spoil):
    raw = spoil(gzip.compress(shapes.imf("XG_FOB_USD", imf_values("XG")), mtime=0))
    refused(trial, always(packed_as_gzip(raw)), "imf", "compression", arrived=raw)


def test_another_packing_than_was_asked_for(trial):
    refused(trial, always(Reply(b"..", headers={"Content-Encoding": "br"})), "imf", "compression")


@pytest.mark.parametrize("parts", [1, 3])
def test_gzip_in_one_or_several_parts_is_unpacked(trial, parts):
    asks, body = one_ask()
    size = len(body) // parts + 1
    raw = b"".join(gzip.compress(body[start : start + size], mtime=0) for start in range(0, len(body), size))
    harvest = trial.collect(IMF, asks, always(packed_as_gzip(raw)))
    assert sum(len(held) for held in harvest.figures.values()) == 8 * 3


def test_a_decompression_bomb_is_not_unpacked(trial):
    bomb = gzip.compress(b"\0" * (OFFICES["gacc"].largest + 2**20), 1, mtime=0)
    refused(trial, gacc_with_reply(packed_as_gzip(bomb)), "gacc", "too large")


def gacc_with_reply(reply: Reply):
    pages = gacc_with(b"")
    return lambda asked: reply if asked.path.startswith("/Statics") else pages(asked)


def test_an_answer_larger_than_any_is_not_read_to_its_end(trial):
    asks, body = one_ask()
    harvest = trial.collect(replace(IMF, largest=1_000), asks, always(Reply(body)))
    assert [failure.reason for failure in harvest.failures] == ["too large"]


def test_a_body_that_drips_is_not_waited_for(trial):
    _, body = one_ask()
    slow = replace(ONCE, whole=0.15)
    failure = refused_with_some(trial, always(Reply(body, drip=0.01)), slow)
    assert "in 0.15 seconds" in failure.message


def refused_with_some(trial, answer, patience):
    """Too slow, with as many bytes aside as arrived."""
    (found,) = trial.fetch(answer, "imf", patience=patience)
    assert {failure.reason for failure in found.failures} == {"too slow"}
    kept = (paths.ANSWERS / "refused" / "imf" / TODAY.isoformat() / f"{found.failures[0].ask}.csv").read_bytes()
    assert kept and answer(None).body.startswith(kept)
    return found.failures[0]


def test_a_server_that_accepts_and_says_nothing(trial):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        trial.monkeypatch.setenv("DIVERSION_OFFICES", f"http://127.0.0.1:{silent.getsockname()[1]}")
        harvest = collect(CENSUS, asks_of("census"), WANTED, Transport(replace(ONCE, silence=0.1)), TODAY.isoformat())
    assert {failure.reason for failure in harvest.failures} == {"too slow"}
    assert len(harvest.failures) == 2 and harvest.not_asked == len(asks_of("census")) - 2


def test_no_server_at_all(trial):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    trial.monkeypatch.setenv("DIVERSION_OFFICES", f"http://127.0.0.1:{port}")
    harvest = collect(IMF, asks_of("imf"), WANTED, Transport(PATIENCE, sleep=lambda _: None), TODAY.isoformat())
    assert {failure.reason for failure in harvest.failures} == {"connection"}


# --- certificates -----------------------------------------------------------------------------------------------------


@contextmanager
def encrypted(trial, name: str):
    """A server with a certificate for ``name``; gives the authority that signed it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server = LocalOffices(lambda asked: Reply(imf(asked)))
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    server.start()
    trial.monkeypatch.setenv("DIVERSION_OFFICES", server.address.replace("http:", "https:"))
    try:
        yield authority
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("name", "is_known", "reasons"),
    [("127.0.0.1", True, set()), ("elsewhere.example", True, {"certificate"}), ("127.0.0.1", False, {"certificate"})],
    ids=["fits", "another name", "signed by nobody known"],
)
def test_a_certificate_has_to_fit_name_and_authority(trial, name, is_known, reasons):
    before = contents(paths.RAW)
    with encrypted(trial, name) as authority:
        transport = Transport(ONCE)
        authority.cert_pem.write_to_path(str(trial.folder / "authority.pem"))
        if is_known:
            transport._session.verify = str(trial.folder / "authority.pem")
        harvest = collect(IMF, asks_of("imf"), WANTED, transport, TODAY.isoformat())
    assert {failure.reason for failure in harvest.failures} == reasons
    assert bool(appended(harvest)) == (not reasons)
    provenance.check_all()
    if reasons:
        assert contents(paths.RAW) == before
        assert harvest.not_asked == len(asks_of("imf")) - 1


def test_a_server_that_does_not_speak_tls_is_no_matter_of_certificates(trial):
    with trial.served(good) as server:
        trial.monkeypatch.setenv("DIVERSION_OFFICES", server.address.replace("http:", "https:"))
        harvest = collect(IMF, asks_of("imf")[:1], WANTED, Transport(ONCE), TODAY.isoformat())
    assert [failure.reason for failure in harvest.failures] == ["connection"]


@pytest.mark.parametrize("address", ["http://elsewhere.example", "http://10.0.0.1:8000", "elsewhere", "file:///etc"])
def test_a_stand_in_for_the_offices_stands_on_this_machine(monkeypatch, address):
    monkeypatch.setenv("DIVERSION_OFFICES", address)
    with pytest.raises(Refusal) as caught:
        address_of(IMF)
    assert caught.value.exit_code == 2


def test_a_kept_answer_that_is_damaged_is_asked_for_again(trial):
    (found,) = trial.fetch(good, "abs")
    (kept,) = (paths.ANSWERS / "accepted" / "abs").rglob("*.gz")
    kept.write_bytes(kept.read_bytes()[:20] + b"\xff" * 40)
    (again,) = trial.fetch(good, "abs")
    assert len(trial.seen) == 1 and again.status == "nothing new" and again.counts["known"] == found.counts["new"]


def test_patience_has_an_end_by_default():
    patience = Patience()
    assert patience.tries < 10 and patience.whole < 3600 and patience.longest_wait < 600


def test_the_page_of_the_customs_is_read_through_gzip(trial):
    page = Reply(gacc_page(), packed=True)
    (found,) = trial.fetch(gacc_with_reply(page), "gacc")
    assert found.status == "new"
