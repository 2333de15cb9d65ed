"""What sightings would change, before any of them is taken. Nothing here is written."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shudi.geo.actions import Locator
from shudi.labels.actions import brakes, changing, resolution
from shudi.labels.actions.batch import Change, Known, LineError, Seen
from shudi.labels.actions.sightings import RawSighting, Sites, checked, located, outranks
from shudi.labels.rules import window
from shudi.settings import Settings
from shudi.sites.queries import SiteRow

_CHUNK = 5000


@dataclasses.dataclass(frozen=True, slots=True)
class SiteMoves:
    """How many labels of a site would go from where to where: what is shown now and what would be
    (a region, "-" for none on a label, empty for no label). `rule` is the brake rule that
    this breaks, if any; `holding`: a brake holds all changes of the site already.
    """

    site: str
    moves: list[tuple[str, str, int]]
    rule: str | None = None
    holding: bool = False

    @property
    def labels(self) -> int:
        """How many labels would change."""
        return sum(count for _, _, count in self.moves)


class Preview:
    """Sightings, gathered account by account: of each its latest place and the days seen. So
    memory follows the number of accounts, not of lines.
    """

    def __init__(
        self,
        sites: Mapping[str, SiteRow],
        *,
        locator: Locator,
        settings: Settings,
        now: datetime,
    ) -> None:
        self._sites, self._locator, self._settings, self._now = sites, locator, settings, now
        self._seen: dict[int, dict[str, Seen]] = {}
        self._newcomers: Counter[int] = Counter()

    def add(self, session: Session, sightings: Sequence[RawSighting]) -> list[LineError]:
        """Gather these; returns the lines that would be refused."""
        errors: list[LineError] = []
        taken = window(self._now, self._settings.retention_days)
        columns = checked(sightings, Sites(self._sites, None), taken, errors)
        for site_id, batch in located(columns, self._locator, errors).items():
            accounts = {account for account, _ in batch.lines}
            known = resolution.read(session, site_id, accounts)
            gone = {account for account, one in known.items() if one.deleted}
            errors += [
                LineError(number, "account-deleted")
                for account, number in batch.lines
                if account in gone
            ]
            seen = self._seen.setdefault(site_id, {})
            for account, one in batch.seen.items():
                if account not in gone:
                    _merge(seen, account, one)
        return errors

    def moves(self, session: Session) -> list[SiteMoves]:
        """What would change, site by site."""
        return [
            self._site(session, site, self._seen[site.id])
            for site in self._sites.values()
            if self._seen.get(site.id)
        ]

    def _site(self, session: Session, site: SiteRow, seen: dict[str, Seen]) -> SiteMoves:
        moves: Counter[tuple[str, str]] = Counter()
        arrivals: brakes.Arrivals = Counter()
        accounts, newcomers = sorted(seen), 0
        for start in range(0, len(accounts), _CHUNK):
            part = {account: seen[account] for account in accounts[start : start + _CHUNK]}
            known = resolution.read(session, site.id, part)
            newcomers += len(part) - len(known)
            some, there = brakes.sorted_out(self._changes(session, known, part))
            moves.update(some)
            arrivals.update(there)
        rule = brakes.broken(session, site.id, arrivals, self._settings, self._now, newcomers)
        if site.brake_waived_until is not None and self._now < site.brake_waived_until:
            rule = None
        holding = brakes.holding(session, site.id) is not None
        found = [(old, new or "-", count) for (old, new), count in moves.most_common()]
        return SiteMoves(site.key, found, rule if found else None, holding)

    def _changes(
        self, session: Session, known: dict[str, Known], seen: dict[str, Seen]
    ) -> list[Change]:
        known = {name: known.get(name) or _unheard_of(name) for name in seen}
        _, changed = resolution.compared(session, known, seen, self._settings)
        return [change for change in changed if not changing.unseen(change)]


def _merge(seen: dict[str, Seen], account: str, one: Seen) -> None:
    known = seen.setdefault(account, one)
    if known is one:
        return
    known.days = list({*known.days, *one.days})
    if outranks(one.at, one.place, known):
        known.at, known.place = one.at, one.place


def _unheard_of(account: str) -> Known:
    return Known(0, account, deleted=False, hidden=False)
