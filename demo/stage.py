"""What a told story needs: who is there, when things happen, and how to find a case again."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.activity import Sighting
from demo.people import Person
from demo.places import FORUM_URL
from shudi.accounts.rules import AccountInfo
from shudi.accounts.store import Account
from shudi.cases.actions.intake import put_account, take_sightings
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case
from shudi.geo.actions import Locator
from shudi.labels.store import Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor, ActorKind

Act = Callable[[Session, datetime], None]
MODERATOR, SECOND_MODERATOR, SENIOR = "demo-moderator", "demo-moderator-2", "demo-senior"
READER = Actor(kind=ActorKind.READER, id="reader", name="reader")


@dataclasses.dataclass(slots=True, kw_only=True)
class Stage:
    """The store's people and parts, and the acts to come.

    `settings` let a whole history pass at once; `brakes` are those that stop a flood.
    """

    settings: Settings
    brakes: Settings
    vocabulary: Vocabulary
    locator: Locator
    platform: Actor
    site_id: int
    staff: Mapping[str, Actor]
    pools: Mapping[str, Sequence[str]]
    people: Sequence[Person]
    now: datetime
    free: list[Person]  # nobody tells a story about them yet
    quiet_since: dict[str, datetime] = dataclasses.field(default_factory=dict)
    acts: list[tuple[datetime, int, Act]] = dataclasses.field(default_factory=list)
    verdicts: Counter[str] = dataclasses.field(default_factory=Counter)  # on what was described

    def at(self, ago: timedelta, act: Act) -> None:
        """`act` happens that long ago; what is told first happens first."""
        self.acts.append((self.now - ago, len(self.acts), act))

    def pick(self, wanted: Callable[[Person], bool] = lambda _: True) -> Person:
        """The next member without a story who is as wanted."""
        person = next(one for one in self.free if wanted(one))
        self.free.remove(person)
        return person

    def send(
        self,
        session: Session,
        sightings: Sequence[Sighting],
        now: datetime,
        *,
        locator: Locator | None = None,
        settings: Settings | None = None,
    ) -> None:
        """The platform sends a batch."""
        take_sightings(
            session,
            actor=self.platform,
            sightings=sightings,
            allowed_site_id=None,
            locator=locator or self.locator,
            settings=settings or self.settings,
            now=now,
        )

    def describe(self, session: Session, person: Person, now: datetime, name: str = "") -> None:
        """The platform says what the member's page says, or would under another name."""
        info = AccountInfo(
            handle=person.handle,
            name=name or person.name,
            avatar_url=f"{FORUM_URL}/avatars/{person.account}.svg",
            bio=person.bio,
            protection=person.protection,
        )
        verdict = put_account(
            session,
            actor=self.platform,
            site_id=self.site_id,
            account=person.account,
            info=info,
            now=now,
        )
        self.verdicts[verdict.verdict] += 1

    def account_id(self, session: Session, person: Person) -> int:
        """The member's id in the store."""
        return session.scalars(
            sa.select(Account.id).where(
                Account.site_id == self.site_id, Account.account == person.account
            )
        ).one()

    def label(self, session: Session, person: Person) -> Label:
        """What is shown for the member now."""
        return session.scalars(
            sa.select(Label).where(Label.account == person.account, Label.site_id == self.site_id)
        ).one()

    def case(self, session: Session, person: Person, kind: CaseKind = CaseKind.REPORT) -> Case:
        """The member's open case of that kind."""
        account_id = self.account_id(session, person)
        return session.scalars(
            sa.select(Case).where(
                Case.account_id == account_id, Case.kind == kind, Case.state == CaseState.OPEN
            )
        ).one()


def in_mainland(person: Person) -> bool:
    """Whether the label can be a province, and stays one place."""
    return person.region.startswith("CN-") and not person.elsewhere


def moving(person: Person) -> bool:
    """Whether activity shows another place after a while."""
    return bool(person.elsewhere)


def spread(count: int, first: timedelta, last: timedelta) -> Iterator[timedelta]:
    """`count` ages between two, closer together where they are young."""
    ratio = last / first
    return (first * ratio ** (at / max(1, count - 1)) for at in range(count))
