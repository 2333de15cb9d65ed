"""Members who would like another name: six wait for a person, two have their answer."""

import functools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from demo import texts
from demo.people import Person
from demo.stage import MODERATOR, SECOND_MODERATOR, Stage, spread
from demo.story import OPEN
from shudi.accounts.rules import AcceptReason, Rule
from shudi.cases.actions import submissions
from shudi.cases.actions.claims import claim
from shudi.cases.rules import CaseKind

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def renamings(stage: Stage) -> None:
    """Names that a rule found something in: open ones of different ages, and decided ones."""
    ages = spread(OPEN[CaseKind.ACCOUNT_INFORMATION], 2 * _HOUR, 9 * _DAY)
    for name, ago in zip(texts.NEW_NAMES, ages, strict=True):
        _rename(stage, stage.pick(), name, ago)
    for name, refused, ago in (
        (texts.ACCEPTED_NAME, False, 6 * _DAY),
        (texts.REFUSED_NAME, True, 12 * _DAY),
    ):
        person = stage.pick()
        _rename(stage, person, name, ago + 5 * _HOUR)
        stage.at(ago, functools.partial(_decide, stage=stage, person=person, refused=refused))


def _rename(stage: Stage, person: Person, name: str, ago: timedelta) -> None:
    stage.at(ago, lambda session, now: stage.describe(session, person, now, name))


def _decide(
    session: Session, now: datetime, *, stage: Stage, person: Person, refused: bool
) -> None:
    case = stage.case(session, person, CaseKind.ACCOUNT_INFORMATION)
    actor = stage.staff[MODERATOR if refused else SECOND_MODERATOR]
    claim(session, actor=actor, case_id=case.id, settings=stage.settings, now=now)
    common: dict[str, Any] = {
        "actor": actor,
        "case_id": case.id,
        "version": case.version,
        "now": now,
    }
    if refused:
        submissions.refuse(
            session, rule=Rule.OFFICIAL_CLAIM.value, text=texts.NAME_REFUSED, **common
        )
    else:
        submissions.accept(
            session, reason=AcceptReason.NO_CLAIM.value, text=texts.NAME_ACCEPTED, **common
        )
