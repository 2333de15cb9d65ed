"""A small review desk: one site, a few accounts with labels, cases about them, one brake."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import html5lib
import sqlalchemy as sa
from sqlalchemy import event

from console.csrf import FIELD
from shudi.cases.actions import claims
from shudi.cases.actions.opening import Opening, open_case
from shudi.cases.actions.review import correct
from shudi.cases.rules import CaseKind
from shudi.cases.store import Case
from shudi.db import Database
from shudi.geo.actions import Locator
from shudi.labels.store import Brake, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests import factories, people
from tests.console.browser import Browser

__all__ = ["FIELD", "Desk", "build", "check_html", "counted", "hidden"]


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """What is in it. Accounts by name; `cases` are readers' reports."""

    database: Database
    settings: Settings
    vocabulary: Vocabulary
    site: int
    accounts: dict[str, int]
    cases: dict[str, int]
    brake: int
    now: datetime

    def claim(self, who: Actor, name: str) -> int:
        """`who` takes the case about `name`."""
        with self.database.transaction() as session:
            claims.claim(
                session, actor=who, case_id=self.cases[name], settings=self.settings, now=self.now
            )
        return self.cases[name]

    def correct(self, who: Actor, name: str, kind: str, region: str | None = None) -> int:
        """`who` corrects the label of `name`; returns the correction's id."""
        case_id = self.claim(who, name)
        with self.database.transaction() as session:
            label = session.get_one(Label, self.accounts[name])
            return correct(
                session,
                actor=who,
                case_id=case_id,
                version=session.get_one(Case, case_id).version,
                wish=factories.wish(label.version, kind, region),
                vocabulary=self.vocabulary,
                settings=self.settings,
                now=self.now,
            ).id

    def label(self, name: str) -> tuple[str, str | None, int]:
        """State, region and version of the label of `name`."""
        with self.database.read_session() as session:
            row = session.get_one(Label, self.accounts[name])
            return row.state.value, row.region, row.version


def build(
    database: Database,
    settings: Settings,
    vocabulary: Vocabulary,
    locator: Locator,
    now: datetime,
) -> Desk:
    """Fill a store in which the cast is hired already."""
    places = {"ann": "CN-GD", "ben": "CN-ZJ", "cat": "US", "dan": "GB"}
    with database.transaction() as session:
        site = factories.make_site(session, now=now)
        accounts = {
            name: factories.make_account(session, site_id=site, account=name, now=now)
            for name in places
        }
        factories.see(
            session, places=list(places.items()), locator=locator, settings=settings, now=now
        )
        cases = {
            name: factories.make_case(session, account=name, now=now, text=f"{name} is elsewhere")
            for name in ("ann", "ben", "cat")
        }
        brake = _brake(session, site, now)
    return Desk(database, settings, vocabulary, site, accounts, cases, brake, now)


def _brake(session: sa.orm.Session, site: int, now: datetime) -> int:
    row = Brake(
        site_id=site,
        origin="sightings",
        rule="share",
        state="held",
        opened_at=now,
        diff={"moves": [["CN-GD", "US", 40], ["", "US", 2]], "accounts": 42},
    )
    session.add(row)
    session.flush()
    opening = Opening(kind=CaseKind.BRAKE, site_id=site, brake_id=row.id)
    open_case(session, actor=people.SYSTEM, opening=opening, now=now)
    return row.id


def check_html(page: str) -> None:
    """Valid, one h1, unique ids, labelled fields, nothing inline, a token in each form."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    elements = list(tree.iter())
    ids = [one.get("id") for one in elements if one.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert sum(one.tag == "h1" for one in elements) == 1
    assert not [one for one in elements if one.get("style") or one.tag == "style"]
    assert not [name for one in elements for name in one.attrib if str(name).startswith("on")]
    assert [one.tag for one in elements].count("main") == 1
    named = {one.get("for") for one in elements if one.tag == "label"}
    inside = {id(field) for one in elements if one.tag == "label" for field in one.iter()}
    for one in elements:
        if one.tag in ("input", "select", "textarea") and one.get("type") != "hidden":
            assert one.get("id") in named or id(one) in inside, f"{one.get('name')} has no label"
        if one.tag == "form" and one.get("method") == "post":
            assert [field for field in one.iter("input") if field.get("name") == FIELD]
        if one.tag in ("a", "button"):
            assert "".join(one.itertext()).strip() or one.get("aria-label"), "nameless control"


@contextmanager
def counted(database: Database) -> Iterator[Callable[[], int]]:
    """How many statements the read engine ran inside the block."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.read_engine, "before_cursor_execute", note)
    try:
        yield lambda: len([one for one in seen if one.lstrip().upper().startswith("SELECT")])
    finally:
        event.remove(database.read_engine, "before_cursor_execute", note)


def hidden(browser: Browser, *names: str) -> dict[str, str]:
    """These hidden fields of the last page."""
    return {name: browser.field(name) for name in names}


def words_of(page: str) -> str:
    """The page's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
