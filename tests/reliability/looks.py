"""Two browsers of one auditor that open the same page at the same moment."""

from shudi.audit.actions import record
from shudi.db import connect
from shudi.staff.actions import note_read
from shudi.staff.queries import are_on_record
from shudi.staff.rules import Actor, Look
from tests.reliability.harness import Wait
from tests.reliability.work import NOW


def looks(wait: Wait, url: str, who: Actor, cases: int) -> int:
    """Look at each case together with the other process; how many looks went through."""
    database = connect(url)
    for case in range(1, cases + 1):
        wait()
        with database.transaction() as session:
            note_read(session, actor=who, look=Look("case", str(case)), now=NOW)
    database.dispose()
    return cases


def hasty_looks(wait: Wait, url: str, who: Actor, cases: int) -> int:
    """The same by somebody who asks first and writes later, as no act may."""
    database = connect(url)
    for case in range(1, cases + 1):
        look = Look("case", str(case))
        with database.read_session() as session:
            known = are_on_record(session, actor=who, looks=[look], now=NOW)
        wait()
        if not known:
            with database.transaction() as session:
                record(session, who, "data.read", (look.thing, look.name), NOW)
    database.dispose()
    return cases
