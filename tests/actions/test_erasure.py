"""Deleting an account: what is known of it goes; its id stays as a tombstone in the feed."""

import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.audit.store import AuditText
from shudi.cases.actions import holders
from shudi.cases.actions.erasure import delete_account
from shudi.cases.rules import CaseKind
from shudi.cases.store import CaseEvent, Claim, Decision, HolderLink, HolderSession
from shudi.errors import Invalid, NotFound, Refused
from shudi.labels.queries.served import NOTHING_SHOWN, changes
from shudi.labels.store import (
    Correction,
    DroppedResult,
    HeldResult,
    Label,
    LatestActivity,
    Tally,
)
from shudi.sites.store import Site
from tests.people import AMIR, PLATFORM, SAM

WORDS = "Words that must go"


def _delete(desk, account):
    return desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account=account)


def _lived(desk, account):
    """An account with a bit of everything: corrections, a contest, reports, a link."""
    desk.put(
        account,
        name="Ann Example",
        handle=f"{account}-e",
        bio=WORDS,
        avatar_url="https://a.example/a",
    )
    desk.see((account, "CN-GD"))
    correction = desk.correct(account, "withhold", evidence=WORDS)
    desk.see((account, "US"))  # a result that is held back
    desk.lift(correction.id, SAM, WORDS)
    desk.correct(account, "mark_uncertain", evidence=WORDS)
    desk.contest(account, WORDS)
    desk.report(account, WORDS)
    desk.open_case(account)
    case = desk.cases(CaseKind.REPORT, account)[-1].id
    desk.decide("keep", case, text=WORDS)
    desk.act(holders.open_link, token=desk.link(account))
    desk.link(account)
    desk.correct(account, "replace", "HK", by=AMIR, evidence=WORDS)


def _words(desk):
    """Every text column of the store, in one string."""
    with desk.database.read_session() as session:
        return " ".join(
            str(session.execute(sa.select(t)).all()) for t in Label.metadata.sorted_tables
        )


def test_what_is_known_goes(desk):
    _lived(desk, "ann")
    _lived(desk, "bert")
    bert = (desk.place("bert"), desk.count(Tally, Tally.account_id == desk.id("bert")))
    assert WORDS in _words(desk)
    texts = desk.count(AuditText)
    ann, seq = desk.id("ann"), desk.read(Site, desk.site).seq
    with desk.logged(account__deleted=1):
        assert _delete(desk, "ann") is True
    row = desk.read(Account, ann)
    assert (row.account, row.handle, row.page_key, row.name, row.name_folded) == (
        "ann",
        None,
        None,
        "",
        "",
    )
    assert (row.avatar_url, row.bio, row.deleted_at) == ("", "", desk.now)
    assert desk.count(Tally, Tally.account_id == ann) == 0
    assert desk.count(HolderLink, HolderLink.account_id == ann) == 0
    assert desk.count(HolderSession, HolderSession.account_id == ann) == 0
    corrections = desk.rows(sa.select(Correction).where(Correction.account_id == ann))
    assert {one.state.value for one in corrections} == {"lifted"}
    assert {one.evidence + one.lift_reason + one.end_reason for one in corrections} == {""}
    assert desk.count(DroppedResult) == 1  # bert's
    label = desk.read(Label, ann)
    assert (label.resolved_region, label.region, label.deleted) == (None, None, True)
    assert desk.count(LatestActivity, LatestActivity.account_id == ann) == 0
    assert not label.disputed
    assert label.seq == seq + 1
    # bert keeps everything
    assert (desk.place("bert"), desk.count(Tally, Tally.account_id == desk.id("bert"))) == bert
    assert desk.count(AuditText) * 2 == texts
    assert desk.count(CaseEvent, CaseEvent.text == WORDS) > 0
    assert desk.verified()


def test_none_of_its_words_stay_in_the_store(desk):
    _lived(desk, "ann")
    _delete(desk, "ann")
    words = _words(desk)
    for gone in (WORDS, "Ann Example", "ann-e", "a.example/a"):
        assert gone not in words
    assert {str(row.frozen) for row in desk.rows(sa.select(Decision))} == {"{}"}
    open_claims = desk.count(Claim, Claim.ended_at.is_(None))
    assert open_claims == 0
    assert desk.verified()


def test_a_tombstone_stays_in_the_feed(desk):
    desk.see(("ann", "CN-GD"), ("bert", "US"))
    _delete(desk, "ann")
    with desk.database.read_session() as session:
        feed = changes(session, site_id=desk.site, as_of=desk.now, after=0, limit=10)
    assert [(one.account, one.deleted) for one in feed.changes] == [("bert", False), ("ann", True)]
    assert feed.changes[1].shown == NOTHING_SHOWN
    assert desk.shown("ann") == NOTHING_SHOWN
    assert desk.read(Site, desk.site).account_count == 1


def test_an_account_that_never_was_in_the_feed_needs_no_tombstone(desk):
    """Nobody has a copy of it; a tombstone would tell that there was a protected account."""
    desk.put("ann", handle="ann-e", protection="minor")
    desk.put("bert")
    desk.see(("ann", "CN-GD"))
    desk.put("ann", handle="ann-f", protection="minor")
    for account in ("ann", "bert"):
        assert _delete(desk, account) is True
    with desk.database.read_session() as session:
        feed = changes(session, site_id=desk.site, as_of=desk.now, after=0, limit=10)
    assert feed.changes == []


def test_what_is_deleted_stays_deleted(desk):
    desk.see(("ann", "CN-GD"))
    _delete(desk, "ann")
    with desk.logged():
        assert _delete(desk, "ann") is False
        assert _delete(desk, "nobody") is False
    with desk.refused(Invalid, "account-invalid"):
        _delete(desk, "a\0")
    taken = desk.take(("ann", "US"), ("ann", "US", desk.now, "sign_in"), ("bert", "US"))
    assert [(error.index, error.code) for error in taken.errors] == [
        (0, "account-deleted"),
        (1, "account-deleted"),
    ]
    assert desk.labels() == {"ann": "none", "bert": "US"}
    with desk.refused(Refused, "account-deleted"):
        desk.put("ann", name="Back again")
    with desk.refused(NotFound, "account-unknown"):
        desk.link("ann")
    with desk.refused(NotFound, "account-unknown"):
        desk.contest("ann")
    desk.put("eve", handle="ann-e")  # its handle is free


def test_what_a_brake_holds_of_it_goes_too(make_desk):
    desk = make_desk(brake_minimum=1, brake_share=0.1)
    desk.see(("ann", "CN-GD"), ("bert", "CN-GD"))
    desk.see(("ann", "US"), ("bert", "US"))
    assert desk.count(HeldResult) == 2
    _delete(desk, "ann")
    assert desk.rows(sa.select(HeldResult.account_id)) == [desk.id("bert")]
