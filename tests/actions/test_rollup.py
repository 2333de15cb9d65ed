"""The desk's figures against stores small enough to count by hand; real acts made what is in them."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from shudi.cases.actions import looks
from shudi.cases.queries.statistics import Statistics, glance, open_by_day, statistics
from shudi.cases.rules import CaseKind, Verdict
from shudi.cases.rules.decisions import Finding, Settled
from shudi.cases.rules.figures import (
    ENDLESS,
    PAST,
    PERIOD,
    SETTLED,
    Figure,
    last_period,
)
from shudi.cases.store import Decision
from shudi.cases.store.rollup import FigureDay, FigureRow, FigureRun
from shudi.labels.rules import CorrectionKind
from shudi.staff.rules import Permission
from shudi.worker import Worker
from tests.actions.desk import DAY, HOUR, MINUTE, SECOND, Desk, requeue_in
from tests.conftest import NOW
from tests.people import ALICE, AMIR, SAM


def count(desk: Desk, days: int = 28) -> Statistics:
    """What the worker keeps when it counts now."""
    worker = Worker(desk.settings, desk.database, desk.vocabulary)
    worker.tick(desk.now, worker.counting)
    assert [job.failed for job in worker.counting] == [0, 0]
    with desk.database.read_session() as session:
        return statistics(session, days=days)


def judge(desk: Desk, place: str, verdicts: str) -> None:
    """Accounts of a place whose labels are judged: k kept, c coarsened to the country."""
    names = [f"{place}-{at}" for at in range(len(verdicts))]
    desk.see(*[(name, place) for name in names])
    for name, verdict in zip(names, verdicts, strict=True):
        if verdict == "k":
            desk.decide("keep", desk.open_case(name))
        else:
            desk.correct(name, "mark_uncertain")


def test_nothing_is_counted_before_the_worker_has_run(desk):
    with desk.database.read_session() as session:
        found = statistics(session, days=28)
        assert glance(session, now=desk.now).trend == []
    assert (found.as_of, found.now_as_of, found.calendar) == (None, None, [])


def test_an_empty_desk_has_figures_of_nought(desk):
    found = count(desk)
    assert found.as_of == found.now_as_of == desk.now
    assert (found.total(Figure.OPEN), found.total(Figure.DECIDED)) == (0, 0)
    assert set(open_by_day(found).values()) == {0}


def test_the_backlog_is_counted_by_kind_and_age(desk):
    desk.see(("ann", "CN-GD"), ("ben", "US"), ("cat", "GB"))
    desk.report("ann")
    desk.now += 2 * DAY
    desk.report("ben")
    desk.now += 8 * DAY - HOUR
    desk.report("cat")
    found = count(desk)
    report = CaseKind.REPORT
    ages = {age: n for (one, _, age), n in found.figures.items() if one is Figure.OPEN}
    assert ages == {"14": 2, "1": 1}
    assert found.of(Figure.OVERDUE, report) == 2
    days = open_by_day(found)
    assert [days[day] for day in found.calendar][-11:] == [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3]
    with desk.database.read_session() as session:
        assert glance(session, now=desk.now).trend == [0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3]


def test_days_are_utc_days_and_seconds_whole(desk):
    desk.see(("ann", "CN-GD"), ("ben", "US"))
    desk.now = datetime(2026, 3, 15, 23, 59, 59, 999_999, tzinfo=UTC)
    case = desk.open_case("ann")
    desk.now = datetime(2026, 3, 16, 0, 0, 0, tzinfo=UTC)
    desk.decide("keep", case)
    desk.report("ben")
    found = count(desk)
    opened = found.by_day[Figure.OPENED, CaseKind.REPORT]
    assert opened == {date(2026, 3, 15): 1, date(2026, 3, 16): 1}
    assert found.by_day[Figure.CLOSED, CaseKind.REPORT] == {date(2026, 3, 16): 1}
    assert found.of(Figure.TIME_MEDIAN, CaseKind.REPORT) == 1


def test_time_to_decision_is_the_median_and_the_ninth_decile(desk):
    for hours in (10, 1, 3, 20, 2):
        desk.see((f"user-{hours}", "CN-GD"))
        case = desk.open_case(f"user-{hours}")
        desk.now += hours * HOUR
        desk.claim(case)
        desk.decide("keep", case)
    found = count(desk)
    report = CaseKind.REPORT
    assert found.of(Figure.DECIDED, report) == found.of(Figure.IN_TIME, report) == 5
    assert found.of(Figure.TIME_MEDIAN, report) == 3 * 3600
    assert found.of(Figure.TIME_NINTH, report) == 16 * 3600  # 10 + 0.6 of the way to 20
    desk.now += 8 * DAY
    assert count(desk, days=7).total(Figure.DECIDED) == 0
    assert count(desk, days=90).total(Figure.DECIDED) == 5


def released(desk: Desk) -> dict[str, int | None]:
    """Shares by place, once the period in which all of it happened is over."""
    desk.now = last_period(desk.now)[1] + PERIOD + SETTLED
    found = count(desk)
    return {
        part: value for (one, part, _), value in found.figures.items()
        if one is Figure.OVERTURNED_REGION
    }  # fmt: skip


def test_overturn_rates_are_shares_and_small_places_are_left_out_with_what_gives_them_away(desk):
    judge(desk, "CN-GD", "k" * 18 + "c" * 6)
    judge(desk, "US", "kkkkc")  # too few to be said
    found = count(desk)
    assert found.figures[Figure.OVERTURNED, "", ""] == 24  # 7 of 29
    assert found.figures[Figure.OVERTURNED_SOURCE, "test", ""] == 24
    assert released(desk) == {}  # by it and the sum, the other could be found
    assert desk.count(FigureRow, FigureRow.part.in_(("US", "CN-GD"))) == 0, "not even kept"


def test_a_place_beside_others_that_are_large_enough_is_named(desk):
    judge(desk, "CN-GD", "k" * 18 + "c" * 6)
    judge(desk, "US", "k" * 20)
    assert released(desk) == {"CN-GD": 25, "US": 0}


def test_an_account_counts_once_by_the_last_decision_on_it(desk):
    judge(desk, "CN-GD", "k" * 19)
    for _ in range(9):
        desk.decide("keep", desk.open_case("CN-GD-0"))
    assert count(desk).figures[Figure.OVERTURNED, "", ""] is None
    assert released(desk) == {}


def test_a_period_is_released_once_and_is_never_counted_anew(desk):
    judge(desk, "CN-GD", "k" * 20)
    first = released(desk)
    assert first == {"CN-GD": 0}
    late = last_period(desk.now)[1] - HOUR
    with desk.database.transaction() as session:  # as if it had been counted before it was whole
        session.execute(sa.update(Decision).values(verdict=Verdict.CORRECT, at=late))
    assert count(desk).figures[Figure.OVERTURNED_REGION, "CN-GD", ""] == 0
    with desk.database.transaction() as session:
        session.execute(sa.delete(FigureRun))
    assert count(desk).figures[Figure.OVERTURNED_REGION, "CN-GD", ""] == 100  # the control


def test_a_source_with_few_decisions_is_named_without_a_share(desk):
    judge(desk, "CN-GD", "kkc")
    found = count(desk)
    assert found.figures[Figure.OVERTURNED_SOURCE, "test", ""] is None
    assert found.figures[Figure.OVERTURNED, "", ""] is None
    assert found.parts(Figure.OVERTURNED_REGION) == []


def test_a_source_answers_only_for_labels_that_rested_on_it(make_desk, doubting):
    desk = make_desk(doubting)
    judge(desk, "CN-GD?", "kkkkkkkkkkcc")  # shown as CN, which neither source said
    judge(desk, "US", "k" * 18 + "cc")
    found = count(desk)
    assert found.figures[Figure.OVERTURNED_SOURCE, "a", ""] == 10
    assert found.figures[Figure.OVERTURNED_SOURCE, "b", ""] == 10


def test_drift_is_the_share_where_a_source_stands_alone(make_desk, doubting):
    desk = make_desk(doubting)
    desk.see(*[(f"user-{at}", "CN-GD") for at in range(15)])
    desk.see(*[(f"odd-{at}", "CN-GD?") for at in range(5)])
    found = count(desk)
    today = desk.now.date()
    for source in ("a", "b"):
        assert found.by_day[Figure.SOURCE_DIFFERS, source] == {today: 250}
        assert found.by_day[Figure.SOURCE_SILENT, source] == {today: 0}


def test_agreement_is_what_second_persons_confirmed(desk):
    desk.see(("ann", "CN-GD"), ("ben", "CN-GD"), ("cat", "CN-GD"))
    rows = [desk.correct(name, "replace", "US").id for name in ("ann", "ben", "cat")]
    desk.approve(rows[0])
    desk.approve(rows[1])
    desk.correction_act("refuse", rows[2], SAM, text="Not shown")
    found = count(desk)
    assert found.of(Figure.CONFIRMED, "replace") == 2
    assert found.of(Figure.REFUSED, "replace") == 1
    assert found.total(Figure.DECIDED) == 2, "what was refused goes back to the queue"


def look(desk, name, verdict, kind=None):
    """Alice keeps the label of `name`; Amir looks at the case a second time."""
    desk.decide("keep", desk.open_case(name))
    desk.now += 11 * MINUTE
    desk.act(looks.draw, key=b"k" * 32, share=1.0)
    case = desk.cases(CaseKind.SECOND_LOOK, name)[-1].id
    desk.claim(case, AMIR)
    desk.act(
        looks.look, actor=AMIR, case_id=case, version=desk.case(case).version,
        finding=Finding(Verdict(verdict), CorrectionKind(kind) if kind else None),
        reason="travel" if kind else "evidence_agrees", text="",
    )  # fmt: skip
    return case


def test_second_looks_are_counted_by_outcome_and_by_kind_of_case(desk):
    desk.see(*[(name, "CN-GD") for name in ("ann", "ben", "cat", "dan")])
    look(desk, "ann", "keep")
    differs = [look(desk, name, "correct", "coarsen") for name in ("ben", "cat", "dan")]
    for case, settled in zip(differs, (Settled.FIRST, Settled.SECOND), strict=False):
        desk.act(
            looks.settle, actor=SAM, case_id=case, version=desk.case(case).version,
            settled=settled, text="So it is.",
        )  # fmt: skip
    found = count(desk)
    figures = ("LOOKED_ALIKE", "LOOKED_FIRST", "LOOKED_SECOND", "LOOKED_OPEN")
    assert [found.of(Figure[one], CaseKind.REPORT) for one in figures] == [1, 1, 1, 1]
    assert [found.total(Figure[one]) for one in figures] == [1, 1, 1, 1]
    desk.now += 8 * DAY
    assert count(desk, days=7).total(Figure.LOOKED_ALIKE) == 0


def test_corrections_are_counted_by_kind_and_by_the_week_they_end_in(desk):
    desk.see(("ann", "CN-GD"), ("ben", "CN-GD"), ("cat", "CN-GD"))
    desk.correct("ann", "mark_uncertain", **requeue_in(3))
    desk.correct("ben", "withhold", **requeue_in(20))
    desk.correct("cat", "withhold", **requeue_in(400))
    found = count(desk)
    assert found.of(Figure.IN_FORCE, "withhold") == 2
    assert found.of(Figure.IN_FORCE, "mark_uncertain") == 1
    ending = {slot: n for (one, _, slot), n in found.figures.items() if one is Figure.ENDING}
    assert ending == {"0": 1, "2": 1, "later": 1}
    desk.now += 4 * DAY
    assert count(desk).of(Figure.ENDING, slot=PAST) == 1
    assert found.of(Figure.ENDING, slot=ENDLESS) == 0


def test_appeals_are_in_time_or_late(desk):
    desk.see(("ann", "CN-GD"), ("ben", "CN-GD"), ("cat", "CN-GD"))
    cases = [desk.contest(name) for name in ("ann", "ben", "cat")]
    for case, later in ((cases[0], DAY), (cases[1], 3 * DAY)):
        desk.now += later
        desk.claim(case, AMIR)
        desk.decide("keep", case, AMIR)
    found = count(desk)
    contest = CaseKind.CONTEST
    assert sum(found.by_day[Figure.ANSWERED_IN_TIME, contest].values()) == 1
    assert sum(found.by_day[Figure.ANSWERED_LATE, contest].values()) == 1
    assert found.of(Figure.OVERDUE, contest) == 1


def test_counting_again_changes_nothing(desk):
    judge(desk, "CN-GD", "kkkkkkkkkkc")
    tables = (FigureRow, FigureDay, FigureRun)

    def kept():
        with desk.database.read_session() as session:
            return [sorted(map(str, session.execute(sa.select(one.__table__)))) for one in tables]

    count(desk)
    first = kept()
    count(desk)
    assert kept() == first
    desk.now += 200 * DAY
    count(desk)
    assert desk.count(FigureDay, FigureDay.day < NOW.date() + DAY) == 0, "old days are forgotten"


def test_what_changes_within_two_days_is_counted_anew(desk):
    desk.see(("ann", "CN-GD"))
    count(desk)
    desk.report("ann")
    desk.now += SECOND
    assert count(desk).day(Figure.OPENED, desk.now.date()) == 1


def test_no_figure_holds_anything_of_a_person_or_an_account(desk):
    judge(desk, "CN-GD", "kkkkkkkkkkc")
    count(desk)
    kept = " ".join(map(str, desk.rows(sa.select(FigureRow.part))))
    kept += " ".join(map(str, desk.rows(sa.select(FigureDay.part))))
    for name in (ALICE.name, SAM.name, "CN-GD-0", "CN-GD-1"):
        assert name not in kept


@pytest.mark.parametrize("who", [ALICE, AMIR])
def test_moderators_read_figures_and_take_none_out(who):
    assert who.may(Permission.STATISTICS_READ)
    assert not who.may(Permission.STATISTICS_EXPORT)
