"""Who may do what: the table, spelled out a second time and compared."""

import pytest

from shudi.errors import NotAllowed
from shudi.staff.rules import GRANTS, Actor, ActorKind, Permission, Role
from shudi.staff.rules.scopes import Scope
from tests import people

# A change to the grants is a decision: it is made here too.
EXPECTED = {
    "console:account:read": "moderator senior auditor",
    "console:attachment:remove": "senior",
    "console:audit:read": "senior auditor admin",
    "console:brake:decide": "senior",
    "console:brake:read": "moderator senior auditor",
    "console:case:assign": "senior",
    "console:case:decide": "moderator senior",
    "console:case:read": "moderator senior auditor",
    "console:correction:approve": "senior",
    "console:correction:lift": "moderator senior",
    "console:correction:propose": "moderator senior",
    "console:correction:read": "moderator senior auditor",
    "console:inspection:approve": "admin",
    "console:inspection:look": "supervisor",
    "console:inspection:propose": "admin",
    "console:inspection:read": "auditor admin",
    "console:key:manage": "admin",
    "console:notice:manage": "admin",
    "console:notice:read": "senior auditor admin",
    "console:overview:read": "moderator senior auditor admin",
    "console:reason:write": "senior admin",
    "console:site:manage": "admin",
    "console:source:decide": "senior",
    "console:source:read": "moderator senior auditor",
    "console:staff:manage": "admin",
    "console:statistics:export": "senior auditor admin",
    "console:statistics:read": "moderator senior auditor admin",
    "console:system:read": "moderator senior auditor admin",
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_the_grants_are_the_ones_decided(permission, role):
    assert (permission in GRANTS[role]) is (role.value in EXPECTED[permission.value].split())


def test_permissions_are_in_order_and_spelled_alike():
    values = [permission.value for permission in Permission]
    assert values == sorted(values)
    assert all(value.startswith("console:") and value.count(":") == 2 for value in values)
    assert set(GRANTS) == set(Role)


# What is of all sites, and so for nobody who is limited to some.
OF_ALL = {
    "console:audit:read",
    "console:reason:write",
    "console:site:manage",
    "console:source:decide",
    "console:source:read",
    "console:statistics:export",
    "console:statistics:read",
    "console:system:read",
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_who_is_limited_to_sites_lacks_what_is_of_all_of_them(permission, role):
    free = Actor.staff(1, name="free", role=role)
    limited = Actor.staff(1, name="limited", role=role, scope=Scope(frozenset({1})))
    assert limited.may(permission) is (free.may(permission) and permission.value not in OF_ALL)
    if free.may(permission) and not limited.may(permission):
        with pytest.raises(NotAllowed) as refused:
            limited.require(permission)
        assert refused.value.code == "scope"


@pytest.mark.parametrize("permission", Permission)
def test_who_is_no_staff_may_nothing(permission):
    for actor in (people.READER, people.HOLDER, people.PLATFORM):
        assert not actor.may(permission)
        with pytest.raises(NotAllowed):
            actor.require(permission)


def test_auditors_and_admins_change_no_label():
    writing = {
        p
        for p in Permission
        if p.value.rsplit(":", 1)[1] in ("decide", "approve", "propose", "lift")
        and not p.value.startswith("console:inspection:")
    }
    for actor in (people.AUDREY, people.BOB):
        assert not any(actor.may(permission) for permission in writing)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("actor", [*people.STAFF, people.SYSTEM], ids=lambda actor: actor.name)
def test_an_account_of_ones_own_is_always_refused(actor, permission):
    owner = people.owning(actor, 7)
    with pytest.raises(NotAllowed):
        owner.require(permission, account_id=7)
    if actor.may(permission):
        owner.require(permission, account_id=8)


def test_a_person_without_a_role_may_nothing():
    ghost = Actor(kind=ActorKind.STAFF, id="staff:9", name="ghost", staff_id=9)
    assert not any(ghost.may(permission) for permission in Permission)
