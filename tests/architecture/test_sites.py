"""The matrix's fourth axis: of whose site the object is. `sites.csv` says, for every route of the
console, what its object is, and what somebody who is limited to some sites is answered for one of
their own, for one of another's and for one that is missing.

`object`: a thing that belongs to a site; `person`, for whom that site is the reach; `all`, what is
of all sites and asks for somebody who is limited to none; `-`, nothing but what one's own pages and
lists hold, in which another site must leave no trace; `public`, for those who need not sign in.
"""

import csv
import dataclasses
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shudi import clock
from shudi.cases.gateway import files
from shudi.cases.store import Case, CaseEvent
from shudi.cases.store.batches import Batch
from shudi.cases.store.case_page import Attachment
from shudi.clients.actions import create_key
from shudi.db import limits
from shudi.db.migrate import owner_engine
from shudi.staff.actions import create_staff
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.scopes import Scope
from shudi.staff.store.scopes import StaffSite
from tests import factories, people
from tests.architecture import deeds
from tests.architecture.doors import Doors
from tests.architecture.test_audit_completeness import _contents, _rows
from tests.architecture.test_authorization import METHODS, MISSING
from tests.architecture.test_routes import rules
from tests.conftest import Store
from tests.console import pages
from tests.console.furnish import NEEDED, Furnisher

CANARY = "zebrafink"
_VARIES = re.compile(
    r'value="[^"]{20,}"|nonce-[^\' "]*|nonce="[^"]*"|\b[0-9a-f-]{16,}\b|\b\d{1,10}\b'
)
# What a page needs in its address besides the number.
_QUERY = {"wordings.edit": "?topic=case.decided&channel=webhook&language=en"}
# What a parameter of an address is called in `numbers`, where that is not its own name.
_KINDS = {"message": "notice", "reason": "words", "report": "sent", "staff": "person"}
_KINDS_AT = {
    "approvals.show": {"correction": "proposal"},
    "attachments.download": {"case": "filed"},
    "looks.show": {"case": "look"},
    "oversight.account": {"account": "inspected"},
}
# What finds things by other ways than their number, with the numbers of the other site.
_PROBES = {
    "accounts.index": ("/accounts?q=z", "/accounts?site={site}"),
    "corrections.index": ("/corrections?show=week", "/corrections?show=planned"),
    "find.index": ("/find?q=z", "/find?q={case}", "/find?q={correction}"),
    "notices.index": ("/notices?state=waiting", "/notices?site={site}"),
    "people.index": ("/people?disabled=",),
    "queue.index": ("/queue?site={site}", "/queue?holder={person}", "/queue?state=closed"),
}
# Who opens a page: the first who may, as matrix.csv has them.
_WHO = {"moderator": people.ALICE, "senior": people.SAM, "auditor": people.AUDREY,
        "admin": people.BOB, "supervisor": people.CHARLIE}  # fmt: skip


def table() -> dict[tuple[str, str], dict[str, str]]:
    with Path(__file__).with_name("sites.csv").open(encoding="utf-8", newline="") as file:
        return {(row["endpoint"], row["method"]): row for row in csv.DictReader(file)}


def who_may() -> dict[tuple[str, str], Actor]:
    """Somebody who may, for each route that needs somebody."""
    with Path(__file__).with_name("matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (row["endpoint"], row["method"]): actor
        for row in rows
        for name, actor in reversed(_WHO.items())
        if row[name] == "in"
    }


def routes(doors: Doors) -> Iterator[tuple[str, str]]:
    for rule in rules(doors, "console"):
        for method in sorted((rule.methods or set()) & METHODS):
            yield rule.endpoint, method


class Ground:
    """A store with two sites in which there is one thing of each kind: `home`, and `other`, whose
    names hold the canary.
    """

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.home = self._furnish("home", "Home", "dweller")
        self.other = self._furnish(f"{CANARY}-plaza", f"{CANARY.title()} Plaza", CANARY)
        self.limit({self.home})

    def _furnish(self, key: str, name: str, account: str) -> int:
        doors, names = self.doors, [f"{account}-{at}" for at in range(NEEDED)]
        with doors.database.transaction() as session:
            site = factories.make_site(session, now=clock.now(), key=key, name=name)
            create_key(
                session, actor=people.BOB, name=f"key of {account}", scopes=["labels:read"],
                site_id=site, now=clock.now(),
            )  # fmt: skip
            ids = [
                factories.make_account(session, site_id=site, account=one, now=clock.now())
                for one in names
            ]
            doors._see(session, [(one, "CN-GD") for one in names], doors.settings, key)
        parts = (doors.database, doors.settings, doors.vocabulary, people.ALICE, people.SAM)
        Furnisher(*parts, clock.now()).furnish(ids)
        with doors.database.transaction() as session:
            self._more(session, site, key, account)
        return site

    def _more(self, session: Session, site: int, key: str, account: str) -> None:
        """A brake, a file, and somebody who works at this site alone."""
        for at in range(4):
            name = f"{account}-mover-{at}"
            factories.make_account(session, site_id=site, account=name, now=clock.now())
        tight = dataclasses.replace(self.doors.settings, brake_region=3)
        places = [(f"{account}-mover-{at}", "US") for at in range(4)]
        self.doors._see(session, places, tight, key)
        case = session.scalars(sa.select(Case.id).where(Case.site_id == site)).first()
        kept = files.folder(self.doors.settings) / f"{account}.txt"
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(account)
        session.add(
            Attachment(
                case_id=case, staff_id=people.ALICE.staff_id, at=clock.now(), name=kept.name,
                type="text/plain", size=len(account), file=kept.name,
                digest=hashlib.sha256(account.encode()).hexdigest(),
            )
        )  # fmt: skip
        create_staff(
            session, actor=people.SYSTEM, name=f"{account} keeper", role=Role.MODERATOR,
            scope=Scope(frozenset({site})), now=clock.now(),
        )  # fmt: skip

    def limit(self, sites: set[int]) -> None:
        """Limit the whole cast to these sites (none: they work on all)."""
        ids = [who.staff_id for who in people.STAFF]
        with self.doors.database.transaction() as session:
            session.execute(sa.delete(StaffSite).where(StaffSite.staff_id.in_(ids)))
            session.add_all(
                StaffSite(staff_id=who.staff_id, site_id=one)
                for who in people.STAFF
                for one in sites
            )

    def numbers(self, site: int) -> dict[str, int]:
        """The number of something of each kind that belongs to the site."""
        with self.doors.database.limited_to(frozenset({site})).read_session() as session:
            found = numbers(session)
            keeper = sa.select(StaffSite.staff_id).where(StaffSite.site_id == site)
            newest = keeper.order_by(StaffSite.staff_id.desc()).limit(1)
            return found | {"person": session.execute(newest).scalar_one()}


def numbers(session: Session) -> dict[str, int]:
    more = {
        "attachment": sa.select(Attachment.id),
        "filed": sa.select(Attachment.case_id),
        "batch": sa.select(Batch.id),
        "note": sa.select(CaseEvent.id),
    }
    found = {name: session.execute(query.limit(1)).scalar() for name, query in more.items()}
    known = pages.numbers(session)
    known["case"] = known["report"]
    return known | {name: number for name, number in found.items() if number}


@pytest.fixture
def ground(doors: Doors) -> Ground:
    return Ground(doors)


def alike(answer: TestResponse) -> tuple[int, str]:
    """The answer without what differs each time: tokens, and the number that was asked for."""
    return answer.status_code, _VARIES.sub("…", answer.text)


def said(answer: TestResponse) -> str:
    """`in`, or how the door refused; that nothing is left to be done there is no refusal."""
    return str(answer.status_code) if answer.status_code in (401, 403, 404) else "in"


def test_every_route_says_what_its_object_is(still_doors: Doors):
    known, found = table(), set(routes(still_doors))
    assert found - known.keys() == set(), "say of whose site its object is: sites.csv"
    assert known.keys() - found == set(), "these routes are gone"


def test_another_sites_page_is_like_a_missing_one_and_leaves_no_trace(ground: Ground):
    wrong = list(_walk(ground))
    assert wrong == [], "\n".join(wrong)


def _walk(ground: Ground) -> Iterator[str]:
    """What is wrong with the pages that somebody of `home` is shown."""
    may, own, other = who_may(), ground.numbers(ground.home), ground.numbers(ground.other)
    for (endpoint, method), row in table().items():
        kind = row["object"]
        if method != "GET" or kind == "public":
            continue
        who = may[endpoint, method]
        asked = {"own": _address(ground.doors, endpoint, own)}
        if kind not in ("-", "all"):
            asked["other"] = _address(ground.doors, endpoint, other)
            asked["missing"] = _address(ground.doors, endpoint, dict.fromkeys(own, MISSING))
        probes = {path: path.format(**other) for path in _PROBES.get(endpoint, ())}
        found = {
            column: ground.doors.person(who, "GET", path)
            for column, path in (asked | probes).items()
        }
        if "other" in found and alike(found["other"]) != alike(found["missing"]):
            yield f"{endpoint}: another site's {kind} is not like a missing one"
        for column, answer in found.items():
            if said(answer) != row.get(column, "in"):
                yield f"{endpoint}: {column} is {said(answer)}, sites.csv says {row[column]}"
            if CANARY in answer.text.casefold():
                yield f"{endpoint}: {column} tells of the other site"


def _address(doors: Doors, endpoint: str, numbers: dict[str, int]) -> str:
    """The page of the thing of that kind; KeyError where there is none."""
    kinds = _KINDS | _KINDS_AT.get(endpoint, {})
    url_map, arguments = doors.console.url_map, {}
    for rule in url_map.iter_rules(endpoint):
        for name in rule.arguments:
            kind = name.removesuffix("_id")
            arguments[name] = numbers[kinds.get(kind, kind)]
    built = url_map.bind("labels.example.org").build(endpoint, arguments)
    return built + _QUERY.get(endpoint, "")


def test_without_the_limits_the_walk_fails(ground: Ground):
    """The control: sessions are not limited, as if a door had forgotten to ask."""
    with mock.patch.object(limits, "limit"):
        wrong = list(_walk(ground))
    assert len(wrong) > 40, wrong


def test_nothing_of_another_site_is_changed_and_each_attempt_is_on_record(
    ground: Ground, store: Store
):
    """Every good request there is (deeds.py): by somebody of another site, then of its own."""
    doors, known = ground.doors, table()
    every_site_of_the_deeds = set(range(1, 20)) - {ground.home, ground.other}
    owner, wrong = owner_engine(make_url(store.owner_url)), []
    for name, deed in deeds.CONSOLE.items():
        endpoint = name.split()[0]
        row = known[endpoint, "POST"]
        if deed.who is None or row["object"] in ("-", "public"):
            continue
        ground.limit(set())
        asked = deed.prepare(doors)
        ground.limit({ground.home})
        before, rows = _contents(owner), _rows(doors.database)
        answer = deeds.send(doors, "console", deed, asked)
        changed = [table for table, held in _contents(owner).items() if held != before[table]]
        rows = _rows(doors.database) - rows
        expected = row["other"] or row["own"]
        if (said(answer), changed, rows) != (expected, [], 1):
            wrong.append(f"{name}: {said(answer)}, changed {changed}, {rows} rows of the log")
        of_all = row["object"] in ("all", "key", "person")  # their deeds make such ones
        ground.limit(set() if of_all else every_site_of_the_deeds)
        answer = deeds.send(doors, "console", deed, asked)
        if answer.status_code >= 400:  # the control: the request is good
            wrong.append(f"{name}: {said(answer)} for somebody of its own site")
    owner.dispose()
    assert wrong == [], "\n".join(wrong)
