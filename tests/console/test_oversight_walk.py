"""A supervisor opens everything there is: nothing outside of the inspection is shown, and the log has
what was. Who is in an inspection is worked out here a second time, in Python, from the whole store.
"""

import dataclasses
import json
import re
from datetime import timedelta
from unittest import mock

import pytest
import sqlalchemy as sa

import console
from shudi import clock
from shudi.accounts.store import Account
from shudi.audit.store import AuditRow, AuditText
from shudi.cases.actions.erasure import delete_account
from shudi.labels.store import Label
from shudi.oversight.actions import stop
from shudi.oversight.queries import happened, looking
from shudi.staff.actions import set_scope
from shudi.staff.actions.sessions import open_session
from shudi.staff.rules import Role
from shudi.staff.rules.scopes import Scope
from shudi.staff.store import OwnAccount
from tests import factories, inspecting, people
from tests.architecture.test_reads import _closed
from tests.console.browser import BASE, Browser
from tests.console.conftest import Turnable
from tests.people import BOB, CHARLIE

PLACES = ("CN-GD", "CN-ZJ", "CN", "HK", "US")
EACH = 9  # accounts of each place and site: more than one page of a list in all
_ID = re.compile(r"\bq\d+[a-z]+(?:forum|north)\b")  # no part of a random token looks so


class Ground:
    """Two sites with accounts in five places, some of them odd, a case about each."""

    def __init__(self, database, settings, vocabulary, now):
        self.database, self.now = database, now
        self.app = console.create_app(
            dataclasses.replace(settings, base_url=BASE), database=database, vocabulary=vocabulary
        )
        self.sites = [factories.world(database, now=now)]
        with database.transaction() as session:
            self.sites.append(factories.make_site(session, key="north", now=now))
            for site, key in zip(self.sites, ("forum", "north"), strict=True):
                self._people(session, site, key)
            self._odd(session)
        self.supervisor = self.browser()

    def _people(self, session, site, key):
        for place in PLACES:
            tail = place.casefold().replace("-", "")
            names = [f"q{at}{tail}{key}" for at in range(EACH)]
            factories.make_labels(
                session, site_id=site, names=names, region=place, now=self.now - timedelta(days=50)
            )
            for name in names:
                factories.make_case(session, account=name, site=key, now=self.now)

    def _odd(self, session):
        """Erased, protected, younger than any period, with a young label, the supervisor's own."""
        odd = [f"q{at}cngdforum" for at in range(5)]
        gone, hidden, young, moved, own = (
            session.scalars(sa.select(Account).where(Account.account == name)).one() for name in odd
        )
        delete_account(
            session, actor=people.PLATFORM, site_id=self.sites[0], account=gone.account,
            now=self.now,
        )  # fmt: skip
        session.get_one(Label, hidden.id).hidden = True
        young.created_at = self.now
        session.get_one(Label, moved.id).since = self.now.date()
        session.add(OwnAccount(staff_id=CHARLIE.staff_id, account_id=own.id, declared_at=self.now))
        self.own = own.id

    def browser(self):
        with self.database.transaction() as session:
            token = open_session(session, staff_id=CHARLIE.staff_id, now=self.now, hours=12)
        browser = Browser(self.app)
        browser.hold(token)
        return browser

    def accounts(self):
        """id: (site, name, place that readers see, since when, created, erased)."""
        query = sa.select(
            Account.id, Account.site_id, Account.account, Label.region, Label.hidden, Label.since,
            Account.created_at, Account.deleted_at,
        ).join(Label, Label.account_id == Account.id)  # fmt: skip
        with self.database.read_session() as session:
            return session.execute(query).all()

    def expected(self, wanted, scope=Scope()):  # noqa: B008 -- it is frozen
        """The names within a request, for a supervisor of this scope."""

        def placed(row, codes):
            region = None if row.hidden else row.region
            return region is not None and (region in codes or region.split("-")[0] in codes)

        found = set()
        for row in self.accounts():
            if row.deleted_at is not None or row.id == self.own:
                continue
            if row.site_id not in wanted.sites or row.created_at.date() > wanted.until:
                continue
            if scope.sites is not None and row.site_id not in scope.sites:
                continue
            if scope.regions is not None and not placed(row, scope.regions):
                continue
            if wanted.regions:
                if placed(row, wanted.regions) and row.since <= wanted.until:
                    found.add(row.account)
            elif row.account in wanted.accounts:
                found.add(row.account)
        return found


@pytest.fixture
def ground(database, settings, vocabulary, now, monkeypatch):
    monkeypatch.setattr(clock, "now", Turnable(now))
    return Ground(database, settings, vocabulary, now)


def requests(ground):
    """By name: what is asked for, and the supervisor's scope from then on."""
    now = ground.now
    yesterday = (now - timedelta(days=1)).date()
    both = {"sites": frozenset(ground.sites), "until": yesterday}
    named = tuple(f"q{at}{place}forum" for at in range(1, 9) for place in ("cngd", "us"))
    return {
        "named": (inspecting.request(now, accounts=named, until=yesterday), Scope()),
        "a province": (inspecting.by_regions(now, "CN-GD", **both), Scope()),
        "a country": (inspecting.by_regions(now, "CN", **both), Scope()),
        "of one site now": (
            inspecting.by_regions(now, "CN", "US", **both),
            Scope(frozenset({ground.sites[1]})),
        ),
        "of one province now": (
            inspecting.by_regions(now, "CN", "US", **both),
            Scope(regions=frozenset({"CN-ZJ"})),
        ),
        "named, of one country now": (
            inspecting.request(now, accounts=named, until=yesterday),
            Scope(regions=frozenset({"US"})),
        ),
    }


def narrow(ground, scope):
    with ground.database.transaction() as session:
        set_scope(session, actor=BOB, staff_id=CHARLIE.staff_id, scope=scope, now=ground.now)
    ground.supervisor = ground.browser()  # a new scope ends the sessions


def walk(ground, number):
    """Open every page of the inspection over every account there is; the names that were shown,
    those that were answered 200 by their number, and how many answers there were.
    """
    browser, base = ground.supervisor, f"/oversight/{number}"
    shown, opened, answers = set(), set(), 0

    def follow(path):
        nonlocal answers
        while path:
            answer = browser.get(path)
            if answer.status_code == 404:
                return
            assert answer.status_code == 200, (path, answer.status_code)
            answers += 1
            shown.update(_ID.findall(answer.text))
            found = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)" rel="next"', answer.text)
            path = (found[1] or found[2]).replace("&amp;", "&") if found else ""

    follow(base)
    follow(f"{base}/cases")
    for row in ground.accounts():
        answer = browser.get(f"{base}/accounts/{row.id}")
        if answer.status_code == 200:
            answers += 1
            opened.add(row.account)
            shown.update(_ID.findall(answer.text))
        if row.id % 4:  # looking for it takes as long as opening it
            continue
        found = browser.get(f"{base}?q={row.account}")
        if found.status_code == 200:
            answers += 1
            shown.update(_ID.findall(re.sub(r"<input[^>]*>", "", found.text)))
    for table in ("accounts", "corrections", "cases"):
        browser.get("/oversight")
        answer = browser.post(f"{base}/export", {"table": table, "file": "csv"})
        if answer.status_code == 200:
            answers += 1
            shown.update(_ID.findall(answer.text))
    return shown, opened, answers


def logged(ground, number):
    """How many rows the log has of it, and the accounts that they name."""
    query = (
        sa.select(AuditRow.after, AuditText.text)
        .outerjoin(AuditText, AuditText.seq == AuditRow.seq)
        .where(
            AuditRow.target_type == "inspection",
            AuditRow.target_id == str(number),
            AuditRow.action.in_(("inspection.looked", "inspection.exported")),
        )
    )
    names = {row.id: row.account for row in ground.accounts()}
    with ground.database.read_session() as session:
        rows = session.execute(query).all()
    ids = [[int(one) for one in (row.text or "").split()] for row in rows]
    assert [len(some) for some in ids] == [json.loads(row.after)["accounts"] for row in rows]
    return len(rows), {names[one] for some in ids for one in some}


@pytest.mark.parametrize("which", ["named", "a province", "a country", "of one site now",
                                   "of one province now", "named, of one country now"])  # fmt: skip
def test_all_of_it_is_shown_nothing_else_and_all_is_on_record(ground, which):
    wanted, scope = requests(ground)[which]
    number = inspecting.run(ground.database, wanted, ground.now)
    if scope != Scope():
        narrow(ground, scope)
    expected = ground.expected(wanted, scope)
    assert len(expected) >= 5
    shown, opened, answers = walk(ground, number)
    assert shown - expected == set()
    assert opened == expected
    assert shown == expected
    assert logged(ground, number) == (answers, expected)


def test_control_without_the_scope_the_walk_sees_the_others(ground):
    wanted, _ = requests(ground)["named"]
    number = inspecting.run(ground.database, wanted, ground.now)
    with (
        mock.patch.object(looking, "within", return_value=()),
        mock.patch.object(happened, "within", return_value=()),
    ):
        shown, opened, _ = walk(ground, number)
    assert len(shown - ground.expected(wanted)) > 60
    assert len(opened - ground.expected(wanted)) > 60


def test_another_ones_an_ended_and_a_waiting_one_show_nothing(ground):
    now = ground.now
    named = {"accounts": ("q6usforum",)}
    with ground.database.transaction() as session:
        other = inspecting.hire(session, "cora", Role.SUPERVISOR, now)
    anothers = inspecting.run(
        ground.database,
        inspecting.request(now, supervisors=frozenset({other.staff_id}), **named),
        now,
    )
    waiting = inspecting.propose(ground.database, inspecting.request(now, **named), now)
    stopped = inspecting.run(ground.database, inspecting.request(now, **named), now)
    over = inspecting.run(
        ground.database,
        inspecting.request(now - timedelta(days=10), **named),
        now - timedelta(days=10),
    )
    with ground.database.transaction() as session:
        stop(session, actor=BOB, inspection_id=stopped, version=2, text="Over.", now=now)
    for number in (anothers, waiting, stopped, over, 999_999):
        assert walk(ground, number) == (set(), set(), 0)
        assert logged(ground, number) == (0, set())


@pytest.mark.parametrize("how", ["gone", "refusing"])
def test_without_the_log_nothing_is_shown(ground, store, how):
    wanted, _ = requests(ground)["named"]
    number = inspecting.run(ground.database, wanted, ground.now)
    browser, base = ground.supervisor, f"/oversight/{number}"
    [account] = [row.id for row in ground.accounts() if row.account == "q6usforum"]
    pages = [base, f"{base}?q=q6usforum", f"{base}/cases", f"{base}/accounts/{account}"]
    assert [browser.get(path).status_code for path in pages] == [200] * 4
    browser.get("/oversight")
    with _closed(store, how):
        answers = [browser.get(path) for path in pages]
        browser.page = browser.page or ""
        token = ground.browser()
        token.get("/oversight")
        answers.append(token.post(f"{base}/export", {"table": "accounts", "file": "csv"}))
    assert [one.status_code for one in answers] == [503] * 5
    assert not any(_ID.findall(re.sub(r"q=q6usforum", "", one.text)) for one in answers)
    assert not any("Content-Disposition" in one.headers for one in answers)
    assert browser.get(base).status_code == 200


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_control_a_page_that_forgets_the_log_shows_everything(ground, store):
    wanted, _ = requests(ground)["named"]
    number = inspecting.run(ground.database, wanted, ground.now)
    base = f"/oversight/{number}"
    assert ground.supervisor.get(base).status_code == 200
    with (
        mock.patch("shudi.oversight.actions.looking.append"),
        _closed(store, "refusing"),
    ):
        assert "q6usforum" in ground.supervisor.get(base).text


def selects(ground, address):
    """How many questions the page asks of the writing engine: it reads and logs there."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    sa.event.listen(ground.database.write_engine, "before_cursor_execute", note)
    assert ground.supervisor.get(address).status_code == 200
    sa.event.remove(ground.database.write_engine, "before_cursor_execute", note)
    return len([one for one in seen if one.lstrip().upper().startswith("SELECT")])


def test_pages_ask_no_more_where_there_is_more(ground):
    account = next(row.id for row in ground.accounts() if row.account == "q6cngdforum")
    counts = []
    for which in ("named", "a country"):
        number = inspecting.run(ground.database, requests(ground)[which][0], ground.now)
        pages = ("", "/cases", f"/accounts/{account}")
        counts.append([selects(ground, f"/oversight/{number}{path}") for path in pages])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8
