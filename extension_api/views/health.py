"""Whether we are up, ready, and how busy."""

import ipaddress
from collections.abc import Callable

import sqlalchemy as sa
from flask import Response, request

from extension_api.answers import plain_json
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import database, parts
from extension_api.problems import Refusal
from extension_api.wire import Health
from shudi.cases.rules import CaseState
from shudi.cases.store import Case
from shudi.db import Base
from shudi.db.migrate import head, revision_of
from shudi.errors import ShudiError
from shudi.outbox.store import Message, MessageState
from shudi.sites.store import Site

operations = Operations()


@operations.add(
    Operation(
        name="healthz",
        method="GET",
        rule="/healthz",
        summary="Whether the process answers",
        answers={200: Answer("It does.", Health)},
        root=True,
    )
)
def healthz() -> Response:
    """Asks nothing of anybody."""
    return plain_json(Health("ok"))


@operations.add(
    Operation(
        name="readyz",
        method="GET",
        rule="/readyz",
        summary="Whether store, schema and place sources are ready",
        answers={200: Answer("Ready.", Health), 503: Answer("Not ready.", Health)},
        root=True,
    )
)
def readyz() -> Response:
    """Asks everything that an answer needs."""
    checks = {"store": _store(), "places": _places()}
    ready = set(checks.values()) == {"ok"}
    response = plain_json(Health("ok" if ready else "not-ready", checks), 200 if ready else 503)
    if not ready:
        response.headers["Retry-After"] = "2"
    return response


def _store() -> str:
    try:
        with database().read_session() as session:
            at = revision_of(session.connection())
    except ShudiError:
        return "unavailable"
    return "ok" if at == head() else "schema-outdated"


def _places() -> str:
    usable = any(one.health in ("ok", "outdated") for one in parts().locator.status())
    return "ok" if usable else "unavailable"


@operations.add(
    Operation(
        name="metrics",
        method="GET",
        rule="/metrics",
        summary="Figures for Prometheus, from this machine only",
        answers={200: Answer("The figures.", media="text/plain")},
        problems=("not-found",),
        root=True,
    )
)
def metrics() -> Response:
    """Figures of the store; none is about an account."""
    if not _is_local():
        raise Refusal("not-found")
    lines = [
        f"# HELP {name} {meaning}\n# TYPE {name} gauge\n{name} {value()}\n"
        for name, (meaning, value) in _FIGURES.items()
    ]
    response = Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_local() -> bool:
    names = ("X-Forwarded-For", "Forwarded", parts().settings.forwarded_header)
    if any(request.headers.get(name) for name in names):
        return False  # a proxy on this machine speaks for somebody else
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _count(table: type[Base], condition: sa.ColumnElement[bool]) -> Callable[[], int]:
    def count() -> int:
        with database().read_session() as session:
            rows = sa.select(sa.func.count()).select_from(table).where(condition)
            return int(session.scalar(rows) or 0)

    return count


def _accounts() -> int:
    with database().read_session() as session:
        return int(session.scalar(sa.select(sa.func.sum(Site.account_count))) or 0)


_FIGURES: dict[str, tuple[str, Callable[[], int]]] = {
    "shudi_up": ("Whether the store answers", lambda: 1 if _store() == "ok" else 0),
    "shudi_accounts": ("Accounts of all sites", _accounts),
    "shudi_open_cases": ("Cases not closed", _count(Case, Case.state != CaseState.CLOSED)),
    "shudi_outbox_given_up": (
        "Notices that wait for a person",
        _count(Message, Message.state == MessageState.FAILED),
    ),
    "shudi_outbox_waiting": (
        "Messages to be sent",
        _count(Message, Message.state == MessageState.WAITING),
    ),
}
