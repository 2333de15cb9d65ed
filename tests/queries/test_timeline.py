"""The case page's timeline and what stands beside it, on both stores."""

import sqlalchemy as sa

from shudi.cases.actions import notes, upkeep
from shudi.cases.queries.beside import beside
from shudi.cases.queries.case import case_row
from shudi.cases.queries.mentions import unread
from shudi.cases.queries.timeline import Show, Source, timeline
from shudi.cases.rules import EventKind
from shudi.cases.store import Case
from shudi.cases.store.case_page import CaseNotice
from shudi.labels.actions.corrections import AtExpiry
from tests.actions.conftest import desk  # noqa: F401
from tests.actions.desk import DAY
from tests.people import ALICE, AMIR, SAM


def lived(desk):  # noqa: F811
    """An account with two cases, corrections that ended, dropped results and notes."""
    desk.put("ann")
    desk.see(("ann", "CN-GD"))
    desk.report("ann", "It is wrong")
    first = desk.correct("ann", "withhold")
    desk.see(("ann", "US"))
    desk.see(("ann", "GB"))
    desk.now += DAY
    desk.lift(first.id, SAM)
    desk.correct("ann", "mark_uncertain", at_expiry=AtExpiry.REQUEUE, expires_at=desk.now + DAY)
    desk.now += 2 * DAY
    desk.act(upkeep.expire_corrections)
    case = desk.rows(sa.select(Case.id).order_by(Case.id))[0]
    desk.act(notes.note, actor=ALICE, case_id=case, text="@sam and @amir, look")
    return case, desk.id("ann")


def read(desk, case, account, **more):  # noqa: F811
    with desk.database.read_session() as session:
        return timeline(session, case_id=case, account_id=account, **more)


def test_one_timeline_of_everything(desk):  # noqa: F811
    case, account = lived(desk)
    page = read(desk, case, account, limit=100)
    sources = {one.source for one in page.entries}
    assert sources == set(Source) - {Source.TOLD}
    assert [one.at for one in page.entries] == sorted(
        (one.at for one in page.entries), reverse=True
    )
    assert page.told[0].text == "It is wrong"
    held = [one.region for one in page.entries if one.source is Source.DROPPED]
    assert held == ["GB", "US"]
    ended = next(one for one in page.entries if one.source is Source.ENDED)
    assert (ended.staff, ended.correction.value, ended.end.value) == ("sam", "withhold", "lifted")
    told = [one for one in page.entries if one.source is Source.NOTICE]
    assert {one.topic for one in told} >= {"case.decided"}
    assert desk.count(CaseNotice) == len(told)
    assert {one.case_id for one in page.entries if one.source is Source.EVENT} > {case}


def test_pages_join_into_the_whole(desk):  # noqa: F811
    case, account = lived(desk)
    for show in Show:
        whole = read(desk, case, account, show=show, limit=500).entries
        for limit in (1, 2, 3, 7):
            rows, after = [], None
            while True:
                page = read(desk, case, account, show=show, after=after, limit=limit)
                assert page.told[0].text == "It is wrong"
                rows += page.entries
                if (after := page.next) is None:
                    break
            assert rows == whole


def test_the_filters_part_the_whole(desk):  # noqa: F811
    case, account = lived(desk)
    whole = read(desk, case, account, limit=500).entries
    parts = {
        show: read(desk, case, account, show=show, limit=500).entries
        for show in Show
        if show is not Show.ALL
    }
    assert sum(map(len, parts.values())) == len(whole)
    for show, entries in parts.items():
        assert {one.group for one in entries} <= {show}
    assert [one.kind for one in parts[Show.NOTES]] == [EventKind.NOTED]


def test_a_case_without_an_account_has_its_own_events(desk):  # noqa: F811
    case, _ = lived(desk)
    page = read(desk, case, None, limit=100)
    assert {one.case_id for one in page.entries} == {case}


def test_what_stands_beside(desk):  # noqa: F811
    case, _ = lived(desk)
    with desk.database.read_session() as session:
        row = case_row(session, case_id=case, staff_id=SAM.staff_id)
        found = beside(session, case=row, staff_id=SAM.staff_id, with_canned=True)
        assert found.calls_me
        assert found.colleagues == ["alice", "amir", "audrey", "sonja"]
        ids = [one.id for one in found.account_cases]
        assert case not in ids
        assert ids == sorted(ids, reverse=True)
        assert [one.text for one in unread(session, staff_id=AMIR.staff_id)] == [
            "@sam and @amir, look"
        ]
    assert desk.act(notes.mark_read, actor=AMIR, case_id=case) is not None
    assert desk.act(notes.mark_read, actor=AMIR, case_id=case) is None
    with desk.database.read_session() as session:
        assert unread(session, staff_id=AMIR.staff_id) == []
        assert len(unread(session, staff_id=SAM.staff_id)) == 1
