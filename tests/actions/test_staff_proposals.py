"""A role that takes two: who may confirm, and what makes a proposal fall."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions import confirm, disable, make_link, propose, refuse, reset, set_role
from shudi.staff.actions.sessions import open_session
from shudi.staff.codec import totp
from shudi.staff.queries import people
from shudi.staff.rules import PROPOSAL_LIFE, Actor, Role
from shudi.staff.store import LinkPurpose, ProposalState, Staff, StaffProposal, StaffSession
from tests.actions.staff_door import use_link
from tests.people import ALICE, AMIR, BOB, SAM, SYSTEM, hire_everybody

SOON = timedelta(minutes=1)


@pytest.fixture
def cast(database, now):
    """Everybody, and Sam is an admin beside Bob."""
    with database.transaction() as session:
        hire_everybody(session)
        set_role(session, actor=SYSTEM, staff_id=SAM.staff_id, role=Role.ADMIN, now=now)
    return database


SECOND = Actor.staff(SAM.staff_id, name="sam", role=Role.ADMIN)


@pytest.fixture
def proposed(cast, now):
    """Bob proposes Alice."""
    with cast.transaction() as session:
        open_session(session, staff_id=ALICE.staff_id, now=now, hours=12)
        return propose(session, actor=BOB, staff_id=ALICE.staff_id, role=Role.ADMIN, now=now)


def _role(database, staff_id=ALICE.staff_id):
    with database.read_session() as session:
        return session.get_one(Staff, staff_id).role


def test_another_admin_confirms_and_the_person_signs_in_anew(cast, proposed, now):
    assert _role(cast) is Role.MODERATOR
    with cast.read_session() as session:
        [row] = people.proposals(session, actor=BOB, now=now)
        assert (row.name, row.proposer, row.expires_at) == ("alice", "bob", now + PROPOSAL_LIFE)
    with cast.transaction() as session:
        assert confirm(session, actor=SECOND, proposal_id=proposed, now=now) == ALICE.staff_id
    assert _role(cast) is Role.ADMIN
    with cast.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0
        row = session.get_one(StaffProposal, proposed)
        assert (row.state, row.decided_by) == (ProposalState.CONFIRMED, SAM.staff_id)
        actions = [line.action for line in audit.page(session)][:2]
        assert actions == ["staff.role_set", "staff.role_proposed"]
        assert people.proposals(session, actor=BOB, now=now) == []


def test_neither_the_proposer_nor_the_person_confirms(cast, proposed, now):
    with pytest.raises(NotAllowed, match="own proposal"), cast.transaction() as session:
        confirm(session, actor=BOB, proposal_id=proposed, now=now)
    for actor in (ALICE, AMIR):
        with pytest.raises(NotAllowed, match="role"), cast.transaction() as session:
            confirm(session, actor=actor, proposal_id=proposed, now=now)
    with cast.transaction() as session:  # were she an admin since, by the terminal
        session.execute(sa.update(Staff).where(Staff.id == 1).values(role=Role.ADMIN))
    own = Actor.staff(ALICE.staff_id, name="alice", role=Role.ADMIN)
    for act in (confirm, refuse):
        with pytest.raises(NotAllowed, match="own standing"), cast.transaction() as session:
            act(session, actor=own, proposal_id=proposed, now=now)


@pytest.mark.parametrize(
    ("actor", "state", "action"),
    [
        (SECOND, ProposalState.REFUSED, "staff.role_refused"),
        (BOB, ProposalState.WITHDRAWN, "staff.role_withdrawn"),
    ],
)
def test_it_is_refused_or_withdrawn_once(cast, proposed, now, actor, state, action):
    with cast.transaction() as session:
        refuse(session, actor=actor, proposal_id=proposed, now=now)
        assert session.get_one(StaffProposal, proposed).state is state
        assert audit.page(session)[0].action == action
    for act in (confirm, refuse):
        with pytest.raises(Stale), cast.transaction() as session:
            act(session, actor=SECOND, proposal_id=proposed, now=now)
    assert _role(cast) is Role.MODERATOR


def test_it_lapses(cast, proposed, now):
    later = now + PROPOSAL_LIFE
    with cast.read_session() as session:
        assert people.proposals(session, actor=BOB, now=later) == []
    with pytest.raises(Stale), cast.transaction() as session:
        confirm(session, actor=SECOND, proposal_id=proposed, now=later)
    with cast.transaction() as session:
        again = propose(session, actor=BOB, staff_id=1, role=Role.ADMIN, now=later)
        assert session.get_one(StaffProposal, proposed).state is ProposalState.DROPPED
        assert again != proposed


def test_one_waits_at_a_time(cast, proposed, now):
    with pytest.raises(Stale), cast.transaction() as session:
        propose(session, actor=SECOND, staff_id=ALICE.staff_id, role=Role.ADMIN, now=now)


@pytest.mark.parametrize("who", [ALICE, BOB])
@pytest.mark.parametrize("change", ["disabled", "role", "reset"])
def test_it_falls_with_the_standing_of_either(cast, proposed, now, who, change):
    common = {"actor": SECOND, "staff_id": who.staff_id, "now": now}
    with cast.transaction() as session:
        if change == "disabled":
            disable(session, **common)
        elif change == "role":
            set_role(session, role=Role.AUDITOR, **common)
        else:
            reset(session, **common)
    with pytest.raises(Stale), cast.transaction() as session:
        confirm(session, actor=SECOND, proposal_id=proposed, now=now)
    assert _role(cast) is not Role.ADMIN


def test_what_makes_no_sense_is_not_proposed(cast, now):
    def no(error, match, **changes):
        values = {"actor": BOB, "staff_id": ALICE.staff_id, "role": Role.ADMIN, "now": now}
        with pytest.raises(error, match=match), cast.transaction() as session:
            propose(session, **(values | changes))

    no(NotAllowed, "own standing", staff_id=BOB.staff_id)
    no(NotAllowed, "role", actor=AMIR)
    no(NotAllowed, "do not have", actor=SYSTEM)  # the terminal needs no second person
    no(Refused, "no second person", role=Role.SENIOR)
    no(Refused, "already", staff_id=SAM.staff_id)
    no(NotFound, "no such person", staff_id=99)
    no(Stale, "meanwhile", seen=7)
    with cast.transaction() as session:
        disable(session, actor=BOB, staff_id=ALICE.staff_id, now=now)
    no(Refused, "credentials")
    with pytest.raises(NotFound), cast.transaction() as session:
        confirm(session, actor=SECOND, proposal_id=99, now=now)


@pytest.mark.parametrize("puppet", ["the one who confirms", "the one who proposes"])
def test_who_let_somebody_in_is_not_a_second_person_to_them_for_a_week(cast, now, puppet):
    """Whoever makes a link could use it themselves, and be both."""
    maker, made = (BOB, SECOND) if puppet == "the one who confirms" else (SECOND, BOB)
    with cast.transaction() as session:
        token = make_link(
            session, actor=maker, staff_id=made.staff_id, purpose=LinkPurpose.ENROL, now=now
        )
    use_link(cast, token, totp.new_secret(), now + SOON)
    with cast.transaction() as session:
        proposal = propose(session, actor=BOB, staff_id=1, role=Role.ADMIN, now=now + 2 * SOON)
    with pytest.raises(NotAllowed, match="less than a week"), cast.transaction() as session:
        confirm(session, actor=SECOND, proposal_id=proposal, now=now + 3 * SOON)
    with cast.transaction() as session:
        confirm(session, actor=SECOND, proposal_id=proposal, now=now + PROPOSAL_LIFE + SOON)
    assert _role(cast) is Role.ADMIN
