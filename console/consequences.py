"""What a decision would do, before it is confirmed: who is told, who must agree, for how long."""

import dataclasses
from datetime import datetime

from flask_babel import LazyString
from sqlalchemy.orm import Session

from console import decision_words, sessions
from console.parts import settings, vocabulary
from console.words import Words
from shudi.cases.actions import ruling
from shudi.cases.queries.case import CaseRow
from shudi.cases.rules import CaseKind
from shudi.cases.rules.policy import Risk, at_once
from shudi.labels.rules import AtExpiry, CorrectionKind
from shudi.labels.store import Correction

RISKS: Words = decision_words.RISK


@dataclasses.dataclass(frozen=True, slots=True)
class Consequences:
    """`risks` are why a second person must agree; `shown_meanwhile`: readers see it before that."""

    risks: tuple[Risk, ...] = ()
    shown_meanwhile: bool = False
    changes: bool = False
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    at_expiry: AtExpiry | None = None

    @property
    def reasons(self) -> list[LazyString]:
        """The risks in words."""
        return [RISKS[risk] for risk in self.risks]

    @property
    def asks(self) -> bool:
        """Whether this is confirmed on a page of its own: what is simple costs no extra key."""
        return bool(self.risks) or self.starts_at is not None

    def stood_beside(self, codes: str) -> bool:
        """Whether the form was sent with these risks shown beside it, and that is enough: to
        withhold protects somebody now. What is proposed or planned has its page all the same.
        """
        said = self.shown_meanwhile and self.starts_at is None
        return said and set(self.risks) <= {*risks_of(codes)}


def of(correction: Correction) -> Consequences:
    """Of a correction that was tried and is not kept."""
    return Consequences(
        risks=risks_of(correction.risks),
        shown_meanwhile=correction.unconfirmed,
        changes=True,
        starts_at=correction.starts_at,
        expires_at=correction.expires_at,
        at_expiry=correction.at_expiry,
    )


def risks_of(codes: str) -> tuple[Risk, ...]:
    """Stored codes; one that this release does not know is left out."""
    return tuple(Risk(code) for code in codes.split(",") if code in [*Risk])


def expected(
    session: Session, case: CaseRow, *, verdict: str, kind: str, region: str
) -> Consequences | None:
    """What the form would do as it stands; None where nothing is chosen yet."""
    if verdict in ("keep", "dismiss", "lift"):
        return Consequences(changes=verdict == "lift")
    if verdict != "correct" or kind not in [*CorrectionKind] or case.account_id is None:
        return None
    chosen = CorrectionKind(kind)
    risks = ruling.risks_of_correction(
        session,
        actor=sessions.actor(),
        account_id=case.account_id,
        kind=chosen,
        region=region or None,
        appeal=case.kind is CaseKind.CONTEST,
        vocabulary=vocabulary(),
        settings=settings(),
    )
    if chosen is CorrectionKind.REPLACE and not region:
        risks = (Risk.REPLACE,)
    return Consequences(risks, shown_meanwhile=bool(risks) and at_once(chosen), changes=True)
