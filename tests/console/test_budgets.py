"""Every page asks at most eight questions of the store, and no more where there is more to show."""

import pytest

from shudi.worker import Worker
from tests import factories
from tests.console.desk import check_html, counted
from tests.console.furnish import NEEDED, Furnisher
from tests.console.pages import ADMINISTRATORS, NO_PAGE, PAGES, STRANGERS, addresses
from tests.people import ALICE, BOB, SAM

MOST = 8
LOTS = 4  # times everything


@pytest.fixture
def furnish(desk, sqlite_database, vocabulary, locator):
    """Make one thing of each kind, on new accounts."""
    made = Furnisher(sqlite_database, desk.settings, vocabulary, ALICE, SAM, desk.now)

    def more(batch):
        names = [f"user-{batch}-{at}" for at in range(NEEDED)]
        key = f"tea-{batch}"  # the desk's own site has a brake that holds what comes in
        with sqlite_database.transaction() as session:
            site = factories.make_site(session, key=key, now=desk.now)
            ids = [
                factories.make_account(session, site_id=site, account=name, now=desk.now)
                for name in names
            ]
            factories.see(
                session, places=[(name, "CN-GD") for name in names], locator=locator,
                settings=desk.settings, now=desk.now, site=key,
            )  # fmt: skip
        made.furnish(ids)
        worker = Worker(desk.settings, sqlite_database, vocabulary)
        worker.tick(desk.now, worker.counting)

    return more


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
    browsers = {False: signed_in(SAM), True: signed_in(BOB)}
    found = {}
    for endpoint, paths in known.items():
        browser = browsers[endpoint in ADMINISTRATORS]
        for template, path in zip(PAGES[endpoint], paths, strict=True):
            with counted(database) as count:
                assert browser.get(path).status_code == 200, path
                found[template] = count()
            check_html(browser.page)
    return found
