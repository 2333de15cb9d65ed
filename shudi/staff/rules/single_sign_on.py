"""What a provider's word about somebody is worth here. Pure."""

import dataclasses
from datetime import datetime, timedelta

from shudi.staff.rules import BY_TWO, Role

# Of several roles that somebody's groups give, the last of these is theirs. Who reads stands
# before who decides; among those who decide, who approves stands last.
ORDER = (Role.SUPERVISOR, Role.AUDITOR, Role.MODERATOR, Role.SENIOR, Role.ADMIN)

LEEWAY = timedelta(seconds=30)  # between the provider's clock and ours


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Somebody as the provider knows them, from an ID token that was checked.

    `subject` never changes hands at that issuer; `name` does, and binds nothing. `groups` is None
    where the provider said nothing about them. `session` is the provider's name of its session.
    """

    issuer: str
    subject: str
    name: str = ""
    groups: frozenset[str] | None = None
    acr: str = ""
    amr: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    session: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Ticket:
    """What goes along on one trip to the provider: `state` and `nonce` in the open, `verifier`
    only at its end (PKCE).
    """

    state: str
    nonce: str
    verifier: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What this deployment makes of it. Without `roles`, roles are given here alone."""

    roles: tuple[tuple[str, Role], ...] = ()
    factors: frozenset[str] = frozenset()
    create: bool = False

    def mapped(self, groups: frozenset[str] | None) -> frozenset[Role]:
        """The roles that these groups name."""
        return frozenset(role for group, role in self.roles if group in (groups or ()))

    def by_two_factors(self, who: Identified) -> bool:
        """Whether the provider says, in accepted words, that two factors were given."""
        return bool(self.factors & (who.amr | {who.acr}))


def follow(held: Role | None, mapped: frozenset[Role]) -> Role | None:
    """The role of somebody who holds `held` (None: who is new), whose groups name `mapped`; None
    if they are not to be let in.

    A role that takes two people is never given by a group. A group can only let somebody keep
    it; and who is to have it keeps what they hold until two have decided.
    """
    if held in BY_TWO and held in mapped:
        return held
    given = [role for role in ORDER if role in mapped and role not in BY_TWO]
    if given:
        return given[-1]
    return None if held in BY_TWO or not mapped else held


def authenticated_lately(who: Identified, asked_at: datetime, now: datetime) -> bool:
    """Whether they proved themselves to the provider after they were asked to."""
    at = who.authenticated_at
    return at is not None and asked_at - LEEWAY <= at <= now + LEEWAY
