"""What happened on Teahouse: reports, disagreements, contests, corrections, a flood.

Every act is the product's own, at an instant in the past. What is told here is sorted by that
instant and carried out among the sightings of those days.
"""

import functools
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from demo import texts
from demo.activity import SITE, sighting
from demo.addresses import SecondOpinion
from demo.people import CAST, Person
from demo.stage import MODERATOR, READER, SECOND_MODERATOR, Stage, in_mainland, spread
from shudi.cases.actions.appeals import contest
from shudi.cases.actions.claims import claim
from shudi.cases.actions.intake import take_report
from shudi.cases.actions.notes import note
from shudi.cases.actions.review import dismiss, keep
from shudi.cases.rules import CaseKind, KeepReason

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
OPEN = {
    CaseKind.REPORT: 40,
    CaseKind.DISAGREEMENT: 14,
    CaseKind.BRAKE: 1,
    CaseKind.EXPIRY: 7,
    CaseKind.CONTEST: 12,
    CaseKind.ACCOUNT_INFORMATION: 6,
}
_CLOSED = 24
_HOSTED = 12
_FLOODED = 0.08  # of the accounts, which is more than the brake lets pass


def report(stage: Stage, person: Person, ago: timedelta, said: tuple[str, str]) -> None:
    """A reader says (kind, text) that the member's label is wrong."""

    def act(session: Session, now: datetime) -> None:
        take_report(
            session,
            actor=READER,
            site_key=SITE,
            account=person.handle,
            kind=said[0],
            text=said[1],
            now=now,
        )

    stage.at(ago, act)


def open_reports(stage: Stage) -> None:
    """Reports that nobody has decided: some joined by others, noted on, one being worked on."""
    # one more is open: the case whose correction the senior refused
    ages = list(spread(OPEN[CaseKind.REPORT] - 1, timedelta(minutes=20), 20 * _DAY))
    for number, ago in enumerate(ages):
        person = stage.pick()
        report(stage, person, ago, texts.REPORTS[number % len(texts.REPORTS)])
        for more in range(number % 4 if number % 3 == 0 else 0):
            text = texts.MORE_REPORTS[(number + more) % len(texts.MORE_REPORTS)]
            report(stage, person, ago * (0.8 - more / 5), ("wrong_label", text))
        if number % 7 == 5:  # noqa: PLR2004 - about one in seven
            text = texts.NOTES[number // 7 % len(texts.NOTES)]
            if number // 7 % 4 == 1:
                text = f"@{MODERATOR} {text}"
            stage.at(ago / 2, functools.partial(_note, stage=stage, person=person, text=text))
        if number == len(ages) // 2:
            take(stage, person, timedelta(minutes=3), SECOND_MODERATOR)


def _note(session: Session, now: datetime, *, stage: Stage, person: Person, text: str) -> None:
    case = stage.case(session, person)
    note(session, actor=stage.staff[SECOND_MODERATOR], case_id=case.id, text=text, now=now)


def take(stage: Stage, person: Person, ago: timedelta, who: str) -> None:
    """`who` claims the member's reported case."""

    def act(session: Session, now: datetime) -> None:
        case = stage.case(session, person)
        claim(session, actor=stage.staff[who], case_id=case.id, settings=stage.settings, now=now)

    stage.at(ago, act)


def closed_reports(stage: Stage) -> None:
    """Reports that were looked at and changed nothing."""
    for number, ago in enumerate(spread(_CLOSED, _DAY, 60 * _DAY)):
        person = stage.pick()
        report(stage, person, ago + 6 * _HOUR, texts.REPORTS[number % len(texts.REPORTS)])
        who = (MODERATOR, SECOND_MODERATOR)[number % 2]
        take(stage, person, ago + timedelta(minutes=4), who)
        act = functools.partial(_close, stage=stage, person=person, who=who, number=number)
        stage.at(ago, act)


def _close(
    session: Session, now: datetime, *, stage: Stage, person: Person, who: str, number: int
) -> None:
    case = stage.case(session, person)
    text = texts.KEPT[number % len(texts.KEPT)]
    if number % 4 >= 2:  # noqa: PLR2004 - half of them
        reason = (KeepReason.ABUSIVE_REPORT, KeepReason.NO_EVIDENCE)[number % 2]
        dismiss(
            session,
            actor=stage.staff[who],
            case_id=case.id,
            version=case.version,
            reason=reason,
            text=text,
            now=now,
        )
        return
    keep(
        session,
        actor=stage.staff[who],
        case_id=case.id,
        version=case.version,
        label_version=stage.label(session, person).version,
        reason=KeepReason.EVIDENCE_AGREES,
        text=text,
        settings=stage.settings,
        now=now,
    )


def contests(stage: Stage) -> None:
    """Account holders dispute what is shown."""
    for number, ago in enumerate(spread(OPEN[CaseKind.CONTEST], 2 * _HOUR, 9 * _DAY)):
        person = stage.pick()
        text = texts.CONTESTS[number % len(texts.CONTESTS)]
        stage.at(ago, functools.partial(_contest, stage=stage, person=person, text=text))


def _contest(session: Session, now: datetime, *, stage: Stage, person: Person, text: str) -> None:
    contest(
        session,
        account_id=stage.account_id(session, person),
        label_version=stage.label(session, person).version,
        text=text,
        settings=stage.settings,
        now=now,
    )


def disagreements(stage: Stage) -> None:
    """A second, invented source says otherwise; the label shows the nearest common parent."""
    others = {"CN-GD": "CN-HN", "CN-ZJ": "CN-SH", "CN-BJ": "CN-HE", "CN-SH": "CN-JS", "US": "CA"}
    for ago in spread(OPEN[CaseKind.DISAGREEMENT], 3 * _HOUR, 20 * _DAY):
        person = stage.pick(lambda one: one.region in others and not one.elsewhere)
        _second_source(stage, person, ago, says=others[person.region], hosting=False)
    for ago in spread(_HOSTED, 3 * _HOUR, 30 * _DAY):
        _second_source(stage, stage.pick(in_mainland), ago, says=None, hosting=True)


def _second_source(
    stage: Stage, person: Person, ago: timedelta, *, says: str | None, hosting: bool
) -> None:
    stage.quiet_since[person.account] = stage.now - ago
    locator = SecondOpinion(
        stage.locator, stage.vocabulary, stage.settings.granularity, says=says, hosting=hosting
    )
    ip = stage.pools[person.region][0]

    def act(session: Session, now: datetime) -> None:
        seen = sighting(person, ip, now - timedelta(minutes=1), "comment")
        stage.send(session, [seen], now, locator=locator)

    stage.at(ago, act)


def flood(stage: Stage, ago: timedelta) -> None:
    """Suddenly many members seem to be in one place: the platform sent its own gateway's."""
    pool = stage.pools.get("SG") or next(iter(stage.pools.values()))
    there = [one for one in stage.people[CAST:] if one.activity == "posts"]
    struck = [one for one in there if one.protection == "none" and one.region != "SG"]
    # joined long ago enough to have a label that moves
    struck = [one for one in struck if one.joined_days > (ago / _DAY) + 30]
    count = max(40, round(len(stage.people) * _FLOODED))

    def act(session: Session, now: datetime) -> None:
        lines = [
            sighting(one, pool[at % 3], now - timedelta(seconds=at % 600))
            for at, one in enumerate(struck[:count])
        ]
        stage.send(session, lines, now, settings=stage.brakes)

    stage.at(ago, act)
