"""Changing one's own ways in, and giving the second factor again for it."""

from datetime import timedelta

import pytest

from shudi.audit import queries as audit
from shudi.errors import Invalid, NotAllowed, Refused
from shudi.staff.actions import (
    Proof,
    change_app,
    change_password,
    purge,
    renew_recovery_codes,
    see_notices,
    sign_in_password,
    step_up,
)
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.queries import resolve_session
from shudi.staff.queries.security import notices_of
from tests.actions.staff_door import (
    PASSWORD,
    STEP,
    door,
    enrolled,
    own,
    sessions_of,
    sign_in,
)

OTHER = "seven quiet herons wait"
LATER = timedelta(minutes=11)


@pytest.fixture
def dora(database, now):
    return enrolled(database, now - timedelta(hours=1))


@pytest.fixture
def elsewhere(database, dora, now):
    """A session of hers in another browser."""
    return sign_in(database, dora, now - 2 * STEP)


@pytest.fixture
def token(database, dora, elsewhere, now):
    return sign_in(database, dora, now)


def password(database, dora, token, now, present=PASSWORD, chosen=OTHER):
    return change_password(
        database, door=door(now), own=own(dora, token), present=present, chosen=chosen
    )


def app(database, dora, token, now, code=None):
    secret = totp.new_secret()
    with database.transaction() as session:
        return change_app(
            session, door=door(now), own=own(dora, token), secret=secret,
            code=code or totp.code_at(secret, now),
        )  # fmt: skip


def codes(database, dora, token, now):
    with database.transaction() as session:
        return renew_recovery_codes(session, own=own(dora, token), now=now)[0]


CHANGES = {
    "password_changed": password,
    "app_changed": app,
    "recovery_renewed": codes,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_ends_the_others_renews_this_one_and_is_told(
    database, dora, elsewhere, token, now, settings, kind
):
    fresh = CHANGES[kind](database, dora, token, now)
    assert fresh not in (token, elsewhere)
    assert [one.token_hash for one in sessions_of(database, dora.id)] == [token_hash(fresh)]
    with database.read_session() as session:
        found = resolve_session(session, token=fresh, now=now, settings=settings)
        told = notices_of(session, staff_id=dora.id, seen=False)
        row = audit.page(session, limit=1)[0]
    assert found.full
    assert found.expires_at == now + timedelta(hours=12)
    assert found.notices == 1
    assert [one.kind for one in told] == [kind]
    assert (row.action, row.actor_id) == (f"staff.{kind}", f"staff:{dora.id}")


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_needs_a_second_factor_given_lately(database, dora, token, now, kind):
    with pytest.raises(NotAllowed) as refusal:
        CHANGES[kind](database, dora, token, now + LATER)
    assert refusal.value.code == "step-up-needed"


def test_the_new_password_signs_in_and_the_old_one_does_not(database, dora, token, now):
    password(database, dora, token, now)
    with pytest.raises(Refused, match="not right"):
        sign_in_password(database, door=door(now), name="Dora", password=PASSWORD)
    assert sign_in_password(database, door=door(now), name="Dora", password=OTHER)


def test_the_present_password_is_asked_for_and_its_guesses_are_counted(database, dora, token, now):
    for _ in range(10):
        with pytest.raises(Refused) as refusal:
            password(database, dora, token, now, present="a wrong one for sure")
        assert refusal.value.code == "password-wrong"
    with pytest.raises(Refused) as refusal:
        password(database, dora, token, now)
    assert refusal.value.code == "too-many-attempts"


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ("short", "password-too-short"),
        (PASSWORD, "password-same"),
        ("passwordpassword", "password-common"),
    ],
)
def test_not_every_password_may_be_chosen(database, dora, token, now, chosen, code):
    with pytest.raises(Invalid) as refusal:
        password(database, dora, token, now, chosen=chosen)
    assert refusal.value.code == code


def test_another_apps_codes_replace_the_first_ones(database, dora, token, now):
    with pytest.raises(Invalid):
        app(database, dora, token, now, code="000000")
    app(database, dora, token, now)
    later = now + STEP
    with pytest.raises(Refused):
        sign_in(database, dora, later, Proof(code=dora.code(later)))


def test_giving_the_factor_again_makes_a_new_session_that_ends_when_the_old_one_would(
    database, dora, token, now, settings
):
    later = now + LATER
    fresh = step_up(database, door=door(later), token=token, proof=Proof(code=dora.code(later)))
    with database.read_session() as session:
        found = resolve_session(session, token=fresh, now=later, settings=settings)
        assert resolve_session(session, token=token, now=later, settings=settings) is None
        assert audit.page(session, limit=1)[0].action == "staff.stepped_up"
    assert found.expires_at == now + timedelta(hours=12)
    assert found.proved_lately(later)
    assert codes(database, dora, fresh, later)


def test_a_wrong_factor_leaves_the_session_as_it_was(database, dora, token, now, settings):
    later = now + LATER
    for code in ("000000", dora.code(now)):
        with pytest.raises(Refused) as refusal:
            step_up(database, door=door(later), token=token, proof=Proof(code=code))
        assert refusal.value.code == "code-refused"
    with database.read_session() as session:
        found = resolve_session(session, token=token, now=later, settings=settings)
        assert audit.page(session, limit=1)[0].action == "staff.step_up_refused"
    assert not found.proved_lately(later)


def test_a_session_that_is_over_cannot_be_stepped_up(database, dora, now):
    with pytest.raises(NotAllowed):
        step_up(database, door=door(now), token="x" * 43, proof=Proof(code=dora.code(now)))


def test_a_recovery_code_steps_up_once(database, dora, token, now):
    later = now + LATER
    proof = Proof(recovery=dora.codes[0])
    fresh = step_up(database, door=door(later), token=token, proof=proof)
    with pytest.raises(Refused):
        step_up(database, door=door(later), token=fresh, proof=proof)


def test_notices_stay_until_they_are_seen_and_a_year_at_most(database, dora, token, now, settings):
    fresh = codes(database, dora, token, now)
    with database.transaction() as session:
        last = notices_of(session, staff_id=dora.id)[0].id
        see_notices(session, actor=own(dora, fresh).actor, last=last, now=now)
        assert resolve_session(session, token=fresh, now=now, settings=settings).notices == 0
        assert notices_of(session, staff_id=dora.id)[0].seen
    with database.transaction() as session:
        purge(session, now=now + timedelta(days=364))
        assert notices_of(session, staff_id=dora.id)
        purge(session, now=now + timedelta(days=366))
        assert notices_of(session, staff_id=dora.id) == []
