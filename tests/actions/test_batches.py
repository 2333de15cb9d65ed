"""A list of accounts: previewed, made, agreed to, run by the worker, account by account."""

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.cases.actions import upkeep
from shudi.cases.actions.batches import items, life
from shudi.cases.actions.erasure import delete_account
from shudi.cases.rules import CaseKind
from shudi.cases.store.batches import Batch
from shudi.errors import Invalid, NotAllowed, NotFound, Refused
from shudi.labels.rules import AtExpiry, CorrectionState
from shudi.labels.store import Correction
from shudi.staff.store import OwnAccount, Staff, StaffState
from tests.actions.batch_desk import TEXT, Batches, said, terms
from tests.actions.desk import DAY, HOUR
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM, SAM, SONJA, owning


@pytest.fixture
def batches(desk) -> Batches:
    return Batches(desk)


def own(desk, account: str, who=ALICE) -> None:
    row = OwnAccount(staff_id=who.staff_id, account_id=desk.id(account), declared_at=desk.now)
    desk.act(lambda session, now: session.add(row))


# -- made and run ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        ("coarsen", ("labelled", "CN", "correction", True)),
        ("withhold", ("withheld", None, "correction", True)),
        ("mark_uncertain", ("uncertain", "CN", "correction", True)),
    ],
)
def test_each_account_is_corrected_with_a_row_of_its_own(desk, batches, act, shown):
    names = batches.see(3)
    with desk.logged(batch__created=1):
        batch = batches.make(names, act, days=30)
    assert desk.place("user-1")[1] == "CN-GD"  # nothing before the worker comes
    counted = {"correction__proposed": 3, "correction__in_force": 3}
    with desk.logged(batch__started=1, batch__ended=1, **counted):
        assert batches.work() == 3
    assert [desk.place(name) for name in names] == [shown] * 3
    assert batches.outcomes(batch) == ["done"] * 3
    row = batches.of(batch)
    assert (row.state, row.total, row.worked, row.done) == ("done", 3, 3, 3)
    for item in batches.items(batch):
        correction = desk.correction(item.correction_id)
        assert (correction.proposed_by, correction.case_id) == (ALICE.staff_id, None)
        assert correction.expires_at == desk.now + 30 * DAY
        assert (correction.evidence, correction.reason) == (TEXT, "carrier_egress")
    logged = sa.select(AuditRow).where(AuditRow.action == "correction.in_force")
    assert {(one.actor_name, one.request_id) for one in desk.rows(logged)} == {
        ("alice", f"batch:{batch}")
    }
    assert desk.verified()


def test_lifted_they_show_what_activity_says(desk, batches):
    names = batches.see(2)
    case = desk.correct("user-1", "coarsen").case_id
    batches.done(["user-2"], by=AMIR)
    batch = batches.done(names, "lift", by=SAM)
    assert batches.outcomes(batch) == ["done", "done"]
    assert [desk.place(name)[1] for name in names] == ["CN-GD", "CN-GD"]
    assert desk.events(case)[-1] == "reverted"  # the case's decision counts no longer


def test_only_what_is_listed_is_touched(desk, batches):
    batches.see(4)
    batches.done(["user-2", "user-4"])
    assert [desk.place(f"user-{at}")[1] for at in (1, 2, 3, 4)] == ["CN-GD", "CN", "CN-GD", "CN"]


def test_one_form_sent_twice_is_one_batch(desk, batches):
    names = batches.see(2)
    first = batches.make(names, uid="one")
    assert batches.make(names, uid="one") == first
    assert desk.count(Batch) == 1


def test_a_list_that_is_run_again_changes_nothing(desk, batches):
    names = batches.see(3)
    seen = [(name, desk.label(name).version) for name in names]
    batches.done(seen, "withhold")
    labels = desk.labels(), [desk.label(name).version for name in names]
    again = batches.make(seen, "withhold")
    with desk.logged(batch__started=1, batch__ended=1):
        batches.work()
    assert batches.outcomes(again) == ["nothing_to_do: no-change"] * 3
    assert (desk.labels(), [desk.label(name).version for name in names]) == labels


@pytest.mark.parametrize(
    ("act", "code"),
    [("coarsen", "no-change"), ("mark_uncertain", "no-change"), ("lift", "no-correction")],
)
def test_what_is_so_already_is_left_alone(desk, batches, act, code):
    names = batches.see(2)
    if act != "lift":
        batches.done(names, act)
    assert batches.outcomes(batches.done(names, act)) == [f"nothing_to_do: {code}"] * 2


def test_the_worker_goes_on_where_it_was(desk, batches):
    names = batches.see(7)
    batch = batches.make(names)
    assert batches.some(limit=3) == 3
    row = batches.of(batch)
    assert (row.state, row.worked, row.done, row.version) == ("running", 3, 3, 1)
    assert batches.some(limit=3) == 3
    assert batches.some(limit=3) == 1
    assert batches.some(limit=3) == 0
    assert batches.outcomes(batch) == ["done"] * 7


def test_a_short_batch_need_not_wait_for_a_long_one(desk, batches):
    long = batches.make(batches.see(9))
    batches.some(limit=2)
    short = batches.make(batches.see(2, begin="other"), by=AMIR)
    desk.now += HOUR
    batches.some(limit=2)
    batches.some(limit=2)
    assert {batches.of(long).state, batches.of(short).state} == {"running", "done"}
    assert batches.of(short).state == "done"


# -- each account by itself -----------------------------------------------------------------------


def mixed(desk, batches) -> list:
    """A list in which nearly every account has something of its own."""
    batches.see(9)
    moved = ("user-1", desk.label("user-1").version)
    desk.see(("user-1", "CN-ZJ"))
    own(desk, "user-2")
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="user-3")
    desk.contest("user-4")
    desk.correct("user-5", "withhold", by=AMIR)
    desk.put("quiet")
    desk.correct("user-6", "replace", "US", by=AMIR)
    return [moved, *[f"user-{at}" for at in range(2, 8)], "nobody", "quiet"]


EXPECTED = [
    "stale: label-moved",
    "refused: own-account",
    "refused: account-deleted",
    "refused: contested",
    "refused: senior-needed",
    "stale: correction-waiting",
    "done",
    "refused: account-unknown",
    "refused: no-label",
]


def test_partial_failure_is_said_account_by_account(desk, batches):
    names = mixed(desk, batches)
    actor = owning(ALICE, desk.id("user-2"))
    foreseen = batches.foresee(names, "mark_uncertain", by=actor)
    assert [said(one.outcome, one.code) for one in foreseen.items] == EXPECTED
    batch = batches.make(names, "mark_uncertain", by=actor)
    batches.work()
    assert batches.outcomes(batch) == EXPECTED
    row = batches.of(batch)
    assert (row.state, row.worked, row.done) == ("done", 9, 1)
    assert desk.verified()


def test_a_preview_says_what_readers_will_see(desk, batches):
    batches.see(1)
    version = desk.label("user-1").version
    desk.see(("user-1", "CN-ZJ"))
    [fresh] = batches.foresee(["user-1"]).items
    assert (fresh.region, fresh.after.region, fresh.seen) == ("CN-ZJ", "CN", version + 1)
    [stale] = batches.foresee([("user-1", version)]).items
    assert (stale.outcome, stale.seen, stale.version) == ("stale", version, version + 1)


def test_a_label_that_became_something_else_is_stale_not_done(desk, batches):
    [name] = batches.see(1)
    seen = (name, desk.label(name).version)
    desk.correct(name, "withhold", by=AMIR)
    assert batches.outcomes(batches.done([seen], by=SAM)) == ["stale: label-moved"]
    assert batches.outcomes(batches.done([name], by=SAM)) == ["nothing_to_do: nothing-coarser"]


def test_a_protected_account_and_another_country_are_for_single_decisions(desk, batches):
    names = batches.see(2)
    desk.put("user-1", protection="minor")
    desk.approve(desk.correct("user-2", "replace", "US").id)
    assert batches.outcomes(batches.done(names, by=SAM))[0] == "refused: account-protected"
    # what two people made takes two people to end
    assert batches.outcomes(batches.done(["user-2"], "lift", by=SONJA)) == [
        "refused: second-person"
    ]


def test_ones_own_earlier_batch_counts_as_ones_own_decision(desk, batches):
    [name] = batches.see(1)
    batches.done([name], "coarsen")
    mine = batches.done([name], "withhold", by=ALICE)
    assert batches.outcomes(mine) == ["refused: second-person"]
    assert batches.outcomes(batches.done([name], "withhold", by=AMIR)) == ["done"]


def test_a_fault_of_ours_stops_one_account_and_is_tried_again(desk, batches, monkeypatch):
    names = batches.see(3)
    batch = batches.make(names)
    whole, bad = items.corrections.put, desk.id("user-2")

    def breaks(session, actor, label, correction, now):
        made = whole(session, actor, label, correction, now)
        if label.account_id == bad:
            raise ZeroDivisionError
        return made

    monkeypatch.setattr(items.corrections, "put", breaks)
    batches.work()
    assert batches.outcomes(batch) == ["done", "failed: fault", "done"]
    assert desk.place("user-2")[1] == "CN-GD"  # all of it, or nothing
    assert desk.count(Correction) == 2
    monkeypatch.undo()
    seen = {2: desk.label("user-2").version}
    assert batches.answer("try_again", batch, ALICE, seen=seen) == 1
    batches.work()
    assert batches.outcomes(batch) == ["done"] * 3
    assert desk.verified()


def test_somebody_who_left_or_changed_role_acts_no_more(desk, batches):
    batch = batches.make(batches.see(2))

    def leave(session, now):
        session.get(Staff, ALICE.staff_id).state = StaffState.DISABLED

    desk.act(leave)
    batches.work()
    assert batches.outcomes(batch) == ["refused: role"] * 2


# -- what was seen --------------------------------------------------------------------------------


def seen(batches, batch: int) -> list[tuple]:
    return [(one.version, one.seen_state, one.seen_region) for one in batches.items(batch)]


def test_what_was_seen_is_kept_while_it_says_something(desk, batches):
    names = batches.see(3)
    old = ("user-3", desk.label("user-3").version)
    desk.see(("user-3", "CN-ZJ"))
    batch = batches.make([*names[:2], old])
    assert seen(batches, batch) == [(1, "labelled", "CN-GD")] * 2 + [(1, None, None)]
    desk.see(("user-2", "CN-ZJ"))
    batches.work()
    assert seen(batches, batch) == [(1, None, None), (1, "labelled", "CN-GD"), (1, None, None)]
    [again, _] = batches.foresee_again(batch).items
    assert (again.former, again.region, again.seen) == (("labelled", "CN-GD"), "CN-ZJ", 2)
    desk.see(("user-3", "US"))
    batches.answer("try_again", batch, ALICE, seen={2: 2, 3: 2})  # the third moved once more
    assert seen(batches, batch)[1:] == [(2, "labelled", "CN-ZJ"), (2, None, None)]
    desk.see(("user-2", "CN-GD"))
    batches.work()
    assert batches.outcomes(batch)[1:] == ["stale: label-moved"] * 2
    assert seen(batches, batch)[1] == (2, "labelled", "CN-ZJ")


@pytest.mark.parametrize("how", ["deleted", "old"])
def test_what_was_seen_goes_with_the_account_and_with_time(desk, batches, how):
    [name, other] = batches.see(2)
    batch = batches.make([name, other])
    desk.see((name, "CN-ZJ"))
    batches.work()
    assert seen(batches, batch)[0] == (1, "labelled", "CN-GD")
    if how == "deleted":
        desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account=name)
    else:
        desk.now += (desk.settings.retention_days - 1) * DAY
        desk.act(upkeep.purge, settings=desk.settings)
        assert seen(batches, batch)[0] == (1, "labelled", "CN-GD")
        desk.now += 2 * DAY
        desk.act(upkeep.purge, settings=desk.settings)
    assert seen(batches, batch)[0] == (1, None, None)


# -- what a batch takes ---------------------------------------------------------------------------


def test_what_cannot_be_a_batch(desk, batches):
    names = batches.see(1)
    with desk.refused(Invalid, "reason-needed"):
        batches.make(names, reason="because")
    with desk.refused(Invalid, "reason-needed"):
        batches.make(names, text="  ")
    with desk.refused(Refused, "withhold-reverts"):
        batches.make(names, "withhold", at_expiry=AtExpiry.REVERT)
    with desk.refused(Invalid, "expiry-too-far"):
        batches.make(names, days=5000)
    with desk.refused(Invalid, "list-empty"):
        batches.make([])
    with desk.refused(Invalid, "act-needed"):
        batches.make(names, "revert")
    with pytest.raises(ValueError, match="replace"):
        terms("replace")
    for who in (BOB, AUDREY):
        with desk.refused(NotAllowed, "role"):
            batches.make(names, by=who)


def test_a_batch_has_a_size(make_desk):
    desk = make_desk(batch_most=3)
    batches = Batches(desk)
    names = batches.see(4)
    with desk.refused(Invalid, "list-long"):
        batches.make(names)
    assert batches.make(names[:3])


# -- stopped, tried again -------------------------------------------------------------------------


def test_cancelled_the_rest_is_not_begun(desk, batches):
    names = batches.see(5)
    batch = batches.make(names)
    batches.some(limit=2)
    with desk.refused(NotAllowed, "not-proposer"):
        batches.answer("cancel", batch, AMIR)
    with desk.logged(batch__cancelled=1):
        batches.answer("cancel", batch, ALICE)
    assert batches.work() == 0
    assert batches.outcomes(batch) == ["done", "done", "waiting", "waiting", "waiting"]
    versions = {at: desk.label(names[at - 1]).version for at in (3, 5)}
    with desk.logged(batch__again=1):
        assert batches.answer("try_again", batch, ALICE, seen=versions) == 2
    batches.work()
    # what runs again is the batch: what was never begun is begun as it was first seen
    assert batches.outcomes(batch) == ["done"] * 5


def test_only_its_maker_tries_again_and_only_what_did_not_go(desk, batches):
    batch = batches.done(batches.see(2))
    with desk.refused(NotAllowed, "not-maker"):
        batches.answer("try_again", batch, AMIR, seen={1: 1})
    with desk.refused(Refused, "nothing-again"):
        batches.answer("try_again", batch, ALICE, seen={1: 1})
    with desk.refused(NotFound, "batch-unknown"):
        desk.act(life.cancel, actor=ALICE, batch_id=99, version=1)


def test_a_senior_may_stop_anybodys(desk, batches):
    batch = batches.make(batches.see(2))
    batches.answer("cancel", batch, SAM)
    assert desk.rows(sa.select(Correction.state)) == []
    assert batches.of(batch).state == "cancelled"


def test_a_case_that_asked_the_same_is_closed(desk, batches):
    """What a batch lifts after its term had its case: that is answered."""
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen", expires_at=desk.now + DAY)
    desk.now += 2 * DAY
    desk.act(upkeep.expire_corrections)
    [case] = desk.cases(CaseKind.EXPIRY)
    batches.done(["ann"], "lift", by=SAM)
    assert desk.case(case.id).state == "closed"
    assert desk.rows(sa.select(Correction.state)) == [CorrectionState.LIFTED]
