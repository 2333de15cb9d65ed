"""What is published: the releases' rows, and the manifest that is made of them on request."""

import dataclasses
import functools
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from shudi.errors import Invalid
from shudi.labels import codec
from shudi.labels.store import Release
from shudi.regions.rules import LANGUAGES, Vocabulary
from shudi.settings import Settings, kept_secret
from shudi.sites.queries import SiteRow, all_sites

# Readers want an instant that never goes back, from a server without sites too.
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD = 1 << 20  # the table of values is a few kilobytes; a damaged length must not read more


@dataclasses.dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One published file."""

    number: int
    cut: datetime
    seq: int
    salt: str
    count: int
    size: int
    sha256: str
    vocabulary: str

    @property
    def file(self) -> str:
        """The file's name within its site's folder."""
        return codec.file_name(self.number, self.sha256)


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that viewers pin; made on first use, mode 0600."""
    text = kept_secret(settings.var / "dataset-key", lambda: secrets.token_hex(32))
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def latest_release(session: Session, site_id: int) -> ReleaseRow | None:
    """The newest release of a site."""
    row = session.execute(
        sa.select(
            Release.number,
            Release.cut,
            Release.seq,
            Release.salt,
            Release.count,
            Release.size,
            Release.sha256,
            Release.vocabulary,
        )
        .where(Release.site_id == site_id)
        .order_by(Release.number.desc())
        .limit(1)
    ).first()
    return ReleaseRow(*row) if row else None


def manifest(
    session: Session, *, settings: Settings, vocabulary: Vocabulary, attribution: Sequence[str]
) -> dict[str, Any]:
    """The signed list of all sites and their newest files; works before anything is published."""
    sites = [(site, latest_release(session, site.id)) for site in all_sites(session)]
    cuts = [release.cut if release else site.as_of for site, release in sites]
    payload = {
        "format": 1,
        "server": settings.base_url.rstrip("/"),
        "as_of": _instant(max(cuts, default=_BEFORE_ALL)),
        "vocabulary": vocabulary.version,
        "attribution": list(attribution),
        "names": _names(_used(settings, sites), vocabulary),
        "sites": [_site(site, release) for site, release in sites],
    }
    return codec.encode_manifest(payload, signing_key(settings))


def _used(settings: Settings, sites: list[tuple[SiteRow, ReleaseRow | None]]) -> set[str]:
    used: set[str] = set()
    for site, release in sites:
        if release is not None:
            used |= _regions(codec.folder(settings.var) / site.key / release.file)
    return used


@functools.lru_cache(maxsize=256)
def _regions(path: Path) -> frozenset[str]:
    """The regions that a file's table of values names. Files never change."""
    try:
        with path.open("rb") as file:
            values = codec.read_values(file.read(_HEAD))
    except (OSError, Invalid):
        return frozenset()  # another host's file: readers fall back to the code
    return frozenset(value.region for value in values if value.region)


def _names(codes: set[str], vocabulary: Vocabulary) -> dict[str, dict[str, str]]:
    return {
        code: {language: vocabulary.get(code).on_labels[language] for language in LANGUAGES}
        for code in sorted(codes)
        if code in vocabulary
    }


def _site(site: SiteRow, release: ReleaseRow | None) -> dict[str, Any]:
    return {
        "site": site.key,
        "name": site.name,
        "match": site.match,
        "page_key": {"kind": site.page_key.value, "fold": site.fold.value},
        "adapter": site.adapter,
        "release": release
        and {
            "number": release.number,
            "cut": _instant(release.cut),
            "salt": release.salt,
            "count": release.count,
            "url": f"/api/v1/dataset/{site.key}/{release.file}",
            "size": release.size,
            "sha256": release.sha256,
        },
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
