"""An account's latest activity: when it was, and what the sources said of it."""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from shudi.db import bulk

_KNOWN = {
    "sqlite": "SELECT text, id FROM evidence WHERE digest IN (SELECT value FROM json_each(?))",
    "postgresql": "SELECT text, id FROM evidence"
    " WHERE digest IN (SELECT jsonb_array_elements_text(CAST(? AS jsonb)))",
}
_KEEP = """
INSERT INTO latest_activity (account_id, at, evidence_id) VALUES (?, ?, ?)
ON CONFLICT (account_id) DO UPDATE SET at = excluded.at, evidence_id = excluded.evidence_id
"""


def keep(session: Session, latest: Sequence[tuple[int, int, str]]) -> None:
    """Write (account id, instant in microseconds, evidence) over what is kept of the accounts."""
    ids = _evidence_ids(session, {text for _, _, text in latest})
    # in the order of the table, so that each of its pages is visited once
    rows = sorted([(account_id, at, ids[text]) for account_id, at, text in latest])
    bulk.many(session, _KEEP, rows)


def _evidence_ids(session: Session, texts: Iterable[str]) -> dict[str, int]:
    """The row of each text; what the store has not met yet is added."""
    digests = {text: hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts}
    sql = _KNOWN[session.get_bind().dialect.name]
    known = dict(bulk.rows(session, sql, (bulk.listed(digests.values()),)))
    new = [(digest, text) for text, digest in digests.items() if text not in known]
    if new:
        bulk.many(session, "INSERT INTO evidence (digest, text) VALUES (?, ?)", new)
        listed = bulk.listed(digest for digest, _ in new)
        known.update(bulk.rows(session, sql, (listed,)))
    return known
