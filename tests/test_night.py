"""A run that nobody watches, with invented offices, figures and notebooks: what it does, says and leaves."""

from __future__ import annotations

import datetime as dt
import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from checkout import MARK, checkout, command, processes, wait_until
from fetched import KEYS, MONTHS, Trial, good, imf, small_ledger
from invented import FINDING, InstantForge, house, notebook
from local_offices import Reply, offices

from helpers import banners, finished, gates, hook, latest, night, paths, pipeline, provenance
from helpers.cli import main
from helpers.fetch import run as fetching
from helpers.gates import Finding, Verdict
from helpers.parameters import Parameters
from helpers.progress import Progress
from helpers.refusals import AT_WORK, EXIT_CODES, Refusal

NOW = dt.datetime(2026, 1, 20, 18, 0, tzinfo=dt.UTC)
KEYLESS = ("gacc", "imf", "eurostat", "abs")
WROTE = """
import json, os, pathlib, sys
told = json.load(sys.stdin)
names = {name: value for name, value in os.environ.items() if name.startswith("DIVERSION_") or name.endswith("_KEY")}
pathlib.Path(sys.argv[1]).write_text(json.dumps({"words": sys.argv[1:], "stdin": told, "environment": names}))
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The small house, its kernels replaced, and a ledger and offices of its own."""
    whole = provenance.check_all
    root = house(tmp_path / "house", monkeypatch)
    monkeypatch.setattr(provenance, "check_all", whole)
    monkeypatch.setattr(InstantForge, "jobs", [])
    monkeypatch.setattr(pipeline, "Forge", InstantForge)
    monkeypatch.setattr(finished, "check", lambda *_: None)  # the page of the house is three lines of text
    return root


@pytest.fixture
def trial(root, monkeypatch):
    ledger = small_ledger()
    monkeypatch.setattr(fetching, "FIRST_MONTH", MONTHS[0])  # the invented offices know three months
    monkeypatch.setattr(fetching, "REVISED_MONTHS", 3)
    trial = Trial(root / "data", monkeypatch)
    for name, content in ledger.items():
        (paths.RAW / name).parent.mkdir(parents=True, exist_ok=True)
        (paths.RAW / name).write_bytes(content)
    return trial


@pytest.fixture
def go(trial):
    """Spend a night with offices that answer so, and return how it ended, with everything that was told."""

    def go(answer=good, *assignments: str, now=NOW, sources=(*KEYLESS, "census"), **settings):
        stream = io.StringIO()
        with trial.served(answer):
            ended = night.run(list(assignments), now=now, progress=Progress(stream), sources=sources, **settings)
        told = [json.loads(line) for line in stream.getvalue().splitlines()]
        assert told[-1]["event"] == "ended" and told[-1]["exit_code"] == ended.exit_code in EXIT_CODES
        ended.told = told
        return ended

    return go


def failing(*names: str):
    return lambda asked: Reply(b"error: error", 400) if asked.office in names else good(asked)


def everything_fails(asked):
    return Reply(b"error: error", 400)


def steps(ended) -> list[str]:
    return [row["step"] for row in ended.told if row["event"] == "step"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def published() -> dict[str, bytes]:
    return contents(paths.REPORTS / "2026-05") | {"latest": (paths.REPORTS / latest.NAME).read_bytes()}


SUMMARY = Path(".failed") / "summary.md"


# --- new, or nothing new ----------------------------------------------------------------------------------------------


def test_new_figures_make_a_report_and_every_step_is_told(go):
    ended = go()
    assert (ended.outcome, ended.exit_code, ended.page.finding) == ("published", 0, FINDING)
    assert steps(ended) == list(night.STEPS)
    assert [row["outcome"] for row in ended.told if row["event"] == "step"] == ["done", "new", *["done"] * 6]
    fetch = next(row for row in ended.told if row.get("step") == "fetch")
    assert fetch["offices"]["abs"] == "new" and fetch["new"] > 0 and fetch["failures"] == []
    assert ended.sentence == "The report for May 2026 is out; every source answered."
    assert not (paths.REPORTS / SUMMARY).exists()


def test_nothing_new_ends_before_anything_runs_and_touches_nothing(go):
    go()
    before, jobs = published(), len(InstantForge.jobs)
    for later in (NOW, NOW + dt.timedelta(days=1)):
        ended = go(now=later)
        assert (ended.outcome, ended.exit_code) == ("nothing new", 5)
        assert steps(ended) == ["parameters", "fetch"]
        assert "the report for May 2026 stands" in ended.sentence
    assert published() == before and len(InstantForge.jobs) == jobs


def test_a_source_that_fails_stops_nothing_and_is_told_until_it_is_well(go):
    ended = go(failing("abs"))
    assert (ended.outcome, ended.exit_code, ended.failed) == ("published", 6, ["abs"])
    assert ended.sentence == "The report for May 2026 is out; abs could not be read."
    note = (paths.REPORTS / SUMMARY).read_text()
    for part in ("abs could not be read", "step fetch", "since | 2026-01-20 18:00 UTC", "2026-05", "docs/sources.md"):
        assert part in note
    again = go(failing("abs"), now=NOW + dt.timedelta(days=1))
    assert (again.outcome, again.exit_code) == ("nothing new", 6)
    assert "Nothing new; abs could not be read; the report for May 2026 stands." == again.sentence
    assert "since | 2026-01-20 18:00 UTC; this is run 2" in (paths.REPORTS / SUMMARY).read_text()
    well = go(now=NOW + dt.timedelta(days=1, hours=1))
    assert well.exit_code == 0 and not (paths.REPORTS / SUMMARY).exists()


def test_when_every_source_fails_the_last_report_stands(go):
    go()
    before = published()
    ended = go(everything_fails, now=NOW + dt.timedelta(days=1))
    assert (ended.outcome, ended.exit_code) == ("nothing new", 7)
    assert "abs and census" in ended.sentence.replace("gacc, imf, eurostat, census and abs", "abs and census")
    assert published() == before


def test_figures_that_came_in_a_night_that_failed_are_not_forgotten(go, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "run", lambda *_, **__: 1 / 0)
        assert go().exit_code == 1
    ended = go()
    assert (ended.outcome, ended.exit_code) == ("published", 0)
    fetch = next(row for row in ended.told if row.get("step") == "fetch")
    assert fetch["new"] == 0  # all of it was in the ledger already


def test_one_office_can_be_asked_alone(go, trial):
    ended = go(sources=("abs",))
    assert ended.exit_code == 0 and {asked.office for asked in trial.seen} == {"abs"}


# --- overdue ----------------------------------------------------------------------------------------------------------


def test_a_page_whose_figures_are_overdue_says_so_once(go):
    fresh = go(now=dt.datetime(2026, 1, 14, 18, 0, tzinfo=dt.UTC))  # China's December is due until the end of this day
    assert not [row for row in fresh.told if row["event"] == "overdue"]
    record = json.loads((paths.REPORTS / "2026-05" / "run.json").read_text())
    assert record["parameters"]["checked_on"] == ""

    late = go()
    (told,) = [row for row in late.told if row["event"] == "overdue"]
    assert (told["office"], told["missing"], told["due_by"]) == ("gacc", ["2025-12"], "2026-01-14")
    record = json.loads((paths.REPORTS / "2026-05" / "run.json").read_text())
    assert (late.outcome, record["parameters"]["checked_on"]) == ("published", "2026-01-15")

    before = published()
    for days in (1, 5, 11):  # the same month is asked for
        assert go(now=NOW + dt.timedelta(days=days)).exit_code == 5
    assert published() == before


def test_a_day_that_was_given_is_the_day_of_checking(go):
    go(good, "checked_on=2026-01-02")
    record = json.loads((paths.REPORTS / "2026-05" / "run.json").read_text())
    assert record["parameters"]["checked_on"] == "2026-01-02"


def test_the_banner_says_who_is_late_in_both_languages(go):
    go()
    ((english, german),) = banners.words({"checked_on": "2026-01-15", "as_of_vintage": "", "accepted": ""})
    assert english == (
        "**Some figures are older than they should be.** Overdue on 15 January 2026: China's customs (GACC), December "
        "2025 (due by 14 January 2026). The page shows the latest that were there."
    )
    assert german == (
        "**Einige Zahlen sind älter, als sie sein sollten.** Überfällig am 15. Jänner 2026: Chinas Zoll (GACC), "
        "Dezember 2025 (fällig bis 14. Jänner 2026). Die Seite zeigt die letzten vorhandenen."
    )
    assert banners.words({"checked_on": "2026-01-14", "as_of_vintage": "", "accepted": ""}) == []
    assert banners.words({"checked_on": "", "as_of_vintage": "", "accepted": ""}) == []


def test_a_reason_stands_on_the_page_as_it_was_written(root):
    ((english, german),) = banners.words({"checked_on": "", "as_of_vintage": "", "accepted": "*All* <b>well</b>"})
    for told, head in ((english, "Published although"), (german, "Veröffentlicht, obwohl")):
        assert head in told and told.endswith(r"\*All\* \<b\>well\</b\>")


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_step_that_fails_leaves_the_last_report_and_one_page_with_the_reason(go, root, monkeypatch):
    go(failing("abs", "census"))
    before = published()

    def fails(self, job):
        submit(self, job)
        Path(job.folder, "outcome.json").write_text(
            json.dumps({"story": "notebooks/x: invented failure", "exit_code": 1})
        )

    submit = InstantForge.submit
    monkeypatch.setattr(InstantForge, "submit", fails)
    (root / "src/helpers/growth.py").write_text("INVENTED = 2\n")
    for days in (1, 2):
        ended = go(now=NOW + dt.timedelta(days=days))
        assert (ended.outcome, ended.exit_code, ended.step) == ("failed", 1, "run")
        last = [row for row in ended.told if row["event"] == "step"][-1]
        assert (last["step"], last["outcome"]) == ("run", "failed")
        assert "invented failure" in ended.sentence and "report for May 2026 stands" in ended.sentence
        note = (paths.REPORTS / SUMMARY).read_text()
        assert "since | 2026-01-21 18:00 UTC" in note and f"run {days} with this outcome" in note
    assert published() == before and "stamp" in note


def test_a_wrong_parameter_is_found_before_anybody_is_asked(go, trial):
    ended = go(good, "windov=33")
    assert (ended.exit_code, ended.step, trial.seen) == (2, "parameters", ())


def test_a_damaged_ledger_is_told_as_such(go):
    file = next(paths.RAW.glob("*/*.csv"))
    file.write_bytes(file.read_bytes() + b"x")
    ended = go()
    assert (ended.exit_code, ended.step) == (3, "fetch") and file.name in ended.details


def test_an_interruption_is_told_like_a_failure(go, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", interrupted)
    ended = go()
    assert (ended.outcome, ended.exit_code, ended.step) == ("interrupted", 130, "check")
    assert (paths.REPORTS / SUMMARY).exists()


def test_a_report_that_is_not_whole_is_not_published(go, monkeypatch):
    def refuses(report, stamp):
        raise Refusal("not whole", expected="whole", remedy="none", exit_code=1)

    monkeypatch.setattr(finished, "check", refuses)
    ended = go()
    assert (ended.exit_code, ended.step) == (1, "verify") and not (paths.REPORTS / "2026-05").exists()


def test_a_full_disk_keeps_nobody_from_being_called(go, monkeypatch, tmp_path):
    from helpers import failure_note

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(failure_note, "write", full)
    monkeypatch.setattr(pipeline, "run", full)
    ended = go(command=f"{sys.executable} -c {hooked(tmp_path)} {tmp_path / 'told'}")
    assert ended.exit_code == 4 and (tmp_path / "told").exists()


# --- gates ------------------------------------------------------------------------------------------------------------

CLOSED = Verdict((Finding("jump", "invented", "Invented flow: −60.0 %"), Finding("sums", "other", "Another.")))


def test_a_closed_gate_keeps_the_page_back_until_somebody_gives_a_reason(go, monkeypatch):
    go(failing("abs", "census"))
    before = published()
    tomorrow = NOW + dt.timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(gates, "judge", lambda *_: CLOSED)
        ended = go(now=tomorrow)
        assert (ended.outcome, ended.exit_code, ended.step) == ("gate closed", 10, "gate")
        assert ended.sentence == "Not published: Invented flow: −60.0 %; and 1 more; the report for May 2026 stands."
        assert published() == before
        note = (paths.REPORTS / SUMMARY).read_text()
        assert "sums: Another." in note and "--accept" in note

        ended = go(now=tomorrow, accept="Confirmed by the office")
        assert (ended.outcome, ended.exit_code) == ("published", 0)
    record = json.loads((paths.REPORTS / "2026-05" / "run.json").read_text())
    assert record["parameters"]["accepted"] == "Confirmed by the office"
    assert [row["gate"] for row in record["gates"]] == ["jump", "sums"]
    assert go(now=tomorrow).exit_code == 5

    ended = go(lambda asked: Reply(imf(asked, USA_2025_11=41)) if asked.office == "imf" else good(asked),
               now=NOW + dt.timedelta(days=2))  # fmt: skip
    record = json.loads((paths.REPORTS / "2026-05" / "run.json").read_text())
    assert ended.outcome == "published" and record["parameters"]["accepted"] == "Confirmed by the office"
    assert "gates" not in record


def test_a_plain_report_is_warned_and_published(root, trial, monkeypatch, capsys):
    monkeypatch.setattr(gates, "judge", lambda *_: CLOSED)
    assert main(["report"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [row["told"] for row in told if row["event"] == "gate"] == ["Invented flow: −60.0 %", "Another."]
    assert told[-1] == {"event": "gates closed", "findings": 2}
    record = json.loads((paths.REPORTS / "2026-05" / "run.json").read_text())
    assert record["parameters"]["accepted"] == "" and len(record["gates"]) == 2
    assert not [row for row in told if row["event"] == "step"]


@pytest.mark.parametrize(
    "words",
    [["--hook", "true"], ["--source", "abs"], ["--if-new", "--watch"], ["--if-new", "--fresh"], ["--accept", " "],
     ["--accept", "two\nparagraphs"], ["--accept", "x" * 501]],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(root, words):
    assert main(["report", *words]) == 2


# --- the hook ---------------------------------------------------------------------------------------------------------


def hooked(folder: Path) -> str:
    """Return the name of a file with the code of a hook, quoted for a command line."""
    (folder / "hook.py").write_text(WROTE)
    return f"'exec(open(\"{folder / 'hook.py'}\").read())'"


@pytest.mark.parametrize("fails", [False, True])
def test_the_hook_gets_everything_as_data_and_nothing_as_words(go, tmp_path, monkeypatch, fails):
    if fails:
        monkeypatch.setattr(pipeline, "run", lambda *_, **__: exec('raise RuntimeError("$(touch owned); `id`")'))
    place = tmp_path / "told"
    ended = go(command=f"{sys.executable} -c {hooked(tmp_path)} {place} '$(touch {tmp_path}/owned)' ';' ls")
    told = json.loads(place.read_text())
    assert told["words"] == [str(place), f"$(touch {tmp_path}/owned)", ";", "ls"] and not (tmp_path / "owned").exists()
    assert told["stdin"]["sentence"] == ended.sentence == told["environment"]["DIVERSION_SENTENCE"]
    assert told["stdin"]["exit_code"] == (1 if fails else 0)
    assert told["environment"]["DIVERSION_OUTCOME"] == ("failed" if fails else "published")
    assert not set(KEYS) & set(told["environment"])
    assert fails == (SUMMARY.as_posix() in told["stdin"]["summary"])
    assert [row["outcome"] for row in ended.told if row["event"] == "hook"] == ["done"]


def test_nothing_new_calls_nobody(go, tmp_path):
    go()
    place = tmp_path / "told"
    ended = go(command=f"{sys.executable} -c {hooked(tmp_path)} {place}")
    assert ended.exit_code == 5 and not place.exists()


@pytest.mark.parametrize(
    ("command", "told"),
    [("false", "failed with exit code 1"), ("/nowhere/at/all", "could not be started"),
     (f"{sys.executable} -c 'import sys; sys.exit(\"invented\")'", "invented")],
)  # fmt: skip
def test_a_hook_that_fails_is_told_and_changes_nothing(go, command, told):
    ended = go(command=command)
    assert (ended.outcome, ended.exit_code) == ("published", 0)
    (row,) = [row for row in ended.told if row["event"] == "hook"]
    assert row["outcome"] == "failed" and told in row["told"]


def test_a_hook_that_does_not_end_is_ended_with_all_it_started(tmp_path):
    begun = tmp_path / "begun"
    child = "subprocess.Popen(['sleep', '600'])"
    code = f"import subprocess, time; {child}; open({str(begun)!r}, 'w').close(); time.sleep(600)"
    environment = dict(os.environ)
    os.environ[MARK] = str(tmp_path)
    try:
        assert "was ended after" in hook.run([sys.executable, "-c", code], {"outcome": "x"}, seconds=2)
    finally:
        os.environ.clear()
        os.environ.update(environment)
    assert begun.exists()
    wait_until(lambda: processes(tmp_path) == {}, 10)


def test_a_hook_that_cannot_be_read_is_refused_before_anything_is_done(go, trial):
    with pytest.raises(Refusal) as refusal:
        go(command="mail 'unclosed")
    assert refusal.value.exit_code == 2 and not trial.seen


# --- one at a time ----------------------------------------------------------------------------------------------------


def test_a_second_run_goes_away_while_one_is_at_work(go, trial):
    paths.REPORTS.mkdir(exist_ok=True)
    with (paths.REPORTS / ".night.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Refusal) as refusal:
            go()
        assert refusal.value.exit_code == AT_WORK == 11 and not trial.seen
    assert go().exit_code == 0


def test_the_lock_goes_with_the_process_that_holds_it(root):
    code = "from helpers import night; import time\nwith night.alone():\n    print('held', flush=True); time.sleep(600)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "DIVERSION_REPORTS": str(paths.REPORTS)})  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Refusal), night.alone():
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with night.alone():
        pass


# --- a finished report that is not whole ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A checkout with a report that says what is overdue and why it was published."""
    folder = checkout(tmp_path_factory.mktemp("night") / "copy")
    made = command(folder, "report", "-p", "checked_on=2026-11-26", "-p", "accepted=Invented & <confirmed>")
    assert made.returncode == 0, made.stderr
    return folder


def test_other_settings_stand_above_the_answer_and_usual_ones_do_not():
    usual = Parameters().model_dump()
    assert banners.words(usual | {"month": "2026-05", "language": "de"}) == []
    ((english, german),) = banners.words(usual | {"window": 33, "as_of_vintage": "2026-11-22"})
    assert "window: 33 (usual: 0)" in english and r"as\_of\_vintage: 2026\-11\-22 (usual: empty)" in english
    assert "window: 33 (üblich: 0)" in german and "(üblich: leer)" in german


def test_the_page_carries_both_banners_and_corrections_leave_them_alone(copy):
    page = copy / "reports/2026-05/index.html"
    drawn = page.read_text()
    assert drawn.count('<aside class="notice banner"') == 2
    assert "Invented &amp; &lt;confirmed&gt;" in drawn and "Overdue on 26 November 2026" in drawn
    stamp = json.loads((page.parent / "run.json").read_text())["stamp"]
    entry = f"{{month: 2026-05, day: 2026-11-27, kind: corrected, what: Invented., what_de: Erfunden., stamp: {stamp}}}"
    (copy / "corrections.yml").write_text(f"- {entry}\n")
    assert command(copy, "correct").returncode == 0
    marked = page.read_text()
    assert marked.count('<aside class="notice') == 3 and marked.index("Found wrong") < marked.index(
        "Published although"
    )
    (copy / "corrections.yml").write_text("[]\n")
    assert command(copy, "correct").returncode == 0
    assert page.read_text() == drawn
    (page.parent / f"index.superseded-{stamp}.html").unlink()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda report: None, ""),
        (lambda report: cut(report / "index.html"), "ends before its end"),
        (lambda report: change(report / "index.html", "<style>", "<style>b{}"), "the style"),
        (lambda report: change(report / "index.html", "<script>", "<script>1;"), "the script"),
        (lambda report: change(report / "index.html", 'id="packed">', 'id="packed">x'), "second language"),
        (lambda report: (report / "index.html").unlink(), "cannot be read"),
        (lambda report: (report / "data/first.csv").write_text("a,b\n1\n"), "data/first.csv"),
        (lambda report: (report / "run.json").write_text("{"), "run.json"),
        (lambda report: change(report / "run.json", '"stamp": "', '"stamp": "x'), "another stamp"),
        (lambda report: [file.unlink() for file in (report / "steps").glob("*")], "no executed notebook"),
        (lambda report: (report / "preview.png").write_bytes(b"GIF89a"), "no picture"),
    ],
)
def test_what_is_not_whole_is_found(copy, tmp_path, spoil, told):
    import shutil

    report = shutil.copytree(copy / "reports/2026-05", tmp_path / "report")
    stamp = json.loads((report / "run.json").read_text())["stamp"]
    spoil(report)
    faults = list(finished.faults(report, stamp))
    assert (told in "; ".join(faults)) if told else faults == []
    if told:
        assert faults
        with pytest.raises(Refusal):
            finished.check(report, stamp)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1))


def cut(file: Path) -> None:
    file.write_text(file.read_text()[:-20])


# --- the whole night, from outside ------------------------------------------------------------------------------------

DRIVER = """
    import datetime as dt, sys
    from helpers import night, stops
    from helpers.progress import Progress
    stops.obey_once()
    ended = night.run([], now=dt.datetime(2026, 1, 20, 18, tzinfo=dt.UTC), progress=Progress(), sources=("abs",))
    sys.exit(ended.exit_code)
"""


def spend(folder: Path, address: str) -> subprocess.Popen:
    for name in ("answers", "processed"):
        (folder / "data" / name).mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(DRIVER)], cwd=folder, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "DIVERSION_OFFICES": address, MARK: str(folder)},
    )  # fmt: skip


def test_a_revision_beyond_all_that_was_seen_is_stopped_by_the_figures_themselves(tmp_path):
    """From the answer of an office through the ledger and a notebook to the gate; the office's figures are invented."""
    folder = checkout(tmp_path / "copy")
    code = (
        "from helpers import customs, revisions, tables\nrows = customs.read_rows()\n"
        "_ = tables.write(customs.clean(rows), 'customs_monthly')\n"
        "_ = tables.write(revisions.revisions(rows), 'customs_revisions')"
    )
    notebook(folder / "notebooks/03_figures.ipynb", code)
    listed = (folder / "notebooks/pipeline.yml").read_text()
    more = "- {notebook: 03_figures, makes: [customs_monthly, customs_revisions]}\n"
    (folder / "notebooks/pipeline.yml").write_text(more + listed)
    assert command(folder, "report", "-p", "checked_on=2026-01-15").returncode == 0
    before = contents(folder / "reports/2026-05")
    with offices(good) as server:
        process = spend(folder, server.address)
        told = [json.loads(line) for line in process.communicate(timeout=120)[1].splitlines()]
        assert (process.returncode, told[-1]["outcome"]) == (10, "gate closed"), told[-1]
        closed = {(row["gate"], row["about"][:9]) for row in told if row["event"] == "gate"}
        assert ("revision", "Australia") in closed
        assert contents(folder / "reports/2026-05") == before and list(folder.glob("data/raw/abs/*2026-01-20.csv"))
    accepted = command(folder, "report", "-p", "checked_on=2026-01-15", "--accept", "Invented figures")
    assert accepted.returncode == 0, accepted.stderr
    assert "Invented figures" in (folder / "reports/2026-05/index.html").read_text()


def test_a_night_ended_by_the_time_limit_leaves_the_page_and_the_next_goes_on(tmp_path):
    folder = checkout(tmp_path / "copy")
    slow = "\nopen('begun', 'w').close()\nimport time; time.sleep(120)"
    quick = (folder / "notebooks/02_other.ipynb").read_text()
    book = json.loads(quick)
    book["cells"][-1]["source"] = "".join(book["cells"][-1]["source"]) + slow
    (folder / "notebooks/02_other.ipynb").write_text(json.dumps(book))
    with offices(good) as server:
        process = spend(folder, server.address)
        wait_until((folder / "notebooks/begun").exists)
        process.terminate()
        told = [json.loads(line) for line in process.communicate(timeout=60)[1].splitlines()]
        assert process.returncode == 130 == told[-1]["exit_code"] and told[-1]["step"] == "run"
        assert (folder / "reports" / SUMMARY).exists() and not (folder / "reports" / latest.NAME).exists()
        wait_until(lambda: processes(folder) == {}, 20)

        (folder / "notebooks/02_other.ipynb").write_text(quick)
        process = spend(folder, server.address)
        told = [json.loads(line) for line in process.communicate(timeout=120)[1].splitlines()]
    assert process.returncode == 0, told
    assert [row["step"] for row in told if row["event"] == "step"] == list(night.STEPS)
    assert "2026-05/index.html" in (folder / "reports" / latest.NAME).read_text()
    assert not (folder / "reports" / SUMMARY).exists()
