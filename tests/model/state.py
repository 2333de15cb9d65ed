"""What the model knows: people, accounts with labels, corrections, cases, decisions, brakes.

Nothing here is taken from the product. Accounts, people and kinds are plain strings; what belongs
together is the same object. `moves` counts what a version must tell apart.
"""

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta

UNDO = timedelta(minutes=10)
LEASE = timedelta(minutes=15)
HANDED = timedelta(hours=12)
TERM = timedelta(days=90)
KEPT = timedelta(days=90)
REST = timedelta(days=30)  # a disagreement somebody has looked at is left alone so long
Shown = tuple[str, str | None]  # state and region, as readers see them
NOTHING: Shown = ("none", None)


@dataclasses.dataclass(eq=False, repr=False)
class Person:
    """Somebody of the desk."""

    name: str
    id: int
    role: str
    active: bool = True
    own: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"{self.name} ({self.role if self.active else 'gone'})"

    @property
    def decides(self) -> bool:
        return self.active and self.role in ("moderator", "senior")

    @property
    def senior(self) -> bool:
        return self.active and self.role == "senior"


@dataclasses.dataclass(eq=False, repr=False)
class Account:
    """An account and its label. `resolved` is what activity says, `shown` what readers see."""

    name: str
    id: int
    resolved: Shown = NOTHING
    at: datetime | None = None  # of the activity that decides
    known: bool = False  # whether anything was ever said of its place
    shown: Shown = NOTHING
    basis: str = "none"
    disputed: bool = False
    version: int = 0
    hidden: bool = False
    deleted: bool = False
    told: bool = True  # whether the change feed has said all of it

    def __repr__(self) -> str:
        return self.name

    def touch(self) -> None:
        """Readers see a change."""
        self.version += 1
        self.told = False


@dataclasses.dataclass(eq=False, repr=False)
class Correction:
    """An act on a label. `over` was in force when it was made, `replaced` when it took over."""

    account: Account
    kind: str
    region: str | None
    by: Person
    state: str
    expires: datetime
    reverts_itself: bool
    original: Shown
    label_version: int
    id: int = 0
    version: int = 1
    moves: int = 0
    starts: datetime | None = None
    approved_by: Person | None = None
    unconfirmed: bool = False
    expired: bool = False
    ending_by: Person | None = None
    ending_restores: bool = False
    ended_by: Person | None = None
    ended: int = 0  # in which order corrections ended
    over: "Correction | None" = None
    replaced: "Correction | None" = None
    case: "Case | None" = None
    reverts: "Decision | None" = None

    def __repr__(self) -> str:
        return f"correction {self.id} ({self.kind} of {self.account}, {self.state})"

    @property
    def outcome(self) -> Shown:
        """What readers see while it is in force."""
        states = {"withhold": "withheld", "mark_uncertain": "uncertain"}
        return states.get(self.kind, "labelled"), self.region

    @property
    def two_made(self) -> bool:
        return self.kind == "replace" or self.approved_by is not None

    @property
    def waits(self) -> bool:
        """Whether a second person is asked to agree to it."""
        return self.state == "proposed" or (self.state == "in_force" and self.unconfirmed)


@dataclasses.dataclass(eq=False, repr=False)
class Case:
    """Something that a person must look at. The last but four are of contests, the last four of
    second looks: at which decision, by whom, whether both agree, whom a senior found right.
    """

    kind: str
    account: Account | None
    state: str = "open"
    id: int = 0
    version: int = 1
    moves: int = 0
    reports: int = 1
    correction: Correction | None = None
    holder: Person | None = None
    until: datetime | None = None
    claim: int = 0  # the product's number of the active claim
    closed_at: datetime | None = None
    part: set[Person] = dataclasses.field(default_factory=set)  # who did something in it
    barred: set[Person] = dataclasses.field(default_factory=set)
    instance: int = 1
    marked: bool = False
    lifts: Correction | None = None
    answered_version: int | None = None
    upheld: bool = False
    first: "Decision | None" = None
    looked: Person | None = None
    agreed: bool | None = None
    settled: str | None = None

    def __repr__(self) -> str:
        return f"case {self.id} ({self.kind} of {self.account}, {self.state})"

    def release(self) -> None:
        self.holder = self.until = None


@dataclasses.dataclass(eq=False, repr=False)
class Decision:
    """What somebody decided. `seen` is what readers saw then; `back` is what undoing restores."""

    case: Case
    by: Person
    verdict: str
    at: datetime
    correction: Correction | None
    seen: Shown
    two: bool
    closed: bool
    holder: Person | None = None
    reverts: "Decision | None" = None
    renewed: tuple[datetime, bool] | None = None
    state: str = "stands"
    drawn: bool | None = None  # for a second look; None: it can still be undone
    id: int = 0
    version: int = 1
    moves: int = 0

    def __repr__(self) -> str:
        return f"decision {self.id} ({self.verdict} by {self.by} on {self.case}, {self.state})"

    @property
    def imposes(self) -> bool:
        """Whether it put its correction on the label; else it ended it, or there is none."""
        if self.correction is None:
            return False
        made = self.correction.reverts is not None and self.correction.reverts is self.reverts
        return self.verdict == "correct" or made

    @property
    def result(self) -> Shown | None:
        """What readers see because of it; nothing while it is only planned."""
        planned = self.correction is not None and self.correction.starts is not None
        if self.imposes and planned and self.correction is not None:
            return self.correction.outcome if self.correction.state == "in_force" else None
        return self.seen


@dataclasses.dataclass(eq=False, repr=False)
class Brake:
    """What stopped a flood. `held` has the latest that each account wanted to show."""

    held: dict[Account, tuple[datetime, Shown]]
    state: str = "held"
    id: int = 0
    version: int = 1
    moves: int = 0


@dataclasses.dataclass(eq=False, repr=False)
class Item:
    """One account of a batch; None for one that nobody knows. `may`: any of these would be right
    to say of it, and the product has not said yet which. `ended`: which end of a correction it was.
    """

    account: Account | None
    name: str
    seen: int | None
    correction: Correction | None = None
    outcome: str = "waiting"
    code: str = ""
    may: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    ended: int = 0


@dataclasses.dataclass(eq=False, repr=False)
class Batch:
    """One act on a list of accounts. `takes`: the batch that it takes back."""

    by: Person
    act: str
    items: list[Item]
    second: bool
    state: str
    turn: datetime
    days: int | None = None
    reverts_itself: bool = False
    takes: "Batch | None" = None
    agreed: Person | None = None
    ended: datetime | None = None
    worked: int = 0
    done: int = 0
    id: int = 0
    version: int = 1
    moves: int = 0

    def __repr__(self) -> str:
        names = ", ".join(one.name for one in self.items)
        return f"batch {self.id} ({self.act} of {names} by {self.by}, {self.state})"

    def those(self, *outcomes: str) -> list[Item]:
        """The items that ended so, in their order."""
        return [one for one in self.items if one.outcome in outcomes]


@dataclasses.dataclass(eq=False)
class Desk:
    """Everything, at the instant `now`."""

    now: datetime
    people: list[Person]
    accounts: list[Account]
    corrections: list[Correction] = dataclasses.field(default_factory=list)
    cases: list[Case] = dataclasses.field(default_factory=list)
    decisions: list[Decision] = dataclasses.field(default_factory=list)
    brakes: list[Brake] = dataclasses.field(default_factory=list)
    batches: list[Batch] = dataclasses.field(default_factory=list)
    moved: list[tuple[datetime, bool]] = dataclasses.field(default_factory=list)
    waived_until: datetime | None = None
    ends: int = 0
    looks: bool = False  # whether every decision that may be is drawn for a second look

    def of(self, account: Account | None) -> list[Correction]:
        return [one for one in self.corrections if one.account is account]

    def in_force(self, account: Account) -> Correction | None:
        """The one that decides the label. More than one is the product's fault or ours."""
        found = [one for one in self.of(account) if one.state == "in_force"]
        assert len(found) <= 1
        return found[0] if found else None

    def pending(self, account: Account) -> bool:
        """Whether a proposal or a plan holds others back."""
        return any(one.state in ("proposed", "scheduled") for one in self.of(account))

    def unanswered(self, account: Account | None) -> Iterator[Case]:
        """The account's cases that are not closed."""
        return (one for one in self.cases if one.account is account and one.state != "closed")

    def contested(self, account: Account | None) -> set[Person]:
        """Whose decision the holder contests just now: they have no say on the label."""
        contests = [one for one in self.unanswered(account) if one.kind == "contest"]
        return {person for one in contests for person in one.barred}

    def holding(self) -> Brake | None:
        """The brake that holds, if one does."""
        return next((one for one in self.brakes if one.state == "held"), None)
