"""Reading people, links and sessions."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.queries import page
from shudi.errors import NotFound
from shudi.settings import Settings
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import (
    AGREEMENT,
    DEMO_SEEDED,
    GRANTS,
    ON_RECORD,
    Actor,
    Keyboard,
    Look,
    Permission,
    Role,
    proved_lately,
)
from shudi.staff.rules.scopes import Scope
from shudi.staff.store import (
    LinkPurpose,
    OwnAccount,
    Staff,
    StaffLink,
    StaffLook,
    StaffSession,
    StaffState,
)
from shudi.staff.store.factors import StaffNotice
from shudi.staff.store.scopes import (
    meets,
    read_scope,
    scope_columns,
    stored_scope,
    works_at,
)

_NOTHING = Look("", "")


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that holds, and whose it is. Until `full`, only the second factor may follow."""

    staff_id: int
    name: str
    role: Role
    language: str
    timezone: str
    scheme: str
    keyboard: Keyboard
    break_minutes: int
    counts: bool
    agreement: str
    agreed_at: datetime | None
    full: bool
    csrf: str
    factor_at: datetime | None
    notices: int  # about their own way in, not seen yet
    looked_at: datetime | None  # when a look at what is asked for was put on record, within a day
    seen_at: datetime
    expires_at: datetime
    own_accounts: frozenset[int]
    scope: Scope

    @property
    def agreed(self) -> bool:
        """Whether the agreement on personal data was accepted as it reads now."""
        return self.agreement == AGREEMENT

    @property
    def role_on_record(self) -> bool:
        """Whether what they look at is put on record."""
        return self.role in ON_RECORD

    def proved_lately(self, now: datetime) -> bool:
        """Whether their second factor still stands for something dangerous."""
        return proved_lately(self.factor_at, now)

    def actor(self, request_id: str = "") -> Actor:
        """The person as acts know them."""
        return Actor.staff(
            self.staff_id,
            name=self.name,
            role=self.role,
            own_accounts=self.own_accounts,
            scope=self.scope,
            request_id=request_id,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Enrolment:
    """Whom a link is for."""

    staff_id: int
    name: str
    role: Role


@dataclasses.dataclass(frozen=True, slots=True)
class StaffRow:
    """A person as a list shows them."""

    id: int
    name: str
    role: Role
    state: StaffState
    created_at: datetime


def resolve_session(
    session: Session, *, token: str, now: datetime, settings: Settings, look: Look = _NOTHING
) -> SignedIn | None:
    """Whose session `token` is, if it holds: in time, in use, and the person still works here.

    `look` is what they ask for: whether it is on record already is known by the same query.
    """
    idle = timedelta(minutes=settings.session_idle_minutes)
    rows = (
        session.execute(
            sa.select(
                Staff.id.label("staff_id"),
                Staff.name,
                Staff.role,
                Staff.language,
                Staff.timezone,
                Staff.scheme,
                Staff.keyboard,
                Staff.break_minutes,
                Staff.counts,
                Staff.agreement,
                Staff.agreed_at,
                StaffSession.full,
                StaffSession.csrf,
                StaffSession.factor_at,
                _unseen().label("notices"),
                StaffLook.at.label("looked_at"),
                StaffSession.seen_at,
                StaffSession.expires_at,
                OwnAccount.account_id,
                *scope_columns(Staff.id),
            )
            .join(Staff, Staff.id == StaffSession.staff_id)
            .outerjoin(OwnAccount, OwnAccount.staff_id == Staff.id)
            .outerjoin(StaffLook, StaffLook.lately(Staff.id, [look], now))
            .where(
                StaffSession.token_hash == token_hash(token),
                StaffSession.expires_at > now,
                StaffSession.seen_at > now - idle,
                Staff.state == StaffState.ACTIVE,
            )
        )
        .mappings()
        .all()
    )
    if not rows:
        return None
    own = frozenset(row["account_id"] for row in rows if row["account_id"] is not None)
    return _signed_in(dict(rows[0]), own)


def _signed_in(row: dict[str, Any], own: frozenset[int]) -> SignedIn:
    del row["account_id"]
    row["keyboard"] = Keyboard.read(row["keyboard"])
    scope = read_scope(row.pop("sites"), row.pop("regions"))
    return SignedIn(**row, own_accounts=own, scope=scope)


def _unseen() -> sa.ScalarSelect[int]:
    query = sa.select(sa.func.count()).select_from(StaffNotice)
    unseen = (StaffNotice.staff_id == Staff.id, StaffNotice.seen_at.is_(None))
    return query.where(*unseen).correlate(Staff).scalar_subquery()


def are_on_record(session: Session, *, actor: Actor, looks: Sequence[Look], now: datetime) -> bool:
    """Whether looks of this person at all of these were put on record within a day."""
    count = sa.select(sa.func.count()).select_from(StaffLook)
    known = session.scalar(count.where(StaffLook.lately(actor.staff_id, looks, now)))
    return known == len(set(looks))


def open_enrolment(
    session: Session, *, token: str, now: datetime, purpose: LinkPurpose = LinkPurpose.ENROL
) -> Enrolment:
    """Whom the link is for; looking does not use it. NotFound alike for unknown, used and over."""
    row = session.execute(
        sa.select(Staff.id, Staff.name, Staff.role)
        .join(StaffLink, StaffLink.staff_id == Staff.id)
        .where(
            StaffLink.token_hash == token_hash(token),
            StaffLink.purpose == purpose,
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
            Staff.state != StaffState.DISABLED,
        )
    ).first()
    if row is None:
        raise NotFound("link-gone", "This link does not work.")
    return Enrolment(row.id, row.name, row.role)


def is_demo_store(session: Session) -> bool:
    """Whether `shudi demo` seeded this store."""
    return bool(page(session, action=DEMO_SEEDED, limit=1))


def staff_by_name(session: Session, name: str) -> StaffRow | None:
    """The person of that name, or None."""
    columns = (Staff.id, Staff.name, Staff.role, Staff.state, Staff.created_at)
    row = session.execute(sa.select(*columns).where(Staff.name == name)).first()
    return StaffRow(*row) if row else None


def staff_name(session: Session, staff_id: int, *, actor: Actor) -> str:
    """The person's name; empty where nobody of that id shares a site with the actor."""
    known = sa.select(Staff.name).where(Staff.id == staff_id, meets(Staff.id, actor.scope.sites))
    return session.scalar(known) or ""


def people_with(session: Session, permission: Permission, *, site_id: int) -> list[StaffRow]:
    """Everybody who works at this site and whose role grants `permission`, by name."""
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    columns = (Staff.id, Staff.name, Staff.role, Staff.state, Staff.created_at)
    query = (
        sa.select(*columns)
        .where(Staff.state != StaffState.DISABLED, Staff.role.in_(roles))
        .where(works_at(Staff.id, site_id))
        .order_by(Staff.name)
    )
    return [StaffRow(*row) for row in session.execute(query)]


def acting(session: Session, staff_id: int, *, site_id: int, request_id: str) -> Actor:
    """A person for whom a program goes on with what they began at a site: with the role that they
    have now, and with none once they do not work here, or at that site, any more.
    """
    row = session.execute(
        sa.select(Staff.name, Staff.role, Staff.state).where(Staff.id == staff_id)
    ).first()
    if row is None:
        raise NotFound("person-unknown", "There is no such person.")
    own = session.scalars(sa.select(OwnAccount.account_id).where(OwnAccount.staff_id == staff_id))
    actor = Actor.staff(
        staff_id,
        name=row.name,
        role=row.role,
        own_accounts=frozenset(own),
        scope=stored_scope(session, staff_id),
        request_id=request_id,
    )
    at_work = row.state is StaffState.ACTIVE and actor.reaches(site_id)
    return actor if at_work else dataclasses.replace(actor, role=None)
