"""Sign-in links of a demo store: one a person, each good once and for a day, from loopback."""

from demo.stage import MODERATOR, SECOND_MODERATOR, SENIOR
from shudi import clock
from shudi.db import Database
from shudi.errors import Refused
from shudi.settings import Settings
from shudi.staff.actions.admission import make_link
from shudi.staff.queries import is_demo_store, staff_by_name
from shudi.staff.rules import Actor, Role
from shudi.staff.store import LinkPurpose, StaffState

ADMIN, SECOND_ADMIN, SUPERVISOR = "demo-admin", "demo-admin-2", "demo-supervisor"
ROLES = {
    MODERATOR: Role.MODERATOR,
    SECOND_MODERATOR: Role.MODERATOR,
    SENIOR: Role.SENIOR,
    "demo-auditor": Role.AUDITOR,
    ADMIN: Role.ADMIN,
    SECOND_ADMIN: Role.ADMIN,
    SUPERVISOR: Role.SUPERVISOR,
}


def fresh_links(settings: Settings, database: Database) -> dict[str, str]:
    """A link for each of the demo's people; those not used before stop working.

    Refused in a store that `shudi demo` did not fill.
    """
    links = {}
    with database.transaction() as session:
        if not is_demo_store(session):
            raise Refused("no-demo", "This store was not filled by shudi demo.")
        for name in ROLES:
            person = staff_by_name(session, name)
            if person is None or person.state is StaffState.DISABLED:
                continue
            token = make_link(
                session,
                actor=Actor.system("demo"),
                staff_id=person.id,
                purpose=LinkPurpose.DEMO,
                now=clock.now(),
            )
            links[name] = f"{settings.base_url.rstrip('/')}/demo-sign-in/{token}"
    return links


def print_links(settings: Settings, database: Database) -> None:
    """Print the links as a table."""
    links = fresh_links(settings, database)
    print("\nSign in (each link works once, for 24 hours, on this machine only):\n")
    for name, link in links.items():
        print(f"  {ROLES[name].value:<10} {name:<17} {link}")
    print()
