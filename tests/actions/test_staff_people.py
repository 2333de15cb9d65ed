"""Who works here."""

import pytest

from shudi.audit import queries as audit
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions import (
    create_staff,
    declare_own_account,
    disable,
    record_denial,
    set_preferences,
    set_role,
)
from shudi.staff.queries import staff_by_name
from shudi.staff.rules import Role
from shudi.staff.store import Staff, StaffState
from tests.people import ALICE, BOB, CHARLIE, SAM, SYSTEM, hire_everybody


@pytest.fixture
def cast(database):
    with database.transaction() as session:
        hire_everybody(session)
    return database


def test_an_admin_invites_somebody(cast, now):
    with cast.transaction() as session:
        create_staff(session, actor=BOB, name=" Élise 王 ", role=Role.AUDITOR, now=now)
    with cast.read_session() as session:
        row = staff_by_name(session, "Élise 王")
        assert (row.role, row.state) == (Role.AUDITOR, StaffState.INVITED)
        assert audit.page(session)[0].action == "staff.created"


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 65, "a\u202eb", "a\x00b", "a\nb", "a\u200bb", "\ud800"]
)
def test_a_name_is_plain_text(cast, now, name):
    with pytest.raises(Invalid), cast.transaction() as session:
        create_staff(session, actor=BOB, name=name, role=Role.AUDITOR, now=now)


def test_a_name_is_one_persons(cast, now):
    with pytest.raises(Stale), cast.transaction() as session:
        create_staff(session, actor=BOB, name="alice", role=Role.AUDITOR, now=now)


@pytest.mark.parametrize("actor", [ALICE, SAM, CHARLIE])
def test_only_admins_manage_staff(cast, now, actor):
    for act in (
        lambda s: create_staff(s, actor=actor, name="New", role=Role.ADMIN, now=now),
        lambda s: disable(s, actor=actor, staff_id=3, now=now),
        lambda s: set_role(s, actor=actor, staff_id=1, role=Role.ADMIN, now=now),
    ):
        with pytest.raises(NotAllowed), cast.transaction() as session:
            act(session)


def test_nobody_changes_their_own_standing_or_locks_out_the_last_admin(cast, now):
    with pytest.raises(NotAllowed, match="own standing"), cast.transaction() as session:
        disable(session, actor=BOB, staff_id=BOB.staff_id, now=now)
    with pytest.raises(NotAllowed, match="own standing"), cast.transaction() as session:
        set_role(session, actor=BOB, staff_id=BOB.staff_id, role=Role.SENIOR, now=now)
    with cast.transaction() as session:
        set_role(session, actor=SYSTEM, staff_id=SAM.staff_id, role=Role.ADMIN, now=now)
        disable(session, actor=SYSTEM, staff_id=BOB.staff_id, now=now)
    with pytest.raises(NotAllowed, match="role"), cast.transaction() as session:
        disable(session, actor=BOB, staff_id=SAM.staff_id, now=now)  # Bob's is gone since


def test_disabling_twice_or_nobody_is_refused(cast, now):
    with cast.transaction() as session:
        disable(session, actor=BOB, staff_id=1, now=now)
        assert session.get(Staff, 1).state is StaffState.DISABLED
    with pytest.raises(Refused), cast.transaction() as session:
        disable(session, actor=BOB, staff_id=1, now=now)
    with pytest.raises(NotFound), cast.transaction() as session:
        disable(session, actor=BOB, staff_id=99, now=now)


@pytest.mark.parametrize(
    "wrong",
    [{"language": "fr"}, {"scheme": "pink"}, {"timezone": "Mars/Olympus"}, {"timezone": "../etc"}],
)
def test_preferences_are_from_closed_sets(cast, now, wrong):
    good = {"language": "zh_Hans", "timezone": "Asia/Shanghai", "scheme": "dark"}
    with cast.transaction() as session:
        set_preferences(session, actor=ALICE, **good, now=now)
        assert session.get(Staff, 1).timezone == "Asia/Shanghai"
    with pytest.raises(Invalid), cast.transaction() as session:
        set_preferences(session, actor=ALICE, **(good | wrong), now=now)
    with pytest.raises(NotAllowed), cast.transaction() as session:
        set_preferences(session, actor=SYSTEM, **good, now=now)


def test_an_own_account_is_declared_once(cast, now):
    with cast.transaction() as session:
        declare_own_account(session, actor=ALICE, account_id=12, now=now)
    with pytest.raises(Stale), cast.transaction() as session:
        declare_own_account(session, actor=ALICE, account_id=12, now=now)
    with cast.read_session() as session:
        line = audit.page(session)[0]
    assert (line.action, line.after) == ("staff.own_account_declared", '{"account":12}')


def test_a_denial_is_a_row(cast, now):
    with cast.transaction() as session:
        record_denial(session, actor=ALICE, endpoint="staff.index", code="role", now=now)
    with cast.read_session() as session:
        line = audit.page(session)[0]
    assert (line.action, line.actor_id, line.target_id) == (
        "access.denied",
        "staff:1",
        "staff.index",
    )
