"""Which dataset of each site was published last."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.labels.store import Release


@dataclasses.dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A published dataset, `size` in bytes."""

    site_id: int
    number: int
    built_at: datetime
    count: int
    size: int


def newest(session: Session) -> dict[int, ReleaseRow]:
    """The last release by site; at most two a site are kept, so all are read."""
    query = sa.select(
        Release.site_id, Release.number, Release.built_at, Release.count, Release.size
    ).order_by(Release.site_id, Release.number)
    return {row.site_id: ReleaseRow(*row) for row in session.execute(query)}
