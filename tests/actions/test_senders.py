"""Reports by their sender: what raises a case, setting one sender's aside, undoing it."""

import sqlalchemy as sa

from shudi.cases.actions import intake, senders, upkeep
from shudi.cases.actions.erasure import delete_account
from shudi.cases.queries import senders as queries
from shudi.cases.rules import SENDER_KEPT, CaseKind, CaseState
from shudi.cases.store import Decision
from shudi.cases.store.queue import CaseReport, SetAside
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from tests.actions.desk import DAY, SECOND, Desk
from tests.people import ALICE, AMIR, AUDREY, PLATFORM, READER, SAM, owning

FLOOD = "sender:" + "f" * 40
OTHER = "sender:" + "0" * 40


def _report(desk: Desk, account: str, sender: str = FLOOD, kind: str = "wrong_label") -> int:
    desk.now += SECOND
    desk.act(
        intake.take_report,
        actor=READER,
        site_key="forum",
        account=account,
        kind=kind,
        text=f"{account} is elsewhere",
        sender=sender,
    )
    return desk.cases(CaseKind.REPORT, account)[-1].id


def _see(desk: Desk, *accounts: str) -> None:
    desk.see(*[(account, "CN-GD") for account in accounts])


def _rows(desk: Desk, **conditions) -> list[CaseReport]:
    return desk.rows(sa.select(CaseReport).filter_by(**conditions).order_by(CaseReport.id))


def _preview(desk: Desk, by=ALICE, sender: str = FLOOD):
    with desk.database.read_session() as session:
        report = _rows(desk, sender=sender)[-1].id
        return queries.preview(session, actor=by, report_id=report, now=desk.now)


def _set_aside(desk: Desk, cases, by=ALICE, **more) -> int:
    rows = _rows(desk, sender=FLOOD) or _rows(desk)
    values = {"report_id": rows[0].id, "seen": rows[-1].id, "text": "One person's campaign"} | more
    return desk.act(senders.set_aside, actor=by, cases=cases, **values)


def _restore(desk: Desk, act: int, by=ALICE) -> None:
    desk.act(senders.restore, actor=by, set_aside_id=act)


def test_five_senders_raise_a_case_and_one_sender_does_not(desk):
    _see(desk, "ann", "ben")
    for _ in range(9):
        loud = _report(desk, "ann")
    for at in range(5):
        many = _report(desk, "ben", f"sender:{at:040}")
        assert desk.case(many).severity == (3 if at == 4 else 2)
    assert (desk.case(loud).severity, desk.case(loud).raised_by) == (2, "")
    assert (desk.case(many).severity, desk.case(many).raised_by) == (3, "many")
    assert desk.case(many).version == 1


def test_protection_and_a_contest_raise_what_is_open_and_their_end_lowers_it(desk):
    _see(desk, "ann")
    case = _report(desk, "ann", kind="other")
    assert desk.case(case).severity == 1
    desk.put("ann", protection="minor")
    assert (desk.case(case).severity, desk.case(case).raised_by) == (2, "protected")
    desk.put("ann", protection="none")
    assert (desk.case(case).severity, desk.case(case).raised_by) == (1, "")
    contest = desk.contest("ann")
    assert (desk.case(case).severity, desk.case(case).raised_by) == (2, "contested")
    assert desk.case(contest).raised_by == ""
    desk.claim(contest)
    desk.decide("keep", contest)
    assert (desk.case(case).severity, desk.case(case).raised_by) == (1, "")


def test_the_preview_says_what_would_happen_to_each(desk):
    _see(desk, "ann", "ben", "cat", "dan")
    cases = [_report(desk, account) for account in ("ann", "ben", "cat", "dan")]
    _report(desk, "ben", OTHER)
    desk.claim(cases[2], AMIR)
    mine = owning(ALICE, desk.id("dan"))
    found = _preview(desk, by=mine)
    fates = {line.case_id: line.fate.value for line in found.lines}
    assert fates == dict(zip(cases, ("dismissed", "less", "held", "barred"), strict=True))
    assert found.seen == _rows(desk, sender=FLOOD)[-1].id
    assert next(line.text for line in found.lines) == "ann is elsewhere"
    assert not found.more
    assert not any(FLOOD in str(line) for line in found.lines)


def test_what_rests_on_one_sender_is_dismissed_and_the_rest_loses_their_count(desk):
    _see(desk, "ann", "ben", "cat")
    alone, shared, held = (_report(desk, account) for account in ("ann", "ben", "cat"))
    _report(desk, "ben", OTHER, kind="other")
    desk.claim(held, AMIR)
    with desk.logged(case__decided=1, reports__set_aside=1):
        act = _set_aside(desk, [alone, shared, held])
    assert desk.case(alone).state is CaseState.CLOSED
    decision = desk.rows(sa.select(Decision))[0]
    assert (decision.verdict, decision.reason) == ("dismiss", "abusive_report")
    assert (desk.case(shared).reports, desk.case(shared).severity) == (1, 1)
    assert (desk.case(shared).state, desk.case(shared).version) == (CaseState.OPEN, 1)
    assert (desk.case(held).reports, desk.case(held).state) == (1, CaseState.OPEN)
    assert desk.events(shared)[-1] == "set_aside"
    row = desk.read(SetAside, act)
    assert (row.reports, row.dismissed) == (2, 1)
    assert _preview(desk).lines[0].case_id == held
    assert desk.verified()


def test_what_came_in_since_is_not_swept_along(desk):
    _see(desk, "ann")
    case = _report(desk, "ann")
    seen = _rows(desk)[-1].id
    _report(desk, "ann")
    _set_aside(desk, [case], seen=seen)
    assert (desk.case(case).state, desk.case(case).reports) == (CaseState.OPEN, 1)
    _set_aside(desk, [case])
    assert desk.case(case).state is CaseState.CLOSED
    with desk.refused(Stale, "reports-moved"):
        _set_aside(desk, [case])


def test_only_what_was_chosen_is_touched(desk):
    _see(desk, "ann", "ben")
    chosen, left = _report(desk, "ann"), _report(desk, "ben")
    strange = _report(desk, "ben", OTHER)
    _set_aside(desk, [chosen, 999])
    assert desk.case(left).state is CaseState.OPEN
    assert desk.case(strange).reports == 2
    for cases in ([], list(range(1, 102))):
        with desk.refused(Invalid, "cases-needed"):
            _set_aside(desk, cases)


def test_a_case_the_desk_opened_itself_never_rests_on_a_sender(desk):
    _see(desk, "ann")
    case = desk.open_case("ann")
    _report(desk, "ann")
    _set_aside(desk, [case])
    assert (desk.case(case).state, desk.case(case).reports) == (CaseState.OPEN, 1)
    assert desk.case(case).severity == 2


def test_harm_that_was_taken_back_does_not_raise_any_more(desk):
    _see(desk, "ann")
    case = _report(desk, "ann", kind="harmful_label")
    _report(desk, "ann", OTHER)
    assert (desk.case(case).severity, desk.case(case).raised_by) == (3, "harm")
    act = _set_aside(desk, [case])
    assert (desk.case(case).severity, desk.case(case).raised_by) == (2, "")
    _restore(desk, act)
    assert (desk.case(case).severity, desk.case(case).raised_by) == (3, "harm")


def test_undoing_opens_and_counts_again_once(desk):
    _see(desk, "ann", "ben")
    alone, shared = _report(desk, "ann"), _report(desk, "ben")
    _report(desk, "ben", OTHER)
    act = _set_aside(desk, [alone, shared])
    desk.now += SECOND
    with desk.logged(case__reopened=1, reports__restored=1):
        _restore(desk, act, by=AMIR)
    assert (desk.case(alone).state, desk.case(alone).closed_at) == (CaseState.OPEN, None)
    assert [desk.case(case).reports for case in (alone, shared)] == [1, 2]
    assert desk.events(alone)[-1] == "restored"
    assert len(_preview(desk).lines) == 2
    with desk.refused(Stale, "set-aside-undone"):
        _restore(desk, act)
    with desk.refused(NotFound, "set-aside-unknown"):
        _restore(desk, 999)


def test_undoing_joins_the_case_that_followed(desk):
    _see(desk, "ann")
    first = _report(desk, "ann")
    act = _set_aside(desk, [first])
    following = _report(desk, "ann", OTHER)
    assert following != first
    _restore(desk, act)
    assert desk.case(first).state is CaseState.CLOSED
    assert desk.case(following).reports == 2
    assert {row.case_id for row in _rows(desk, sender=FLOOD)} == {following}


def test_who_may_and_until_when(desk):
    _see(desk, "ann", "ben")
    case = _report(desk, "ann")
    with desk.refused(NotAllowed, "role"):
        _set_aside(desk, [case], by=AUDREY)
    mine = owning(ALICE, desk.id("ann"))
    with desk.refused(Stale, "reports-moved"):
        _set_aside(desk, [case], by=mine)
    act = _set_aside(desk, [case], by=SAM)
    with desk.refused(NotAllowed, "own-account"):
        _restore(desk, act, by=mine)
    with desk.refused(NotAllowed, "role"):
        _restore(desk, act, by=AUDREY)
    desk.now += SENDER_KEPT
    with desk.refused(Refused, "set-aside-old"):
        _restore(desk, act)


def test_a_report_without_a_sender_belongs_to_nobody(desk):
    _see(desk, "ann", "ben")
    case = _report(desk, "ann", "")
    _report(desk, "ben", "")
    with desk.refused(NotFound, "sender-unknown"):
        _set_aside(desk, [case])
    with desk.database.read_session() as session:
        assert queries.busiest(session, now=desk.now) == []
        assert queries.of_case(session, case_id=case) == []


def test_the_busiest_senders_come_first(desk):
    _see(desk, "ann", "ben")
    for at in range(12):
        _report(desk, ("ann", "ben")[at % 2], FLOOD if at % 2 or at < 4 else OTHER)
    with desk.database.read_session() as session:
        found = queries.busiest(session, now=desk.now)
        of_case = queries.of_case(session, case_id=desk.cases(CaseKind.REPORT, "ann")[0].id)
        late = queries.busiest(session, now=desk.now + 3 * DAY)
    assert [one.reports for one in found] == [8]
    assert [one.reports for one in of_case] == [4, 2]
    assert late == []


def test_who_sent_what_is_forgotten_after_a_month_and_with_the_account(desk):
    _see(desk, "ann", "ben")
    _report(desk, "ann")
    _report(desk, "ben")
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    assert len(_rows(desk)) == 1
    desk.now += SENDER_KEPT
    desk.act(upkeep.purge, settings=desk.settings)
    assert len(_rows(desk)) == 1
    desk.now += SECOND * 10
    desk.act(upkeep.purge, settings=desk.settings)
    assert _rows(desk) == []
    case = _report(desk, "ben", OTHER)
    assert (desk.case(case).reports, desk.case(case).severity) == (2, 2)
