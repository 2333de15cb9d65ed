"""Account information in."""

import dataclasses

import msgspec
from flask import Response

from extension_api import bodies, repeats
from extension_api.answers import plain_json
from extension_api.operations import NDJSON, Answer, Operation, Operations
from extension_api.parts import actor, client, database, now
from extension_api.problems import Refusal
from extension_api.views.sightings import MALFORMED
from extension_api.wire import (
    BULK_BODY_MOST,
    AccountInformation,
    AccountLine,
    AccountsTaken,
    Deleted,
    LineError,
    LineVerdict,
    Verdict,
)
from shudi.accounts.rules import AccountInfo
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.intake import put_account
from shudi.clients.rules import Scope
from shudi.errors import ShudiError, Unavailable
from shudi.sites.queries import all_sites, site_by_key

operations = Operations()
_information = msgspec.json.Decoder(AccountInformation)
_line = msgspec.json.Decoder(AccountLine)


def _info(sent: AccountInformation) -> AccountInfo:
    return AccountInfo(
        handle=sent.handle,
        name=sent.name,
        avatar_url=sent.avatar_url,
        bio=sent.bio,
        protection=sent.protection,
    )


def writable_site(session: repeats.Session, key: str) -> int:
    """The id of the site that this client may write to; Refusal otherwise."""
    site = site_by_key(session, key)
    allowed = client().site_id
    if allowed is not None and (site is None or site.id != allowed):
        raise Refusal("site-not-allowed")
    if site is None:
        raise Refusal("site-unknown")
    return site.id


@operations.add(
    Operation(
        name="put_account",
        method="PUT",
        rule="/sites/<site>/accounts/<account:account>",
        summary="What the platform says of an account",
        details="Values that change are screened. `accepted`: all are live. `pending`: the live "
        "values stay until a person decides; the decision comes by webhook (`account.decided` with "
        "verdict, rule and article); newer values take the place of those that wait. `refused`: "
        "the live values stay, `rule` and `article` (of the 2022 regulation) say why. "
        "`protection` is not screened and counts at once, whatever the verdict.",
        scope=Scope.ACCOUNTS_WRITE,
        body=AccountInformation,
        answers={200: Answer("The verdict.", Verdict)},
        problems=("account-invalid", "site-unknown", "site-not-allowed"),
    )
)
def put_one(site: str, account: str) -> Response:
    """Create or replace the information on one account."""
    sent = bodies.read_json(_information)
    with database().transaction() as session:
        verdict = put_account(
            session,
            actor=actor(),
            site_id=writable_site(session, site),
            account=account,
            info=_info(sent),
            now=now(),
        )
    return plain_json(Verdict(**dataclasses.asdict(verdict)))


@operations.add(
    Operation(
        name="delete_account",
        method="DELETE",
        rule="/sites/<site>/accounts/<account:account>",
        summary="Erase an account; a tombstone stays in the change feed",
        scope=Scope.ACCOUNTS_WRITE,
        answers={200: Answer("Whether there was something to erase.", Deleted)},
        problems=("account-invalid", "site-unknown", "site-not-allowed"),
    )
)
def delete_one(site: str, account: str) -> Response:
    """Erase one account."""
    with database().transaction() as session:
        deleted = delete_account(
            session,
            actor=actor(),
            site_id=writable_site(session, site),
            account=account,
            now=now(),
        )
    return plain_json(Deleted(deleted))


@operations.add(
    Operation(
        name="post_accounts",
        method="POST",
        rule="/accounts",
        summary="Account information of many, as NDJSON",
        details="At most 8 MiB and 10,000 lines. A bad line costs only itself. `verdicts` lists "
        "the lines that are pending or refused, as one by one.",
        scope=Scope.ACCOUNTS_WRITE,
        line=AccountLine,
        answers={200: Answer("What became of each line.", AccountsTaken)},
        problems=("too-many-lines", "idempotency-key-invalid", "idempotency-mismatch"),
        headers=("Idempotency-Key",),
    )
)
def post_accounts() -> Response:
    """Take many accounts in."""
    bodies.media_type(NDJSON, "application/ndjson", "application/jsonl")
    data = bodies.read(BULK_BODY_MOST)
    items = bodies.lines(data)
    return repeats.once("accounts", data, lambda session: _take(session, items))


def _take(session: repeats.Session, items: list[bytes]) -> AccountsTaken:
    sites = {site.key: site.id for site in all_sites(session)}
    counts = {"accepted": 0, "pending": 0, "refused": 0}
    verdicts: list[LineVerdict] = []
    errors: list[LineError] = []
    for index, line in bodies.decode_each(_line, items):
        try:
            verdict = _take_line(session, sites, line)
        except Unavailable:
            raise
        except ShudiError as error:
            errors.append(LineError(index, error.code))
        except Refusal as error:
            errors.append(LineError(index, error.code))
        else:
            counts[verdict.verdict] += 1
            if verdict.verdict != "accepted":
                verdicts.append(LineVerdict(verdict.verdict, verdict.rule, verdict.article, index))
    return AccountsTaken(**counts, rejected=len(errors), verdicts=verdicts, errors=errors)


def _take_line(
    session: repeats.Session, sites: dict[str, int], line: AccountLine | None
) -> Verdict:
    if line is None:
        raise Refusal(MALFORMED)
    allowed = client().site_id
    site_id = sites.get(line.site)
    if allowed is not None and site_id != allowed:
        raise Refusal("site-not-allowed")
    if site_id is None:
        raise Refusal("site-unknown")
    with session.begin_nested():  # a line that fails half-way leaves nothing behind
        verdict = put_account(
            session,
            actor=actor(),
            site_id=site_id,
            account=line.account,
            info=_info(line),
            now=now(),
        )
    return Verdict(**dataclasses.asdict(verdict))
