"""What a person chose for their keyboard."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shudi.errors import Invalid, NotAllowed, NotFound
from shudi.staff.actions.record import record
from shudi.staff.rules import Actor, Keyboard
from shudi.staff.store import Staff

_COMMAND = re.compile(r"[a-z][a-z_.]{0,39}\Z")
_KEYS = re.compile(r"\S( \S)?\Z")  # one key, or two one after the other
_REASON = re.compile(r"[a-z_]{0,40}\Z")
_MOST = 80


def set_keyboard(session: Session, *, actor: Actor, keyboard: Keyboard, now: datetime) -> None:
    """Keep the actor's keys, by command, where they differ from the shipped ones; which commands
    there are, and that no two share a key, is known where the commands are.

    Raises Invalid for what is no key.
    """
    _check(keyboard.keys, (keyboard.keep, keyboard.withhold))
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here can do this.")
    person = session.get(Staff, actor.staff_id)
    if person is None:
        raise NotFound("staff", "There is no such person.")
    person.keyboard = keyboard.written()
    record(session, actor, "staff.keyboard_set", person.id, now, after=keyboard.written())


def _check(keys: Mapping[str, str], reasons: tuple[str, ...]) -> None:
    fine = (
        len(keys) <= _MOST
        and all(_COMMAND.match(command) and _KEYS.match(key) for command, key in keys.items())
        and all(_REASON.match(reason) for reason in reasons)
    )
    if not fine:
        raise Invalid("keyboard", "A shortcut is one key, or two one after the other.")
