"""Who may do what. Pure: the grant table is one literal, and silence is refusal."""

import dataclasses
import enum
from datetime import datetime, timedelta
from typing import Any

from shudi.errors import NotAllowed
from shudi.staff.rules.scopes import EVERYWHERE, Scope

# The audit row by which a store says that it holds invented people only.
DEMO_SEEDED = "demo.seeded"

# The version of the agreement on personal data (console/agreement.py) that is asked for now.
AGREEMENT = "2026-11"


class Role(enum.StrEnum):
    MODERATOR = "moderator"
    SENIOR = "senior"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SUPERVISOR = "supervisor"


class Permission(enum.StrEnum):
    """`<door>:<noun>:<act>`, alphabetical."""

    ACCOUNT_READ = "console:account:read"
    ATTACHMENT_REMOVE = "console:attachment:remove"
    AUDIT_READ = "console:audit:read"
    BRAKE_DECIDE = "console:brake:decide"
    BRAKE_READ = "console:brake:read"
    CASE_ASSIGN = "console:case:assign"
    CASE_DECIDE = "console:case:decide"
    CASE_READ = "console:case:read"
    CORRECTION_APPROVE = "console:correction:approve"
    CORRECTION_LIFT = "console:correction:lift"
    CORRECTION_PROPOSE = "console:correction:propose"
    CORRECTION_READ = "console:correction:read"
    INSPECTION_APPROVE = "console:inspection:approve"
    INSPECTION_LOOK = "console:inspection:look"
    INSPECTION_PROPOSE = "console:inspection:propose"
    INSPECTION_READ = "console:inspection:read"
    KEY_MANAGE = "console:key:manage"
    NOTICE_MANAGE = "console:notice:manage"
    NOTICE_READ = "console:notice:read"
    OVERVIEW_READ = "console:overview:read"
    REASON_WRITE = "console:reason:write"
    SITE_MANAGE = "console:site:manage"
    SOURCE_DECIDE = "console:source:decide"
    SOURCE_READ = "console:source:read"
    STAFF_MANAGE = "console:staff:manage"
    STATISTICS_EXPORT = "console:statistics:export"
    STATISTICS_READ = "console:statistics:read"
    SYSTEM_READ = "console:system:read"


_READ = frozenset(
    {
        Permission.ACCOUNT_READ,
        Permission.BRAKE_READ,
        Permission.CASE_READ,
        Permission.CORRECTION_READ,
        Permission.OVERVIEW_READ,
        Permission.SOURCE_READ,
        Permission.STATISTICS_READ,
        Permission.SYSTEM_READ,
    }
)
_MODERATE = _READ | {
    Permission.CASE_DECIDE,
    Permission.CORRECTION_LIFT,
    Permission.CORRECTION_PROPOSE,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.MODERATOR: _MODERATE,
    Role.SENIOR: _MODERATE
    | {
        Permission.ATTACHMENT_REMOVE,
        Permission.AUDIT_READ,
        Permission.BRAKE_DECIDE,
        Permission.CASE_ASSIGN,
        Permission.CORRECTION_APPROVE,
        Permission.NOTICE_READ,
        Permission.REASON_WRITE,
        Permission.SOURCE_DECIDE,
        Permission.STATISTICS_EXPORT,
    },
    Role.AUDITOR: _READ
    | {
        Permission.AUDIT_READ,
        Permission.INSPECTION_READ,
        Permission.NOTICE_READ,
        Permission.STATISTICS_EXPORT,
    },
    Role.ADMIN: frozenset(
        {
            Permission.AUDIT_READ,
            Permission.INSPECTION_APPROVE,
            Permission.INSPECTION_PROPOSE,
            Permission.INSPECTION_READ,
            Permission.KEY_MANAGE,
            Permission.NOTICE_MANAGE,
            Permission.NOTICE_READ,
            Permission.OVERVIEW_READ,
            Permission.REASON_WRITE,
            Permission.SITE_MANAGE,
            Permission.STAFF_MANAGE,
            Permission.STATISTICS_EXPORT,
            Permission.STATISTICS_READ,
            Permission.SYSTEM_READ,
        }
    ),
    # What is seen by it is up to each inspection (shudi.oversight).
    Role.SUPERVISOR: frozenset({Permission.INSPECTION_LOOK}),
}

# What is of all sites at once. Whoever is limited to some of them lacks these, whatever their role.
OF_ALL_SITES = frozenset(
    {
        Permission.AUDIT_READ,
        Permission.REASON_WRITE,
        Permission.SITE_MANAGE,
        Permission.SOURCE_DECIDE,
        Permission.SOURCE_READ,
        Permission.STATISTICS_EXPORT,
        Permission.STATISTICS_READ,
        Permission.SYSTEM_READ,
    }
)

# Nobody grants what they lack: a role is given by whoever holds every permission of it. The one
# exception is written out. An admin decides nothing on accounts, so that who manages people is
# not who judges; but somebody has to let in those who do. No admin reaches these permissions by
# it, as nobody changes their own standing.
ENTRUSTED: dict[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset({Role.MODERATOR, Role.SENIOR, Role.AUDITOR, Role.SUPERVISOR}),
}
# Given by two: one admin proposes, another confirms.
BY_TWO = frozenset({Role.ADMIN})
PROPOSAL_LIFE = timedelta(days=7)


def may_appoint(appointer: Role, role: Role) -> bool:
    """Whether `appointer` may give somebody else `role`, with a second person where BY_TWO."""
    held = GRANTS[appointer]
    if Permission.STAFF_MANAGE not in held:
        return False
    return GRANTS[role] <= held or role in ENTRUSTED.get(appointer, frozenset())


def appointed_alone(appointer: Role) -> tuple[Role, ...]:
    """The roles that `appointer` gives without a second person."""
    return tuple(role for role in Role if may_appoint(appointer, role) and role not in BY_TWO)


# Whose looks at personal data are on record. Who decides cases is on record by their acts.
ON_RECORD = frozenset({Role.AUDITOR, Role.SUPERVISOR})
LOOK_KEPT = timedelta(hours=24)  # within it, a second look at a thing is the same look


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """Something that is looked at: a thing of the store and its id, or `page` and which."""

    thing: str
    name: str

    def found(self) -> "Look":
        """Its being shown among the hits of a search."""
        return Look(f"found:{self.thing}", self.name)


# How long a second factor stands for dangerous acts before it is asked for again.
FACTOR_STANDS = timedelta(minutes=10)


def proved_lately(factor_at: datetime | None, now: datetime) -> bool:
    """Whether a second factor given then still stands for something dangerous."""
    return factor_at is not None and now - factor_at < FACTOR_STANDS


BREAKS = (25, 50, 90)  # minutes of work after which one may be reminded of a break


class ActorKind(enum.StrEnum):
    STAFF = "staff"
    SYSTEM = "system"
    CLIENT = "client"
    HOLDER = "holder"
    READER = "reader"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts. `id` is `staff:7`, `client:3`, `system:worker`, `holder`, `reader`."""

    kind: ActorKind
    id: str
    name: str
    role: Role | None = None
    staff_id: int | None = None
    own_accounts: frozenset[int] = frozenset()
    scope: Scope = EVERYWHERE
    request_id: str = ""

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A program of ours that acts on a timer or from a terminal."""
        return cls(kind=ActorKind.SYSTEM, id=f"system:{name}", name=name)

    @classmethod
    def staff(
        cls,
        staff_id: int,
        *,
        name: str,
        role: Role,
        own_accounts: frozenset[int] = frozenset(),
        scope: Scope = EVERYWHERE,
        request_id: str = "",
    ) -> "Actor":
        """A person who works here."""
        return cls(
            kind=ActorKind.STAFF,
            id=f"staff:{staff_id}",
            name=name,
            role=role,
            staff_id=staff_id,
            own_accounts=own_accounts,
            scope=scope,
            request_id=request_id,
        )

    @property
    def on_record(self) -> bool:
        """Whether what they look at is put on record."""
        return self.role in ON_RECORD

    def may(self, permission: Permission) -> bool:
        """Whether the role grants it, and the scope does not take it back; the object is asked
        about in the act.
        """
        if self.kind is ActorKind.SYSTEM:
            return True
        granted = self.role is not None and permission in GRANTS[self.role]
        return granted and not self._limited_from(permission)

    def _limited_from(self, permission: Permission) -> bool:
        return permission in OF_ALL_SITES and not self.scope.unlimited

    def require(self, permission: Permission, *, account_id: int | None = None) -> None:
        """Raise NotAllowed unless granted, and always on an account of the actor's own."""
        if not self.may(permission):
            if self.role is not None and permission in GRANTS[self.role]:
                raise NotAllowed("scope", "This is of all sites; your work is limited to some.")
            raise NotAllowed("role", "Your role does not allow this.")
        if account_id is not None and account_id in self.own_accounts:
            raise NotAllowed("own-account", "This is an account of your own.")

    def reaches(self, site_id: int | None) -> bool:
        """Whether what belongs to this site (None: to all) is there for them; if not, an act
        answers as if it were missing.
        """
        return self.scope.allows_site(site_id)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Keyboard:
    """What a person chose for their keyboard. `keys` holds, by command, only what differs from
    the shipped keys; `keep` and `withhold` are the reason codes that come chosen with those
    decisions (empty: none); `onward`: after a decision the next case opens.
    """

    single: bool = True
    keys: dict[str, str] = dataclasses.field(default_factory=dict)
    keep: str = "evidence_agrees"
    withhold: str = "protection"
    onward: bool = True

    def written(self) -> dict[str, Any]:
        """As the store keeps it."""
        return dataclasses.asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Keyboard":
        """What `written` wrote; what an older release did not write is as shipped."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})
