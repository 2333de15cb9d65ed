"""The pages of the people who work here, as an admin and a stranger use them."""

import re

import pytest
import sqlalchemy as sa

from shudi.staff.actions import set_role
from shudi.staff.rules import Role
from shudi.staff.store import Staff, StaffProposal, StaffSession, StaffSignIn, StaffState
from tests.console.browser import Browser
from tests.console.test_enrol import fill, secret_of
from tests.people import ALICE, BOB, SAM, SYSTEM

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GUANGDONG = "36.1.2.3"


@pytest.fixture
def bob(signed_in):
    return signed_in(BOB)


@pytest.fixture
def second(app, signed_in, sqlite_database, now):
    """Sam, since an admin, too."""
    with sqlite_database.transaction() as session:
        set_role(session, actor=SYSTEM, staff_id=SAM.staff_id, role=Role.ADMIN, now=now)
    return signed_in(SAM)


def invited(bob, name="Dora", role="senior"):
    """Invite somebody; the answer, the person's page and the link on it."""
    bob.get("/people/invite")
    answer = bob.post("/people/invite", {"name": name, "role": role, "reach": "all"})
    page = answer.location or ""
    bob.get(page)
    link = re.search(r"<code>https://labels\.example\.org(/enrol/[\w-]+)</code>", bob.page)
    return page, link[1] if link else ""


def change(bob, page, act, **form):
    bob.get(page)
    return bob.post(f"{page}/{act}", {"version": bob.field("version"), **form})


def row_of(database, name="Dora"):
    with database.read_session() as session:
        return session.scalars(sa.select(Staff).where(Staff.name == name)).one()


def came_in(app, link, time, address=GUANGDONG):
    """Somebody uses the link, from that address; their browser."""
    browser = Browser(app, address)
    browser.get(link, User_Agent=FIREFOX)
    browser.post(link, fill(browser, secret_of(browser), time.now), User_Agent=FIREFOX)
    return browser


def test_who_is_invited_comes_in_by_a_link_that_is_shown_once(
    app, bob, sqlite_database, time, locator
):
    app.extensions["locator"] = locator
    page, link = invited(bob)
    assert link
    bob.get(page)
    assert link not in bob.page
    assert "enrol" not in (bob.cookie("__Host-shudi-flash") or "")
    dora = came_in(app, link, time)
    assert dora.get("/queue").status_code in (200, 303)
    assert Browser(app).get(link).status_code == 404
    dora.get("/profile")
    assert "Firefox on Linux" in dora.page
    assert "Guangdong" in dora.page
    bob.get(page)
    for words in ("Firefox on Linux", "Guangdong", "Senior moderator"):
        assert words in bob.page
    with sqlite_database.read_session() as session:
        kept = str(session.execute(sa.select(StaffSignIn.__table__)).all())
    assert GUANGDONG not in kept + bob.page + dora.page
    assert "Mozilla" not in kept


def test_a_name_that_is_taken_or_a_role_of_two_is_refused_where_it_was_typed(bob):
    bob.get("/people/invite")
    assert '<option value="admin"' not in bob.page
    answer = bob.post("/people/invite", {"name": "alice", "role": "senior", "reach": "all"})
    assert (answer.status_code, "already" in bob.page) == (409, True)
    assert bob.field("name") == "alice"
    for wrong in ({"name": "Dora", "role": "admin"}, {"name": "", "role": "senior"}, {}):
        assert bob.post("/people/invite", wrong | {"reach": "all"}).status_code == 422
    odd = {"name": "a\u202eb", "role": "senior", "reach": "all"}
    assert bob.post("/people/invite", odd).status_code == 422


def test_a_new_link_ends_the_one_before(app, bob):
    page, before = invited(bob)
    assert change(bob, page, "link").status_code == 303
    bob.get(page)
    after = re.search(r"(/enrol/[\w-]+)</code>", bob.page)[1]
    assert Browser(app).get(before).status_code == 404
    assert Browser(app).get(after).status_code == 200


def test_a_reset_ends_sessions_and_shows_no_secret(app, bob, sqlite_database, time):
    page, link = invited(bob)
    dora = came_in(app, link, time)
    sealed = row_of(sqlite_database).totp_secret
    assert change(bob, page, "reset").status_code == 303
    assert dora.get("/profile").status_code == 303
    bob.get(page)
    assert sealed not in bob.page
    assert "Not set" in bob.page
    again = re.search(r"(/enrol/[\w-]+)</code>", bob.page)[1]
    time.turn(minutes=1)
    assert came_in(app, again, time).get("/profile").status_code == 200


def test_who_is_disabled_is_out_and_comes_back_by_a_link(app, bob, sqlite_database, time):
    page, link = invited(bob)
    dora = came_in(app, link, time)
    assert change(bob, page, "disable").status_code == 303
    assert dora.get("/profile").status_code == 303
    bob.get("/people")
    assert "Dora" not in bob.page
    bob.get("/people?disabled=")
    assert "Dora" in bob.page
    assert change(bob, page, "enable", role="auditor").status_code == 303
    row = row_of(sqlite_database)
    assert (row.role, row.state) == (Role.AUDITOR, StaffState.INVITED)
    assert change(bob, page, "enable", role="auditor").status_code == 422


def test_sessions_are_ended_one_by_one_and_all(app, bob, sqlite_database, time, signed_in):
    page, link = invited(bob)
    dora, staff_id = came_in(app, link, time), int(page.rsplit("/", 1)[1])
    with sqlite_database.read_session() as session:
        [sign_in] = session.scalars(
            sa.select(StaffSession.sign_in_id).where(StaffSession.staff_id == staff_id)
        )
    bob.get(page)
    assert bob.post(f"/people/1/sessions/{sign_in}/end").status_code == 404
    assert dora.get("/profile").status_code == 200
    bob.get(page)
    assert bob.post(f"{page}/sessions/{sign_in}/end").status_code == 303
    assert dora.get("/profile").status_code == 303
    others = [signed_in(ALICE), signed_in(ALICE)]
    bob.get("/people/1")
    assert bob.post("/people/1/sessions/end").status_code == 303
    assert [one.get("/profile").status_code for one in others] == [303, 303]
    bob.get("/people/1")
    assert bob.post("/people/1/sessions/end").status_code == 404


def test_ones_own_other_session_is_ended_from_the_profile(app, bob, time, sqlite_database):
    _, link = invited(bob)
    dora = came_in(app, link, time)
    _, other = invited(bob, "Emil")
    emil = came_in(app, other, time)
    with sqlite_database.read_session() as session:
        mine = sa.select(Staff.name, StaffSession.sign_in_id)
        known = dict(
            session.execute(mine.join(StaffSession, StaffSession.staff_id == Staff.id)).all()
        )
    dora.get("/profile")
    assert "This browser" in dora.page
    assert dora.post(f"/profile/sessions/{known['Emil']}/end").status_code == 404
    assert emil.get("/profile").status_code == 200
    dora.get("/profile")
    assert dora.post(f"/profile/sessions/{known['Dora']}/end").status_code == 303
    assert dora.get("/profile").status_code == 303


def test_an_admin_is_proposed_by_one_and_confirmed_by_another(bob, second, sqlite_database):
    assert change(bob, "/people/1", "role", role="admin").status_code == 303
    with sqlite_database.read_session() as session:
        proposal = session.scalars(sa.select(StaffProposal.id)).one()
    bob.get("/people/1")
    assert "Withdraw" in bob.page
    assert f"/people/proposals/{proposal}/confirm" not in bob.page
    assert bob.post(f"/people/proposals/{proposal}/confirm").status_code == 403
    assert row_of(sqlite_database, "alice").role is Role.MODERATOR
    second.get("/people")
    assert "bob proposes alice as an administrator." in second.page
    second.get("/people/1")
    assert second.post(f"/people/proposals/{proposal}/confirm").status_code == 303
    assert row_of(sqlite_database, "alice").role is Role.ADMIN
    second.get("/people/1")
    assert second.post(f"/people/proposals/{proposal}/refuse").status_code == 409


def test_what_changed_meanwhile_is_shown_and_nothing_is_done(bob, second, sqlite_database):
    bob.get("/people/1")
    seen = bob.field("version")
    assert change(second, "/people/1", "role", role="senior").status_code == 303
    answer = bob.post("/people/1/role", {"version": seen, "role": "auditor"})
    assert answer.status_code == 409
    assert "Somebody changed this person meanwhile" in bob.page
    assert "Senior moderator" in bob.page
    assert row_of(sqlite_database, "alice").role is Role.SENIOR


@pytest.mark.parametrize("act", ["role", "disable", "enable", "reset", "link"])
def test_nobody_changes_themselves(bob, sqlite_database, act):
    bob.get(f"/people/{BOB.staff_id}")
    assert "This is you." in bob.page
    form = {"version": "1", "role": "senior"}
    assert bob.post(f"/people/{BOB.staff_id}/{act}", form).status_code == 403
    assert row_of(sqlite_database, "bob").role is Role.ADMIN


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("role", {"version": "1", "role": "god"}),
        ("role", {"version": "1"}),
        ("role", {"version": "x", "role": "senior"}),
        ("disable", {}),
        ("enable", {"version": "1", "role": "admin"}),
        ("link", {"version": ""}),
    ],
)
def test_a_broken_form_changes_nothing(bob, sqlite_database, act, form):
    bob.get("/people/1")
    assert bob.post(f"/people/1/{act}", form).status_code == 422
    row = row_of(sqlite_database, "alice")
    assert (row.role, row.state, row.version) == (Role.MODERATOR, StaffState.ACTIVE, 1)


def test_more_people_than_a_page_shows_are_on_the_next(bob, sqlite_database, now):
    with sqlite_database.transaction() as session:
        for at in range(120):
            session.add(
                Staff(name=f"x {at:03}", role=Role.AUDITOR, state=StaffState.ACTIVE, created_at=now)
            )
    bob.get("/people")
    assert "x 092" in bob.page
    assert "x 093" not in bob.page
    following = re.search(r'rel="next" href="([^"]+)"', bob.page)[1]
    bob.get(following)
    assert "x 093" in bob.page
    assert "alice" not in bob.page
