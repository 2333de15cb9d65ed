"""The commands of the keyboard: which there are, their shipped keys, and a person's own.

Where a command applies is a word here and an element there: `static/keys.js` presses the element
of that `data-command` (or does what it names), and leaves out what the page does not have.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from shudi.staff.rules import Actor, Permission


class Where(enum.StrEnum):
    """The pages that a command is for; a list and a case are never open at once."""

    ANYWHERE = "anywhere"
    LIST = "list"
    CASE = "case"


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One thing that a key does. `page` is the endpoint that it goes to, if that is what it does,
    and `needs` what one must be permitted to get there.
    """

    id: str
    key: str
    where: Where
    words: LazyString
    page: str = ""
    needs: Permission | None = None


def _go(key: str, page: str, words: LazyString, needs: Permission | None = None) -> Command:
    return Command(f"go.{page.partition('.')[0]}", key, Where.ANYWHERE, words, page, needs)


WHERE: dict[Where, LazyString] = {
    Where.ANYWHERE: _("On every page"),
    Where.LIST: _("In the queue and other lists"),
    Where.CASE: _("On a case"),
}
_LIST = (
    Command("list.next", "j", Where.LIST, _("Next row")),
    Command("list.previous", "k", Where.LIST, _("Previous row")),
    Command("list.open", "o", Where.LIST, _("Open the row")),
    Command("list.claim", "c", Where.LIST, _("Claim the row's case, or take the next one")),
    Command("list.skip", "x", Where.LIST, _("Skip the row's case")),
    Command("list.refresh", "r", Where.LIST, _("Show what has changed")),
    Command("list.filter", "f", Where.LIST, _("Go to the filter")),
    Command("list.onward", "n", Where.LIST, _("Next page")),
    Command("list.first", "p", Where.LIST, _("Back to the first page")),
)
_CASE = (
    Command("case.claim", "c", Where.CASE, _("Claim the case, or release it")),
    Command("case.keep", "k", Where.CASE, _("Keep (or accept); press again or Enter to confirm")),
    Command(
        "case.withhold", "w", Where.CASE, _("Withhold (or refuse); press again or Enter to confirm")
    ),
    Command("case.dismiss", "d", Where.CASE, _("Dismiss; press again or Enter to confirm")),
    Command("case.explain", "e", Where.CASE, _("Write the explanation or the evidence")),
    Command("case.undo", "z", Where.CASE, _("Go to undoing the decision")),
    Command("case.next", "n", Where.CASE, _("Next case of the queue")),
    Command("case.previous", "p", Where.CASE, _("Previous case of the queue")),
    Command("case.skip", "x", Where.CASE, _("Skip the case")),
    Command("case.hand_over", "h", Where.CASE, _("Hand the case over")),
    Command("case.renew", "r", Where.CASE, _("Renew the lease")),
    Command("case.note", "m", Where.CASE, _("Write an internal note")),
    Command("case.file", "f", Where.CASE, _("Add a file")),
    Command("case.account", "a", Where.CASE, _("Open the account")),
    Command("case.compare", "v", Where.CASE, _("Compare in every language and width")),
    Command("case.queue", "u", Where.CASE, _("Back to the queue")),
)
COMMANDS: tuple[Command, ...] = (
    Command("help", "?", Where.ANYWHERE, _("Show these shortcuts")),
    Command("search", "/", Where.ANYWHERE, _("Go to the search field")),
    _go("g h", "overview.index", _("Overview"), Permission.OVERVIEW_READ),
    _go("g q", "queue.index", _("Queue"), Permission.CASE_READ),
    _go("g p", "approvals.index", _("Second person"), Permission.CORRECTION_READ),
    _go("g a", "accounts.index", _("Accounts"), Permission.ACCOUNT_READ),
    _go("g c", "corrections.index", _("Corrections"), Permission.CORRECTION_READ),
    _go("g t", "batches.index", _("Batches"), Permission.CASE_READ),
    _go("g b", "brakes.index", _("Brakes"), Permission.BRAKE_READ),
    _go("g w", "reasons.index", _("Ready words"), Permission.REASON_WRITE),
    _go("g s", "statistics.index", _("Statistics"), Permission.STATISTICS_READ),
    _go("g l", "audit.index", _("Audit log"), Permission.AUDIT_READ),
    _go("g n", "notices.index", _("Notices"), Permission.NOTICE_READ),
    _go("g y", "system.index", _("System"), Permission.SYSTEM_READ),
    _go("g m", "profile.index", _("Your profile")),
    *_LIST,
    *_CASE,
)
# Digits choose a decision or a queue by its place, so they are nobody's to give away.
_TAKEN = frozenset("123456789")


def keys_of(own: Mapping[str, str]) -> dict[str, str]:
    """Each command's key: the person's own, or the shipped one."""
    return {one.id: own.get(one.id, one.key) for one in COMMANDS}


def changed(keys: Mapping[str, str]) -> dict[str, str]:
    """What differs from the shipped keys."""
    shipped = {one.id: one.key for one in COMMANDS}
    return {command: key for command, key in keys.items() if key != shipped[command]}


def commands_for(actor: Actor) -> list[Command]:
    """Those that lead nowhere this person may not go."""
    return [one for one in COMMANDS if one.needs is None or actor.may(one.needs)]


def conflicts(keys: Mapping[str, str], among: Sequence[Command]) -> dict[str, Command | None]:
    """Which of `among` cannot have their key, each with the one it collides with: the same
    key where both apply, or a first key after which the other still waits. None: it is a digit.
    """
    found: dict[str, Command | None] = {}
    for one in among:
        key = keys[one.id]
        if key.split(" ")[0] in _TAKEN:
            found[one.id] = None
            continue
        for other in among:
            if other.id != one.id and _meet(one, other) and _collide(key, keys[other.id]):
                found[one.id] = other
                break
    return found


def _meet(one: Command, other: Command) -> bool:
    return one.where is other.where or Where.ANYWHERE in (one.where, other.where)


def _collide(key: str, other: str) -> bool:
    return key == other or other.startswith(f"{key} ") or key.startswith(f"{other} ")
