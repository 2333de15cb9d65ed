"""How the machinery does: geo databases, the store, publication."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console import access
from console.parts import database, locator, settings, vocabulary
from shudi.db import sqlite
from shudi.labels.queries import releases
from shudi.outbox import queries as outbox
from shudi.sites import queries as sites
from shudi.staff.rules import Permission
from shudi.worker import beat

blueprint = Blueprint("system", __name__)


@blueprint.get("/system")
@access.requires(Permission.SYSTEM_READ, personal=False)
def index() -> ResponseReturnValue:
    """One page; nothing here changes anything."""
    with database().read_session() as session:
        known = sites.all_sites(session)
        newest = releases.newest(session)
        given_up = outbox.given_up(session)
    engine = {"name": "PostgreSQL", "version": "", "journal": ""}
    if database().dialect == "sqlite":
        version = sqlite.driver().sqlite_version
        engine = {"name": "SQLite", "version": version, "journal": sqlite.journal_mode()}
    return render_template(
        "console/system/index.html",
        sources=locator().status(),
        engine=engine,
        sites=known,
        releases=newest,
        vocabulary=vocabulary(),
        settings=settings(),
        given_up=given_up,
        worker_ran=beat.last_run(settings()),
    )
