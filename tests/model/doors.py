"""How people and programs reach the product in a story: forms with their token, JSON with a key."""

import dataclasses
import html
import re
from typing import Any

import sqlalchemy as sa
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from shudi.audit.store import AuditRow
from shudi.cases.actions.batches import running
from shudi.staff.actions.sessions import open_session
from shudi.staff.codec.keyring import token_hash
from shudi.staff.store import StaffSession
from shudi.worker import Job
from tests.console.browser import BASE, Browser
from tests.model.state import Person
from tests.model.world import ADDRESSES, CAST, LONG, SITE, Place, Turnable

_TAGS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a door said, and the audit rows that were written meanwhile: (action, after)."""

    status: int
    page: str
    rows: list[tuple[str, str]]
    json: Any = None

    @property
    def words(self) -> str:
        """The page's text."""
        return re.sub(r"\s+", " ", html.unescape(_TAGS.sub(" ", self.page)))


class Doors:
    """Everybody's way in to one place."""

    def __init__(self, place: Place, time: Turnable) -> None:
        self.place, self.time = place, time
        self._browsers: dict[str, Browser] = {}
        self._tokens: dict[str, str] = {}
        self.client = Client(place.short_way, Response)  # type: ignore[arg-type]
        self.seq = self._last()

    def browser(self, person: Person) -> Browser:
        """The browser in which the person has signed in."""
        if person.name not in self._browsers:
            self._hold(person, self.place.filled.tokens[person.name])
        return self._browsers[person.name]

    def sign_in_again(self, person: Person) -> None:
        """After what ended the person's sessions."""
        with self.place.database.transaction() as session:
            token = open_session(session, staff_id=person.id, now=self.time.now, hours=LONG)
        self._hold(person, token)

    def _hold(self, person: Person, token: str) -> None:
        """Have the cookie, and the token that the first page would carry in its forms."""
        browser = Browser(self.place.console)
        browser.hold(token)
        with self.place.database.read_session() as session:
            found = sa.select(StaffSession.csrf).filter_by(token_hash=token_hash(token))
            self._tokens[person.name] = session.scalars(found).one()
        self._browsers[person.name] = browser

    def post(self, person: Person, path: str, **data: Any) -> Answer:
        """Send a form of the console."""
        browser = self.browser(person)
        sent = {name: str(value) for name, value in data.items() if value is not None}
        answer = browser.post(path, {"csrf_token": self._tokens[person.name], **sent})
        return self._heard(answer, browser.page)

    def get(self, person: Person, path: str) -> Answer:
        browser = self.browser(person)
        return self._heard(browser.get(path), browser.page)

    def holder(self, account: str) -> "HolderDoor | None":
        """The account holder's own page, by a fresh one-time link; None where there is none."""
        link = self.api("POST", "/holder-links", json={"site": SITE, "account": account})
        if link.status == 404:
            return None
        assert link.status == 201, link.page
        return HolderDoor(self, link.json["url"].removeprefix(BASE))

    def api(self, method: str, path: str, *, keyed: bool = True, **sent: Any) -> Answer:
        """Ask as the platform's back end, or as a reader without a key."""
        headers = {"Authorization": f"Bearer {self.place.filled.key}"} if keyed else {}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)
        return self._heard(answer, answer.get_data(as_text=True))

    def sightings(self, lines: list[tuple[str, str, str, str]]) -> Answer:
        """Send (account, place, instant, kind)."""
        sent = [
            {"site": SITE, "account": account, "ip": ADDRESSES[place], "at": at, "kind": kind}
            for account, place, at, kind in lines
        ]
        return self.api("POST", "/sightings", json={"sightings": sent})

    def worker(self) -> None:
        """The worker does what is due; nothing of it may fail."""
        worker = self.place.worker
        done = {"expire", "start", "second looks", "leases", "retention"}
        jobs = [one for one in worker.jobs if one.name in done]
        self._tick(jobs)
        self.batches()
        self._written()

    def draw(self, share: float) -> None:
        """From now on the worker draws such a share of the decisions for second looks."""
        worker = self.place.worker
        worker.settings = dataclasses.replace(worker.settings, second_look_share=share)

    def batches(self) -> list[tuple[str, str]]:
        """The worker does what is left of all lists; the audit rows of it."""
        self._tick(self.place.worker.batching)
        return self._written()

    def _tick(self, jobs: list[Job]) -> None:
        for job in jobs:
            job.due = self.time.now
        self.place.worker.tick(self.time.now, jobs)
        assert [one.name for one in jobs if one.failed] == []

    def some_of_a_batch(self, count: int) -> list[tuple[str, str]]:
        """The worker does that many accounts of the next list, and is ended there."""
        world = self.place.worker
        with self.place.database.transaction() as session:
            running.run_some(
                session,
                vocabulary=world.vocabulary,
                settings=world.settings,
                now=self.time.now,
                limit=count,
            )
        return self._written()

    def hear(self) -> list[tuple[str, str]]:
        """Audit rows of something that went through no door."""
        return self._written()

    def _heard(self, answer: TestResponse, page: str) -> Answer:
        assert answer.status_code < 500, f"{answer.status_code}: {page[:2000]}"
        is_json = "json" in (answer.content_type or "") and answer.status_code != 304
        return Answer(
            answer.status_code, page, self._written(), answer.get_json() if is_json else None
        )

    def _written(self) -> list[tuple[str, str]]:
        with self.place.database.read_session() as session:
            rows = session.execute(
                sa.select(AuditRow.seq, AuditRow.action, AuditRow.after)
                .where(AuditRow.seq > self.seq)
                .order_by(AuditRow.seq)
            ).all()
        self.seq = rows[-1].seq if rows else self.seq
        return [(row.action, row.after) for row in rows]

    def _last(self) -> int:
        with self.place.database.read_session() as session:
            return session.scalar(sa.select(sa.func.max(AuditRow.seq))) or 0


class HolderDoor:
    """A holder's browser after the link was used."""

    def __init__(self, doors: Doors, path: str) -> None:
        self._doors, self._browser = doors, Browser(doors.place.console)
        self._browser.get(path)
        opened = self._browser.post(path)
        assert opened.status_code == 303, opened.status_code
        doors.hear()

    def look(self) -> Answer:
        answer = self._browser.get("/holder")
        return self._doors._heard(answer, self._browser.page)

    def contest(self, version: int) -> Answer:
        """Send the form of the page that was looked at; without one, as an old page would."""
        data = {
            "holder_token": self._browser.field("holder_token"),
            "label_version": version,
            "text": "I was never there.",
            "evidence": "A ticket of that day.",
        }
        answer = self._browser.post("/holder/contest", data)
        return self._doors._heard(answer, self._browser.page)


def nobody_named(page: str) -> bool:
    """Whether no member of staff is named in what leaves the console."""
    return not any(name.casefold() in page.casefold() for name in CAST)
