"""Single-use links."""

import ipaddress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.audit.actions import Entry, append
from shudi.errors import Invalid, NotAllowed, NotFound, Refused
from shudi.staff.actions import create_staff, demo_sign_in, disable, make_link
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.queries import is_demo_store, open_enrolment, resolve_session, staff_by_name
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose, Staff, StaffLink, StaffState
from tests.actions.staff_door import PASSWORD, at_once, enrolled, invite, sessions_of, use_link
from tests.people import ALICE, SYSTEM, hire_everybody

HERE = ipaddress.ip_address("127.0.0.1")


def test_a_link_sets_both_factors_and_signs_in(database, now, settings):
    staff_id, token = invite(database, now)
    secret = totp.new_secret()
    session_token = use_link(database, token, secret, now)
    with database.read_session() as session:
        person = session.get(Staff, staff_id)
        found = resolve_session(session, token=session_token, now=now, settings=settings)
        rows = [line.action for line in audit.page(session)]
    assert person.state is StaffState.ACTIVE
    assert person.password_hash.startswith("$argon2id$")
    assert secret not in person.totp_secret
    assert person.totp_last_step == totp.step_at(now)
    assert found.full
    assert found.staff_id == staff_id
    assert rows == ["staff.enrolled", "staff.linked", "staff.created"]


def test_looking_at_a_link_does_not_use_it(database, now):
    _, token = invite(database, now)
    for _ in range(3):
        with database.read_session() as session:
            assert open_enrolment(session, token=token, now=now).name == "Dora"
    assert use_link(database, token, totp.new_secret(), now)


def test_only_the_hash_of_a_link_is_kept(database, now):
    _, token = invite(database, now)
    with database.read_session() as session:
        kept = session.scalar(sa.select(StaffLink.token_hash))
    assert kept == token_hash(token)
    assert token not in kept


@pytest.mark.parametrize("case", ["unknown", "used", "over", "replaced", "disabled", "demo"])
def test_a_link_that_does_not_work_never_says_why(database, now, case):
    staff_id, token = invite(database, now)
    at = now
    with database.transaction() as session:
        if case == "unknown":
            token = "nothing"
        elif case == "replaced":
            make_link(session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.ENROL, now=now)
        elif case == "disabled":
            disable(session, actor=SYSTEM, staff_id=staff_id, now=now)
        elif case == "demo":
            token = make_link(
                session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.DEMO, now=now
            )
    if case == "used":
        use_link(database, token, totp.new_secret(), now)
    if case == "over":
        at = now + timedelta(hours=24)
    with (
        pytest.raises(NotFound, match="does not work") as refusal,
        database.read_session() as session,
    ):
        open_enrolment(session, token=token, now=at)
    assert refusal.value.code == "link-gone"
    with pytest.raises(NotFound):
        use_link(database, token, totp.new_secret(), at)


def test_a_mistake_leaves_the_link_unused(database, now):
    _, token = invite(database, now)
    secret = totp.new_secret()
    with pytest.raises(Invalid):
        use_link(database, token, secret, now, password="too short")
    with pytest.raises(Invalid):
        use_link(database, token, secret, now, code="000000x")
    assert use_link(database, token, secret, now)


def test_of_fifty_uses_at_once_one_succeeds(database, now, monkeypatch):
    monkeypatch.setattr("shudi.staff.actions.attempts.LINK", ())  # the limit would hide the race
    _, token = invite(database, now)
    secret = totp.new_secret()
    results = at_once(50, lambda _: use_link(database, token, secret, now))
    assert sum(isinstance(one, str) for one in results) == 1
    assert {one.code for one in results if not isinstance(one, str)} <= {
        "link-gone",
        "store-unavailable",
    }


def test_a_new_link_takes_over_password_and_sessions_of_the_person(database, now):
    person = enrolled(database, now)
    assert len(sessions_of(database, person.id)) == 1
    with database.transaction() as session:
        token = make_link(
            session, actor=SYSTEM, staff_id=person.id, purpose=LinkPurpose.ENROL, now=now
        )
    later = now + timedelta(minutes=5)
    use_link(database, token, totp.new_secret(), later, password="five big ships at dawn")
    assert [one.created_at for one in sessions_of(database, person.id)] == [later]


def test_links_are_made_by_those_who_manage_staff(database, now):
    with database.transaction() as session:
        hire_everybody(session)
    with pytest.raises(NotAllowed), database.transaction() as session:
        make_link(session, actor=ALICE, staff_id=2, purpose=LinkPurpose.ENROL, now=now)
    with pytest.raises(NotFound), database.transaction() as session:
        make_link(session, actor=SYSTEM, staff_id=999, purpose=LinkPurpose.ENROL, now=now)


def test_nobody_makes_a_link_for_somebody_disabled(database, now):
    person = enrolled(database, now)
    with database.transaction() as session:
        disable(session, actor=SYSTEM, staff_id=person.id, now=now)
    with pytest.raises(Refused), database.transaction() as session:
        make_link(session, actor=SYSTEM, staff_id=person.id, purpose=LinkPurpose.ENROL, now=now)


def demo_link(database, now, *, seeded=True):
    with database.transaction() as session:
        if seeded:
            entry = Entry(
                actor_id="system:demo",
                actor_name="demo",
                action="demo.seeded",
                target_type="store",
                target_id="",
            )
            append(session, entry, now=now)
        staff_id = create_staff(session, actor=SYSTEM, name="Demo", role=Role.SENIOR, now=now)
        return make_link(
            session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.DEMO, now=now
        )


def use_demo(database, token, now, client=HERE):
    with database.transaction() as session:
        return demo_sign_in(session, token=token, client=client, now=now, hours=12)


def test_a_demo_link_signs_in_once(database, now):
    token = demo_link(database, now)
    assert use_demo(database, token, now)
    with pytest.raises(NotFound):
        use_demo(database, token, now)
    with database.read_session() as session:
        assert is_demo_store(session)
        assert staff_by_name(session, "Demo").state is StaffState.ACTIVE


@pytest.mark.parametrize("client", [None, "203.0.113.9", "10.0.0.1", "2001:db8::1"])
def test_a_demo_link_works_on_this_machine_only(sqlite_database, now, client):
    token = demo_link(sqlite_database, now)
    with pytest.raises(NotFound):
        use_demo(sqlite_database, token, now, client and ipaddress.ip_address(client))
    assert use_demo(sqlite_database, token, now, ipaddress.ip_address("::1"))


def test_a_demo_link_is_nothing_in_a_real_store(sqlite_database, now):
    token = demo_link(sqlite_database, now, seeded=False)
    with pytest.raises(NotFound):
        use_demo(sqlite_database, token, now)


def test_a_demo_link_lives_for_a_day(sqlite_database, now):
    token = demo_link(sqlite_database, now)
    with pytest.raises(NotFound):
        use_demo(sqlite_database, token, now + timedelta(hours=24))


def test_the_password_is_in_no_audit_row(sqlite_database, now):
    enrolled(sqlite_database, now)
    with sqlite_database.read_session() as session:
        assert PASSWORD not in repr(audit.page(session))
        assert audit.verify(session).ok
