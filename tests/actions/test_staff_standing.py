"""Roles, access and letting people in: who may, to whom, and what it ends."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions import (
    disable,
    enable,
    end_all_sessions,
    end_session,
    invite,
    make_link,
    note_arrival,
    purge,
    reset,
    set_role,
)
from shudi.staff.actions.arrivals import SIGN_INS_KEPT
from shudi.staff.actions.sessions import open_session
from shudi.staff.codec.devices import Browser, Device, System
from shudi.staff.codec.keyring import token_hash
from shudi.staff.queries import open_enrolment, people, security
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose, Staff, StaffLink, StaffSession, StaffSignIn, StaffState
from shudi.staff.store.factors import NoticeKind
from tests.actions.staff_door import enrolled, use_link
from tests.people import ALICE, AMIR, BOB, CHARLIE, SAM, SYSTEM, hire_everybody

FIREFOX = Device(Browser.FIREFOX, System.LINUX)


@pytest.fixture
def cast(database):
    with database.transaction() as session:
        hire_everybody(session)
    return database


@pytest.fixture
def signed_in(cast, now):
    """Alice's session; returns its sign-in."""
    with cast.transaction() as session:
        token = open_session(session, staff_id=ALICE.staff_id, now=now, hours=12)
        note_arrival(session, token=token, region="CN-GD", device=FIREFOX, now=now)
        return session.scalars(sa.select(StaffSignIn.id)).one()


def _sessions(database) -> int:
    with database.read_session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(StaffSession))


def test_an_invitation_is_a_person_and_a_link_that_ends_and_is_kept_as_a_hash(cast, now):
    with cast.transaction() as session:
        staff_id, token = invite(session, actor=BOB, name="Dora", role=Role.SENIOR, now=now)
    with cast.read_session() as session:
        link = session.scalars(sa.select(StaffLink)).one()
        assert (link.token_hash, link.made_by) == (token_hash(token), BOB.staff_id)
        assert link.expires_at == now + timedelta(hours=24)
        assert len(token) >= 43  # 256 bits
        assert open_enrolment(session, token=token, now=now).staff_id == staff_id
        with pytest.raises(NotFound):
            open_enrolment(session, token=token, now=link.expires_at)
        lines = [line.action for line in audit.page(session)]
    assert lines[:2] == ["staff.linked", "staff.created"]


def test_a_new_link_ends_the_one_before(cast, now):
    with cast.transaction() as session:
        staff_id, before = invite(session, actor=BOB, name="Dora", role=Role.SENIOR, now=now)
        after = make_link(session, actor=BOB, staff_id=staff_id, purpose=LinkPurpose.ENROL, now=now)
    with cast.read_session() as session:
        assert open_enrolment(session, token=after, now=now).staff_id == staff_id
        with pytest.raises(NotFound):
            open_enrolment(session, token=before, now=now)


def test_nobody_gives_admin_alone_and_only_the_terminal_makes_the_first(cast, now):
    acts = (
        lambda s, who: invite(s, actor=who, name="Dora", role=Role.ADMIN, now=now),
        lambda s, who: set_role(s, actor=who, staff_id=2, role=Role.ADMIN, now=now),
    )
    for act in acts:
        with pytest.raises(Refused, match="Another administrator"), cast.transaction() as session:
            act(session, BOB)
    with cast.transaction() as session:
        for act in acts:
            act(session, SYSTEM)


def test_everything_about_oneself_is_somebody_elses(cast, now):
    mine = {"actor": BOB, "staff_id": BOB.staff_id, "now": now}
    acts = (
        lambda s: set_role(s, role=Role.SENIOR, **mine),
        lambda s: disable(s, **mine),
        lambda s: enable(s, role=Role.SENIOR, **mine),
        lambda s: reset(s, **mine),
        lambda s: make_link(s, purpose=LinkPurpose.ENROL, **mine),
    )
    for act in acts:
        with pytest.raises(NotAllowed, match="own standing"), cast.transaction() as session:
            act(session)


@pytest.mark.parametrize("actor", [ALICE, SAM, CHARLIE])
def test_only_admins_change_anybody(cast, now, actor):
    theirs = {"actor": actor, "staff_id": AMIR.staff_id, "now": now}
    acts = (
        lambda s: invite(s, actor=actor, name="Dora", role=Role.SENIOR, now=now),
        lambda s: enable(s, role=Role.SENIOR, **theirs),
        lambda s: reset(s, **theirs),
        lambda s: make_link(s, purpose=LinkPurpose.ENROL, **theirs),
        lambda s: end_all_sessions(s, **theirs),
        lambda s: end_session(s, sign_in_id=1, **theirs),
    )
    for act in acts:
        with pytest.raises(NotAllowed, match="role"), cast.transaction() as session:
            act(session)


def test_an_admin_of_a_moment_ago_changes_nobody(cast, now):
    """Bob's request has read his session; then his role is taken away; then his act runs."""
    with cast.transaction() as session:
        set_role(session, actor=SYSTEM, staff_id=BOB.staff_id, role=Role.SENIOR, now=now)
    with pytest.raises(NotAllowed, match="role"), cast.transaction() as session:
        invite(session, actor=BOB, name="Dora", role=Role.SENIOR, now=now)
    with pytest.raises(NotAllowed, match="role"), cast.transaction() as session:
        disable(session, actor=BOB, staff_id=ALICE.staff_id, now=now)


def test_whoever_saw_an_older_state_is_told(cast, now):
    with cast.transaction() as session:
        version = people.person(session, actor=BOB, staff_id=1, now=now).version
        set_role(session, actor=BOB, staff_id=1, role=Role.SENIOR, now=now, seen=version)
    for act in (disable, reset):
        with pytest.raises(Stale), cast.transaction() as session:
            act(session, actor=BOB, staff_id=1, now=now, seen=version)
    with pytest.raises(Refused, match="already"), cast.transaction() as session:
        set_role(session, actor=BOB, staff_id=1, role=Role.SENIOR, now=now)


def test_a_reset_takes_both_factors_and_every_session_and_shows_no_secret(cast, now):
    dora = enrolled(cast, now)
    with cast.transaction() as session:
        before = session.get_one(Staff, dora.id).totp_last_step
        token = reset(session, actor=BOB, staff_id=dora.id, now=now)
    with cast.read_session() as session:
        row = session.get_one(Staff, dora.id)
        assert (row.password_hash, row.totp_secret, row.state) == ("", "", StaffState.INVITED)
        assert row.totp_last_step == before  # it never falls
        shown = people.person(session, actor=BOB, staff_id=dora.id, now=now)
        assert not shown.factor
        assert dora.secret not in str(shown)
        assert token not in " ".join(str(line) for line in audit.page(session))
    assert _sessions(cast) == 0
    later = now + timedelta(minutes=1)
    use_link(cast, token, dora.secret, later)
    with cast.read_session() as session:
        assert session.get_one(Staff, dora.id).state is StaffState.ACTIVE
        told = security.notices_of(session, staff_id=dora.id, seen=False)
    assert [one.kind for one in told] == [NoticeKind.RESET]


def test_who_left_comes_back_with_another_role_and_nothing_of_before(cast, now):
    dora = enrolled(cast, now)
    with cast.transaction() as session:
        disable(session, actor=BOB, staff_id=dora.id, now=now)
    for act in (
        lambda s: make_link(s, actor=BOB, staff_id=dora.id, purpose=LinkPurpose.ENROL, now=now),
        lambda s: reset(s, actor=BOB, staff_id=dora.id, now=now),
        lambda s: set_role(s, actor=BOB, staff_id=dora.id, role=Role.SENIOR, now=now),
    ):
        with pytest.raises(Refused, match="disabled"), cast.transaction() as session:
            act(session)
    with cast.transaction() as session:
        enable(session, actor=BOB, staff_id=dora.id, role=Role.AUDITOR, now=now)
        row = session.get_one(Staff, dora.id)
        assert (row.role, row.state, row.totp_secret) == (Role.AUDITOR, StaffState.INVITED, "")
    with pytest.raises(Refused, match="not disabled"), cast.transaction() as session:
        enable(session, actor=BOB, staff_id=dora.id, role=Role.AUDITOR, now=now)


def test_an_arrival_is_two_words_and_a_division(cast, signed_in, now):
    with cast.read_session() as session:
        [one] = people.arrivals(session, staff_id=ALICE.staff_id)
        assert (one.region, one.browser, one.system) == ("CN-GD", Browser.FIREFOX, System.LINUX)
        assert people.arrivals(session, staff_id=AMIR.staff_id) == []
        columns = set(StaffSignIn.__table__.columns.keys())
    assert columns == {"id", "staff_id", "at", "region", "browser", "system", "method"}
    with cast.transaction() as session:
        purge(session, now=now + SIGN_INS_KEPT)
        assert session.get(StaffSignIn, signed_in) is not None
        purge(session, now=now + SIGN_INS_KEPT + timedelta(seconds=1))
        assert session.get(StaffSignIn, signed_in) is None


def test_half_a_sign_in_is_no_arrival(cast, now):
    with cast.transaction() as session:
        for token in (open_session(session, staff_id=1, now=now), "nobody's"):
            note_arrival(session, token=token, region=None, device=FIREFOX, now=now)
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSignIn)) == 0


@pytest.mark.parametrize("actor", [ALICE, BOB])
def test_a_session_is_ended_by_its_person_or_an_admin(cast, signed_in, now, actor):
    common = {"actor": actor, "staff_id": ALICE.staff_id, "sign_in_id": signed_in, "now": now}
    with cast.transaction() as session:
        end_session(session, **common)
    assert _sessions(cast) == 0
    with pytest.raises(NotFound), cast.transaction() as session:
        end_session(session, **common)
    with cast.read_session() as session:
        assert audit.page(session)[0].action == "staff.session_ended"


def test_nobody_ends_anothers_session_as_their_own(cast, signed_in, now):
    with pytest.raises(NotFound), cast.transaction() as session:
        end_session(session, actor=AMIR, staff_id=AMIR.staff_id, sign_in_id=signed_in, now=now)
    assert _sessions(cast) == 1


def test_a_copy_of_the_store_opens_no_door(sqlite_store, sqlite_database, now):
    """Links of invitations, resets and returns are in it as hashes only."""
    with sqlite_database.transaction() as session:
        hire_everybody(session)
        _, invitation = invite(session, actor=BOB, name="Dora", role=Role.SENIOR, now=now)
        anew = reset(session, actor=BOB, staff_id=AMIR.staff_id, now=now)
        disable(session, actor=BOB, staff_id=ALICE.staff_id, now=now)
        back = enable(session, actor=BOB, staff_id=ALICE.staff_id, role=Role.SENIOR, now=now)
    sqlite_database.dispose()
    kept = b"".join(path.read_bytes() for path in sqlite_store.path.parent.glob("shudi.db*"))
    for token in (invitation, anew, back):
        assert token_hash(token).encode() in kept
        assert token.encode() not in kept
