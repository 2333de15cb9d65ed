"""What an inspection is, who decides on it, and how far it reaches. Pure."""

import dataclasses
import enum
import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from shudi.errors import Invalid, NotAllowed, Refused

LONGEST = timedelta(days=30)  # that an inspection runs after a second person's word
PROPOSAL_LIFE = timedelta(days=7)
NAMED_MOST = 200  # accounts that an inspection names one by one
SUPERVISORS_MOST = 10
EXPORT_MOST = 10_000  # rows of one file
LIST_PAGE = 50


class Basis(enum.StrEnum):
    """The articles on which an inspection may rest: of the account-information regulation, and
    of the Personal Information Protection Law.
    """

    R20 = "r20"
    R21 = "r21"
    PIPL63 = "pipl63"


class Kind(enum.StrEnum):
    """What an inspection shows. There is no other kind: no address, no place by day, no notes."""

    LABELS = "labels"
    CASES = "cases"
    INFORMATION = "information"


class Reach(enum.StrEnum):
    """Which accounts of its sites it is about: those named, or those labelled in some regions."""

    NAMED = "named"
    REGIONS = "regions"


class Telling(enum.StrEnum):
    """When the holders whose accounts were looked at are told, on their own page."""

    AT_ONCE = "at_once"
    AFTERWARDS = "afterwards"
    NEVER = "never"


class InspectionState(enum.StrEnum):
    """`approved` is over with its time; `ended` says that this is on record, or that somebody
    stopped it. `lapsed`: nobody decided in time.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    ENDED = "ended"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an authority asked for, as an admin writes it down. `accounts` are ids as the platform
    has them; `since` and `until` are the first and the last day that the data is about (UTC).
    """

    authority: str
    number: str
    dated: date
    basis: Basis
    purpose: str
    supervisors: frozenset[int]
    sites: frozenset[int]
    reach: Reach
    accounts: tuple[str, ...] = ()
    regions: frozenset[str] = frozenset()
    since: date
    until: date
    kinds: frozenset[Kind]
    days: int
    telling: Telling
    untold_because: str = ""


def check(request: Request, *, today: date, regions: Collection[str]) -> None:
    """Raise Invalid or Refused where a request is not one that can be followed.

    `regions` is the vocabulary.
    """
    _check_papers(request, today)
    if not 1 <= len(request.supervisors) <= SUPERVISORS_MOST:
        raise Invalid("supervisors-needed", "Name between 1 and 10 supervisors.")
    if not request.sites:
        raise Invalid("sites-needed", "Choose at least one site.")
    if not request.kinds:
        raise Invalid("kinds-needed", "Choose what may be seen.")
    _check_days(request.days)
    if request.since > request.until or request.until > today:
        raise Invalid("period-wrong", "The period ends after it begins, and not after today.")
    if request.reach is Reach.NAMED:
        _check_named(request)
    else:
        _check_regions(request, regions)


def _check_papers(request: Request, today: date) -> None:
    if not request.authority.strip():
        raise Invalid("authority-needed", "Say which authority asks.")
    if not request.number.strip():
        raise Refused("request-needed", "Without the number of a request there is no inspection.")
    if request.dated > today:
        raise Invalid("request-ahead", "The request cannot be dated after today.")
    if not request.purpose.strip():
        raise Invalid("purpose-needed", "Say what the inspection is for.")
    if request.telling is Telling.NEVER and not request.untold_because.strip():
        raise Invalid("untold-why", "Say which law or order forbids telling the holders.")


def _check_days(days: int) -> None:
    if not timedelta(days=1) <= timedelta(days=days) <= LONGEST:
        raise Refused("inspection-long", "An inspection runs for 1 to 30 days.")


def _check_named(request: Request) -> None:
    if len(request.sites) != 1:
        raise Invalid("one-site", "Accounts are named on one site.")
    if not 1 <= len(request.accounts) <= NAMED_MOST:
        raise Invalid("accounts-needed", "Name between 1 and 200 accounts.")


def _check_regions(request: Request, regions: Collection[str]) -> None:
    if not request.regions:
        raise Invalid("regions-needed", "Choose at least one region.")
    if not all(code in regions for code in request.regions):
        raise Invalid("region-unknown", "That is not a region of the vocabulary.")
    if Kind.LABELS not in request.kinds:
        # Being on such a list tells the place already.
        raise Invalid("regions-are-labels", "Who asks by region sees the labels.")


def lies_in(region: str | None, codes: Collection[str]) -> bool:
    """Whether a place is one of `codes` or a division of one; CN holds CN-GD, not HK."""
    return region is not None and (region in codes or region.partition("-")[0] in codes)


def check_second(*, proposed_by: int, decided_by: int | None, supervisors: Iterable[int]) -> None:
    """Raise NotAllowed for whoever is not a second person to this inspection."""
    if decided_by is None or decided_by == proposed_by:
        raise NotAllowed("inspection-second", "Somebody else than the proposer must decide.")
    if decided_by in set(supervisors):
        raise NotAllowed("inspection-own", "Nobody decides on an inspection that names them.")


def runs(state: InspectionState, ends_at: datetime | None, now: datetime) -> bool:
    """Whether anything may be seen by it now."""
    return state is InspectionState.APPROVED and ends_at is not None and now < ends_at


def check_longer(*, days: int, ends_at: datetime | None, now: datetime) -> None:
    """Raise Refused unless `days` from now is longer than what was approved, and not too long."""
    _check_days(days)
    if ends_at is not None and now + timedelta(days=days) <= ends_at:
        raise Refused("not-longer", "It runs as long as that already.")


def may_tell(
    telling: Telling, state: InspectionState, ends_at: datetime | None, now: datetime
) -> bool:
    """Whether holders are told by now that their account was looked at."""
    if telling is Telling.NEVER:
        return False
    return telling is Telling.AT_ONCE or not runs(state, ends_at, now)


_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another


def pseudonym(salt: str, staff_id: int) -> str:
    """How an inspection names a person of the desk: five characters, the same all through it and
    others in every other one.
    """
    digest = hmac.new(salt.encode(), str(staff_id).encode(), hashlib.sha256).digest()
    number, word = int.from_bytes(digest[:8], "big"), ""
    for _ in range(5):
        number, at = divmod(number, len(_LETTERS))
        word += _LETTERS[at]
    return word


class Table(enum.StrEnum):
    """What is taken out as a file, and what has to be among the kinds for it."""

    ACCOUNTS = "accounts"
    CORRECTIONS = "corrections"
    CASES = "cases"

    @property
    def needs(self) -> Kind | None:
        """The kind that shows it; None: every inspection lists its accounts."""
        return {Table.CORRECTIONS: Kind.LABELS, Table.CASES: Kind.CASES}.get(self)


class Format(enum.StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An inspection that runs, for one of its supervisors, narrowed by how far they reach now."""

    id: int
    authority: str
    request_number: str
    request_date: date
    basis: Basis
    purpose: str
    reach: Reach
    since: date
    until: date
    kinds: frozenset[Kind]
    telling: Telling
    ends_at: datetime
    salt: str
    sites: frozenset[int]
    regions: frozenset[str] | None
    bounds: frozenset[str] | None  # regions of the supervisor's own scope; None: all
    supervisor: int
    own_accounts: frozenset[int]

    @property
    def tables(self) -> tuple[Table, ...]:
        """What may be taken out."""
        return tuple(one for one in Table if one.needs is None or one.needs in self.kinds)

    def shows(self, kind: Kind) -> bool:
        """Whether that is among what may be seen."""
        return kind in self.kinds

    def called(self, staff_id: int) -> str:
        """Somebody of the desk, as this inspection names them."""
        return pseudonym(self.salt, staff_id)
