"""Which databases are open: those that are kept as in use, or else the configured files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from shudi.geo import kept
from shudi.geo.gateway import Source, SourceSpec
from shudi.regions.rules import Vocabulary

_CHECK_SECONDS: Final = 2.0  # how often it is looked what is in use


class Following:
    """Follows what is in use. Safe to use from several threads."""

    def __init__(
        self,
        configured: Sequence[Source],
        vocabulary: Vocabulary,
        folder: Path | None = None,
        *,
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self.sources = self._configured = tuple(configured)
        self.trial: tuple[Source, ...] = ()
        self.trial_of = 0
        self._vocabulary, self._folder, self._ticks = vocabulary, folder, ticks
        self._looked_at: float | None = None
        self._stamp: tuple[int, int] | None = None
        self._known: dict[tuple[str, str], Source] = {}
        self._lock = Lock()

    def refresh(self) -> None:
        """See whether something else is in use now; looks at most every two seconds."""
        if self._folder is None or not self._is_due():
            return
        with self._lock:
            if self._is_due():
                self._look(self._folder)
                self._looked_at = self._ticks()

    def _is_due(self) -> bool:
        return self._looked_at is None or self._ticks() - self._looked_at >= _CHECK_SECONDS

    def _look(self, folder: Path) -> None:
        try:
            facts = kept.manifest(folder).stat()
        except OSError:
            return
        stamp = facts.st_ino, facts.st_mtime_ns
        if stamp == self._stamp:
            return
        self._stamp, in_use = stamp, kept.read(folder)
        if in_use is None:
            return
        known = self._known
        self._known = {}
        self.sources = self._opened(folder, in_use, in_use.sources, known)
        self.trial = self._opened(folder, in_use, in_use.trial, known)
        self.trial_of = in_use.trial_of

    def _opened(
        self,
        folder: Path,
        in_use: kept.InUse,
        wanted: Sequence[kept.Kept],
        known: dict[tuple[str, str], Source],
    ) -> tuple[Source, ...]:
        """A source each; one that is open already stays so, with all that it remembers."""
        found = []
        for one in wanted:
            key = one.name, one.file
            source = self._known.get(key) or known.get(key) or self._source(folder, in_use, one)
            source.told = in_use.faults.get(one.name)
            self._known[key] = source
            found.append(source)
        return tuple(found)

    def _source(self, folder: Path, in_use: kept.InUse, one: kept.Kept) -> Source:
        path = folder / one.file
        for source in self._configured:
            if source.spec.name == one.name and not path.exists():
                return source  # the state folder lost it: the configured file is what is left
        _, configured, _ = in_use.seen.get(one.name, (one.kind, str(path), None))
        spec = SourceSpec(one.name, one.kind, path)
        return Source(spec, self._vocabulary, ticks=self._ticks, configured=Path(configured))
