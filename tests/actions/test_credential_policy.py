"""Acceptance test 52: what is kept of credentials, and which are taken, against ASVS 5.0."""

import re

import argon2
import pytest
import sqlalchemy as sa

from shudi.errors import Invalid
from shudi.staff.actions import Credentials, create_staff, enrol, make_link
from shudi.staff.codec import passwords, recovery, totp
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose, Staff
from shudi.staff.store.factors import RecoveryCode
from tests.actions.staff_door import PASSWORD, door
from tests.people import SYSTEM


@pytest.fixture
def kept(database, now):
    """The row of somebody who enrolled as people do, with the costs that the product has."""
    at = door(now, hasher=passwords.HASHER, origin="https://labels.example.org")
    with database.transaction() as session:
        staff_id = create_staff(session, actor=SYSTEM, name="Dora", role=Role.ADMIN, now=now)
        token = make_link(
            session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.ENROL, now=now
        )
    secret = totp.new_secret()
    chosen = Credentials(PASSWORD, secret, totp.code_at(secret, now))
    _, codes = enrol(database, door=at, token=token, chosen=chosen)
    with database.read_session() as session:
        row = session.get_one(Staff, staff_id)
        hashes = session.scalars(sa.select(RecoveryCode.code_hash)).all()
    return row, secret, codes, hashes


def test_the_stored_hash_is_above_the_minimum_of_appendix_c(kept):
    stored = kept[0].password_hash
    costs = argon2.extract_parameters(stored)
    assert costs.type is argon2.Type.ID
    assert costs.version == 19
    assert (costs.memory_cost >= 19 * 1024, costs.time_cost >= 2, costs.parallelism >= 1) == (
        True, True, True,
    )  # fmt: skip
    assert (costs.salt_len >= 16, costs.hash_len >= 32) == (True, True)
    assert PASSWORD not in stored


def test_the_secret_of_the_app_is_sealed_and_has_160_bits(kept):
    row, secret, _, _ = kept
    assert len(secret) * 5 >= 160
    assert secret not in row.totp_secret


def test_ten_recovery_codes_of_140_bits_are_kept_hashed(kept):
    _, _, codes, hashes = kept
    assert len(codes) == len(set(codes)) == len(hashes) == recovery.COUNT >= 8
    assert all(len(code.replace("-", "")) * 5 >= 112 for code in codes)  # ASVS 6.5.2
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)


POLICY = {
    "14 characters": ("x7Kp qw9z Lm2v", "password-too-short"),
    "15 characters": ("x7Kp qw9z Lm2vB", None),
    "64 characters": ("correct horse battery staple and a good deal of further words xyz", None),
    "300 characters": (" ".join(f"word{number}ly" for number in range(30)), None),
    "more than is hashed": ("ab cd" * 300, "password-too-long"),
    "no upper case, digit or sign": ("three small boats at dusk", None),
    "only digits": ("739275610284619", None),
    "another script": ("三艘小船停在黄昏的港口里面很安静", None),
    "a common one": ("qwertyuiopasdfgh", "password-common"),
    "a common one in capitals": ("QWERTYUIOPASDFGH", "password-common"),
    "two of the commonest": ("computerprincess", "password-common"),
    "with digits about them": ("2024-Computer-Princess!", "password-common"),
    "one piece over and over": ("abcabcabcabcabcabc", "password-common"),
    "a run of letters": ("abcdefghijklmnopq", "password-common"),
    "the product's name": ("shudi-console-2026", "password-common"),
    "the person's name": ("dora dora 123456", "password-common"),
    "the host's name": ("labels.example.org1", "password-common"),
}


@pytest.mark.parametrize("case", POLICY)
def test_which_passwords_are_taken(case):
    password, refused = POLICY[case]
    words = ["Dora", "labels.example.org"]
    if refused is None:
        assert passwords.check_new(password, words=words) == password
        return
    with pytest.raises(Invalid) as refusal:
        passwords.check_new(password, words=words)
    assert refusal.value.code == refused


def test_the_lists_are_as_long_as_asked_for():
    assert len(passwords._listed("common_pieces.txt")) >= 2990  # the first 3,000, case folded
    assert all(len(one) >= 15 for one in passwords._listed("common_passwords.txt"))


def test_every_one_of_the_commonest_is_refused_twice_over_or_numbered():
    taken = []
    for piece in filter(str.isalpha, passwords._listed("common_pieces.txt")):
        for password in (piece * 4, f"{piece}{piece}2026!!!", f"{piece}_123456789012345"):
            if len(password) >= passwords.MINIMUM:
                try:
                    taken.append(passwords.check_new(password))
                except Invalid:
                    continue
    assert taken == []
