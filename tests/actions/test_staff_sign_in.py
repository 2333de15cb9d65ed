"""Password, then second factor."""

import ipaddress
from datetime import timedelta

import argon2
import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import Refused, Unavailable
from shudi.staff.actions import (
    Proof,
    disable,
    set_role,
    sign_in_factor,
    sign_in_password,
    sign_out,
    touch,
)
from shudi.staff.actions.factors import use_code
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import Keyring, token_hash
from shudi.staff.queries import resolve_session
from shudi.staff.rules import Role
from shudi.staff.store import Staff, StaffSession
from tests.actions.staff_door import (
    CHEAP,
    KEYRING,
    PASSWORD,
    STEP,
    at_once,
    door,
    enrolled,
    invite,
    sessions_of,
)
from tests.people import SYSTEM


def knock(database, now, name="Dora", password=PASSWORD, **changes):
    return sign_in_password(database, door=door(now, **changes), name=name, password=password)


def enter(database, person, now, code=None, token=None):
    token = token or knock(database, now, person.name)
    proof = Proof(code=code or person.code(now))
    return sign_in_factor(database, door=door(now), token=token, proof=proof)


def resolved(database, token, now, settings):
    with database.read_session() as session:
        return resolve_session(session, token=token, now=now, settings=settings)


@pytest.fixture
def dora(database, now):
    return enrolled(database, now - timedelta(hours=1))


@pytest.fixture
def lone_dora(sqlite_database, now):
    return enrolled(sqlite_database, now - timedelta(hours=1))


def test_both_factors_open_the_door(database, dora, now, settings):
    pending = knock(database, now)
    found = resolved(database, pending, now, settings)
    assert not found.full
    full = enter(database, dora, now, token=pending)
    after = resolved(database, full, now, settings)
    assert after.full
    assert after.csrf != found.csrf
    assert full != pending
    assert resolved(database, pending, now, settings) is None
    with database.read_session() as session:
        assert audit.page(session, limit=1)[0].action == "staff.signed_in"


def test_unknown_disabled_uninvited_and_wrong_look_alike(database, dora, now):
    gone = enrolled(database, now - timedelta(hours=1), "Gone")
    invite(database, now, "Invited")
    with database.transaction() as session:
        disable(session, actor=SYSTEM, staff_id=gone.id, now=now)
    refusals = []
    for name, password in (
        ("Nobody", PASSWORD),
        ("Gone", PASSWORD),
        ("Invited", PASSWORD),
        ("Dora", "wrong"),
        ("Dora", "x" * 2000),
    ):
        with pytest.raises(Refused) as refusal:
            knock(database, now, name, password)
        refusals.append((refusal.value.code, refusal.value.message, refusal.value.facts))
    assert len({repr(one) for one in refusals}) == 1
    with database.read_session() as session:
        rows = audit.page(session, action="staff.sign_in_refused")
    assert len(rows) == 5
    assert {row.actor_id for row in rows} == {"anonymous"}
    assert "Nobody" not in repr(rows)


class Counting(argon2.PasswordHasher):
    """Notes with which costs it compared."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared = []

    def verify(self, hash, password):  # noqa: A002 -- the library's own name
        self.compared.append(argon2.extract_parameters(hash))
        return super().verify(hash, password)


def test_unknown_names_cost_the_same_work_as_known_ones(sqlite_database, lone_dora, now):
    """Statements and hashes are compared, not times: a clock on a busy machine proves nothing."""
    invite(sqlite_database, now, "Invited")
    with pytest.raises(Refused):  # the client's first attempt makes its counter
        knock(sqlite_database, now, "Somebody", "wrong")
    work = []
    for name in ("Dora", "Nobody", "Invited"):
        hasher, statements = Counting(), []

        def note(connection, cursor, statement, *rest, statements=statements):
            statements.append(statement)

        engines = (sqlite_database.write_engine, sqlite_database.read_engine)
        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", note)
        with pytest.raises(Refused):
            knock(sqlite_database, now, name, "wrong wrong wrong", hasher=hasher)
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)
        work.append((hasher.compared, statements))
    assert len(work[0][0]) == 1
    assert work[0] == work[1] == work[2]


def test_a_code_works_once(database, dora, now):
    code = dora.code(now)
    assert enter(database, dora, now, code)
    with pytest.raises(Refused) as refusal:
        enter(database, dora, now, code)
    assert refusal.value.code == "code-refused"


def test_codes_cannot_be_replayed_in_turns(database, dora, now):
    first, second = dora.code(now), dora.code(now + STEP)
    later = now + STEP
    assert enter(database, dora, now, first)
    assert enter(database, dora, later, second)
    with pytest.raises(Refused):
        enter(database, dora, later, first)
    with pytest.raises(Refused):
        enter(database, dora, later, second)


def test_remembering_only_the_last_code_would_let_a_replay_through(dora, now):
    """The negative control: the guard of finding 7, over the same three codes."""
    last, passed = None, []
    first, second = dora.code(now), dora.code(now + STEP)
    for code in (first, second, first):
        right = totp.matching_step(dora.secret, code, now + STEP) is not None
        passed.append(right and code != last)
        last = code
    assert passed == [True, True, True]


def test_the_code_that_enrolled_does_not_sign_in(database, now):
    person = enrolled(database, now)
    with pytest.raises(Refused):
        enter(database, person, now, person.code(now))
    assert enter(database, person, now + STEP)


def test_of_fifty_logins_with_one_code_one_succeeds(database, dora, now, monkeypatch):
    monkeypatch.setattr("shudi.staff.actions.attempts.PASSWORD", ())
    monkeypatch.setattr("shudi.staff.actions.attempts.SECOND_FACTOR", ())
    tokens = [knock(database, now) for _ in range(50)]
    code = dora.code(now)
    results = at_once(50, lambda number: enter(database, dora, now, code, tokens[number]))
    assert sum(isinstance(one, str) for one in results) == 1
    assert {one.code for one in results if not isinstance(one, str)} <= {
        "code-refused",
        "store-unavailable",
    }


def test_looking_at_the_step_before_moving_it_would_let_several_through(database, dora, now):
    """The negative control of the fifty: right, and newer than the last, as each of them sees it."""
    code = dora.code(now)

    def looked(_number):
        with database.read_session() as session:
            last = session.get_one(Staff, dora.id).totp_last_step
        step = totp.matching_step(dora.secret, code, now)
        return step is not None and step > last

    assert at_once(10, looked).count(True) > 1


def test_of_fifty_at_once_the_limit_lets_at_most_five_look(database, dora, now, monkeypatch):
    monkeypatch.setattr("shudi.staff.actions.attempts.PASSWORD", ())
    tokens = [knock(database, now) for _ in range(50)]
    results = at_once(50, lambda number: enter(database, dora, now, "000000", tokens[number]))
    codes = [one.code for one in results]
    assert codes.count("code-refused") <= 5
    assert set(codes) <= {"code-refused", "too-many-attempts", "store-unavailable"}


def test_the_step_never_falls(database, dora, now):
    enter(database, dora, now)
    for away in range(-3, 1):
        at = now + STEP * away
        with database.transaction() as session:
            assert not use_code(
                session, staff_id=dora.id, secret=dora.secret, code=dora.code(at), now=at
            )
    with database.read_session() as session:
        assert session.get(Staff, dora.id).totp_last_step == totp.step_at(now)


def test_ten_passwords_in_five_minutes_and_no_more(database, dora, now):
    for _ in range(10):
        with pytest.raises(Refused, match="not right"):
            knock(database, now, password="wrong")
    with pytest.raises(Refused) as refusal:
        knock(database, now)  # the right one, too late
    assert refusal.value.code == "too-many-attempts"
    assert knock(database, now + timedelta(seconds=refusal.value.facts["retry_after"]))


def test_one_client_has_ten_passwords_over_all_names(sqlite_database, now):
    home, other = (ipaddress.ip_address(one) for one in ("203.0.113.9", "203.0.113.10"))
    for number in range(10):
        with pytest.raises(Refused, match="not right"):
            knock(sqlite_database, now, f"name {number}", client=home)
    with pytest.raises(Refused, match="Too many"):
        knock(sqlite_database, now, "name 11", client=home)
    with pytest.raises(Refused, match="not right"):
        knock(sqlite_database, now, "name 11", client=other)


def test_what_cannot_be_counted_is_not_checked(sqlite_database, lone_dora, now, monkeypatch):
    def gone(*args, **kwargs):
        raise Unavailable("store-unavailable", "The store does not answer.")

    looked = []
    monkeypatch.setattr("shudi.staff.actions.attempts.spend", gone)
    monkeypatch.setattr("shudi.staff.codec.passwords.verify", lambda *a, **k: looked.append(a))
    with pytest.raises(Unavailable):
        knock(sqlite_database, now)
    assert not looked


def test_a_password_hashed_with_other_costs_is_hashed_anew(sqlite_database, lone_dora, now):
    dearer = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    knock(sqlite_database, now, hasher=dearer)
    with sqlite_database.read_session() as session:
        kept = session.scalar(sa.select(Staff.password_hash))
    assert not dearer.check_needs_rehash(kept)
    assert CHEAP.check_needs_rehash(kept)
    assert knock(sqlite_database, now, hasher=dearer)


def test_a_replaced_key_can_be_retired_after_the_next_sign_in(sqlite_database, lone_dora, now):
    changed = Keyring("another-secret-" * 4, (KEYRING.secret_key,), KEYRING.days)
    token = knock(sqlite_database, now, keyring=changed)
    proof = Proof(code=lone_dora.code(now))
    sign_in_factor(sqlite_database, door=door(now, keyring=changed), token=token, proof=proof)
    with sqlite_database.read_session() as session:
        sealed = session.scalar(sa.select(Staff.totp_secret))
    assert Keyring("another-secret-" * 4).unseal(sealed) == lone_dora.secret


def test_a_session_ends_when_idle_and_at_the_latest_after_twelve_hours(
    database, dora, now, settings
):
    token = enter(database, dora, now)
    assert resolved(database, token, now + timedelta(minutes=29), settings)
    assert resolved(database, token, now + timedelta(minutes=30), settings) is None
    at = now
    while at < now + timedelta(hours=13):
        alive = resolved(database, token, at, settings) is not None
        assert alive == (at < now + timedelta(hours=12))
        with database.transaction() as session:
            touch(session, token=token, now=at)
        at += timedelta(minutes=20)


def test_a_pending_session_lasts_ten_minutes(database, dora, now):
    token = knock(database, now)
    with pytest.raises(Refused) as refusal:
        enter(database, dora, now + timedelta(minutes=10), token=token)
    assert refusal.value.code == "sign-in-over"


def test_a_full_session_is_no_pending_one(database, dora, now):
    token = enter(database, dora, now)
    with pytest.raises(Refused) as refusal:
        enter(database, dora, now + STEP, token=token)
    assert refusal.value.code == "sign-in-over"


@pytest.mark.parametrize("end", ["sign_out", "disable", "role"])
def test_an_ended_session_is_over_and_stays_so(database, dora, now, settings, end):
    token = enter(database, dora, now)
    actor = resolved(database, token, now, settings).actor()
    with database.transaction() as session:
        if end == "sign_out":
            sign_out(session, actor=actor, token=token, now=now)
        elif end == "disable":
            disable(session, actor=SYSTEM, staff_id=dora.id, now=now)
        else:
            set_role(session, actor=SYSTEM, staff_id=dora.id, role=Role.SENIOR, now=now)
    with database.transaction() as session:  # a request still in flight
        touch(session, token=token, now=now + timedelta(minutes=2))
    assert resolved(database, token, now, settings) is None
    kept = [one.token_hash for one in sessions_of(database, dora.id)]
    assert token_hash(token) not in kept
    assert end == "sign_out" or kept == []


def test_sessions_killed_in_flight_never_come_back(database, dora, now, settings):
    at = now
    for round_number in range(10):
        at = now + STEP * 3 * round_number + timedelta(minutes=5 * round_number)
        token = enter(database, dora, at)
        actor = resolved(database, token, at, settings).actor()

        def act(number, token=token, actor=actor, at=at):
            with database.transaction() as session:
                if number == 0:
                    sign_out(session, actor=actor, token=token, now=at)
                else:
                    touch(session, token=token, now=at + timedelta(minutes=1 + number))

        at_once(8, act)
        assert resolved(database, token, at, settings) is None


def test_only_the_hash_of_a_session_is_kept(sqlite_store, sqlite_database, lone_dora, now):
    token = enter(sqlite_database, lone_dora, now)
    with sqlite_database.read_session() as session:
        assert token_hash(token) in session.scalars(sa.select(StaffSession.token_hash)).all()
    sqlite_database.dispose()
    for path in sqlite_store.path.parent.glob("shudi.db*"):
        data = path.read_bytes()
        assert token.encode() not in data
        assert lone_dora.secret.encode() not in data
