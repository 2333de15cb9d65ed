"""Account information that a rule finds something in: waiting, decided, withdrawn, forgotten."""

import sqlalchemy as sa

from shudi.accounts.actions import forget_refused
from shudi.accounts.queries import account as account_view
from shudi.accounts.queries import waiting
from shudi.accounts.store import Account, Submission
from shudi.audit.store import AuditRow
from shudi.cases.actions import review, submissions
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.upkeep import purge
from shudi.cases.queries.case import decided_on
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import CaseEvent, Decision
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.store import Label
from shudi.outbox.store import Message
from shudi.sites.store import PageKeyKind, Site
from shudi.staff.actions import declare_own_account
from shudi.staff.rules import Actor
from tests.actions.desk import DAY, HOUR
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM

KIND = CaseKind.ACCOUNT_INFORMATION
FLAGGED = "中国茶"
HIDING = "te\u200ba"  # with a character that nobody sees


def view(desk, account="ann"):
    with desk.database.read_session() as session:
        return account_view(session, account_id=desk.id(account))


def waits(desk, account="ann"):
    with desk.database.read_session() as session:
        return waiting(session, account_id=desk.id(account))


def show_handles(desk):
    with desk.database.transaction() as session:
        session.get_one(Site, desk.site).page_key = PageKeyKind.HANDLE


def case_of(desk, account="ann"):
    return desk.cases(KIND, account)[-1]


def pending(desk, account="ann", **info):
    """An account with a name that is live and another one that waits; its case, claimed."""
    desk.put(account, name="Ann", handle=f"{account}-e", bio="Tea")
    desk.now += HOUR
    sent = {"name": FLAGGED, "handle": f"{account}-e", "bio": "More tea"} | info
    assert desk.put(account, **sent) == "pending"
    case = case_of(desk, account)
    desk.claim(case.id)
    return case.id


def decide(desk, act, case, by=ALICE, **more):
    values = {"version": desk.case(case).version, "text": "Looked at."}
    values |= {"reason": "no_claim"} if act == "accept" else {"rule": "misleading"}
    desk.act(getattr(submissions, act), actor=by, case_id=case, **(values | more))


def webhooks(desk):
    return [one.payload for one in desk.rows(sa.select(Message).order_by(Message.id))]


def test_what_a_rule_finds_waits_and_the_live_values_stay(desk):
    desk.put("ann", name="Ann", handle="ann-e", bio="Tea")
    before = view(desk)
    desk.now += HOUR
    with desk.logged(account__pending=1, case__opened=1):
        assert desk.put("ann", name=FLAGGED, handle="eve", bio="More tea") == "pending"
    assert view(desk) == before
    found = waits(desk)
    assert (found.rule, found.field, found.submitted_at) == ("strict_word", "name", desk.now)
    assert {one.field: (one.live, one.submitted) for one in found.pairs} == {
        "name": ("Ann", FLAGGED),
        "handle": ("ann-e", "eve"),
        "bio": ("Tea", "More tea"),
        "avatar_url": ("", ""),
    }
    assert found.pairs[0].pieces == [("中国", True), ("茶", False)]
    case = case_of(desk)
    assert (case.state, case.account_id, case.severity) == (CaseState.OPEN, desk.id("ann"), 2)
    [row] = desk.rows(sa.select(AuditRow).where(AuditRow.action == "account.pending"))
    assert row.after == (
        '{"article":"R10","field":"name","protection":"none","rule":"strict_word"}'
    )
    assert desk.verified()


def test_a_first_name_that_waits_leaves_an_account_without_one(desk):
    assert desk.put("ann", name="Official Ann", handle="ann-e", protection="minor") == "pending"
    row = view(desk)
    assert (row.name, row.handle, row.protection.value) == ("", None, "minor")
    assert desk.read(Site, desk.site).account_count == 1
    desk.see(("ann", "CN-GD"))
    assert desk.labels() == {"ann": "none"}  # protected all the same
    desk.put("ann", name="Official Ann", handle="ann-e")
    desk.see(("ann", "CN-GD"))
    assert desk.labels() == {"ann": "CN-GD"}
    assert len(desk.cases(KIND)) == 1


def test_where_pages_show_ids_a_first_name_that_waits_is_found_by_its_id(desk):
    desk.put("ann", name=FLAGGED)  # the desk's site shows ids
    assert desk.read(Account, desk.id("ann")).page_key == "ann"


def test_protection_counts_at_once_whatever_the_verdict(desk):
    desk.put("ann", name="Ann")
    desk.see(("ann", "CN-GD"))
    for name, verdict in ((FLAGGED, "pending"), (HIDING, "refused")):
        assert desk.put("ann", name=name, protection="protected") == verdict
        assert desk.labels() == {"ann": "none"}
        assert desk.put("ann", name=name) == verdict
        assert desk.labels() == {"ann": "CN-GD"}
    assert view(desk).name == "Ann"


def test_what_is_refused_outright_changes_nothing_and_opens_nothing(desk):
    desk.put("ann", name="Ann", bio="Tea")
    before = view(desk)
    with desk.logged(account__refused=2):
        assert desk.put("ann", name=HIDING, bio="tea@tea.example") == "refused"
        assert desk.put("ann", name="Ann", handle=HIDING) == "refused"
    assert view(desk) == before
    assert (desk.count(Submission), desk.cases(KIND)) == (0, [])
    [row, _] = desk.rows(sa.select(AuditRow).where(AuditRow.action == "account.refused"))
    assert "tea@" not in row.after
    assert '"article":"R8(6)"' in row.after
    # a new account is there with its protection, and nothing else
    assert desk.put("eve", name=HIDING, protection="minor") == "refused"
    assert (view(desk, "eve").name, view(desk, "eve").protection.value) == ("", "minor")


def test_a_contact_waits_and_a_person_says_whether_it_does_harm(desk):
    desk.put("ann", name="Ann", bio="Tea")
    assert desk.put("ann", name="Ann", bio="Orders: tea@tea.example") == "pending"
    assert view(desk).bio == "Tea"
    case = case_of(desk).id
    desk.claim(case)
    decide(desk, "accept", case, reason="harmless_contact")
    assert view(desk).bio == "Orders: tea@tea.example"
    assert desk.put("ann", name="Ann", bio="WeChat: tea_friend") == "pending"
    case = case_of(desk).id
    desk.claim(case)
    decide(desk, "refuse", case, rule="embedded_contact")
    assert view(desk).bio == "Orders: tea@tea.example"
    assert desk.put("ann", name="Ann", bio="WeChat: tea_friend") == "refused"


def test_a_refused_submission_leaves_the_waiting_one_alone(desk):
    pending(desk)
    assert desk.put("ann", name=HIDING) == "refused"
    assert waits(desk).pairs[0].submitted == FLAGGED
    assert case_of(desk).state is CaseState.OPEN


def test_the_same_again_changes_nothing_and_leaves_no_row(desk):
    pending(desk)
    case, found = case_of(desk), waits(desk)
    desk.now += HOUR
    with desk.logged():
        assert desk.put("ann", name=FLAGGED, handle="ann-e", bio="More tea") == "pending"
    assert waits(desk) == found
    assert case_of(desk).version == case.version


def test_newer_values_take_the_place_of_those_that_wait(desk):
    case = pending(desk)
    seen = desk.case(case).version
    desk.now += HOUR
    with desk.logged(account__pending=1, case__resubmitted=1):
        assert desk.put("ann", name="Ann 新闻") == "pending"
    assert desk.count(Submission) == len(desk.cases(KIND)) == 1
    assert (waits(desk).rule, waits(desk).pairs[0].submitted) == ("news_name", "Ann 新闻")
    assert desk.events(case)[-1] == "resubmitted"
    with desk.refused(Stale, "case-moved"):  # who decides has seen the older ones
        decide(desk, "accept", case, version=seen)
    decide(desk, "accept", case)
    assert view(desk).name == "Ann 新闻"


def test_newer_values_that_are_accepted_withdraw_those_that_wait(desk):
    case = pending(desk)
    with desk.logged(account__put=1, case__closed=1):
        assert desk.put("ann", name="Annie") == "accepted"
    assert (view(desk).name, waits(desk), desk.count(Submission)) == ("Annie", None, 0)
    assert desk.case(case).state is CaseState.CLOSED
    [event] = desk.rows(sa.select(CaseEvent).where(CaseEvent.kind == "closed"))
    assert event.data == {"reason": "newer_accepted"}
    with desk.refused(Stale, "case-closed"):
        decide(desk, "accept", case)
    # back to the live values is no change to be screened, but withdraws all the same
    case = pending(desk, "bo")
    assert desk.put("bo", name="Ann", handle="bo-e", bio="Tea") == "accepted"
    assert desk.case(case).state is CaseState.CLOSED


def test_accepting_makes_all_of_it_live_and_tells_the_platform(desk):
    show_handles(desk)
    desk.see(("ann", "CN-GD"))
    case = pending(desk, handle="ann-new")
    seq = desk.read(Label, desk.id("ann")).seq
    with desk.logged(account__submission_accepted=1, case__decided=1):
        decide(desk, "accept", case)
    row = view(desk)
    assert (row.name, row.handle, row.bio, row.updated_at) == (
        FLAGGED, "ann-new", "More tea", desk.now,
    )  # fmt: skip
    assert desk.count(Submission) == 0
    assert desk.case(case).state is CaseState.CLOSED
    assert desk.read(Label, desk.id("ann")).seq > seq  # the dataset files it under its new handle
    assert webhooks(desk) == [
        {
            "case": case, "site": desk.site, "account": "ann", "kind": "account_information",
            "verdict": "accept", "rule": "strict_word", "article": "R10",
        }
    ]  # fmt: skip
    assert desk.put("ann", name=FLAGGED, handle="ann-new", bio="Tea") == "accepted"
    with desk.database.read_session() as session:
        then = decided_on(session, case_id=case)
    assert (then.pairs[0].live, then.pairs[0].submitted) == ("Ann", FLAGGED)
    assert desk.verified()


def test_refusing_keeps_the_live_values_and_is_remembered_for_a_while(desk):
    case = pending(desk)
    before = view(desk)
    with desk.logged(account__submission_refused=1, case__decided=1):
        decide(desk, "refuse", case)
    assert view(desk) == before
    assert desk.case(case).state is CaseState.CLOSED
    assert [(one["verdict"], one["rule"], one["article"]) for one in webhooks(desk)] == [
        ("refuse", "misleading", "R8(7)")
    ]
    decision = desk.rows(sa.select(Decision))[0]
    assert (decision.reason, decision.frozen["submitted"]["name"]) == ("misleading", FLAGGED)
    with desk.logged():  # the same values
        assert desk.put("ann", name=FLAGGED, handle="ann-e", bio="More tea") == "refused"
    with desk.logged(account__refused=1):  # the same name, another bio
        assert desk.put("ann", name=FLAGGED, handle="ann-e", bio="Even more") == "refused"
    assert len(desk.cases(KIND)) == 1
    assert desk.put("ann", name="Ann", handle="ann-e", bio="Even more") == "accepted"
    desk.now += 30 * DAY
    assert desk.put("ann", name=FLAGGED, handle="ann-e", bio="More tea") == "pending"
    assert len(desk.cases(KIND)) == 2


def test_a_refusal_is_forgotten_by_the_worker_when_it_no_longer_counts(desk):
    decide(desk, "refuse", pending(desk))
    assert desk.act(forget_refused, limit=10) == 0
    pending(desk, "bo")  # waits, however long
    desk.now += 31 * DAY
    desk.act(purge, settings=desk.settings)
    assert desk.rows(sa.select(Submission.account_id)) == [desk.id("bo")]


def test_a_handle_that_another_account_has_is_not_taken_from_it(desk):
    show_handles(desk)
    case = pending(desk, handle="tea")
    desk.put("eve", name="Eve", handle="tea")
    with desk.refused(Refused, "handle-passed-on"):
        decide(desk, "accept", case)
    decide(desk, "refuse", case)
    assert view(desk, "eve").handle == "tea"


def test_who_decides_holds_the_case_gives_a_reason_and_owns_no_part_in_it(desk):
    case = pending(desk)
    for act in ("accept", "refuse"):
        with desk.refused(Stale, "claimed-by-other"):
            decide(desk, act, case, by=AMIR)
        for actor in (AUDREY, BOB):
            with desk.refused(NotAllowed, "role"):
                decide(desk, act, case, by=actor)
        with desk.refused(NotFound, "case-unknown"):
            desk.act(getattr(submissions, act), actor=ALICE, case_id=999, version=1, text="",
                     **({"reason": "no_claim"} if act == "accept" else {"rule": "misleading"}))  # fmt: skip
    with desk.refused(Invalid, "reason-needed"):
        decide(desk, "accept", case, reason="")
    with desk.refused(Invalid, "reason-needed"):
        decide(desk, "refuse", case, rule="no_claim")
    desk.act(declare_own_account, actor=AMIR, account_id=desk.id("ann"))
    own = Actor.staff(AMIR.staff_id, name="amir", role=AMIR.role, own_accounts={desk.id("ann")})
    for act in ("accept", "refuse"):
        with desk.refused(NotAllowed, "own-account"):
            decide(desk, act, case, by=own)


def test_a_label_is_not_decided_on_such_a_case_nor_a_name_on_another(desk):
    desk.see(("ann", "CN-GD"))
    case = pending(desk)
    for act in ("keep", "dismiss"):
        with desk.refused(Refused, "submission-case"):
            desk.decide(act, case)
    with desk.refused(Refused, "submission-case"):
        desk.correct("ann", "withhold", case=case)
    with desk.refused(Refused, "submission-case"):
        desk.act(review.lift_expired, actor=ALICE, case_id=case,
                 version=desk.case(case).version, text="")  # fmt: skip
    other = desk.open_case("ann")
    with desk.refused(Refused, "label-case"):
        decide(desk, "accept", other)


def test_deleting_the_account_deletes_what_waits_and_what_was_decided(desk):
    decide(desk, "refuse", pending(desk))
    pending(desk, "bo")
    for account in ("ann", "bo"):
        desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account=account)
    assert desk.count(Submission) == 0
    assert {case.state for case in desk.cases(KIND)} == {CaseState.CLOSED}
    assert desk.rows(sa.select(Decision.frozen)) == [{}]
    with desk.database.read_session() as session:
        tables = Label.metadata.sorted_tables
        words = " ".join(str(session.execute(sa.select(one)).all()) for one in tables)
        assert decided_on(session, case_id=desk.cases(KIND)[0].id) is None
    assert FLAGGED not in words
    assert "More tea" not in words
    assert desk.verified()
