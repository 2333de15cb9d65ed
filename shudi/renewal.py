"""Bringing newer geo databases: noticed, compared, put before a person where they would move too
much, and taken into use. Whatever is done to the kept files is done here, one process at a time.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import clock
from shudi.cases.actions import sources
from shudi.db import Database, connect
from shudi.errors import Refused
from shudi.geo import kept
from shudi.geo.comparison import Named, Shift, compare
from shudi.geo.gateway import Health, Reader, SourceSpec, load, parse_sources
from shudi.geo.kept import InUse, Kept
from shudi.geo.rules import UpdateState
from shudi.geo.store import SourceUpdate
from shudi.labels.rules.drift import TRIAL_MOST
from shudi.labels.store.trials import SourceTrial
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor


def is_due(settings: Settings) -> bool:
    """Whether the configured files are other than when it was last decided what to use."""
    in_use = kept.read(kept.folder_of(settings.var))
    return in_use is None or in_use.seen != kept.seen(parse_sources(settings.geo_sources))


def renew(
    settings: Settings,
    database: Database,
    *,
    actor: Actor,
    now: datetime,
    brought: Mapping[str, Path] | None = None,
) -> int | None:
    """Compare the configured files, or those `brought` in their place, with what is in use;
    returns the update that this makes, None if nothing is new. Reads whole databases: seconds.

    Refused for a brought file that is damaged or says nothing. The old one stays in use then.
    """
    folder = kept.folder_of(settings.var)
    with kept.locked(folder):
        found = _Renewal(settings, database, folder)
        in_use = found.in_use
        if in_use is None:
            return None
        update_id = found.look(in_use, brought or {}, actor, now)
    carry_out(settings, database, now=now)
    return update_id


def renew_once(settings: Settings) -> None:
    """What the worker has done in a process of its own."""
    database = connect(settings.database_url)
    try:
        renew(settings, database, actor=Actor.system("worker"), now=clock.now())
    finally:
        database.dispose()


def carry_out(settings: Settings, database: Database, *, now: datetime) -> int:
    """Take into use what was accepted, try what is to be tried, and remove what nothing needs;
    returns how many updates were taken into use.
    """
    folder = kept.folder_of(settings.var)
    with kept.locked(folder):
        in_use = kept.read(folder)
        if in_use is None:
            return 0
        with database.read_session() as session:
            ready, waiting, tried = _decided(session), _waiting(session), _trial(session)
        wanted = dataclasses.replace(
            in_use,
            sources=_candidate(ready[-1]) if ready else in_use.sources,
            trial=_candidate(waiting) if tried else (),
            trial_of=tried,
        )
        faults: dict[str, Health] = {
            name: fault for name, fault in in_use.faults.items() if fault != "waiting"
        }
        if waiting is not None:
            used = {one.name: one.file for one in wanted.sources}
            new = [one for one in _candidate(waiting) if used.get(one.name) != one.file]
            faults |= {one.name: "waiting" for one in new if one.name in used}
        wanted = dataclasses.replace(wanted, faults=faults)
        if wanted != in_use:
            kept.write(folder, wanted)
        if ready:
            with database.transaction() as session:
                for update in ready:
                    sources.taken(session, update_id=update.id, now=now)
        kept.sweep(folder, [*wanted.sources, *_candidate(waiting)])
    return len(ready)


def _decided(session: Session) -> list[SourceUpdate]:
    """What may be taken into use and is not yet, the oldest first."""
    ready = SourceUpdate.state.in_((UpdateState.APPLIED, UpdateState.ACCEPTED))
    query = sa.select(SourceUpdate).where(ready, SourceUpdate.taken_at.is_(None))
    return list(session.scalars(query.order_by(SourceUpdate.id)))


def _waiting(session: Session) -> SourceUpdate | None:
    return session.scalar(sa.select(SourceUpdate).where(SourceUpdate.state == UpdateState.HELD))


def _trial(session: Session) -> int:
    """The update that is to be tried now; 0 for none, or one that was tried enough."""
    waiting = _waiting(session)
    if waiting is None or waiting.sampled_at is None:
        return 0
    count = sa.select(sa.func.count()).where(SourceTrial.update_id == waiting.id)
    return waiting.id if (session.scalar(count) or 0) < TRIAL_MOST else 0


def _candidate(update: SourceUpdate | None) -> tuple[Kept, ...]:
    return kept.as_kept(update.candidate["sources"]) if update is not None else ()


class _Renewal:
    """One look at the files, with the folder locked. `in_use` is None where none is kept, and
    not all configured files can be.
    """

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database, self.folder = settings, database, folder
        self.vocabulary: Vocabulary = load_vocabulary(settings.names_override)
        self.specs = parse_sources(settings.geo_sources)
        self.seen = kept.seen(self.specs)
        self._readers: dict[str, Reader] = {}
        self.in_use = self._kept_already() or self._first()

    def _kept_already(self) -> InUse | None:
        in_use = kept.read(self.folder)
        lost = in_use and [x for x in in_use.sources if not (self.folder / x.file).exists()]
        return None if lost else in_use

    def _first(self) -> InUse | None:
        """Keep the configured files as they are: there is nothing to compare them with."""
        found = [self._keep(spec) for spec in self.specs]
        if any(isinstance(one, str) for one in found):
            return None
        in_use = InUse(tuple(one for one in found if isinstance(one, Kept)), self.seen)
        kept.write(self.folder, in_use)
        return in_use

    def _keep(self, spec: SourceSpec) -> Kept | Health:
        """A kept copy of a whole database, or what is wrong with the file."""
        try:
            one = kept.put(self.folder, spec)
            self._reader(one)
        except OSError:
            return "missing"
        except ValueError:
            return "truncated"
        return one

    def _reader(self, one: Kept) -> Reader:
        if one.file not in self._readers:
            self._readers[one.file] = load(one.kind, self.folder / one.file, self.vocabulary)
        return self._readers[one.file]

    def look(
        self, in_use: InUse, brought: Mapping[str, Path], actor: Actor, now: datetime
    ) -> int | None:
        """Put forward what is new, and remember the files as they are now."""
        with self.database.read_session() as session:
            waiting = _waiting(session)
        base = {one.name: one for one in _candidate(waiting) or in_use.sources}
        new, faults = self._wanted(in_use, base, brought)
        shift: Shift | None = None
        while _files(new) not in (_files(in_use.sources), _files(_candidate(waiting))):
            shift = self._compared(in_use.sources, new)
            silent = {one.name for one in new if one.name in shift.silent}
            silent -= {one.name for one in in_use.sources if one in new}
            if not silent:
                break
            faults |= dict.fromkeys(silent, "silent")
            new = _without(new, silent, in_use.sources)
            shift = None
        if faults.keys() & brought.keys():
            raise Refused("source-unusable", "The file is damaged or says nothing; the old stays.")
        update_id = None
        origin = "update" if brought else _origin(in_use.seen, self.seen)
        if shift is not None:
            update_id = self._put_forward(in_use, new, shift, origin, actor, now)
        elif waiting is not None and _files(new) == _files(in_use.sources):
            with self.database.transaction() as session:
                sources.withdraw(session, actor=actor, now=now)
        kept.write(self.folder, dataclasses.replace(in_use, seen=self.seen, faults=faults))
        return update_id

    def _wanted(
        self, in_use: InUse, base: Mapping[str, Kept], brought: Mapping[str, Path]
    ) -> tuple[tuple[Kept, ...], dict[str, Health]]:
        """The databases that should be used, and what is wrong with those that cannot be."""
        new: list[Kept] = []
        faults: dict[str, Health] = {
            name: fault
            for name, fault in in_use.faults.items()
            if name not in brought and in_use.seen.get(name) == self.seen.get(name)
        }
        for spec in self.specs:
            present = base.get(spec.name)
            if spec.name in brought:
                spec = SourceSpec(spec.name, spec.kind, brought[spec.name])  # noqa: PLW2901
            elif present is not None and in_use.seen.get(spec.name) == self.seen[spec.name]:
                new.append(present)
                continue
            found = self._keep(spec)
            if isinstance(found, Kept):
                new.append(found)
                continue
            faults[spec.name] = found
            if present is not None:
                new.append(present)
        return tuple(new), faults

    def _compared(self, old: Sequence[Kept], new: Sequence[Kept]) -> Shift:
        def named(some: Sequence[Kept]) -> list[Named]:
            return [(one.name, one.kind, self._reader(one)) for one in some]

        return compare(
            named(old),
            named(new),
            vocabulary=self.vocabulary,
            granularity="country" if self.settings.granularity == "country" else "subdivision",
            quorum=self.settings.geo_quorum or None,
        )

    def _put_forward(
        self,
        in_use: InUse,
        new: Sequence[Kept],
        shift: Shift,
        origin: str,
        actor: Actor,
        now: datetime,
    ) -> int:
        proposal = sources.Proposal(
            origin=origin,
            old=[self._described(one) for one in in_use.sources],
            new=[self._described(one) for one in new],
            candidate=[dataclasses.asdict(one) for one in new],
            v4=dict(shift.v4),
            v6=dict(shift.v6),
        )
        with self.database.transaction() as session:
            return sources.propose(
                session, actor=actor, proposal=proposal, settings=self.settings, now=now
            ).id

    def _described(self, one: Kept) -> dict[str, Any]:
        reader = self._reader(one)
        return {
            "name": one.name,
            "kind": one.kind,
            "build": reader.build.isoformat() if reader.build else None,
            "database": reader.database_type,
            "size": one.size,
            "file": one.file,
        }


def _files(some: Sequence[Kept]) -> list[tuple[str, str, str]]:
    return [(one.name, one.kind, one.file) for one in some]


def _without(new: Sequence[Kept], silent: set[str], old: Sequence[Kept]) -> tuple[Kept, ...]:
    """The old ones in place of those that say nothing, where there are old ones."""
    before = {one.name: one for one in old}
    found = [before.get(one.name) if one.name in silent else one for one in new]
    return tuple(one for one in found if one is not None)


def _origin(before: kept.Seen, now: kept.Seen) -> str:
    """Whether the setting names other files, or one of them was replaced."""
    same = {name: row[:2] for name, row in before.items()} == {
        name: row[:2] for name, row in now.items()
    }
    return "file" if same else "setting"
