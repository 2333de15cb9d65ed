"""Who may give which role: nobody grants what they lack, with one exception written out."""

from shudi.staff.rules import (
    BY_TWO,
    ENTRUSTED,
    GRANTS,
    Permission,
    Role,
    appointed_alone,
    may_appoint,
)

# Written out a second time, so that a change of the grants cannot change it unseen.
ALLOWED = {
    (Role.ADMIN, Role.MODERATOR),
    (Role.ADMIN, Role.SENIOR),
    (Role.ADMIN, Role.AUDITOR),
    (Role.ADMIN, Role.ADMIN),
    (Role.ADMIN, Role.SUPERVISOR),
}


def test_who_may_appoint_whom():
    found = {(by, role) for by in Role for role in Role if may_appoint(by, role)}
    assert found == ALLOWED


def test_an_admin_is_appointed_by_two_and_the_rest_by_one():
    assert {Role.ADMIN} == BY_TWO
    alone = (Role.MODERATOR, Role.SENIOR, Role.AUDITOR, Role.SUPERVISOR)
    assert appointed_alone(Role.ADMIN) == alone
    assert all(appointed_alone(role) == () for role in Role if role is not Role.ADMIN)


def test_the_exception_says_no_more_than_it_must():
    for by, roles in ENTRUSTED.items():
        assert Permission.STAFF_MANAGE in GRANTS[by]
        assert all(not GRANTS[role] <= GRANTS[by] for role in roles)


def test_a_role_that_gains_what_an_admin_lacks_is_not_the_admins_to_give(monkeypatch):
    monkeypatch.setitem(ENTRUSTED, Role.ADMIN, frozenset())
    monkeypatch.setitem(GRANTS, Role.SUPERVISOR, frozenset())
    assert may_appoint(Role.ADMIN, Role.SUPERVISOR)
    monkeypatch.setitem(GRANTS, Role.SUPERVISOR, frozenset({Permission.CASE_DECIDE}))
    assert not may_appoint(Role.ADMIN, Role.SUPERVISOR)
