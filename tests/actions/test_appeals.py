"""A contest's two instances, what it restores, and what is kept of its answer."""

import dataclasses

from shudi.cases.actions.claims import claim_next
from shudi.cases.actions.erasure import delete_account
from shudi.cases.queries import queue
from shudi.cases.queries.appeals import of_case
from shudi.cases.queries.counting import now_standing
from shudi.cases.queries.holder import contests
from shudi.cases.queries.holder_export import own_data
from shudi.cases.queries.queue import Filter
from shudi.cases.rules import CaseState
from shudi.cases.store import Decision
from shudi.cases.store.appeals import Appeal
from shudi.errors import Invalid, NotAllowed, Refused
from shudi.labels.rules import CorrectionState
from shudi.staff.store import OwnAccount, Staff, StaffState
from tests.actions.desk import ANSWER, DAY
from tests.people import ALICE, AMIR, PLATFORM, SAM, SONJA


def _contests(desk, account="ann"):
    with desk.database.read_session() as session:
        return contests(session, account_id=desk.id(account))


def _kept(desk, by=ALICE):
    """A label whose first contest was answered: it stays."""
    desk.see(("ann", "CN-GD"))
    case = desk.contest("ann", evidence="My ticket of Monday.")
    desk.claim(case, by)
    desk.decide("keep", case, by)
    return case


def test_the_answer_is_linked_to_the_exact_decision_and_version(desk):
    desk.see(("ann", "CN-GD"))
    version = desk.label("ann").version
    case = desk.contest("ann", evidence="My ticket of Monday.")
    [told] = _contests(desk)
    assert (told.label_version, told.state.value, told.region) == (version, "labelled", "CN-GD")
    assert (told.evidence, told.words, told.verdict) == ("My ticket of Monday.", "", None)
    desk.claim(case)
    with desk.refused(Invalid, "answer-words"):
        desk.decide("keep", case, answer=" ")
    with desk.refused(Invalid, "answer-names"):
        desk.decide("keep", case, answer="Alice has looked at it.")
    desk.decide("keep", case)
    [told] = _contests(desk)
    assert (told.words, told.verdict.value, told.upheld) == (ANSWER, "keep", False)
    appeal = desk.read(Appeal, case)
    assert desk.read(Decision, appeal.decision_id).case_id == case
    assert appeal.answered_version == desk.label("ann").version == told.answered_version


def test_the_second_instance_is_a_seniors_who_took_no_part(desk):
    first = _kept(desk, SAM)
    second = desk.contest("ann")
    assert desk.read(Appeal, second).first_id == first
    assert not desk.shown("ann").disputed
    for who, code in ((AMIR, "instance-senior"), (SAM, "own-decision")):
        with desk.refused(NotAllowed, code):
            desk.claim(second, who)
    desk.claim(second, SONJA)
    desk.decide("keep", second, SONJA)
    assert [one.instance for one in _contests(desk)] == [2, 1]
    with desk.refused(Refused, "contest-over"):
        desk.contest("ann")
    desk.see(("ann", "US"))
    assert desk.read(Appeal, desk.contest("ann")).instance == 1  # another version


def _nobodys(desk, case):
    """Whether the case's page, the queue's filter and the kept figure say that nobody may answer."""
    with desk.database.read_session() as session:
        said = of_case(session, case_id=case).nobody
        wanted = Filter(staff_id=ALICE.staff_id, nobody=True)
        rows, _ = queue.page(session, wanted=wanted, now=desk.now)
        [count] = [one for one in now_standing(session, now=desk.now) if one.figure == "nobody"]
    assert count.value == len(rows)
    assert said == (case in [row.id for row in rows])
    return said


def test_where_no_senior_is_left_for_the_second_instance_it_is_said(desk):
    first = _kept(desk, SAM)
    assert not _nobodys(desk, first), "answered"
    second = desk.contest("ann")
    assert not _nobodys(desk, second), "Sonja may"
    with desk.database.transaction() as session:
        session.get_one(Staff, SONJA.staff_id).state = StaffState.DISABLED
    assert _nobodys(desk, second)
    with desk.database.transaction() as session:
        session.get_one(Staff, SONJA.staff_id).state = StaffState.ACTIVE
        session.add(
            OwnAccount(staff_id=SONJA.staff_id, account_id=desk.id("ann"), declared_at=desk.now)
        )
    assert _nobodys(desk, second), "it is an account of her own"
    [told] = [one for one in _contests(desk) if one.instance == 2]
    assert told.due_at == desk.now + 3 * DAY  # the holder sees the time run on


def test_a_first_instance_is_anybodys_who_decides(desk):
    desk.see(("ann", "CN-GD"))
    case = desk.contest("ann")
    with desk.database.transaction() as session:
        for who in (SAM, SONJA, AMIR):
            session.get_one(Staff, who.staff_id).state = StaffState.DISABLED
    assert not _nobodys(desk, case), "Alice may"
    with desk.database.transaction() as session:
        session.get_one(Staff, ALICE.staff_id).state = StaffState.DISABLED
    assert _nobodys(desk, case), "an auditor or administrator does not decide"


def test_a_moderator_is_not_offered_a_second_instance(desk):
    _kept(desk)
    desk.contest("ann")
    assert desk.act(claim_next, actor=AMIR, settings=desk.settings) is None
    assert desk.act(claim_next, actor=SONJA, settings=desk.settings) is not None


def test_upholding_restores_everything_at_once(desk):
    desk.see(("ann", "CN-GD"))
    wrong = desk.correct("ann", "coarsen")
    case = desk.contest("ann")
    desk.claim(case, AMIR)
    desk.restore(case, AMIR)
    assert desk.case(case).state is CaseState.AWAITING
    assert desk.place("ann") == ("labelled", "CN", "correction", True)
    assert _contests(desk)[0].words == ""  # not before a second person agreed
    desk.correction_act("approve_lift", wrong.id, SONJA)
    assert desk.place("ann") == ("labelled", "CN-GD", "activity", False)
    assert not desk.shown("ann").disputed
    [told] = _contests(desk)
    assert (told.verdict.value, told.words, told.upheld) == ("lift", ANSWER, True)
    assert (told.shown_state.value, told.shown_region) == ("labelled", "CN-GD")
    assert told.corrected_on is not None
    assert desk.correction(wrong.id).state is CorrectionState.LIFTED
    assert desk.verified()


def test_a_second_person_who_disagrees_opens_the_contest_again(desk):
    desk.see(("ann", "CN-GD"))
    wrong = desk.correct("ann", "coarsen")
    case = desk.contest("ann")
    desk.claim(case, AMIR)
    desk.restore(case, AMIR)
    desk.correction_act("refuse_lift", wrong.id, SONJA, text="It is right.")
    assert desk.case(case).state is CaseState.OPEN
    assert desk.shown("ann").disputed
    desk.claim(case, AMIR)
    desk.decide("keep", case, AMIR)
    assert _contests(desk)[0].words == ANSWER


def test_there_must_be_something_to_restore(desk):
    desk.see(("ann", "CN-GD"))
    case = desk.contest("ann")
    desk.claim(case)
    with desk.refused(Refused, "nothing-to-restore"):
        desk.restore(case)


def test_a_late_contest_is_refused_and_the_rule_of_the_mark_is_a_setting(desk):
    desk.settings = dataclasses.replace(
        desk.settings, contest_days=7, contest_marks="corrected_or_old"
    )
    desk.see(("ann", "CN-GD"), ("ben", "CN-ZJ"))
    desk.contest("ben")
    assert not desk.shown("ben").disputed
    desk.now += 8 * DAY
    with desk.refused(Refused, "contest-late"):
        desk.contest("ann")


def test_deletion_takes_the_words_along(desk):
    case = _kept(desk)
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    kept = desk.read(Appeal, case)
    assert (kept.evidence, kept.words, kept.region) == ("", "", None)


def test_own_data_names_nobody_and_no_source(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    desk.contest("ann", "I never was there.", evidence="Tickets")
    with desk.database.read_session() as session:
        data = own_data(session, account_id=desk.id("ann"), now=desk.now)
    assert data["label"]["region"] == "CN"
    assert [one["region"] for one in data["seen"]] == ["CN-GD"]
    assert [one["kind"].value for one in data["corrections"]] == ["coarsen"]
    assert [one["evidence"] for one in data["contests"]] == ["Tickets"]
    text = str(data).lower()
    for secret in ("alice", "proposed_by", "staff", "dbip", "mmdb", "sources", "network"):
        assert secret not in text
