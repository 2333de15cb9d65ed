"""Passkeys, with responses crafted by a device in software; test_passkeys.py in e2e has Chromium."""

import copy
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions import (
    Proof,
    add_passkey,
    disable,
    offer_passkey,
    offer_proof,
    remove_passkey,
    sign_in_factor,
    sign_in_passkey,
    sign_in_password,
    step_up,
)
from shudi.staff.queries import resolve_session
from shudi.staff.queries.security import notices_of, passkeys_of
from shudi.staff.store.factors import Challenge, Passkey
from tests.actions.authenticator import PRESENT, Device
from tests.actions.staff_door import PASSWORD, at_once, door, enrolled, own, sign_in
from tests.people import SYSTEM

VISITOR = "visitor:a"


@pytest.fixture
def dora(database, now):
    return enrolled(database, now - timedelta(hours=1))


@pytest.fixture
def device(database, dora, now):
    return register(database, dora, now)


def holder(person):
    return f"staff:{person.id}"


def register(database, person, now, device=None, token=None, **changes):
    """A device whose key this person has added."""
    device, at = device or Device(), door(now, holder=holder(person))
    token = token or sign_in(database, person, now)
    with database.transaction() as session:
        options = offer_passkey(session, door=at, own=own(person, token))
    with database.transaction() as session:
        answer = device.make(options, **changes)
        add_passkey(session, door=at, own=own(person, token), response=answer, name="Laptop")
    device.count += 1
    return device


def challenge(database, now, person=None, visitor=VISITOR):
    at = door(now, holder=holder(person) if person else visitor)
    with database.transaction() as session:
        return offer_proof(session, door=at, staff_id=person.id if person else None)


def alone(database, response, now, visitor=VISITOR):
    return sign_in_passkey(database, door=door(now, holder=visitor), response=response)


def beside(database, person, response, now):
    pending = sign_in_password(database, door=door(now), name=person.name, password=PASSWORD)
    at = door(now, holder=holder(person))
    return sign_in_factor(database, door=at, token=pending, proof=Proof(passkey=response))


def test_adding_one_ends_the_other_sessions_and_is_told(database, dora, device, now):
    with database.read_session() as session:
        row = passkeys_of(session, staff_id=dora.id)[0]
        told = notices_of(session, staff_id=dora.id)[0]
        kept = session.scalars(sa.select(Passkey)).one()
        assert audit.page(session, limit=1)[0].action == "staff.passkey_added"
    assert (row.name, row.synced, row.used_at) == ("Laptop", False, None)
    assert told.kind == "passkey_added"
    assert (kept.sign_count, kept.staff_id) == (1, dora.id)


def test_it_stands_for_both_factors(database, dora, device, now, settings):
    response = device.sign(challenge(database, now))
    token = alone(database, response, now)
    with database.read_session() as session:
        found = resolve_session(session, token=token, now=now, settings=settings)
        rows = audit.page(session, limit=1)
        assert passkeys_of(session, staff_id=dora.id)[0].used_at == now
    assert found.full
    assert found.staff_id == dora.id
    assert rows[0].after == '{"by":"passkey"}'


def test_it_is_a_second_factor_and_steps_up(database, dora, device, now):
    token = beside(database, dora, device.sign(challenge(database, now, dora)), now)
    device.count += 1
    later = now + timedelta(minutes=11)
    proof = Proof(passkey=device.sign(challenge(database, later, dora)))
    at = door(later, holder=holder(dora))
    assert step_up(database, door=at, token=token, proof=proof) != token


def test_who_is_not_verified_has_one_factor_and_not_two(database, dora, device, now):
    with pytest.raises(Refused):
        alone(database, device.sign(challenge(database, now), flags=PRESENT), now)
    assert beside(database, dora, device.sign(challenge(database, now, dora), flags=PRESENT), now)


SPOILT = {
    "another origin": lambda device, options: device.sign(options, origin="https://evil.example"),
    "another scheme": lambda device, options: device.sign(options, origin="https://localhost:8000"),
    "another port": lambda device, options: device.sign(options, origin="http://localhost:8001"),
    "a registration": lambda device, options: device.sign(options, type="webauthn.create"),
    "nobody present": lambda device, options: device.sign(options, flags=0),
    "a challenge of one's own": lambda device, options: device.sign(options, challenge="A" * 43),
    "another owner": lambda device, options: device.sign(options, handle="A" * 43),
    "another host": lambda device, options: _elsewhere(device).sign(options),
    "another key": lambda device, options: _other_key(device).sign(options),
    "a copied key": lambda device, options: _copied(device).sign(options),
}


def _elsewhere(device):
    other = copy.copy(device)
    other.rp = "evil.example"
    return other


def _other_key(device):
    other = copy.copy(device)
    other.key = Device().key
    return other


def _copied(device):
    """A copy whose owner has used the original meanwhile: it counts behind."""
    other = copy.copy(device)
    other.count = 1
    return other


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_spoilt_is_refused_alike_and_uses_the_challenge_up(
    database, dora, device, now, how
):
    for person in (None, dora):
        options = challenge(database, now, person)
        spoilt = SPOILT[how](device, options)
        with pytest.raises(Refused) as refusal:
            beside(database, dora, spoilt, now) if person else alone(database, spoilt, now)
        assert refusal.value.code == "passkey-refused"
        with database.read_session() as session:
            assert audit.page(session, limit=1)[0].action == "staff.sign_in_refused"
        if how != "a challenge of one's own":
            good = device.sign(options)
            with pytest.raises(Refused):  # what was asked is not asked again
                beside(database, dora, good, now) if person else alone(database, good, now)


def test_unspoilt_the_same_would_have_passed(database, dora, device, now):
    """The negative control of the test above."""
    assert alone(database, device.sign(challenge(database, now)), now)
    device.count += 1
    assert beside(database, dora, device.sign(challenge(database, now, dora)), now)


def test_a_response_works_once_also_at_the_same_moment(database, dora, device, now):
    response = device.sign(challenge(database, now))
    results = at_once(5, lambda _: alone(database, response, now))
    assert sum(isinstance(one, str) for one in results) == 1


def test_a_device_that_does_not_count_is_taken(database, dora, now):
    device = Device()
    device.count = 0
    register(database, dora, now, device)
    device.count = 0
    for _ in range(2):
        assert alone(database, device.sign(challenge(database, now)), now)


def test_a_challenge_is_for_its_holder_and_for_ten_minutes(database, dora, device, now):
    response = device.sign(challenge(database, now, visitor="visitor:b"))
    with pytest.raises(Refused):
        alone(database, response, now)
    assert alone(database, response, now, "visitor:b")
    device.count += 1
    response = device.sign(challenge(database, now))
    with pytest.raises(Refused):
        alone(database, response, now + timedelta(minutes=10))


def test_an_offer_is_no_challenge_and_the_reverse(database, dora, device, now):
    at, token = door(now, holder=holder(dora)), sign_in(database, dora, now + timedelta(seconds=30))
    with database.transaction() as session:
        options = offer_passkey(session, door=at, own=own(dora, token))
    with pytest.raises(Refused):
        beside(database, dora, device.sign(options), now)
    answer = device.make(challenge_to_make(database, now, dora))
    with pytest.raises(Refused), database.transaction() as session:
        add_passkey(session, door=at, own=own(dora, token), response=answer, name="x")


def challenge_to_make(database, now, person):
    """A challenge to be signed, dressed as an offer."""
    asked = json.loads(challenge(database, now, person))
    return json.dumps(asked | {"user": {"id": "AAAA"}})


def test_a_passkey_of_somebody_else_is_no_second_factor(database, dora, device, now):
    otto = enrolled(database, now - timedelta(hours=1), "Otto")
    response = device.sign(challenge(database, now, otto), handle="")
    with pytest.raises(Refused):
        beside(database, otto, response, now)


def test_the_disabled_and_the_removed_are_out(database, dora, device, now):
    token = beside(database, dora, device.sign(challenge(database, now, dora)), now)
    device.count += 1
    otto = enrolled(database, now - timedelta(hours=1), "Otto")
    others = register(database, otto, now)
    with database.transaction() as session:
        disable(session, actor=SYSTEM, staff_id=otto.id, now=now)
    with pytest.raises(Refused):
        alone(database, others.sign(challenge(database, now)), now)
    with database.transaction() as session:
        passkey = session.scalars(sa.select(Passkey.id)).one()
        remove_passkey(session, own=own(dora, token), passkey_id=passkey, now=now)
    with pytest.raises(Refused):
        alone(database, device.sign(challenge(database, now)), now)


def test_one_removes_ones_own_only_and_with_a_fresh_factor(database, dora, device, now):
    otto = enrolled(database, now - timedelta(hours=1), "Otto")
    token = sign_in(database, otto, now)
    with database.read_session() as session:
        passkey = session.scalars(sa.select(Passkey.id)).one()
    with pytest.raises(NotFound), database.transaction() as session:
        remove_passkey(session, own=own(otto, token), passkey_id=passkey, now=now)
    later = now + timedelta(minutes=11)
    with pytest.raises(NotAllowed), database.transaction() as session:
        remove_passkey(session, own=own(otto, token), passkey_id=passkey, now=later)


@pytest.mark.parametrize("changes", [{"origin": "https://evil.example"}, {"challenge": "A" * 43}])
def test_what_was_made_for_another_place_is_not_kept(database, dora, now, changes):
    with pytest.raises(Refused):
        register(database, dora, now, **changes)
    with database.read_session() as session:
        assert passkeys_of(session, staff_id=dora.id) == []


def test_a_key_is_kept_once(database, dora, device, now):
    otto = enrolled(database, now - timedelta(hours=1), "Otto")
    with pytest.raises(Stale):
        register(database, otto, now, device)


NONSENSE = (
    "", "{}", "[]", "null", "1", '"x"', "{", '{"id": 1}', '{"id": "x", "response": 3}',
    '{"id": "x", "response": {"clientDataJSON": "!!"}}',
    '{"id": "x", "response": {"clientDataJSON": "bnVsbA"}}',
    '{"id": "x", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiA3fQ"}}', "[" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused(sqlite_database, now, text):
    with pytest.raises(Refused) as refusal:
        alone(sqlite_database, text, now)
    assert refusal.value.code == "passkey-refused"


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", [None, "", 7, "AAAA", "%%%", {"a": 1}])
def test_a_part_that_is_nonsense_is_refused(sqlite_database, now, part, value):
    person = enrolled(sqlite_database, now - timedelta(hours=1))
    device = register(sqlite_database, person, now)
    said = json.loads(device.sign(challenge(sqlite_database, now)))
    said["response"][part] = value
    if part == "userHandle" and not value:
        assert alone(sqlite_database, json.dumps(said), now)
        return
    with pytest.raises(Refused) as refusal:
        alone(sqlite_database, json.dumps(said), now)
    assert refusal.value.code == "passkey-refused"


def test_challenges_are_limited_and_kept_hashed(sqlite_database, now):
    options = [challenge(sqlite_database, now) for _ in range(60)]
    with pytest.raises(Refused, match="Too many"):
        challenge(sqlite_database, now)
    with sqlite_database.read_session() as session:
        kept = repr(session.execute(sa.select(Challenge.digest, Challenge.holder)).all())
    assert not [one for one in options if json.loads(one)["challenge"] in kept]
