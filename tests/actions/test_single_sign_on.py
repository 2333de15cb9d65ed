"""What a provider's word does here, on both stores: who comes in, as what, and what ends."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit.queries import page
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff import actions as acts
from shudi.staff.actions import groups as groups_act
from shudi.staff.actions.sessions import open_session
from shudi.staff.actions.single_sign_on import link
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.single_sign_on import Identified, Policy
from shudi.staff.store import LinkPurpose, Staff, StaffProposal, StaffSession, StaffState
from shudi.staff.store.factors import NoticeKind, StaffNotice
from shudi.staff.store.identities import Identity, Purpose
from tests import people
from tests.actions.staff_door import door as door_at
from tests.people import ALICE, BOB

ISSUER = "https://id.example.org"
ROLES = (
    ("desk", Role.MODERATOR), ("leads", Role.SENIOR), ("readers", Role.AUDITOR),
    ("admins", Role.ADMIN),
)  # fmt: skip
POLICY = Policy(roles=ROLES, factors=frozenset({"mfa"}))
OPEN = Policy(roles=ROLES, factors=frozenset({"mfa"}), create=True)
SECRET = totp.new_secret()


@pytest.fixture
def staff(database, now):
    """The cast; Alice is known to the provider as `alice`, Bob as `bob`."""
    with database.transaction() as session:
        people.hire_everybody(session)
        for who, subject in ((ALICE, "alice"), (BOB, "bob")):
            link(session, door=door_at(now), staff_id=who.staff_id, who=word(subject))
    return database


def word(subject, *groups, both=False, **more):
    amr = frozenset({"pwd", "mfa"} if both else {"pwd"})
    return Identified(
        issuer=ISSUER, subject=subject, name=subject, groups=frozenset(groups), amr=amr, **more
    )


def come(database, now, who, policy=POLICY):
    return acts.sign_in_identified(database, door=door_at(now), who=who, policy=policy)


def role_of(database, staff_id):
    with database.read_session() as session:
        return session.scalar(sa.select(Staff.role).where(Staff.id == staff_id))


def sessions_of(database, staff_id):
    with database.read_session() as session:
        return session.scalars(
            sa.select(StaffSession.token_hash).where(StaffSession.staff_id == staff_id)
        ).all()


def open_for(database, who, now, **more):
    with database.transaction() as session:
        return open_session(session, staff_id=who.staff_id, now=now, hours=12, **more)


def logged(database, action):
    with database.read_session() as session:
        return page(session, action=action, limit=1)[0]


def test_one_factor_there_opens_only_the_way_to_ours(staff, now):
    came = come(staff, now, word("alice", "desk"))
    assert (came.full, came.first) == (False, True)
    with staff.transaction() as session:
        token, codes = acts.set_up_factor(
            session, door=door_at(now), token=came.token, secret=SECRET,
            code=totp.code_at(SECRET, now),
        )  # fmt: skip
    assert len(codes) == 10
    assert token_hash(token) in sessions_of(staff, ALICE.staff_id)
    assert '"sso+code"' in logged(staff, "staff.signed_in").after
    later = now + timedelta(minutes=2)
    came = come(staff, later, word("alice", "desk"))
    assert (came.full, came.first) == (False, False)
    with staff.transaction() as session, pytest.raises(Refused):  # one's own is asked for, not set
        acts.set_up_factor(
            session, door=door_at(later), token=came.token, secret=SECRET,
            code=totp.code_at(SECRET, later),
        )  # fmt: skip
    proof = acts.Proof(code=totp.code_at(SECRET, later))
    assert acts.sign_in_factor(staff, door=door_at(later), token=came.token, proof=proof)


def test_whoever_came_by_two_factors_there_sets_none_up_on_one(staff, now):
    assert come(staff, now, word("alice", "desk", both=True)).full
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, word("alice", "desk"))
    assert '"factor"' in logged(staff, "staff.sign_in_refused").after


def test_the_role_follows_the_groups_and_ends_what_was_open(staff, now):
    open_for(staff, ALICE, now)
    came = come(staff, now, word("alice", "leads", "desk", both=True))
    assert role_of(staff, ALICE.staff_id) is Role.SENIOR
    assert sessions_of(staff, ALICE.staff_id) == [token_hash(came.token)]
    row = logged(staff, "staff.role_set")
    assert (row.actor_id, row.before, row.after) == (
        "system:single-sign-on", '{"role":"moderator"}', '{"role":"senior"}',
    )  # fmt: skip
    again = come(staff, now, word("alice", "leads", both=True))  # nothing changes, nothing ends
    assert sorted(sessions_of(staff, ALICE.staff_id)) == sorted(
        map(token_hash, (came.token, again.token))
    )


@pytest.mark.parametrize("groups", [(), ("choir",)])
def test_who_is_in_no_group_is_out_everywhere(staff, now, groups):
    open_for(staff, ALICE, now)
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, word("alice", *groups, both=True))
    assert sessions_of(staff, ALICE.staff_id) == []
    assert logged(staff, "staff.session_ended").actor_id == "system:single-sign-on"
    assert role_of(staff, ALICE.staff_id) is Role.MODERATOR


def test_a_group_makes_nobody_an_admin(staff, now):
    come(staff, now, word("alice", "admins", both=True))
    assert role_of(staff, ALICE.staff_id) is Role.MODERATOR  # until two have decided
    come(staff, now, word("alice", "admins", "leads", both=True))
    assert role_of(staff, ALICE.staff_id) is Role.SENIOR
    assert come(staff, now, word("bob", "admins", both=True)).full
    assert role_of(staff, BOB.staff_id) is Role.ADMIN


def test_control_a_group_that_could_would(staff, now, monkeypatch):
    monkeypatch.setattr(groups_act, "follow", lambda held, mapped: max(mapped))
    come(staff, now, word("alice", "admins", both=True))
    assert role_of(staff, ALICE.staff_id) is Role.ADMIN


def _other_admins(database, now, *, count):
    """Nobody else manages people, but so many."""
    with database.transaction() as session:
        session.execute(
            sa.update(Staff).where(Staff.role == Role.ADMIN, Staff.id != BOB.staff_id)
            .values(state=StaffState.DISABLED)
        )  # fmt: skip
        for at in range(count):
            session.add(
                Staff(name=f"a{at}", role=Role.ADMIN, state=StaffState.ACTIVE, created_at=now)
            )


def test_the_last_admin_is_not_demoted_by_a_group(staff, now):
    _other_admins(staff, now, count=0)
    open_for(staff, BOB, now)
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, word("bob", "desk", both=True))
    assert role_of(staff, BOB.staff_id) is Role.ADMIN
    assert len(sessions_of(staff, BOB.staff_id)) == 1  # their way in stays
    assert '"last-admin"' in logged(staff, "staff.sign_in_refused").after
    _other_admins(staff, now, count=1)
    assert come(staff, now, word("bob", "desk", both=True)).full
    assert role_of(staff, BOB.staff_id) is Role.MODERATOR


def test_what_somebody_proposed_falls_with_their_role(staff, now):
    _other_admins(staff, now, count=1)
    with staff.transaction() as session:
        acts.propose(session, actor=BOB, staff_id=ALICE.staff_id, role=Role.ADMIN, now=now)
    come(staff, now, word("bob", "desk", both=True))
    with staff.read_session() as session:
        assert session.scalars(sa.select(StaffProposal.state)).all() == ["dropped"]


def test_disabled_stays_disabled_whatever_the_groups_say(staff, now):
    with staff.transaction() as session:
        acts.disable(session, actor=BOB, staff_id=ALICE.staff_id, now=now)
        known = session.scalar(sa.select(sa.func.count(Staff.id)))
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, dataclasses.replace(word("alice", "desk", both=True), name="new"), OPEN)
    with staff.read_session() as session:
        assert session.scalar(sa.select(sa.func.count(Staff.id))) == known


def test_after_a_reset_only_the_invitation_lets_them_in(staff, now):
    with staff.transaction() as session:
        token = acts.reset(session, actor=BOB, staff_id=ALICE.staff_id, now=now)
    for policy in (POLICY, OPEN):  # nor as somebody new
        with pytest.raises(Refused, match="opens nothing"):
            come(staff, now, word("alice", "desk", both=True), policy)
    came = acts.accept_identified(
        staff, door=door_at(now), link_hash=token_hash(token), policy=POLICY,
        who=word("alice", "desk", both=True),
    )  # fmt: skip
    assert came.full


def test_strangers_are_let_in_by_their_groups_only_where_that_is_set(staff, now):
    for who, policy in (
        (word("new", "desk", both=True), POLICY),
        (word("new", both=True), OPEN),
        (word("new", "admins", both=True), OPEN),
    ):
        with pytest.raises(Refused, match="opens nothing"):
            come(staff, now, who, policy)
    came = come(staff, now, word("new", "desk", both=True), OPEN)
    with staff.read_session() as session:
        made = session.execute(sa.select(Staff).where(Staff.name == "new")).scalar_one()
        assert (made.role, made.state, made.password_hash) == (Role.MODERATOR, "active", "")
    assert came.full
    again = come(staff, now, word("new", "leads", both=True), OPEN)
    assert role_of(staff, made.id) is Role.SENIOR
    assert again.full


def test_a_name_binds_nobody(staff, now):
    """Somebody of Alice's name at the provider is not Alice, nor anybody."""
    who = Identified(issuer=ISSUER, subject="other", name=ALICE.name, groups=frozenset({"desk"}),
                     amr=frozenset({"mfa"}))  # fmt: skip
    for policy in (POLICY, OPEN):
        with pytest.raises(Refused, match="opens nothing"):
            come(staff, now, who, policy)
    elsewhere = Identified(issuer="https://other.example", subject="alice",
                           groups=frozenset({"desk"}))  # fmt: skip
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, elsewhere)


def _invited(database, now, name="newcomer", role=Role.MODERATOR):
    with database.transaction() as session:
        return acts.invite(session, actor=BOB, name=name, role=role, now=now)


def _accept(database, now, token, who, policy=POLICY):
    return acts.accept_identified(
        database, door=door_at(now), link_hash=token_hash(token), who=who, policy=policy
    )


def test_an_invitation_is_accepted_once(staff, now):
    staff_id, token = _invited(staff, now)
    with pytest.raises(Refused, match="opens nothing"):  # which does not use it
        _accept(staff, now, token, word("n", "choir"))
    with pytest.raises(Stale):
        _accept(staff, now, token, word("alice", "desk"))
    came = _accept(staff, now, token, word("n", "leads", both=True))
    assert came.full
    assert role_of(staff, staff_id) is Role.SENIOR
    with pytest.raises(NotFound):
        _accept(staff, now, token, word("m", "desk"))
    assert come(staff, now, word("n", "leads", both=True)).full


def test_an_invitation_by_password_ends_single_sign_on(staff, now):
    with staff.transaction() as session:
        token = acts.make_link(
            session, actor=BOB, staff_id=ALICE.staff_id, purpose=LinkPurpose.ENROL, now=now
        )
    chosen = acts.Credentials("seven quiet herons wait", SECRET, totp.code_at(SECRET, now))
    acts.enrol(staff, door=door_at(now), token=token, chosen=chosen)
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, word("alice", "desk", both=True))


def _own(token, who=ALICE):
    return acts.Own(who, token)


def test_one_links_and_unlinks_what_is_ones_own(staff, now):
    _, invitation = _invited(staff, now)
    chosen = acts.Credentials("seven quiet herons wait", SECRET, totp.code_at(SECRET, now))
    token, _ = acts.enrol(staff, door=door_at(now), token=invitation, chosen=chosen)
    with staff.read_session() as session:
        staff_id = session.scalar(sa.select(Staff.id).where(Staff.name == "newcomer"))
    actor = Actor.staff(staff_id, name="newcomer", role=Role.MODERATOR)
    with staff.transaction() as session, pytest.raises(Stale, match="Somebody else"):
        acts.link_identified(session, door=door_at(now), own=_own(token, actor), who=word("alice"))
    with staff.transaction() as session:
        token = acts.link_identified(
            session, door=door_at(now), own=_own(token, actor), who=word("new")
        )
    with staff.transaction() as session, pytest.raises(Stale, match="already"):
        acts.link_identified(session, door=door_at(now), own=_own(token, actor), who=word("two"))
    assert come(staff, now, word("new", "desk", both=True)).full
    later = now + timedelta(minutes=11)
    with staff.transaction() as session, pytest.raises(NotAllowed, match="second factor"):
        acts.unlink(session, own=_own(token, actor), now=later)
    with staff.transaction() as session:
        token = acts.unlink(session, own=_own(token, actor), now=now)
    assert sessions_of(staff, staff_id) == [token_hash(token)]
    with pytest.raises(Refused, match="opens nothing"):
        come(staff, now, word("new", "desk", both=True), OPEN)
    with staff.read_session() as session:
        kinds = session.scalars(
            sa.select(StaffNotice.kind).where(StaffNotice.staff_id == staff_id)
        ).all()
    assert {NoticeKind.IDENTITY_LINKED, NoticeKind.IDENTITY_CUT} <= set(kinds)


def test_the_last_way_in_is_not_cut(staff, now):
    token = open_for(staff, ALICE, now)
    with staff.transaction() as session, pytest.raises(Refused, match="no other way"):
        acts.unlink(session, own=_own(token), now=now)


def test_the_provider_proves_somebody_anew_only_if_it_says_so(staff, now):
    token = open_for(staff, ALICE, now, factor_at=now - timedelta(hours=1))
    asked = now - timedelta(minutes=1)

    def prove(who, policy=POLICY):
        return acts.step_up_identified(
            staff, door=door_at(now), token=token, who=who, asked_at=asked, policy=policy
        )

    for who in (
        word("alice", both=True),  # it does not say when
        word("alice", both=True, authenticated_at=asked - timedelta(minutes=5)),
        word("alice", both=True, authenticated_at=now + timedelta(minutes=5)),
        word("alice", authenticated_at=now),  # by one factor
        word("bob", both=True, authenticated_at=now),  # another person
        word("nobody", both=True, authenticated_at=now),
    ):
        with pytest.raises(Refused, match="anew"):
            prove(who)
    with pytest.raises(Refused, match="anew"):
        prove(word("alice", both=True, authenticated_at=now), Policy(roles=ROLES))
    fresh = prove(word("alice", both=True, authenticated_at=now))
    assert sessions_of(staff, ALICE.staff_id) == [token_hash(fresh)]
    with staff.read_session() as session:
        assert session.scalar(sa.select(StaffSession.factor_at)) == now


def test_what_is_over_there_is_over_here(staff, now):
    first = come(staff, now, word("alice", "desk", both=True, session="one"))
    come(staff, now, word("alice", "desk", both=True, session="two"))
    by_hand = open_for(staff, ALICE, now)
    with staff.transaction() as session:
        fresh = acts.renew_recovery_codes(session, own=_own(by_hand), now=now)[0]
    assert sessions_of(staff, ALICE.staff_id) == [token_hash(fresh)]
    first = come(staff, now, word("alice", "desk", both=True, session="one"))
    second = come(staff, now, word("alice", "desk", both=True, session="two"))
    bobs = come(staff, now, word("bob", "admins", both=True, session="one"))

    def over(subject="", session_there="", issuer=ISSUER):
        with staff.transaction() as session:
            return acts.end_provider_sessions(
                session, issuer=issuer, subject=subject, provider_session=session_there, now=now
            )

    assert over("alice", issuer="https://other.example") == 0
    assert over("alice", "three") == 0
    assert over("alice", "one") == 1
    assert token_hash(first.token) not in sessions_of(staff, ALICE.staff_id)
    assert over("alice") == 1
    assert sessions_of(staff, ALICE.staff_id) == [token_hash(fresh)]  # not by it
    assert token_hash(second.token) not in sessions_of(staff, ALICE.staff_id)
    assert sessions_of(staff, BOB.staff_id) == [token_hash(bobs.token)]


def test_a_trip_is_good_once_for_its_holder_and_a_while(staff, now):
    mine, other = door_at(now, holder="visitor:a"), door_at(now, holder="visitor:b")
    errand = acts.Errand(purpose=Purpose.SIGN_IN, wanted={"to": "cases.show", "case_id": "7"})
    with staff.transaction() as session:
        ticket = acts.set_out(session, door=mine, errand=errand)
    with staff.read_session() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM staff_trips").one()
    assert not {ticket.state, ticket.nonce, ticket.verifier} & {str(value) for value in row}
    with pytest.raises(Refused, match="over"):
        acts.come_back(staff, door=other, state=ticket.state)
    back = acts.come_back(staff, door=mine, state=ticket.state)
    assert (back.errand, back.ticket, back.asked_at) == (errand, ticket, now)
    with pytest.raises(Refused, match="over"):
        acts.come_back(staff, door=mine, state=ticket.state)
    with staff.transaction() as session:
        late = acts.set_out(session, door=mine, errand=errand)
        assert acts.purge(session, now=now + timedelta(minutes=10)) >= 1
    with pytest.raises(Refused, match="over"):
        acts.come_back(staff, door=mine, state=late.state)


def test_the_subject_is_unique_at_its_issuer(staff, now):
    with staff.read_session() as session:
        pairs = session.execute(sa.select(Identity.issuer, Identity.subject)).all()
    assert len(pairs) == len(set(pairs)) == 2
    with (
        staff.transaction() as session,
        pytest.raises(sa.exc.IntegrityError),
        session.begin_nested(),
    ):
        link(session, door=door_at(now), staff_id=BOB.staff_id, who=word("alice"))
