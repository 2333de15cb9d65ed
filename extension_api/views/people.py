"""What comes from readers, and goes to account holders."""

import msgspec
from flask import Response

from extension_api import bodies
from extension_api.access import admit_reader, sender
from extension_api.answers import plain_json
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import actor, database, now, parts
from extension_api.views.accounts import writable_site
from extension_api.wire import HolderLink, HolderLinkWanted, Received, Report
from shudi.cases.actions.holders import make_link
from shudi.cases.actions.intake import take_report
from shudi.clients.rules import Scope

operations = Operations()
_report = msgspec.json.Decoder(Report)
_link = msgspec.json.Decoder(HolderLinkWanted)


@operations.add(
    Operation(
        name="post_report",
        method="POST",
        rule="/reports",
        summary="A reader says that a label is wrong",
        details="Open to everyone, within a limit for each sender. The answer is the same for "
        "an account that nobody knows.",
        body=Report,
        answers={202: Answer("Understood.", Received)},
        problems=(
            "kind-unknown",
            "text-too-long",
            "text-invalid",
            "account-invalid",
            "too-many-requests",
        ),
        cors=True,
    )
)
def post_report() -> Response:
    """Open or join a case."""
    admit_reader()
    sent = bodies.read_json(_report)
    with database().transaction() as session:
        take_report(
            session,
            actor=actor(),
            site_key=sent.site,
            account=sent.account,
            kind=sent.kind,
            text=sent.text,
            now=now(),
            sender=sender(),
        )
    return plain_json(Received(), 202)


@operations.add(
    Operation(
        name="post_holder_link",
        method="POST",
        rule="/holder-links",
        summary="A one-time link to the account holder's own page",
        scope=Scope.HOLDERS_LINK,
        body=HolderLinkWanted,
        answers={201: Answer("The link. It works once.", HolderLink)},
        problems=("account-invalid", "account-unknown", "site-unknown", "site-not-allowed"),
    )
)
def post_holder_link() -> Response:
    """Make the link."""
    sent = bodies.read_json(_link)
    with database().transaction() as session:
        token = make_link(
            session,
            actor=actor(),
            site_id=writable_site(session, sent.site),
            account=sent.account,
            now=now(),
        )
    return plain_json(HolderLink(f"{parts().settings.base_url.rstrip('/')}/holder/{token}"), 201)
