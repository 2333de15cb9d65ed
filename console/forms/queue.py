"""What the queue's address may say. Anything else in it is ignored, not refused."""

from datetime import datetime

from werkzeug.datastructures import MultiDict

from shudi.cases.queries.queue import Cursor, Filter
from shudi.cases.rules import CaseKind, CaseState
from shudi.sites.queries import SiteRow

HOLDERS = ("", "unclaimed", "mine")
_STATES = {"awaiting": CaseState.AWAITING, "closed": CaseState.CLOSED}


def read_filter(
    args: MultiDict[str, str], *, staff_id: int, sites: list[SiteRow]
) -> tuple[Filter, str]:
    """The filter, and the key of the site it names (empty: all)."""
    kind, holder = args.get("kind", ""), args.get("holder", "")
    site = next((one for one in sites if one.key == args.get("site")), None)
    wanted = Filter(
        staff_id=staff_id,
        kind=CaseKind(kind) if kind in [*CaseKind] else None,
        site_id=site.id if site else None,
        state=_STATES.get(args.get("state", ""), CaseState.OPEN),
        holder=holder if holder in HOLDERS else "",
        overdue=args.get("overdue") == "1",
    )
    return wanted, site.key if site else ""


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
