"""The statistics page and its export: who may, what is shown, what is kept back."""

import base64
import csv
import hashlib
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from console.charts import Cell, Chart, Row, spans
from console.charts.spreadsheet import HEAD, guarded, spreadsheet
from shudi.audit.queries import page
from shudi.cases.rules.figures import Figure
from shudi.cases.store.rollup import FigureRow
from shudi.db.migrate import owner_engine
from shudi.worker import Worker
from tests.console.desk import check_html, counted, words_of
from tests.people import ALICE, AUDREY, BOB, CHARLIE, SAM

ROOT = Path(__file__).resolve().parents[2]
LOOKED = (Figure.LOOKED_ALIKE, Figure.LOOKED_FIRST, Figure.LOOKED_SECOND, Figure.LOOKED_OPEN)
VENDORED = ROOT / "static/vendor/chart.js-4.6.1/chart.umd.min.js"


@pytest.fixture
def figures(desk):
    """Counted, and one share more than the small desk gives."""
    worker = Worker(desk.settings, desk.database, desk.vocabulary)
    worker.tick(desk.now, worker.counting)
    shares = [(Figure.OVERTURNED_REGION, "CN-GD", 25), (Figure.OVERTURNED_SOURCE, "=evil()", None)]
    with desk.database.transaction() as session:
        for figure, part, value in shares:
            session.add(FigureRow(days=28, figure=figure, part=part, slot="", value=value))
    return desk


def exported(browser, days="28"):
    browser.get("/statistics")
    return browser.post("/statistics/export", {"days": days})


def test_it_shows_a_table_behind_each_picture(figures, signed_in):
    browser = signed_in(ALICE)
    assert browser.get("/statistics").status_code == 200
    check_html(browser.page)
    text = words_of(browser.page)
    assert "3 cases are open" in text or "4 cases are open" in text
    assert "Guangdong" in text
    assert "25 %" in text
    assert browser.page.count("data-drawing") == browser.page.count("<details open>")
    assert "fewer than 20 decisions" in text


def test_second_looks_are_shown_by_kind_of_case_and_a_small_share_is_kept_back(figures, signed_in):
    looked = {
        "report": (18, 2, 1, 0),  # 86 %
        "expiry": (3, 0, 0, 1),  # too few for a share
    }
    with figures.database.transaction() as session:
        for kind, counts in looked.items():
            for figure, value in zip(LOOKED, counts, strict=True):
                row = FigureRow(days=28, figure=figure, part=kind, slot="", value=value)
                session.add(row)
    browser = signed_in(SAM)
    browser.get("/statistics")
    check_html(browser.page)
    text = words_of(browser.page)
    assert "Two people decided alike in 84 % of second looks." in text
    assert re.search(r"Report 18 2 1 0 86 %", text)
    assert re.search(r"3 0 0 1 fewer than 20 decisions", text)
    lines = csv.DictReader(io.StringIO(exported(browser).data.decode("utf-8-sig")))
    told = {(one["code"], one["series"]): one["value"] for one in lines
            if one["figure"] == "second-looks"}  # fmt: skip
    assert told["report", "Share alike"] == "86"
    assert told["expiry", "Share alike"] == ""
    assert len(told) == 2 * 5


def test_before_the_worker_has_counted_it_says_so(desk, signed_in):
    browser = signed_in(AUDREY)
    assert browser.get("/statistics").status_code == 200
    check_html(browser.page)
    assert "No figures yet" in browser.page
    assert "Export" not in browser.page


@pytest.mark.parametrize(("asked", "shown"), [("7", 7), ("90", 90), ("365", 28), ("x", 28)])
def test_the_window_is_one_of_a_few(figures, signed_in, asked, shown):
    browser = signed_in(ALICE)
    browser.get(f"/statistics?days={asked}")
    current = re.search(r'aria-current="page">Last (\d+) days', browser.page)
    assert current
    assert int(current[1]) == shown


def test_it_asks_few_queries_however_much_there_is(figures, signed_in):
    browser = signed_in(SAM)
    with counted(figures.database) as count:
        browser.get("/statistics?days=90")
        assert count() <= 8


def test_it_speaks_chinese(figures, signed_in):
    browser = signed_in(ALICE)
    browser.get("/statistics", Accept_Language="zh-CN")
    check_html(browser.page)
    assert "未结案件：按已等待时间" in browser.page
    assert "广东" in browser.page


def test_nobody_is_named_and_no_account_is_listed(figures, signed_in):
    browser = signed_in(BOB)
    browser.get("/statistics")
    main = browser.page.partition("<main")[2].partition("</main>")[0]
    for name in ("alice", "sam", "amir", "Ann", "/accounts/"):
        assert name not in main
    browser.get("/statistics")
    answer = exported(browser)
    assert not any(name in answer.text for name in ("alice", "amir", "Ann"))


@pytest.mark.parametrize("who", [SAM, AUDREY, BOB])
def test_the_export_is_on_record(figures, signed_in, who):
    answer = exported(signed_in(who))
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="shudi-stat')
    assert answer.headers["Cache-Control"] == "no-store"
    with figures.database.read_session() as session:
        last = page(session, limit=1)[0]
    assert (last.action, last.actor_id, last.target_id) == ("statistics.exported", who.id, "28")


@pytest.mark.parametrize("who", [ALICE, CHARLIE])
def test_others_take_nothing_out(figures, signed_in, who):
    browser = signed_in(who)
    browser.get("/profile")
    assert browser.post("/statistics/export", {"days": "28"}).status_code == 403


def test_a_moderator_sees_no_button_for_it(figures, signed_in):
    browser = signed_in(ALICE)
    browser.get("/statistics")
    assert "Export" not in browser.page


def test_no_log_means_no_data(figures, signed_in):
    browser = signed_in(SAM)
    browser.get("/statistics")
    owner = owner_engine(sa.make_url(figures.settings.database_url))
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO audit_gone")
    answer = browser.post("/statistics/export", {"days": "28"})
    owner.dispose()
    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert "Guangdong" not in answer.text


def test_the_file_says_what_the_page_says_and_keeps_back_what_it_does(figures, signed_in):
    answer = exported(signed_in(SAM))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert tuple(lines[0]) == HEAD
    by_place = [line for line in lines if line["figure"] == "overturned-by-region"]
    assert [(one["code"], one["name"], one["value"]) for one in by_place] == [
        ("CN-GD", "Guangdong", "25")
    ]
    assert by_place[0]["days"] == "28"
    kept_back = next(line for line in lines if line["figure"] == "overturned-by-source")
    assert (kept_back["value"], kept_back["shown"]) == ("", "fewer than 20 decisions")
    assert kept_back["name"] == "'=evil()"


def test_a_file_of_nothing_is_refused(desk, signed_in):
    browser = signed_in(SAM)
    browser.get("/profile")
    assert browser.post("/statistics/export", {"days": "28"}).status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(text):
    assert guarded(text) == f"'{text}"
    row = Row(text, text, (Cell(1.5, text),))
    chart = Chart(
        key="x", title="", finding="", drawing="bars", head="", columns=(text,), rows=(row,)
    )
    cells = next(
        line
        for at, line in enumerate(
            csv.reader(
                io.StringIO(
                    spreadsheet([chart], days=7, as_of=datetime(2026, 3, 14, tzinfo=UTC)).decode(
                        "utf-8-sig"
                    ),
                    newline="",
                )
            )
        )
        if at == 1
    )
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n"))]
    assert cells[4] == "1.5"


def test_many_days_are_taken_together_by_week():
    calendar = [date.fromordinal(739_000 + at) for at in range(90)]
    parts = spans(calendar)
    assert [len(part) for part in parts] == [6, *[7] * 12]
    assert [day for part in parts for day in part] == calendar
    assert spans(calendar[:28]) == [[day] for day in calendar[:28]]


def test_the_library_is_the_one_that_was_read(figures, signed_in):
    browser = signed_in(ALICE)
    browser.get("/statistics")
    held = VENDORED.read_bytes()
    asked = re.search(r'integrity="sha256-([^"]+)"', browser.page)
    assert asked
    assert asked[1] == base64.b64encode(hashlib.sha256(held).digest()).decode()
    noted = (ROOT / "docs/decisions/0013-charts.md").read_text(encoding="utf-8")
    assert hashlib.sha256(held).hexdigest() in noted
    for word in (b"eval(", b"new Function", b"innerHTML"):
        assert word not in held
