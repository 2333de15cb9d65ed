"""What admins and the worker do about a site's end, each in a process of their own."""

import contextlib
import threading
from collections.abc import Sequence
from unittest import mock

import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.cases.actions import site_erasure
from shudi.cases.actions.site_closing import close_site
from shudi.db import connect
from shudi.errors import ShudiError
from shudi.sites.actions import closing
from shudi.sites.store import SiteClosing
from shudi.staff.rules import Actor, Role
from shudi.worker import erasing
from tests.reliability.harness import Wait
from tests.reliability.work import NOW, opened


def word(
    wait: Wait, url: str, by: int, act: str, checked: bool, numbers: Sequence[int]
) -> list[str]:
    """Confirm or refuse each proposal, all beginning together; returns a code for each. `checked`
    False is the control: nobody asks whether the proposal waits still.
    """
    codes = []
    actor = Actor.staff(by, name=f"admin {by}", role=Role.ADMIN)
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(opened(url, "product"))
        if not checked:
            stack.enter_context(mock.patch.object(closing, "_waiting", _believe))
        for number in numbers:
            wait()
            try:
                with database.transaction() as session:
                    said = close_site if act == "confirm" else closing.refuse
                    said(session, actor=actor, closing_id=number, now=NOW)
                codes.append("done")
            except ShudiError as refusal:
                codes.append(refusal.code)
    return codes


def _believe(session, actor, closing_id, now):
    del actor, now
    return session.get_one(SiteClosing, closing_id)


def erase(url: str, ahead: bool) -> None:
    """What the worker does, until it is killed or nothing is left. `ahead` is the control: how far
    it came is written before it is done.
    """
    database = connect(url)
    with contextlib.ExitStack() as stack:
        if ahead:
            stack.enter_context(mock.patch.object(site_erasure, "_accounts", _Ahead()))
        erasing.run(database, threading.Event())
    database.dispose()


class _Ahead:
    """One transaction notes the next accounts as erased, the one after it erases them."""

    def __init__(self):
        self._accounts, self._owed = site_erasure._accounts, None

    def __call__(self, session, row, now, limit):
        noted = row.erased_to
        if self._owed is None:
            following = sa.select(Account.id).where(
                Account.site_id == row.site_id, Account.id > noted
            )
            ids = session.scalars(following.order_by(Account.id).limit(site_erasure.AT_ONCE)).all()
            if ids:
                row.erased_to, self._owed = ids[-1], noted
            return len(ids)
        row.erased_to = self._owed
        done = self._accounts(session, row, now, limit)
        if row.erased_to != self._owed:  # else it was rows that they gathered
            self._owed = None
        row.erased_to = noted
        return done
