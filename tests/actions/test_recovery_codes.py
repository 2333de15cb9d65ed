"""Recovery codes: made, kept hashed, used once, renewed."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import NotAllowed, Refused
from shudi.staff.actions import Proof, renew_recovery_codes
from shudi.staff.actions.recovery import use_recovery_code
from shudi.staff.codec import recovery
from shudi.staff.queries.security import notices_of, ways_in
from shudi.staff.store.factors import NoticeKind, RecoveryCode
from tests.actions.staff_door import STEP, at_once, enrolled, own, sign_in


@pytest.fixture
def dora(database, now):
    return enrolled(database, now - timedelta(hours=1))


def ways(database, person):
    with database.read_session() as session:
        return ways_in(session, staff_id=person.id)


def test_enrolling_makes_ten_codes_of_140_bits(database, dora):
    assert len(set(dora.codes)) == 10
    assert all(
        re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", one) for one in dora.codes
    )
    assert ways(database, dora).codes_left == 10


def test_only_hashes_are_kept(database, dora):
    with database.read_session() as session:
        kept = session.scalars(sa.select(RecoveryCode.code_hash)).all()
    assert set(kept) == {recovery.code_hash(dora.id, code) for code in dora.codes}
    assert not [code for code in dora.codes if code in repr(kept)]


def test_a_code_signs_in_once_instead_of_the_app(database, dora, now):
    code = dora.codes[3]
    assert sign_in(database, dora, now, Proof(recovery=code))
    with pytest.raises(Refused) as refusal:
        sign_in(database, dora, now, Proof(recovery=code))
    assert refusal.value.code == "recovery-refused"
    assert ways(database, dora).used == (now,)
    assert ways(database, dora).codes_left == 9
    with database.read_session() as session:
        rows = {row.action: row for row in audit.page(session)}
        notice = notices_of(session, staff_id=dora.id)[0]
    assert rows["staff.signed_in"].after == '{"by":"password+recovery"}'
    assert rows["staff.recovery_used"].actor_id == f"staff:{dora.id}"
    assert (notice.kind, notice.count, notice.seen) == (NoticeKind.RECOVERY_USED, 9, False)
    assert code not in repr(rows)


def test_a_code_is_known_however_it_is_typed(database, dora, now):
    code = dora.codes[0]
    typed = f" {code.lower().replace('-', ' ').replace('1', 'l').replace('0', 'o')} "
    assert sign_in(database, dora, now, Proof(recovery=typed))


def test_a_code_of_somebody_else_is_none(database, dora, now):
    other = enrolled(database, now - timedelta(hours=1), "Otto")
    with pytest.raises(Refused):
        sign_in(database, dora, now, Proof(recovery=other.codes[0]))
    assert ways(database, other).codes_left == 10


def test_of_twenty_at_once_one_uses_the_code(database, dora, now):
    def use(_number):
        with database.transaction() as session:
            return use_recovery_code(session, staff_id=dora.id, code=dora.codes[0], now=now)

    results = at_once(20, use)
    assert [one for one in results if one is True] == [True]


def test_reading_before_writing_would_let_several_through(database, dora, now):
    """The negative control: the same twenty, if each looked first and wrote afterwards."""
    digest = recovery.code_hash(dora.id, dora.codes[0])

    def look(_number):
        with database.read_session() as session:
            unused = sa.select(RecoveryCode.id).where(
                RecoveryCode.code_hash == digest, RecoveryCode.used_at.is_(None)
            )
            return session.scalar(unused) is not None

    assert at_once(20, look).count(True) > 1


def test_renewed_codes_replace_the_earlier_ones(database, dora, now):
    token = sign_in(database, dora, now)
    with database.transaction() as session:
        _, codes = renew_recovery_codes(session, own=own(dora, token), now=now)
    assert not set(codes) & set(dora.codes)
    with pytest.raises(Refused):
        sign_in(database, dora, now, Proof(recovery=dora.codes[1]))
    assert sign_in(database, dora, now, Proof(recovery=codes[0]))


def test_renewing_needs_a_second_factor_given_lately(database, dora, now):
    token = sign_in(database, dora, now)
    with pytest.raises(NotAllowed) as refusal, database.transaction() as session:
        renew_recovery_codes(session, own=own(dora, token), now=now + timedelta(minutes=10))
    assert refusal.value.code == "step-up-needed"


def test_attempts_at_codes_of_either_kind_share_their_limit(database, dora, now):
    wrong = Proof(recovery="A" * 28), Proof(code="000000")
    for number in range(5):
        with pytest.raises(Refused, match="not right"):
            sign_in(database, dora, now, wrong[number % 2])
    with pytest.raises(Refused, match="Too many"):
        sign_in(database, dora, now + STEP, Proof(recovery=dora.codes[0]))
