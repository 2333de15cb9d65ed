"""What the queue's address may say. Anything else in it is ignored, not refused."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict
from wtforms import StringField

from console.forms import ConsoleForm, Length
from shudi.cases.actions.views import NAME_MOST
from shudi.cases.queries.queue import Cursor, Filter
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.rules.priority import Queue
from shudi.sites.queries import SiteRow

HOLDERS = ("", "unclaimed", "mine")
_STATES = {"awaiting": CaseState.AWAITING, "closed": CaseState.CLOSED}
_DIGITS = 12  # of a person's id


class ViewForm(ConsoleForm):
    """A name for the filter in force."""

    name = StringField(validators=[Length(NAME_MOST)])
    query = StringField(validators=[Length(300, 0)])


def read_filter(
    args: MultiDict[str, str], *, staff_id: int, sites: list[SiteRow]
) -> tuple[Filter, str]:
    """The filter, and the key of the site it names (empty: all)."""
    queue, kind = args.get("queue", ""), args.get("kind", "")
    site = next((one for one in sites if one.key == args.get("site")), None)
    wanted = Filter(
        staff_id=staff_id,
        queue=Queue(queue) if queue in [*Queue] else None,
        kind=CaseKind(kind) if kind in [*CaseKind] else None,
        site_id=site.id if site else None,
        state=_STATES.get(args.get("state", ""), CaseState.OPEN),
        holder=_holder(args.get("holder", "")),
        overdue=args.get("overdue") == "1",
        skipped=args.get("skipped") == "1",
        nobody=args.get("nobody") == "1",
    )
    return wanted, site.key if site else ""


def _holder(text: str) -> str:
    if text in HOLDERS:
        return text
    number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return str(int(text)) if number else ""


def written(wanted: Filter, site: str) -> dict[str, str]:
    """The filter as the address says it, each thing once and in one order."""
    said = {
        "queue": wanted.queue.value if wanted.queue else "",
        "kind": wanted.kind.value if wanted.kind else "",
        "site": site,
        "state": "" if wanted.state is CaseState.OPEN else wanted.state.value,
        "holder": wanted.holder,
        "overdue": "1" if wanted.overdue else "",
        "skipped": "1" if wanted.skipped else "",
        "nobody": "1" if wanted.nobody else "",
    }
    return {name: value for name, value in said.items() if value}


def tidy_query(text: str, sites: list[SiteRow]) -> str:
    """An address's query reduced to what it says of the filter."""
    args = MultiDict(parse_qsl(text, max_num_fields=20))
    return urlencode(written(*read_filter(args, staff_id=0, sites=sites)))


def read_cursor(text: str) -> Cursor | None:
    """The place to continue from, `severity~instant~id`; None for anything else."""
    try:
        severity, due_at, case_id = text.split("~")
        cursor = Cursor(int(severity), datetime.fromisoformat(due_at), int(case_id))
    except ValueError:
        return None
    fits = cursor.due_at.tzinfo is not None and 0 < cursor.id < 2**62
    return cursor if fits else None


def write_cursor(cursor: Cursor | None) -> str:
    """The same as text for an address."""
    if cursor is None:
        return ""
    return f"{cursor.severity}~{cursor.due_at.isoformat()}~{cursor.id}"
