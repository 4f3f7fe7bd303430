"""The command as a scheduler and the next reader see it: exit codes, keys, days, revisions, a crash in the middle."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
from urllib.parse import quote

import pytest
from fetched import (
    GATEWAY,
    KEYS,
    MONTHS,
    PATIENCE,
    TODAY,
    TOMORROW,
    Trial,
    asks_of,
    contents,
    gacc_page,
    gacc_with,
    good,
    imf,
    small_ledger,
)
from local_offices import Asked, Reply

from helpers import paths, provenance
from helpers.cli import main
from helpers.fetch import account, run, vintages
from helpers.refusals import Refusal
from helpers.sources import OFFICES

LEDGER = ("gacc", "imf", "eurostat", "census", "abs")


@pytest.fixture
def trial(tmp_path, monkeypatch):
    ledger = small_ledger()
    trial = Trial(tmp_path, monkeypatch)
    for name, content in ledger.items():
        (paths.RAW / name).parent.mkdir(parents=True, exist_ok=True)
        (paths.RAW / name).write_bytes(content)
    return trial


def failing(*names: str):
    """Some offices do not understand us, the others have a good day."""
    return lambda asked: Reply(b"error: error", 400) if asked.office in names else good(asked)


def records_stand_beside_their_files():
    provenance.check_all()
    files = {name for name in contents(paths.RAW) if name != "datapackage.json"}
    assert files == {name for file in files if file.endswith(".csv") for name in (file, f"{file}.source.yml")}


# --- exit codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "code", "statuses"),
    [
        ((), account.NEW, ["new"] * 5),
        (("abs",), account.PART_FAILED, ["new"] * 4 + ["failed"]),
        (("gacc", "imf", "eurostat", "census"), account.PART_FAILED, ["failed"] * 4 + ["new"]),
        (LEDGER, account.ALL_FAILED, ["failed"] * 5),
    ],
)
def test_the_exit_code_says_how_many_offices_failed(trial, bad, code, statuses):
    accounts = trial.fetch(failing(*bad))
    assert account.exit_code(accounts) == code
    assert [found.status for found in accounts] == statuses
    records_stand_beside_their_files()


def test_a_page_that_is_refused_behind_a_good_index_means_that_the_office_failed(trial):
    (found,) = trial.fetch(gacc_with(GATEWAY), "gacc")
    assert (found.status, account.exit_code([found])) == ("failed", account.ALL_FAILED)


def test_a_second_fetch_within_the_hour_asks_for_indexes_only_and_brings_nothing(trial):
    trial.fetch(good, *LEDGER)
    asked, before = len(trial.seen), contents(paths.RAW)
    accounts = trial.fetch(good, *LEDGER)
    assert len(trial.seen) < asked and {item.office for item in trial.seen} == {"gacc"}  # its indexes, asked anew
    assert account.exit_code(accounts) == account.NOTHING_NEW
    assert contents(paths.RAW) == before


def test_the_same_answers_the_next_day_bring_nothing(trial):
    trial.fetch(good, *LEDGER)
    asked, before = len(trial.seen), contents(paths.RAW)
    accounts = trial.fetch(good, *LEDGER, today=TOMORROW)
    assert len(trial.seen) == asked
    assert account.exit_code(accounts) == account.NOTHING_NEW
    assert all(found.counts["known"] and not found.counts["new"] for found in accounts)
    assert contents(paths.RAW) == before


def test_an_answer_that_was_refused_is_asked_for_again_on_the_same_day(trial):
    trial.fetch(lambda asked: Reply(GATEWAY), "abs")
    (found,) = trial.fetch(good, "abs")
    assert found.status == "new" and len(trial.seen) == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_ends_with_these_codes(trial, capsys, monkeypatch, as_json):
    words = ["fetch", "--since", MONTHS[0], *(["--json"] if as_json else [])]
    imf_and_abs = ["--source", "imf", "--source", "abs"]
    for answer, sources, code in (
        (failing("imf", "abs"), imf_and_abs, 7),
        (failing("abs"), imf_and_abs, 6),
        (good, imf_and_abs, 0),
        (good, imf_and_abs, 5),
    ):
        with trial.served(answer):
            assert main([*words, *sources]) == code
        out = capsys.readouterr().out
        if as_json:
            told = json.loads(out)
            assert (told["exit_code"], told["day"]) == (code, dt.datetime.now(dt.UTC).date().isoformat())
            assert [office["office"] for office in told["offices"]] == ["imf", "abs"]
        else:
            assert "imf" in out and "abs" in out
    records_stand_beside_their_files()


@pytest.mark.parametrize("words", [["--source", "imv"], ["--since", "2025-13"], ["--since", "2999-01"],
                                   ["--destination", "Mars"]])  # fmt: skip
def test_a_wrong_option_asks_nothing(trial, capsys, words):
    with trial.served(good):
        assert main(["fetch", *words]) == 2
    assert trial.seen == ()
    assert "what to do:" in capsys.readouterr().err


def test_a_dry_run_names_every_address_and_asks_nothing(trial, capsys):
    before = contents(trial.folder)
    with trial.served(good) as server:
        assert main(["fetch", "--dry-run", "--since", MONTHS[0]]) == 0
    out = capsys.readouterr().out
    assert trial.seen == () and contents(trial.folder) == before
    assert all(f"{server.address}/{name}/" in out for name in LEDGER)
    assert not any(key in out for key in KEYS.values())


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_goes_to_its_own_office_only(trial):
    trial.fetch(good, *LEDGER)
    with_key = {asked.office for asked in trial.seen if KEYS["CENSUS_API_KEY"] in str(asked)}
    assert with_key == {"census"} and KEYS["COMTRADE_API_KEY"] not in str(trial.seen)
    trial.collect(OFFICES["comtrade"], asks_of("comtrade", products=True)[:1], lambda asked: Reply(b"", 400))
    (asked,) = trial.seen
    assert asked.headers["Ocp-Apim-Subscription-Key"] == KEYS["COMTRADE_API_KEY"]
    assert KEYS["CENSUS_API_KEY"] not in str(asked)


def test_a_key_with_a_space_around_it_is_the_key(trial, monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", f" {KEYS['COMTRADE_API_KEY']}\n")
    trial.collect(OFFICES["comtrade"], asks_of("comtrade", products=True)[:1], lambda asked: Reply(b"", 400))
    assert trial.seen[0].headers["Ocp-Apim-Subscription-Key"] == KEYS["COMTRADE_API_KEY"]


def echo(asked: Asked) -> bytes:
    return json.dumps([asked.path, asked.query, asked.headers, quote(str(asked.query))]).encode()


@pytest.mark.parametrize(
    "answer",
    [
        good,
        lambda asked: Reply(echo(asked), 400),
        lambda asked: Reply(echo(asked), 403),
        lambda asked: Reply(echo(asked), 500),
        lambda asked: Reply(echo(asked)),
        lambda asked: Reply(b"<html>You asked for " + echo(asked) + b"</html>"),
        lambda asked: Reply(echo(asked), cut=len(echo(asked)) - 1),
        lambda asked: Reply(echo(asked), packed=True),
        lambda asked: Reply(
            b"", 302, {"Location": f"https://{quote(str(asked.query))}@elsewhere.example/?{asked.query}"}
        ),
        lambda asked: Reply(b"", 302, {"Location": f"/{asked.office}/missing_key.html?{quote(str(asked.query))}"}),
        lambda asked: Reply(b"", 302, {"Location": "http://[" + str(asked.query)}),
    ],
    ids=["good", "400", "403", "500", "JSON", "a page", "cut", "packed", "elsewhere", "missing key", "no address"],
)
def test_no_key_appears_in_any_message_file_or_json(trial, capsys, answer):
    accounts = trial.fetch(answer, "census")
    harvest = trial.collect(OFFICES["comtrade"], asks_of("comtrade", products=True)[:2], answer if answer is not good
                            else lambda asked: Reply(echo(asked)))  # fmt: skip
    accounts.append(account.of_harvest(harvest, [], []))
    told = [trial.told, account.as_text(accounts), json.dumps(account.as_json(accounts, "2026-01-20")),
            *capsys.readouterr()]  # fmt: skip
    told += [content.decode("utf-8", "replace") for content in contents(trial.folder).values()]
    for key in KEYS.values():
        for spelling in (key, quote(key, safe=""), quote(key)):
            assert not any(spelling in text for text in told)


# --- days, revisions, crashes -----------------------------------------------------------------------------------------


def test_a_revised_figure_becomes_a_file_that_holds_only_it_and_the_account_tells_by_how_much(trial):
    trial.fetch(good, "imf")
    before = contents(paths.RAW)

    def revised(asked):
        body = imf(asked)
        return Reply(re.sub(rb"(XG_FOB_USD,USA,M,2025-M11),[0-9.]+", rb"\1,41000000000.00", body))

    (found,) = trial.fetch(revised, "imf", today=TOMORROW)
    assert (found.status, account.exit_code([found])) == ("new", account.NEW)
    assert {kind: count for kind, count in found.counts.items() if count} == {"revised": 1, "known": 2 * 8 * 3 - 1}
    (row,) = found.revisions
    assert (row["partner"], row["period"], row["before_mn"], row["now_mn"]) == ("USA", "2025-11", 40_000, 41_000)
    assert row["revision_pct"] == 2.5
    assert "revised by +2.50 %, 40,000.0 to 41,000.0 million" in account.as_text([found])
    after = contents(paths.RAW)
    (file,) = {name for name in after if name not in before and name.endswith(".csv")}
    assert TOMORROW.isoformat() in file
    (line,) = csv.DictReader(after[file].decode().splitlines())
    assert (line["partner"], line["period"], line["value"]) == ("USA", "2025-11", "41000")
    assert all(after[name] == text for name, text in before.items() if name != "datapackage.json")
    records_stand_beside_their_files()


def test_a_revised_page_of_the_same_day_becomes_a_second_file_of_the_day(trial):
    trial.fetch(gacc_with(gacc_page()), "gacc")
    (paths.ANSWERS / "accepted").rename(paths.ANSWERS / "yesterday")
    (found,) = trial.fetch(gacc_with(gacc_page().replace(b"6.2&nbsp;", b"6.3&nbsp;")), "gacc")
    (file,) = found.files
    assert file.endswith(f"{TODAY.isoformat()}_2.csv")
    records_stand_beside_their_files()


class Crash(BaseException):
    """The machine goes down."""


def crashed_fetch(trial, monkeypatch, last: str):
    """Fetch from the ABS and go down before the first rename in the ledger to a name that ends so."""
    whole = os.replace

    def crashing(source, target):
        if str(target).endswith(last) and str(target).startswith(str(paths.RAW)):
            raise Crash
        whole(source, target)

    with monkeypatch.context() as context:
        context.setattr(os, "replace", crashing)
        with pytest.raises(Crash):
            trial.fetch(good, "abs")


@pytest.mark.parametrize("last", [".csv.source.yml.ready", ".csv", ".csv.source.yml"])
def test_a_crash_before_any_rename_is_mended_by_the_next_fetch(trial, monkeypatch, last):
    before = contents(paths.RAW)
    crashed_fetch(trial, monkeypatch, last)
    left = contents(paths.RAW)
    assert {name: left[name] for name in before} == before
    assert (left != before) == (last != ".csv.source.yml.ready")  # before the first rename nothing has a name yet
    (found,) = trial.fetch(good, "abs")
    assert not found.failures
    records_stand_beside_their_files()
    files = {name for name in contents(paths.RAW) if "abs_imports" in name and name.endswith(".csv")}
    assert files == {f"abs/abs_imports_by_origin_{TODAY.isoformat()}.csv"}
    assert vintages.mend() == []


@pytest.mark.parametrize("last", [".csv.source.yml", "datapackage.json"])
def test_after_a_crash_the_descriptor_names_every_file_and_no_part_is_left(trial, monkeypatch, last):
    crashed_fetch(trial, monkeypatch, last)
    trial.fetch(good, "abs")
    records_stand_beside_their_files()
    assert (paths.RAW / "datapackage.json").read_text(encoding="utf-8") == provenance.datapackage(
        provenance.all_records()
    )


def test_after_a_crash_before_the_descriptor_it_names_every_file(trial, monkeypatch):
    def crash():
        raise Crash

    with monkeypatch.context() as context:
        context.setattr(vintages, "describe", crash)
        with pytest.raises(Crash):
            trial.fetch(good, "abs")
    trial.fetch(good, "abs")
    assert (paths.RAW / "datapackage.json").read_text(encoding="utf-8") == provenance.datapackage(
        provenance.all_records()
    )


def test_half_an_answer_that_a_killed_fetch_was_writing_goes_and_what_a_server_can_continue_stays(trial):
    half, beginning = paths.ANSWERS / "accepted/abs/2026-01-19/.x.csv.gz.1.part", paths.ANSWERS / "halves/abs/x.part"
    for file in (half, beginning):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"half")
    trial.fetch(good, "abs")
    assert not half.exists() and beginning.exists()


def test_offices_that_are_not_asked_for_are_left_alone(trial):
    trial.fetch(good, "imf", "abs")
    assert {asked.office for asked in trial.seen} == {"imf", "abs"}


def test_a_later_fetch_goes_eighteen_months_back_from_the_last_reading_and_a_first_one_to_the_beginning(trial):
    def wanted(name: str, day: dt.date) -> tuple[str, str]:
        found = run.wanted_of(run.Request(), OFFICES[name], day)
        return found.first, found.last

    assert wanted("imf", dt.date(2025, 10, 20)) == ("2024-04", "2025-09")  # the ledger's figures were read that day
    assert wanted("imf", TODAY) == ("2024-04", "2025-12")
    assert wanted("imf", dt.date(2028, 1, 20)) == ("2024-04", "2027-12")  # after a pause no month is left out
    assert wanted("abs", TODAY) == (run.FIRST_MONTH, "2025-12")


def test_the_account_tells_what_was_not_asked(trial):
    (found,) = trial.fetch(lambda asked: Reply(b"no", 401), "census", patience=PATIENCE)
    assert found.not_asked == len(asks_of("census")) - 1
    assert f"{found.not_asked} requests were not made after that" in account.as_text([found])
    assert account.as_json([found], "2026-01-20")["offices"][0]["not_asked"] == found.not_asked


def test_an_answer_of_more_than_an_hour_ago_is_asked_for_again(trial):
    trial.fetch(good, "imf")
    for file in (paths.ANSWERS / "accepted" / "imf").rglob("*.gz"):
        os.utime(file, (file.stat().st_mtime - 4000,) * 2)
    (found,) = trial.fetch(good, "imf")
    assert len(trial.seen) == 1 and found.status == "nothing new"


def test_a_second_fetch_at_the_same_time_is_kept_out(trial):
    with run.alone(), pytest.raises(Refusal, match="another fetch is at work") as refusal:
        trial.fetch(good, "imf")
    assert refusal.value.exit_code == 7 and not trial.seen


def test_a_broken_ledger_stops_a_fetch_before_anything_is_asked(trial):
    file = next(paths.RAW.glob("*/*.csv"))
    file.write_text(file.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        trial.fetch(good, "imf")
    assert refusal.value.exit_code == 3 and not trial.seen
