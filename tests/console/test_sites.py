"""The pages of the communities: two admins end one, and nothing of it is there any more."""

import pytest
import sqlalchemy as sa

from shudi.cases.actions.site_erasure import erase_some
from shudi.sites.store import Site, SiteClosing
from shudi.staff.actions import set_role
from shudi.staff.rules import Role
from tests.console import pages
from tests.console.desk import check_html
from tests.people import ALICE, AUDREY, BOB, SAM, SONJA, SYSTEM

WHY = "The community moved elsewhere."


@pytest.fixture
def bob(signed_in):
    return signed_in(BOB)


@pytest.fixture
def second(desk, signed_in, time):
    """Sonja, an admin by now."""
    with desk.database.transaction() as session:
        set_role(session, actor=SYSTEM, staff_id=SONJA.staff_id, role=Role.ADMIN, now=time.now)
    return signed_in(SONJA)


def _key(desk):
    with desk.database.read_session() as session:
        return session.get_one(Site, desk.site).key


def _propose(browser, desk, **changes):
    page = f"/sites/{desk.site}"
    browser.get(page)
    return browser.post(f"{page}/close", {"key": _key(desk), "reason": WHY} | changes)


def _number(desk):
    with desk.database.read_session() as session:
        return session.scalar(sa.select(sa.func.max(SiteClosing.id)))


def _end(bob, second, desk):
    _propose(bob, desk)
    second.get(f"/sites/{desk.site}")
    return second.post(f"/sites/closings/{_number(desk)}/confirm", {})


def test_one_proposes_and_another_confirms(bob, second, desk):
    answer = _propose(bob, desk)
    assert (answer.status_code, answer.location) == (303, f"/sites/{desk.site}")
    bob.get(f"/sites/{desk.site}")
    assert WHY in bob.page
    assert "/confirm" not in bob.page  # it is one's own
    for page in ("/", "/sites"):
        bob.get(page)
        assert "proposes to close" in bob.page, page
    refused = bob.post(f"/sites/closings/{_number(desk)}/confirm", {})
    assert refused.status_code == 403
    second.get(f"/sites/{desk.site}")
    assert "/confirm" in second.page
    assert second.post(f"/sites/closings/{_number(desk)}/confirm", {}).status_code == 303
    second.get("/sites")
    again = second.post(f"/sites/closings/{_number(desk)}/confirm", {})
    assert again.status_code == 409
    second.get("/")
    assert "proposes to close" not in second.page
    for page in ("/sites", f"/sites/{desk.site}"):
        second.get(page)
        check_html(second.page)
        assert "being erased" in second.page
    with desk.database.transaction() as session:
        while erase_some(session, now=desk.now):
            pass
    second.get(f"/sites/{desk.site}")
    assert "Closed and erased" in second.page


def test_what_was_typed_stays_where_the_key_is_another(bob, second, desk):
    for typed, code in (("elsewhere", 422), ("", 422)):
        answer = _propose(bob, desk, key=typed)
        assert answer.status_code == code
        assert WHY in bob.page
    assert _propose(bob, desk).status_code == 303
    assert _propose(second, desk).status_code == 409


def test_it_is_withdrawn_or_refused(bob, second, desk):
    for browser, word in ((bob, "Withdraw"), (second, "Refuse")):
        _propose(bob, desk)
        browser.get(f"/sites/{desk.site}")
        assert word in browser.page
        assert browser.post(f"/sites/closings/{_number(desk)}/refuse", {}).status_code == 303
        browser.get(f"/sites/{desk.site}")
        assert "/close" in browser.page
    assert bob.get("/sites/999").status_code == 404


def test_no_page_of_it_is_there_any_more(furnish, signed_in, desk):
    """Everything that a site may hold, and each of its pages before and after."""
    furnish(0)
    with desk.database.read_session() as session:
        closed = session.scalars(sa.select(Site.id).where(Site.closed_at.is_(None))).all()
        found = pages.addresses(session)
    ours = {"sites.show", "clients.show", "people.show", "reasons.show", "source_updates.show",
            "receivers.show", "wordings.edit", "notices.show",
            "inspections.show", "oversight.show"}  # fmt: skip
    things = {
        name: paths for name, paths in found.items() if name.endswith(".show") and name not in ours
    }
    admin, senior = signed_in(BOB), signed_in(SAM)
    for paths in things.values():
        assert {senior.get(path).status_code for path in paths} <= {200, 303}
    with desk.database.transaction() as session:
        session.execute(sa.update(Site).where(Site.id.in_(closed)).values(closed_at=desk.now))
    for paths in things.values():
        for path in paths:
            assert senior.get(path).status_code == 404, path
    for name in ("receivers.show", "wordings.edit"):
        assert {admin.get(path).status_code for path in found[name]} == {404}
    for who in (ALICE, AUDREY):
        browser = signed_in(who)
        for path in ("/queue", "/queue?state=closed", "/corrections", "/batches", "/"):
            assert browser.get(path).status_code == 200, path
            assert "data-row" not in browser.page, path
