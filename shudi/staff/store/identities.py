"""Tables of single sign-on: who somebody is at a provider, and trips to it that are under way."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key


class Identity(Base):
    """A subject of a provider, and who they are here. Never by name or mail address.

    `cut_at`: it signs nobody in any more. The row stays, so that this subject is not taken for
    somebody new. `used_at` is None until they were in once, by both factors.
    """

    __tablename__ = "staff_identities"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    issuer: Mapped[str] = mapped_column(sa.String(255))
    subject: Mapped[str] = mapped_column(sa.String(255))
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    cut_at: Mapped[datetime | None]


class Purpose(enum.StrEnum):
    """What somebody is sent to the provider for."""

    SIGN_IN = "sign_in"
    ACCEPT = "accept"
    LINK = "link"
    STEP_UP = "step_up"


class Trip(Base):
    """A trip to the provider and back: good once, for minutes, in the browser that began it.

    `holder` is the person, or the browser in which nobody is known yet; `sealed` holds nonce and
    PKCE verifier; `link_hash` names the invitation that is accepted; `wanted` is the page to go to
    afterwards, `kept` the form (sealed) that waits for a step-up.
    """

    __tablename__ = "staff_trips"

    state_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    purpose: Mapped[Purpose]
    holder: Mapped[str] = mapped_column(sa.String(80))
    sealed: Mapped[str] = mapped_column(sa.Text)
    link_hash: Mapped[str] = mapped_column(sa.String(64))
    wanted: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    kept: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
