"""Contesting on the holder's page and answering at the desk; nobody's name crosses over."""

import json

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.cases.actions.holders import make_link
from shudi.cases.rules import CaseKind
from shudi.cases.store import Case
from shudi.staff.store import Staff
from tests.console.desk import check_html, hidden, words_of
from tests.console.test_holder import entered, link  # noqa: F401 - a fixture
from tests.people import ALICE, AMIR, PLATFORM, SONJA

TOLD = "We looked again; your activity came from Guangdong."


def _contest(browser, **more):
    seen = hidden(browser, "label_version", "holder_token")
    form = seen | {"csrf_token": browser.token(), "text": "I live in Guangdong."} | more
    return browser.post("/holder/contest", form)


def _case(desk):
    with desk.database.read_session() as session:
        return session.scalars(
            sa.select(Case.id).where(Case.kind == CaseKind.CONTEST).order_by(Case.id.desc())
        ).first()


def _decide(page, case_id, **form):
    page.get(f"/cases/{case_id}")
    page.post(f"/cases/{case_id}/claim")
    page.get(f"/cases/{case_id}")
    check_html(page.page)
    seen = hidden(page, "version", "label_version") | {"csrf_token": page.token()}
    return page.post(f"/cases/{case_id}/decide", seen | form)


def _exports(desk):
    with desk.database.read_session() as session:
        query = sa.select(sa.func.count()).where(AuditRow.action == "holder.exported")
        return session.scalar(query)


def _rename(desk):
    """Names that stand nowhere else, for everybody who works here."""
    with desk.database.transaction() as session:
        for number, row in enumerate(session.scalars(sa.select(Staff).order_by(Staff.id))):
            row.name = f"Planted{number}"


def test_from_the_contest_to_the_second_instance(desk, link, browser, signed_in):  # noqa: F811
    desk.correct(ALICE, "ann", "mark_uncertain")
    entered(browser, link())
    assert _contest(browser, evidence="My ticket of Monday.").status_code == 303
    browser.get("/holder")
    check_html(browser.page)
    assert "My ticket of Monday." in browser.page
    assert "you have an answer by" in browser.page
    case, answering = _case(desk), signed_in(AMIR)
    keep = {"verdict": "keep", "keep_reason": "evidence_agrees", "text": "Seen."}
    assert _decide(answering, case, **keep).status_code == 422
    assert "Write what the account holder is told." in answering.page
    assert "My ticket of Monday." in answering.page
    assert _decide(answering, case, **keep, answer="Amir says no").status_code == 422
    assert "Amir says no" in answering.page  # kept
    assert _decide(answering, case, **keep, answer=TOLD).status_code == 303
    browser.get("/holder")
    check_html(browser.page)
    assert TOLD in browser.page
    assert "Ask for a second look" in browser.page
    assert _contest(browser).status_code == 303
    answering.get(f"/cases/{_case(desk)}")
    assert "Claim this case" not in answering.page
    senior = signed_in(SONJA)
    end = {"verdict": "restore", "text": "It was right before.", "answer": TOLD}
    assert _decide(senior, _case(desk), **end).status_code == 303
    senior.get(f"/cases/{_case(desk)}")
    check_html(senior.page)
    assert "waits for a second person" in words_of(senior.page)


def test_own_data_is_a_file_and_on_record(desk, link, browser):  # noqa: F811
    entered(browser, link())
    before = _exports(desk)
    assert browser.post("/holder/export", {"holder_token": "x"}).status_code == 403
    assert _exports(desk) == before
    browser.get("/holder")
    form = hidden(browser, "holder_token") | {"csrf_token": browser.token()}
    answer = browser.post("/holder/export", form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.get_data(as_text=True))["label"]["region"] == "CN-GD"
    assert _exports(desk) == before + 1


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_nobody_of_the_desk_reaches_the_holder(desk, link, browser, signed_in, language):  # noqa: F811
    """Every route of the holder, after everybody had a hand in it under names planted for it."""
    desk.correct(ALICE, "ann", "coarsen")
    path = link()
    entered(browser, path)
    _contest(browser)
    keep = {"verdict": "keep", "keep_reason": "evidence_agrees", "text": "Planted1 saw it."}
    assert _decide(signed_in(AMIR), _case(desk), **keep, answer=TOLD).status_code == 303
    _rename(desk)
    pages = []
    for address in (f"/holder?lang={language}", "/holder/left", path):
        browser.get(address)
        pages.append(browser.page)
    browser.get("/holder")
    form = hidden(browser, "holder_token", "label_version") | {"csrf_token": browser.token()}
    for address in ("/holder/export", "/holder/contest", "/holder/contest"):
        answer = browser.post(address, form | {"text": "Me"})
        pages.append(str(answer.headers) + answer.get_data(as_text=True))
    for address in ("/holder/leave", path, "/holder/nothing"):
        answer = browser.post(address, form)
        pages.append(str(answer.headers) + answer.get_data(as_text=True))
    for page in pages:
        for secret in ("planted", "alice", "amir", "staff:", "dbip", "mmdb", "hosting"):
            assert secret not in page.lower()


def test_a_link_for_another_account_shows_only_that_one(desk, browser):
    with desk.database.transaction() as session:
        token = make_link(session, actor=PLATFORM, site_id=desk.site, account="ben", now=desk.now)
    entered(browser, f"/holder/{token}")
    assert "Zhejiang" in browser.page
    assert "Guangdong" not in browser.page
