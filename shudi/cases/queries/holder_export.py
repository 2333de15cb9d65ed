"""An account holder's own data as one document: all that is kept of them, and of nobody else."""

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.accounts.queries import account
from shudi.cases.queries import holder
from shudi.cases.queries.holder import Contest
from shudi.labels.queries import desk

_ACCOUNT = ("account", "handle", "name", "avatar_url", "bio", "created_at", "updated_at")
_LABEL = ("state", "region", "basis", "corrected", "disputed", "since", "version")
_CONTEST = (
    "instance", "opened_at", "due_at", "label_version", "state", "region", "text", "evidence",
    "closed_at", "verdict", "words", "shown_state", "shown_region",
)  # fmt: skip


def own_data(session: Session, *, account_id: int, now: datetime) -> dict[str, Any]:
    """The account's information, label, days seen, corrections, contests and what waits. No
    names of people who work here, no network and no source's answer. NotFound if unknown.
    """
    about = account(session, account_id=account_id)
    label = desk.label(session, account_id=account_id)
    shown = label is not None and not label.hidden
    waits = holder.waiting(session, account_id=account_id)
    made = holder.corrected(session, account_id=account_id, most=None)
    return {
        "made_at": now,
        "site": about.site_key,
        "account": {name: getattr(about, name) for name in _ACCOUNT},
        "label": {name: getattr(label, name) for name in _LABEL} if shown else None,
        "seen": [
            {"day": day, "region": region or None}
            for day, region in holder.days_seen(session, account_id=account_id)
        ],
        "corrections": [dataclasses.asdict(one) for one in made],
        "contests": [_told(one) for one in holder.contests(session, account_id=account_id)],
        "waiting": dataclasses.asdict(waits) if waits else None,
    }


def _told(contest: Contest) -> dict[str, Any]:
    return {name: getattr(contest, name) for name in _CONTEST}
