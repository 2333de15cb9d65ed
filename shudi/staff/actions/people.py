"""What people say about themselves: how the console speaks to them, which accounts are theirs."""

import zoneinfo
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Invalid, NotAllowed, NotFound, Stale
from shudi.staff.actions.record import record
from shudi.staff.rules import Actor
from shudi.staff.store import OwnAccount, Staff

LANGUAGES = ("en", "zh_Hans")
SCHEMES = ("light", "dark")


def set_preferences(
    session: Session, *, actor: Actor, language: str, timezone: str, scheme: str, now: datetime
) -> None:
    """How the console speaks and looks to the actor; empty means as the browser says."""
    if language not in ("", *LANGUAGES) or scheme not in ("", *SCHEMES):
        raise Invalid("preference", "There is no such choice.")
    if timezone and timezone not in zoneinfo.available_timezones():
        raise Invalid("timezone", "There is no such time zone.")
    staff_id = _own_id(actor)
    person = _person(session, staff_id)
    person.language, person.timezone, person.scheme = language, timezone, scheme
    after = {"language": language, "timezone": timezone, "scheme": scheme}
    record(session, actor, "staff.preferences_set", staff_id, now, after=after)


def declare_own_account(session: Session, *, actor: Actor, account_id: int, now: datetime) -> None:
    """Say that an account is the actor's own: from now on every act on it is refused them."""
    staff_id = _own_id(actor)
    known = session.get(OwnAccount, (staff_id, account_id))
    if known is not None:
        raise Stale("own-account-known", "You declared this account already.")
    session.add(OwnAccount(staff_id=staff_id, account_id=account_id, declared_at=now))
    after = {"account": account_id}
    record(session, actor, "staff.own_account_declared", staff_id, now, after=after)


def forget_own_accounts(session: Session, *, account_ids: Sequence[int]) -> None:
    """These accounts are erased, and their site with them: nobody has to have declared them."""
    session.execute(sa.delete(OwnAccount).where(OwnAccount.account_id.in_(account_ids)))


def _person(session: Session, staff_id: int) -> Staff:
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound("staff", "There is no such person.")
    return person


def _own_id(actor: Actor) -> int:
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here can do this.")
    return actor.staff_id
