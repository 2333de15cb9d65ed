"""Locating addresses: what the rest of Shudi uses.

Addresses come in as text and go nowhere: no result, exception or log line holds one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from socket import AF_INET, inet_pton
from typing import Final

from shudi import clock
from shudi.errors import Invalid
from shudi.geo.addresses import parse_ip, unwrap
from shudi.geo.following import Following
from shudi.geo.gateway import Health, Kind, Reader, Source, parse_sources
from shudi.geo.resolver import Resolver
from shudi.geo.rules import Place
from shudi.regions.rules import GRANULARITIES, Granularity, Vocabulary

_V4: Final = 4
_LARGE: Final = 256  # from here on a batch is worth the resolver's block table


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source as staff see it. `file` is the file's name without its folder; `age_days` whole."""

    name: str
    kind: Kind
    file: str
    health: Health
    build: date | None
    age_days: int | None
    database: str | None
    ip_versions: tuple[int, ...]
    attribution: str


class Locator:
    """Resolves addresses over the configured sources; safe to share between threads."""

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        vocabulary: Vocabulary,
        granularity: Granularity,
        quorum: int | None,
        max_age_days: int,
        today: Callable[[], date] = lambda: clock.now().date(),
        following: Following | None = None,
    ) -> None:
        self._following = following or Following(sources, vocabulary)
        self._vocabulary = vocabulary
        self._granularity = granularity
        self._quorum = quorum
        self._max_age_days = max_age_days
        self._today = today
        self._used = _Opened(self._build(()))
        self._tried = _Opened(self._build(()))

    def _build(self, sources: Sequence[Source]) -> Resolver:
        return Resolver(
            named_readers(sources),
            vocabulary=self._vocabulary,
            granularity=self._granularity,
            quorum=self._quorum,
        )

    def _refreshed(self) -> Resolver:
        """The resolver over the files as they are now (looked at most every two seconds)."""
        self._following.refresh()
        return self._over(self._used, self._following.sources)

    def _over(self, opened: "_Opened", sources: Sequence[Source]) -> Resolver:
        for source in sources:
            source.refresh()
        readers = tuple([source.reader for source in sources])
        if readers != opened.readers:
            opened.resolver = self._build(sources)
            opened.readers = readers
        return opened.resolver

    @property
    def trial_of(self) -> int:
        """The update whose databases are tried beside those in use; 0 for none."""
        self._following.refresh()
        return self._following.trial_of

    def try_many(self, ips: Sequence[str]) -> list[Place | str]:
        """As `locate_many`, over the databases that are tried."""
        resolver = self._over(self._tried, self._following.trial)
        return [_locate_one(resolver, ip) for ip in ips]

    def locate(self, ip: str) -> Place:
        """Where one address is; Invalid("ip-malformed" | "ip-zone" | "ip-port") otherwise."""
        place = self.locate_many((ip,))[0]
        if isinstance(place, str):
            parse_ip(ip)
            raise Invalid(place, "That is not an IP address.")
        return place

    def locate_many(self, ips: Sequence[str]) -> list[Place | str]:
        """For each address its place, or the code that `locate` would refuse it with; in order."""
        resolver = self._refreshed()
        if resolver.blocks is None and len(ips) < _LARGE:
            return [_locate_one(resolver, ip) for ip in ips]
        blocks, places, find = resolver.with_blocks(), resolver.places, resolver.find_v4
        found: list[Place | str] = []
        add, number_of = found.append, int.from_bytes
        for ip in ips:
            try:
                number = number_of(inet_pton(AF_INET, ip), "big")
            except (OSError, ValueError, TypeError):
                add(_locate_one(resolver, ip))
                continue
            at = blocks[number >> 8]
            add(places[at] if at else find(number))
        return found

    def status(self) -> list[SourceStatus]:
        """What each source is and how its file does; opens them if nothing has yet."""
        self._refreshed()
        return [self._status(source, self._today()) for source in self._following.sources]

    def _status(self, source: Source, today: date) -> SourceStatus:
        reader = source.reader
        build = reader.build if reader else None
        return SourceStatus(
            name=source.spec.name,
            kind=source.spec.kind,
            file=source.configured.name,
            health=source.health(today, self._max_age_days),
            build=build,
            age_days=(today - build).days if build else None,
            database=reader.database_type if reader else None,
            ip_versions=reader.ip_versions if reader else (),
            attribution=source.attribution,
        )

    def attributions(self) -> tuple[str, ...]:
        """The credits to show wherever labels are shown, each once."""
        self._refreshed()
        credits_due = [one.attribution for one in self._following.sources]
        return tuple(dict.fromkeys(text for text in credits_due if text))


class _Opened:
    """A resolver, and the readers that it is over."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.readers: tuple[object, ...] | None = None


def named_readers(sources: Iterable[Source]) -> list[tuple[str, Kind, Reader]]:
    """Those that could be opened, as a Resolver takes them."""
    return [
        (source.spec.name, source.spec.kind, source.reader)
        for source in sources
        if source.reader is not None
    ]


def _locate_one(resolver: Resolver, ip: str) -> Place | str:
    try:
        address = unwrap(parse_ip(ip))
    except Invalid as refusal:
        return refusal.code
    number = int(address)
    return resolver.find_v4(number) if address.version == _V4 else resolver.find_v6(number)


def open_locator(
    sources: str,
    vocabulary: Vocabulary,
    granularity: Granularity = "subdivision",
    quorum: int | None = None,
    max_age_days: int = 180,
    folder: Path | None = None,
) -> Locator:
    """A locator over the sources that SHUDI_GEO_SOURCES lists; files are opened at first use.

    `quorum`: how many sources must agree, None or 0 for all that answer; `folder`: where the
    databases in use are kept, if they are. ValueError for a setting
    that means nothing; a file that is missing or broken shows in `status`, not here.
    """
    if granularity not in GRANULARITIES:
        raise ValueError("granularity is subdivision or country")
    if quorum is not None and quorum < 0:
        raise ValueError("the quorum of sources is a count")
    configured = [Source(spec, vocabulary) for spec in parse_sources(sources)]
    return Locator(
        configured,
        vocabulary=vocabulary,
        granularity=granularity,
        quorum=quorum or None,
        max_age_days=max_age_days,
        following=Following(configured, vocabulary, folder),
    )


def lookup_report(place: Place) -> dict[str, object]:
    """What `shudi geo lookup --json` prints: region, state, and each source's answer."""
    return {
        "region": place.region,
        "state": place.state,
        "sources": [
            {"name": one.name, "region": one.region, "build": one.build} for one in place.answers
        ],
    }
