"""Tables of API keys and what must be remembered between their calls."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key
from shudi.sites.store import Site


class ApiKey(Base):
    """A program's key: only the SHA-256 of its 256 random bits is kept. The one it replaced opens
    what it opens until `before_until`. `used_at` is the hour of its last request.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hint: Mapped[str] = mapped_column(sa.String(16))
    scopes: Mapped[list[str]]
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Site.id))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    hash_before: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    before_until: Mapped[datetime | None]
    minute_limit: Mapped[int | None]  # requests a minute; None: the settings' limit
    used_at: Mapped[datetime | None]


class ApiKeyDay(Base):
    """How many requests a key brought on a UTC day. Nothing of what they asked."""

    __tablename__ = "api_key_days"

    key_id: Mapped[int] = mapped_column(
        sa.ForeignKey(ApiKey.id), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    requests: Mapped[int] = mapped_column(sa.BigInteger)


class IdempotentAnswer(Base):
    """The answer given to (key, route, Idempotency-Key), for 24 hours. No body is kept:
    `body_mac` is keyed, so that addresses inside a body cannot be guessed back.
    """

    __tablename__ = "idempotent_answers"

    client_id: Mapped[int] = mapped_column(primary_key, primary_key=True, autoincrement=False)
    route: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    body_mac: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    answer: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Allowance(Base):
    """How much of a window's allowance a subject has been handed. Processes lease in blocks."""

    __tablename__ = "allowances"

    subject: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    spent: Mapped[int]
