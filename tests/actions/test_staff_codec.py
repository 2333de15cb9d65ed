"""Passwords, codes, keys."""

import ipaddress
from datetime import date, timedelta

import argon2
import pytest

from shudi.daykeys import DayKeys
from shudi.errors import Invalid, Refused
from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import Keyring, new_token, token_hash

GOOD = "three small boats at dusk"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "password-too-short"),
        ("", "password-too-short"),
        ("x" * 1025, "password-too-long"),
        ("字" * 400, "password-too-long"),
        ("passwordpassword", "password-common"),
        ("PASSWORDPASSWORD", "password-common"),
        ("aaaaaaaaaaaaaaaaaa", "password-common"),
        ("abcabcabcabcabcabc", "password-common"),
        ("abcdefghijklmnopqr", "password-common"),
        ("correct horse battery staple", "password-common"),
        ("shudi-console-admin-1", "password-common"),
        ("moderator shudi 2026!", "password-common"),
        ("alice alice alice 1!", "password-common"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password, code):
    with pytest.raises(Invalid) as refusal:
        passwords.check_new(password, words=["alice"])
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "password",
    [GOOD, "a" * 5 + "bcdfgh jklmnp" * 20, "三艘小船停在黄昏的港口里面很安静", "739275610284619"],
)
def test_length_is_asked_for_and_composition_is_not(password):
    assert passwords.check_new(password) == password


def test_the_hash_is_argon2id_above_the_minimum_of_asvs():
    kept = argon2.extract_parameters(passwords.hash_new(GOOD))
    assert kept.type is argon2.Type.ID
    assert kept.memory_cost >= 19 * 1024
    assert kept.time_cost >= 2


def test_a_password_is_not_cut_and_spelling_of_characters_does_not_matter():
    stored = passwords.hash_new("x" * 100 + "é", hasher=CHEAP)
    assert passwords.verify(stored, "x" * 100 + "e\u0301", hasher=CHEAP)
    assert not passwords.verify(stored, "x" * 100, hasher=CHEAP)
    assert not passwords.verify(stored, "x" * 100 + "éé", hasher=CHEAP)


def test_what_is_too_long_is_never_hashed(monkeypatch):
    monkeypatch.setattr(passwords, "HASHER", None)
    assert not passwords.verify("anything", "x" * 2000, hasher=None)


def test_nobody_has_the_password_of_nobody():
    assert not passwords.verify("", "nobody has this password", hasher=CHEAP)
    assert not passwords.verify("not a hash", GOOD, hasher=CHEAP)


def test_lone_surrogates_are_only_wrong(now):
    assert not passwords.verify(passwords.hash_new(GOOD, hasher=CHEAP), "\ud800", hasher=CHEAP)
    assert totp.matching_step(totp.new_secret(), "\ud800", now) is None


def test_a_code_counts_for_its_own_step_and_the_next(now):
    secret = totp.new_secret()
    code = totp.code_at(secret, now)
    step = totp.step_at(now)
    assert totp.matching_step(secret, code, now) == step
    assert totp.matching_step(secret, f" {code[:3]} {code[3:]}", now) == step
    assert totp.matching_step(secret, code, now + timedelta(seconds=30)) == step
    for seconds in (60, 90, -30, -60, -90):
        assert totp.matching_step(secret, code, now + timedelta(seconds=seconds)) is None


def test_what_a_key_sealed_its_successor_opens_until_it_is_retired():
    old, new = Keyring("old" * 20), Keyring("new" * 20, ("old" * 20,))
    sealed = old.seal("secret")
    assert "secret" not in sealed
    assert new.unseal(sealed) == "secret"
    resealed = new.reseal(sealed)
    assert Keyring("new" * 20).unseal(resealed) == "secret"
    with pytest.raises(Refused):
        Keyring("new" * 20).unseal(sealed)


def test_a_client_is_one_block_for_one_day(tmp_path):
    keyring = Keyring("k" * 40, days=DayKeys(tmp_path / "key"))
    days = [date(2026, 3, 15), date(2026, 3, 14)]
    first = keyring.pseudonyms(ipaddress.ip_address("2001:db8:1:2::1"), days)
    same_home = keyring.pseudonyms(ipaddress.ip_address("2001:db8:1:2:ffff::1"), days)
    next_door = keyring.pseudonyms(ipaddress.ip_address("2001:db8:1:3::1"), days)
    assert first == same_home
    assert not set(first) & set(next_door)
    assert first[0] != first[1]
    assert keyring.pseudonyms(None, days) != first
    assert "2001" not in "".join(first)


def test_a_keyring_without_the_days_keys_compares_no_addresses():
    with pytest.raises(ValueError, match="compares no addresses"):
        Keyring("k" * 40).pseudonyms(None, [date(2026, 3, 14)])


def test_tokens_hold_256_bits_and_only_their_hash_is_kept():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 for token in tokens)
    assert len(token_hash("any")) == 64
