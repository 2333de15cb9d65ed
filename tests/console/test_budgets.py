"""Every page asks at most eight questions of the store, and no more where there is more to show."""

import sqlalchemy as sa

from shudi.sites.store import Site
from shudi.staff.actions import set_scope
from shudi.staff.rules.scopes import Scope
from tests.console.desk import check_html, counted
from tests.console.pages import ADMINISTRATORS, NO_PAGE, PAGES, STRANGERS, SUPERVISORS, addresses
from tests.people import BOB, CHARLIE, SAM, SYSTEM

MOST = 8
LOTS = 4  # times everything


def test_every_route_that_answers_a_get_is_a_page_or_says_why_not(app):
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    known = PAGES.keys() | NO_PAGE.keys() | STRANGERS
    assert routes - known == set(), "add the page to tests/console/pages.py"
    assert known - routes == set(), "these routes are gone"


def test_every_page_asks_at_most_eight_questions(furnish, signed_in, sqlite_database):
    furnish(0)
    few = asked(signed_in, sqlite_database)
    assert {path: n for path, n in few.items() if n > MOST} == {}
    for batch in range(1, LOTS):
        furnish(batch)
    many = asked(signed_in, sqlite_database)
    assert {path: (n, many[path]) for path, n in few.items() if many[path] > n} == {}


def asked(signed_in, database):
    """How many questions each page asks, by its address before the numbers."""
    with database.read_session() as session:
        known = addresses(session)
    senior, admin, supervisor = (signed_in(one) for one in (SAM, BOB, CHARLIE))
    found = {}
    for endpoint, paths in known.items():
        browser = supervisor if endpoint in SUPERVISORS else senior
        browser = admin if endpoint in ADMINISTRATORS else browser
        for template, path in zip(PAGES[endpoint], paths, strict=True):
            with counted(database) as count:
                assert browser.get(path).status_code == 200, path
                found[template] = count()
            check_html(browser.page)
    with counted(database) as count:  # an administrator's has other things in it
        assert admin.get("/").status_code == 200
        found["/ for an administrator"] = count()
    return found


def test_whoever_is_limited_to_sites_asks_no_more(furnish, signed_in, sqlite_database, now):
    furnish(0)
    free = asked(signed_in, sqlite_database)
    with sqlite_database.transaction() as session:
        scope = Scope(frozenset(session.scalars(sa.select(Site.id))))
        set_scope(session, actor=SYSTEM, staff_id=SAM.staff_id, scope=scope, now=now)
    browser, more = signed_in(SAM), {}
    with sqlite_database.read_session() as session:
        known = addresses(session)
    for endpoint in PAGES.keys() - ADMINISTRATORS - SUPERVISORS:
        for template, path in zip(PAGES[endpoint], known[endpoint], strict=True):
            with counted(sqlite_database) as count:
                answer = browser.get(path)
                if answer.status_code == 200 and count() > free[template]:
                    more[template] = free[template], count()
    assert more == {}
