"""Words that would be code if a page let them, and every column that holds somebody's words."""

import itertools
from collections.abc import Iterator

import sqlalchemy as sa

from shudi.db import Base

_BEFORE = ("", '">', "'>", "</title>", "</textarea>", "</script>", "-->", "</style>", "]]>",
           "</option></select>", "\u2028<", "</a></td>")  # fmt: skip
_CODE = (
    "<script data-xss>alert(1)</script>",
    "<img src=x onerror=alert(1) data-xss>",
    "<svg onload=alert(1) data-xss>",
    '<iframe srcdoc="<script>alert(1)</script>" data-xss></iframe>',
    '<a href="javascript:alert(1)" data-xss>x</a>',
    "<details open ontoggle=alert(1) data-xss>",
    "<math data-xss><mtext><table><mglyph><style><img src=x onerror=alert(1) data-xss>",
    "<object data='javascript:alert(1)' data-xss></object>",
    "<form action=javascript:alert(1) data-xss><button>x",
    "<style data-xss>*{background:url(//evil.example)}</style>",
    '<base href="https://evil.example/" data-xss>',
    '<meta http-equiv=refresh content="0;url=https://evil.example" data-xss>',
    "<input autofocus onfocus=alert(1) data-xss>",
)
_ALONE = (
    '" onmouseover="alert(1)" data-xss="', "' autofocus onfocus='alert(1)' data-xss='",
    "{{ 7 * 7 }}", "{% include 'base.html' %}", "${7*7}", "&lt;img src=x data-xss&gt;",
    r"\u003cimg src=x data-xss\u003e", "<!--<img src=x data-xss>", "<![CDATA[<img data-xss>]]>",
)  # fmt: skip
PAYLOADS = tuple(before + code for before in _BEFORE for code in _CODE) + _ALONE
ADDRESSES = (
    "javascript:alert(1)//data-xss", "data:text/html,<script>alert(1)</script>",
    'https://example.org/x" onerror="alert(1)" data-xss="', "JaVaScRiPt:alert(1)",
    "\tjavascript:alert(1)", "vbscript:msgbox(1)", "//evil.example/x",
)  # fmt: skip
# What people, programs and holders write, by table.
TYPED = {
    "account_submissions": ("handle", "name", "bio"),
    "accounts": ("account", "handle", "page_key", "name", "bio"),
    "api_keys": ("name",),
    "appeals": ("evidence", "words"),
    "audit_texts": ("text",),
    "batch_items": ("account",),
    "batches": ("text", "answer"),
    "brakes": ("origin_name",),
    "canned_reasons": ("title", "text"),
    "case_attachments": ("name",),
    "case_events": ("text",),
    "corrections": ("evidence",),
    "decisions": ("text",),
    "inspections": (
        "authority",
        "request_number",
        "purpose",
        "untold_because",
        "decided_because",
        "ended_because",
        "more_because",
    ),
    "labels": ("account",),
    "saved_views": ("name",),
    "second_looks": ("text", "settled_text"),
    "site_wordings": ("title", "text"),
    "site_closings": ("reason",),
    "sites": ("name",),
    "staff": ("name",),
    "staff_passkeys": ("name",),
}
LINKS = {"accounts": ("avatar_url",), "account_submissions": ("avatar_url",)}
# The rest: codes, hashes, places of the closed vocabulary, what was checked to be an address or a
# number, and the log, which is written by the acts that are tested elsewhere.
CODED = {
    "account_submissions": {"field"},
    "accounts": {"name_folded"},
    "api_keys": {"key_hash", "hash_before", "hint"},
    "audit": {
        "at", "actor_id", "actor_name", "action", "target_type", "target_id", "before", "after",
        "request_id", "text_mac", "prev_hash", "row_hash",
    },
    "audit_checkpoints": {"row_hash", "signature"},
    "audit_texts": {"key"},
    "appeals": {"region"},
    "batch_items": {"seen_region", "code"},
    "batches": {"uid", "reason"},
    "brake_samples": {"shown", "region", "evidence", "before_region"},
    "brakes": {"origin", "rule", "state"},
    "canned_reasons": {"language"},
    "case_attachments": {"type", "digest", "file"},
    "case_events": {"actor"},
    "case_notices": {"uid", "topic", "channel"},
    "case_reports": {"sender"},
    "cases": {"raised_by"},
    "corrections": {
        "region", "reason", "original_region", "lift_reason", "lift_risks", "end_reason", "risks",
    },
    "decisions": {"reason"},
    "dropped_results": {"region"},
    "evidence": {"digest", "text"},
    "held_results": {"region", "shown", "evidence"},
    "holder_links": {"token_hash"},
    "holder_sessions": {"csrf"},
    "idempotent_answers": {"body_mac", "answer"},
    "inspections": {"salt"},
    "labels": {"resolved_region", "region"},
    "outbox": {"uid", "topic", "lease", "last_error"},
    "outbox_attempts": {"outcome"},
    "releases": {"salt", "sha256", "vocabulary"},
    "saved_views": {"query"},
    "second_looks": {"region", "reason"},
    "site_receivers": {"url", "sealed", "sealed_before"},
    "site_wordings": {"topic", "channel", "language"},
    "sites": {"key"},
    "source_trials": {"before", "after"},
    "source_updates": {"origin", "rule"},
    "staff": {
        "password_hash", "totp_secret", "language", "timezone", "scheme", "agreement",
    },
    "staff_challenges": {"holder"},
    "staff_devices": {"token_hash"},
    "staff_identities": {"issuer", "subject"},
    "staff_links": {"token_hash"},
    "staff_passkeys": {"credential_id"},
    "staff_recovery_codes": {"code_hash"},
    "staff_sessions": {"csrf", "method", "provider_hash"},
    "staff_sign_ins": {"region", "browser", "system", "method"},
    "staff_trips": {"holder", "kept", "link_hash", "sealed"},
}  # fmt: skip


def columns() -> set[tuple[str, str]]:
    """Every column of words that is no key of a table."""
    return {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.String)
        and not isinstance(column.type, sa.Enum)
        and not column.primary_key
        and not column.foreign_keys
    }


def poison(connection: sa.Connection) -> set[str]:
    """Write payloads over everything that was written by somebody; returns those that were used.

    Three at a time, each row others, with the row's number so that names stay different.
    """
    used: set[str] = set()
    turns = itertools.cycle(PAYLOADS)
    for table, name, number, key in _cells(connection, TYPED):
        some = [next(turns) for _ in range(3)]
        used |= set(some)
        text = f"{''.join(some)} {number}"
        connection.execute(sa.update(table).where(key).values({name: text}))
    for table, name, number, key in _cells(connection, LINKS):
        url = ADDRESSES[number % len(ADDRESSES)]
        connection.execute(sa.update(table).where(key).values({name: url}))
    return used


def _cells(
    connection: sa.Connection, of: dict[str, tuple[str, ...]]
) -> Iterator[tuple[sa.Table, str, int, sa.ColumnElement[bool]]]:
    """(table, column, row's number, what finds the row) of each value."""
    for name, names in of.items():
        table = Base.metadata.tables[name]
        keys = connection.execute(sa.select(*table.primary_key.columns)).all()
        for column, (number, key) in itertools.product(names, enumerate(keys)):
            pairs = zip(table.primary_key.columns, key, strict=True)
            yield table, column, number, sa.and_(*(one == value for one, value in pairs))
