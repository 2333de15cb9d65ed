"""What is set for single sign-on, and which role groups give: all pairs, written out."""

from datetime import UTC, datetime, timedelta

import pytest

from shudi.settings import Settings, SettingsError, load, single_sign_on
from shudi.staff.rules import Role
from shudi.staff.rules.single_sign_on import (
    ORDER,
    Identified,
    Policy,
    authenticated_lately,
    follow,
)

M, S, A, X, V = Role.MODERATOR, Role.SENIOR, Role.AUDITOR, Role.ADMIN, Role.SUPERVISOR
NOW = datetime(2026, 3, 14, tzinfo=UTC)
SET = {
    "SHUDI_OIDC_ISSUER": "https://id.example.org",
    "SHUDI_OIDC_CLIENT_ID": "desk",
    "SHUDI_OIDC_CLIENT_SECRET": "s",
    "SHUDI_BASE_URL": "https://labels.example.org",
}


def test_the_roles_that_settings_know_are_the_roles():
    assert set(single_sign_on.ROLES) == {role.value for role in Role}
    assert set(ORDER) == set(Role)


@pytest.mark.parametrize(
    ("held", "mapped", "becomes"),
    [
        (M, {M}, M), (M, {S}, S), (S, {M}, M), (M, {M, S}, S), (S, {A, V}, A), (M, {V}, V),
        (M, set(), None), (X, set(), None), (None, set(), None),
        (X, {X}, X), (X, {X, M}, X), (X, {M}, M), (X, {M, A}, M),
        (M, {X}, M), (M, {X, S}, S), (A, {X}, A), (None, {X}, None), (None, {X, M}, M),
        (None, {M}, M), (None, {V, A}, A),
    ],
)  # fmt: skip
def test_the_role_that_groups_give(held, mapped, becomes):
    assert follow(held, frozenset(mapped)) is becomes


def test_nobody_becomes_an_admin_by_any_groups():
    for held in (None, *(role for role in Role if role is not X)):
        for number in range(2 ** len(ORDER)):
            mapped = frozenset(role for at, role in enumerate(ORDER) if number >> at & 1)
            assert follow(held, mapped) is not X


def test_groups_are_compared_to_the_letter():
    policy = Policy(roles=(("desk", M), ("desk", A), ("Leads", S)))
    assert policy.mapped(frozenset({"desk"})) == {M, A}
    assert policy.mapped(frozenset({"Desk", "leads", "desk "})) == frozenset()
    assert policy.mapped(None) == frozenset()


def test_two_factors_are_those_words_that_are_accepted():
    def said(acr="", *amr):
        who = Identified(issuer="i", subject="s", acr=acr, amr=frozenset(amr))
        return Policy(factors=frozenset({"mfa", "urn:two"})).by_two_factors(who)

    assert said("urn:two")
    assert said("", "pwd", "mfa")
    assert not said("urn:one", "pwd", "otp")
    assert not said()
    nothing = Identified(issuer="i", subject="s")
    assert not Policy(factors=frozenset()).by_two_factors(nothing)


def test_lately_is_after_the_question():
    def at(seconds):
        who = Identified(issuer="i", subject="s", authenticated_at=NOW + timedelta(seconds=seconds))
        return authenticated_lately(who, NOW, NOW + timedelta(minutes=1))

    assert [at(one) for one in (-31, -30, 0, 60, 90, 91)] == [False, True, True, True, True, False]
    assert not authenticated_lately(Identified(issuer="i", subject="s"), NOW, NOW)


def test_what_is_set_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    environ = {name: value for name, value in SET.items() if not name.endswith("SECRET")}
    found = load({
        **environ, "SHUDI_VAR": str(tmp_path), "SHUDI_OIDC_CLIENT_SECRET_FILE": str(secret),
        "SHUDI_OIDC_ROLES": "cn=desk leads,ou=a,dc=b=senior; desk = moderator;\n readers=auditor",
        "SHUDI_OIDC_FACTORS": "mfa urn:two", "SHUDI_OIDC_SCOPES": "openid,groups",
        "SHUDI_OIDC_CREATE": "1",
    })  # fmt: skip
    assert found.oidc_client_secret == "from a file"
    assert found.oidc_roles == (
        ("cn=desk leads,ou=a,dc=b", "senior"), ("desk", "moderator"), ("readers", "auditor"),
    )  # fmt: skip
    assert (found.oidc_factors, found.oidc_scopes) == (("mfa", "urn:two"), ("openid", "groups"))
    assert "from a file" not in repr(found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SHUDI_OIDC_CLIENT_ID": ""}, {"SHUDI_OIDC_CLIENT_SECRET": ""}, {"SHUDI_OIDC_ISSUER": ""},
        {"SHUDI_OIDC_ISSUER": "http://id.example.org"}, {"SHUDI_OIDC_ISSUER": "id.example.org"},
        {"SHUDI_OIDC_ISSUER": "https://id.example.org?a=b"},
        {"SHUDI_OIDC_ISSUER": "https://id.example.org#a"},
        {"SHUDI_OIDC_ISSUER": "https://a:b@id.example.org"},
        {"SHUDI_BASE_URL": "http://labels.example.org"},
        {"SHUDI_OIDC_SCOPES": "profile"}, {"SHUDI_OIDC_CREATE": "1"},
        {"SHUDI_OIDC_ROLES": "desk"}, {"SHUDI_OIDC_ROLES": "desk=owner"},
        {"SHUDI_OIDC_ROLES": "=admin"}, {"SHUDI_OIDC_CREATE": "perhaps"},
    ],
)  # fmt: skip
def test_what_is_set_wrong_is_said_at_start(tmp_path, wrong):
    with pytest.raises(SettingsError, match="SHUDI_"):
        load({**SET, "SHUDI_VAR": str(tmp_path), **wrong})


def test_nothing_is_needed():
    assert Settings().oidc_issuer == ""
