"""The account holder: a one-time link, half an hour, and the right to contest."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.actions import appeals, holders
from shudi.cases.actions.upkeep import expire_corrections
from shudi.cases.queries.holder import contests, visit
from shudi.cases.rules import CaseKind
from shudi.cases.store import Excluded, HolderLink, HolderSession
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, ShudiError, Stale
from shudi.labels.queries.served import NOTHING_SHOWN
from tests.actions.desk import DAY, SECOND
from tests.people import ALICE, AMIR, SAM, SONJA

HALF_AN_HOUR = timedelta(minutes=30)


def _open(desk, token):
    return desk.act(holders.open_link, token=token)


def _visit(desk, token):
    with desk.database.read_session() as session:
        return visit(session, token_hash=holders.token_hash(token), now=desk.now)


def test_a_link_works_once_for_a_day(desk):
    desk.put("ann")
    with desk.logged(holder__linked=1, holder__opened=1):
        token = desk.link("ann")
        session_token = _open(desk, token)
    assert _visit(desk, session_token).account_id == desk.id("ann")
    for spent in (token, token.upper(), "", "nonsense", session_token):
        with desk.refused(NotFound, "link-spent"):
            _open(desk, spent)
    assert _visit(desk, token) is None
    desk.now += HALF_AN_HOUR - SECOND
    assert _visit(desk, session_token) is not None
    desk.now += SECOND
    assert _visit(desk, session_token) is None
    late, in_time = desk.link("ann"), desk.link("ann")
    desk.now += DAY - SECOND
    _open(desk, in_time)
    desk.now += SECOND
    with desk.refused(NotFound, "link-spent"):
        _open(desk, late)


def test_leaving_is_on_record_once(desk):
    desk.put("ann")
    session_token = _open(desk, desk.link("ann"))
    with desk.logged(holder__left=1):
        for _ in range(2):
            desk.act(holders.leave, token=session_token)
    assert _visit(desk, session_token) is None


def test_tokens_are_kept_as_hashes(desk):
    desk.put("ann")
    token = desk.link("ann")
    session_token = _open(desk, token)
    stored = str(
        [
            desk.rows(sa.select(HolderLink.token_hash)),
            desk.rows(sa.select(HolderSession.token_hash)),
            desk.rows(sa.select(HolderSession.csrf)),
        ]
    )
    assert token not in stored
    assert session_token not in stored
    assert len(token) >= 43  # 256 bits


def test_there_are_no_links_to_unknown_accounts(desk):
    with desk.refused(NotFound, "account-unknown"):
        desk.link("nobody")
    with desk.refused(Invalid, "account-invalid"):
        desk.link("no\0body")


def test_of_many_who_use_a_link_at_once_one_gets_in(desk):
    desk.put("ann")
    token, results = desk.link("ann"), []
    start = threading.Barrier(8)

    def use():
        start.wait()
        try:
            _open(desk, token)
            results.append("in")
        except ShudiError as error:
            results.append(error.code)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["in", *["link-spent"] * 7]
    assert desk.count(HolderSession) == 1
    assert desk.verified()


# -- contesting -----------------------------------------------------------------------------------


def test_contesting_opens_a_case_and_marks_the_label(desk):
    desk.see(("ann", "CN-GD"))
    version = desk.shown("ann").version
    with desk.logged(case__opened=1):
        case = desk.contest("ann", "I have never been there.")
    assert desk.shown("ann").disputed
    assert desk.shown("ann").version == version + 1  # readers see it
    assert desk.events(case) == ["opened", "contested"]
    assert desk.case(case).due_at == desk.now + 3 * DAY
    with desk.refused(Stale, "contest-open"):
        desk.contest("ann")
    desk.see(("ann", "CN-GD"), ("ann", "US"))
    assert desk.shown("ann").disputed  # whatever is shown meanwhile
    desk.claim(case)
    with desk.refused(Refused, "answer-needed"):
        desk.decide("dismiss", case)
    desk.decide("keep", case)
    assert not desk.shown("ann").disputed
    with desk.database.read_session() as session:
        answer = contests(session, account_id=desk.id("ann"))[0]
    assert (answer.verdict, answer.closed_at) == ("keep", desk.now)
    assert "alice" not in str(answer)
    assert desk.contest("ann") != case  # after the answer, again


def test_what_cannot_be_contested(desk):
    desk.put("none")
    desk.put("hidden")
    desk.see(("hidden", "CN-GD"), ("ann", "CN-GD"))
    desk.put("hidden", protection="minor")
    for account in ("none", "hidden"):
        with desk.refused(Refused, "nothing-shown"):
            desk.contest(account, version=0 if account == "none" else 1)
    with desk.refused(NotFound, "account-unknown"):
        desk.act(
            appeals.contest, account_id=999, label_version=1, text="Me", settings=desk.settings
        )
    for text, code in (
        (" \n", "text-needed"),
        ("x" * 2001, "text-too-long"),
        ("属" * 2001, "text-too-long"),
        ("nul \0", "text-invalid"),
    ):
        with desk.refused(Invalid, code):
            desk.contest("ann", text)
    version = desk.label("ann").version
    desk.see(("ann", "US"))
    with desk.refused(Stale, "label-moved") as caught:
        desk.contest("ann", version=version)
    assert caught.value.facts["shown"] == {"state": "labelled", "region": "US"}


def test_a_label_that_was_contested_and_hidden_looks_like_none(desk):
    desk.see(("ann", "CN-GD"))
    desk.contest("ann")
    desk.put("ann", protection="protected")
    assert desk.shown("ann") == NOTHING_SHOWN


def _excluded(desk, case):
    found = sa.select(Excluded.staff_id).where(Excluded.case_id == case)
    return set(desk.rows(found))


@pytest.mark.parametrize(
    ("story", "excluded"),
    [
        ("nobody", set()),
        ("kept", {ALICE}),
        ("coarsened", {ALICE}),
        ("replaced", {ALICE, SAM}),
        ("replaced, then a report kept", {ALICE, SAM, AMIR}),
        ("lifted", {ALICE, AMIR}),
        ("a lift that two agreed on", {ALICE, AMIR, SONJA}),
    ],
)
def test_who_decided_does_not_answer(sqlite_desk, story, excluded):
    desk = sqlite_desk
    desk.see(("ann", "CN-GD"))
    if story == "kept":
        desk.decide("keep", desk.open_case("ann"))
    if story in ("coarsened", "lifted"):
        correction = desk.correct("ann", "coarsen")
        if story == "lifted":
            desk.lift(correction.id, AMIR)
    if "replaced" in story or "lift that" in story:
        correction = desk.approve(desk.correct("ann", "replace", "US").id)
        if "report" in story:
            desk.decide("keep", desk.open_case("ann", AMIR), AMIR)
        if "lift that" in story:
            desk.lift(correction.id, AMIR)
            desk.correction_act("approve_lift", correction.id, SONJA)
    case = desk.contest("ann")
    assert _excluded(desk, case) == {who.staff_id for who in excluded}
    for who in excluded:
        with desk.refused(NotAllowed, "own-decision"):
            desk.claim(case, who)


def test_who_decided_has_no_say_by_another_way_either(desk):
    """Neither as second person, nor through another case, nor from the correction's page."""
    desk.see(("ann", "CN-GD"))
    replaced = desk.approve(desk.correct("ann", "replace", "US", by=SONJA).id)  # sam agreed
    case = desk.contest("ann")
    desk.claim(case, AMIR)
    proposal = desk.correct("ann", "replace", "GB", by=AMIR, case=case)
    for who in (SAM, SONJA):
        with desk.refused(NotAllowed, "own-decision"):
            desk.approve(proposal.id, who)
        with desk.refused(NotAllowed, "own-decision"):
            desk.correction_act("refuse", proposal.id, who, text="I was right.")
        with desk.refused(NotAllowed, "own-decision"):
            desk.lift(replaced.id, who)
    desk.correction_act("withdraw", proposal.id, AMIR)
    other = desk.open_case("ann", SAM)
    with desk.refused(NotAllowed, "own-decision"):
        desk.correct("ann", "withhold", by=SAM, case=other)
    desk.lift(replaced.id, ALICE)
    for act, more in (("approve_lift", {}), ("refuse_lift", {"text": "No."})):
        with desk.refused(NotAllowed, "own-decision"):
            desk.correction_act(act, replaced.id, SAM, **more)
    desk.claim(case, AMIR)
    desk.decide("keep", case, AMIR)  # answered: now they may again
    desk.correction_act("approve_lift", replaced.id, SAM)
    assert desk.cases(CaseKind.CONTEST)[0].state.value == "closed"


def test_who_decided_has_no_say_through_the_expiry_case_either(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen", by=SAM, expires_at=desk.now + DAY)
    contest = desk.contest("ann")
    desk.now += DAY
    assert desk.act(expire_corrections) == 1
    [expiry] = desk.cases(CaseKind.EXPIRY, "ann")
    desk.claim(expiry.id, SAM)
    for verdict in ("keep", "lift_expired"):
        with desk.refused(NotAllowed, "own-decision"):
            desk.decide(verdict, expiry.id, SAM)
    desk.claim(contest, AMIR)
    desk.decide("keep", contest, AMIR)  # answered: now they may again
    desk.decide("lift_expired", expiry.id, SAM)


def test_a_contest_that_is_upheld(desk):
    desk.see(("ann", "CN-GD"))
    case = desk.contest("ann")
    desk.claim(case)
    proposal = desk.correct("ann", "replace", "US", case=case)
    assert desk.shown("ann").disputed
    desk.approve(proposal.id)
    shown = desk.shown("ann")
    assert (shown.region, shown.corrected, shown.disputed) == ("US", True, False)
