"""What a batch of sightings is made of, between its parsing and its labels."""

import dataclasses
from typing import NamedTuple, Protocol

from shudi.geo.rules import Place
from shudi.labels.rules import Resolved


@dataclasses.dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with the line of that index (0-based)."""

    index: int
    code: str


@dataclasses.dataclass(slots=True)
class Seen:
    """What a batch says of one account: its latest place, and the (day, region) pairs.

    `at` is in microseconds since 1970, days are counted from 1970, both UTC. `tried` is where
    databases that are tried see what is at `place`.
    """

    at: int
    place: Place
    days: list[tuple[int, str]]
    tried: Place | None = None


class Known(NamedTuple):
    """What the store says of one account of the batch. `resolved_state` is None where the
    account has no label row yet; `latest_at` is in microseconds since 1970.
    """

    account_id: int
    account: str
    deleted: bool
    hidden: bool
    latest_at: int | None = None
    resolved_state: str | None = None
    resolved_region: str | None = None
    state: str | None = None
    region: str | None = None
    corrected: bool = False


@dataclasses.dataclass(slots=True)
class Batch:
    """One site's part of a batch. `lines` are (account, line number) of all that is in order,
    `signed_in` the accounts that published nothing.
    """

    seen: dict[str, Seen] = dataclasses.field(default_factory=dict)
    signed_in: set[str] = dataclasses.field(default_factory=set)
    lines: list[tuple[str, int]] = dataclasses.field(default_factory=list)


class Unchanged(NamedTuple):
    """Activity that says again what is `known`."""

    known: Known
    seen: Seen


class Result(Protocol):
    """What is to be written of an account: as it is `known`, and what it `resolved` to."""

    @property
    def known(self) -> Known: ...

    @property
    def resolved(self) -> Resolved: ...


class Change(NamedTuple):
    """A resolution to be written: `known` before, what was `seen`, what it `resolved` to."""

    known: Known
    seen: Seen
    resolved: Resolved


class Tried(NamedTuple):
    """What databases in use and databases that are tried say of one account (Place.code)."""

    site_id: int
    account_id: int
    before: str
    after: str


class Origin(NamedTuple):
    """Where changes come from, as a brake names it: `sightings` (live) or an `import` of a file
    of this name.
    """

    kind: str
    name: str = ""


LIVE = Origin("sightings")


@dataclasses.dataclass(slots=True)
class Recorded:
    """The outcome of a batch. `disagreeing` are (site id, account id), `brakes` are
    (site id, brake id) pairs to open cases for.
    """

    origin: Origin = LIVE
    accepted: int = 0
    errors: list[LineError] = dataclasses.field(default_factory=list)
    disagreeing: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    brakes: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    sites: list[int] = dataclasses.field(default_factory=list)
    tried: list[Tried] = dataclasses.field(default_factory=list)
    changed: int = 0
    held: int = 0
