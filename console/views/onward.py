"""From one case to the next of the queue that somebody works through.

The queue goes along by its name and its site's key, never as an address.
"""

import re
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from console import access, sessions
from console.parts import database
from console.views.queue import take_next
from shudi import clock
from shudi.cases.queries.neighbours import neighbour
from shudi.cases.queries.queue import Filter
from shudi.cases.rules.priority import Queue
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("onward", __name__)
_SITE = re.compile(r"[a-z0-9-]{1,64}\Z")


@blueprint.app_template_global("lane")
def lane() -> dict[str, Any]:
    """The queue and the site in the request, as the next page's address or form carries them."""
    queue, site = request.values.get("queue", ""), request.values.get("site", "")
    found: dict[str, Any] = {"queue": queue} if queue in [*Queue] else {}
    return found | ({"site": site} if _SITE.match(site) else {})


@blueprint.get("/cases/<int:case_id>/next")
@access.requires(Permission.CASE_READ)
def following(case_id: int) -> ResponseReturnValue:
    """The next case of the queue."""
    return _go(case_id, back=False)


@blueprint.get("/cases/<int:case_id>/previous")
@access.requires(Permission.CASE_READ)
def previous(case_id: int) -> ResponseReturnValue:
    """The case before."""
    return _go(case_id, back=True)


def _go(case_id: int, *, back: bool) -> ResponseReturnValue:
    """To the neighbour; at the end of the queue, stay and say so."""
    asked = lane()
    with database().read_session() as session:
        site = sites.site_by_key(session, asked.get("site", ""))
        wanted = Filter(
            staff_id=sessions.actor().staff_id or 0,
            queue=Queue(asked["queue"]) if "queue" in asked else None,
            site_id=site.id if site else None,
        )
        found = neighbour(session, case_id=case_id, wanted=wanted, now=clock.now(), back=back)
    if found is None:
        flash(gettext("The queue ends here."), "info")
    return redirect(url_for("cases.show", case_id=found or case_id, **asked), 303)


def decided(case_id: int, told: str) -> ResponseReturnValue:
    """After a decision: say what was decided, and open the next case if the form asks for it."""
    if request.form.get("then") != "next":
        flash(told, "success")
        return redirect(url_for("cases.show", case_id=case_id, **lane()), 303)
    url = url_for("cases.show", case_id=case_id, _anchor="decision")
    said = Markup('<a href="{}">{}</a>: {}')
    flash(said.format(url, gettext("Case %(id)s", id=case_id), told), "success")
    return take_next()
