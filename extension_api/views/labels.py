"""Looking labels up, and following their changes."""

import msgspec
from flask import Response, request

from extension_api import bodies
from extension_api.answers import tagged, tagged_json
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import client, database, parts
from extension_api.problems import Refusal
from extension_api.rows import labels_body
from extension_api.told import ACCOUNTS_MOST
from extension_api.wire import (
    BODY_MOST,
    BULK_BODY_MOST,
    ChangedLabel,
    Changes,
    ChangesQuery,
    Labels,
    Lookup,
    LookupQuery,
)
from shudi.accounts.rules import IDENTIFIER_MOST, check_identifier
from shudi.clients.rules import Scope
from shudi.errors import Invalid
from shudi.labels.queries import served
from shudi.sites.queries import site_by_key

operations = Operations()
_lookup = msgspec.json.Decoder(Lookup)
_LOOKUP_PROBLEMS = (
    "account-invalid",
    "accounts-needed",
    "site-not-allowed",
    "too-many-accounts",
)


def parse_query(text: str) -> LookupQuery:
    """The query string of GET /labels. The plain form is read without unquoting."""
    if "%" not in text and "+" not in text:
        head, *accounts = text.split("&account=")
        if head.startswith("site=") and text.count("&") == len(accounts):
            return LookupQuery(head[5:], accounts)
    return bodies.convert_query(text, LookupQuery)


def parse_lookup(body: bytes) -> Lookup:
    """The body of POST /labels/query."""
    return bodies.decode(_lookup, body)


def checked_accounts(accounts: list[str]) -> list[str]:
    """1 to 100 account ids in NFC; Refusal naming the index of the first that is none."""
    if not accounts:
        raise Refusal("accounts-needed")
    if len(accounts) > ACCOUNTS_MOST:
        raise Refusal("too-many-accounts")
    text = "".join(accounts)
    longest = len(max(accounts, key=len))
    if text.isascii() and text.isprintable() and "" not in accounts and longest <= IDENTIFIER_MOST:
        return accounts
    return [_checked(index, account) for index, account in enumerate(accounts)]


def _checked(index: int, account: str) -> str:
    try:
        return check_identifier(account)
    except Invalid:
        raise Refusal("account-invalid", index=index) from None


@operations.add(
    Operation(
        name="get_labels",
        method="GET",
        rule="/labels",
        summary="Labels of up to 100 accounts",
        details="An unknown account answers like one without activity, a site that is not "
        "covered with state `not_covered`. Answers come in the order asked.",
        scope=Scope.LABELS_READ,
        query=LookupQuery,
        answers={200: Answer("The labels.", Labels), 304: Answer("Nothing changed.")},
        problems=("query-invalid", *_LOOKUP_PROBLEMS),
    )
)
def get_labels() -> Response:
    """The labels of the accounts in the query string."""
    asked = parse_query(request.query_string.decode("latin-1"))
    return tagged(_answer(asked.site, checked_accounts(asked.account)))


@operations.add(
    Operation(
        name="query_labels",
        method="POST",
        rule="/labels/query",
        summary="Labels of up to 100 accounts, asked in a body",
        scope=Scope.LABELS_READ,
        body=Lookup,
        answers={200: Answer("The labels.", Labels)},
        problems=_LOOKUP_PROBLEMS,
    )
)
def query_labels() -> Response:
    """The labels of the accounts in the body."""
    bodies.media_type("application/json")
    data = bodies.read(BULK_BODY_MOST)
    if len(data) > BODY_MOST:
        # too many accounts is the clearer answer, where that is what makes it long
        many = len(parse_lookup(data).accounts) > ACCOUNTS_MOST
        raise Refusal("too-many-accounts" if many else "body-too-large")
    asked = parse_lookup(data)
    body = _answer(asked.site, checked_accounts(asked.accounts))
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(site_key: str, accounts: list[str]) -> bytes:
    with database().read_session() as session:
        allowed = client().site_id
        if allowed is not None:
            site = site_by_key(session, site_key)
            if site is None or site.id != allowed:
                raise Refusal("site-not-allowed")
        found = served.lookup(session, site_key=site_key, accounts=accounts)
    tail = parts().rows.tail
    return labels_body(found.as_of, accounts, [tail(shown) for _, shown in found.labels])


@operations.add(
    Operation(
        name="get_changes",
        method="GET",
        rule="/changes",
        summary="What changed on a site, one latest row an account",
        details="Start with `after=0` and pass `next` on. An account that changes again moves "
        "to the end of the feed; one that shows nothing any more stays as a tombstone."
        " `deleted` tells a copy to forget the label; it does not say why.",
        scope=Scope.LABELS_READ,
        query=ChangesQuery,
        answers={200: Answer("A page of the feed.", Changes), 304: Answer("Nothing changed.")},
        problems=("query-invalid", "site-unknown", "site-not-allowed"),
    )
)
def get_changes() -> Response:
    """A page of the change feed."""
    asked = bodies.query(ChangesQuery)
    with database().read_session() as session:
        site = site_by_key(session, asked.site)
        allowed = client().site_id
        if allowed is not None and (site is None or site.id != allowed):
            raise Refusal("site-not-allowed")
        if site is None:
            raise Refusal("site-unknown")
        found = served.changes(
            session, site_id=site.id, as_of=site.as_of, after=asked.after, limit=asked.limit
        )
    rows = parts().rows
    changes = [
        ChangedLabel(
            **msgspec.structs.asdict(rows.row(one.account, one.shown)),
            seq=one.seq,
            deleted=one.deleted,
        )
        for one in found.changes
    ]
    return tagged_json(Changes(found.as_of, changes, found.next))
