"""Who may have a word on what, and what takes two people. Pure; acts and pages ask here alone.

Two questions are kept apart. A *risk* lies in the decision: somebody else must agree to it. A
*tie* lies in the person: this person has no say, whatever the decision. docs/decisions says why.
"""

import dataclasses
import enum
from datetime import datetime, timedelta

from shudi.errors import NotAllowed, Refused
from shudi.labels.rules import CorrectionKind, needs_second_person
from shudi.staff.rules import Actor, Permission

UNDO_FOR = timedelta(minutes=10)


class Risk(enum.StrEnum):
    """What in a decision takes a second person, in the order in which pages say it."""

    REPLACE = "replace"
    PROTECTED = "protected"
    CROSS_BORDER = "cross_border"
    BATCH = "batch"
    OWN_DECISION = "own_decision"
    APPEAL_UPHELD = "appeal_upheld"
    TWO_MADE = "two_made"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A decision as far as its risk goes. `kind` is None where a correction ends; `before` and
    `after` are the regions that readers see; `own_result` says that the decider's own earlier
    decision made the label what it is; `two_made`, that what ends took two people to make.
    """

    kind: CorrectionKind | None = None
    before: str | None = None
    after: str | None = None
    changes: bool = True
    protected: bool = False
    own_result: bool = False
    appeal: bool = False
    two_made: bool = False
    batch: int = 1
    batch_most: int = 20


def risks(facts: Facts) -> tuple[Risk, ...]:
    """Everything that makes this decision one for two people; empty where one may take it."""
    if not facts.changes:
        return ()
    found = {
        Risk.REPLACE: facts.kind is not None and needs_second_person(facts.kind),
        Risk.PROTECTED: facts.protected,
        Risk.CROSS_BORDER: crosses_border(facts.before, facts.after),
        Risk.BATCH: facts.batch > facts.batch_most,
        Risk.OWN_DECISION: facts.own_result,
        Risk.APPEAL_UPHELD: facts.appeal,
        Risk.TWO_MADE: facts.two_made,
    }
    return tuple(risk for risk, holds in found.items() if holds)


def crosses_border(before: str | None, after: str | None) -> bool:
    """Whether readers are shown another country or area. HK, MO and TW are areas of their own;
    to show no place, or a wider one, crosses nothing.
    """
    return before is not None and after is not None and _area(before) != _area(after)


def _area(region: str) -> str:
    return region.partition("-")[0]


def at_once(kind: CorrectionKind) -> bool:
    """Whether a correction is in force while its second person is still awaited: to withhold
    protects somebody now, and is confirmed afterwards.
    """
    return kind is CorrectionKind.WITHHOLD


class Act(enum.StrEnum):
    """What somebody may want to do where it matters who they are."""

    DECIDE = "decide"
    CLAIM_CONTEST = "claim_contest"
    APPROVE = "approve"
    APPROVE_LIST = "approve_list"
    WITHDRAW = "withdraw"
    RENEW = "renew"
    TAKE_PLACE = "take_place"
    LIFT = "lift"
    UNDO = "undo"
    REVERT = "revert"
    REVERT_VALUES = "revert_values"
    CANCEL = "cancel"
    LOOK = "look"
    SETTLE = "settle"


class Tie(enum.StrEnum):
    """How a person can be tied to what is decided."""

    OWN_ACCOUNT = "own-account"
    OWN_DECISION = "own-decision"
    OWN_LISTED = "own-account-listed"
    DECISION_LISTED = "own-decision-listed"
    OWN_PROPOSAL = "own-proposal"
    OWN_LOOK = "own-look"
    OWN_EARLIER = "own-earlier"
    NOT_PROPOSER = "not-proposer"
    NOT_DECIDER = "not-decider"
    NOT_SENIOR_WITHHELD = "senior-needed"
    NOT_SECOND = "second-person-needed"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is decided, by who had a hand in it. `contested` are those whose decision the holder
    contests; `decider` took what is looked at again or taken back, `looked` looked second. A matter
    of many accounts names them in `listed`, and `contested` is said of all of them.
    """

    account_id: int | None = None
    listed: frozenset[int] = frozenset()
    proposer: int | None = None
    decider: int | None = None
    looked: int | None = None
    contested: frozenset[int] = frozenset()
    withheld: bool = False
    two_made: bool = False


def involving(staff_id: int | None) -> Matter:
    """A case whose excluded person this is (nobody, where None): by a decision that is contested,
    or that is looked at again.
    """
    if staff_id is None:
        return Matter()
    return Matter(decider=staff_id, contested=frozenset({staff_id}))


_EVERYWHERE = (Tie.OWN_ACCOUNT, Tie.OWN_DECISION)
# Which ties bar which act. The first that holds is the one that is said.
BARS: dict[Act, tuple[Tie, ...]] = {
    Act.DECIDE: _EVERYWHERE,
    Act.CLAIM_CONTEST: _EVERYWHERE,
    Act.APPROVE: (*_EVERYWHERE, Tie.OWN_PROPOSAL),
    Act.APPROVE_LIST: (Tie.OWN_ACCOUNT, Tie.OWN_PROPOSAL, Tie.OWN_LISTED, Tie.DECISION_LISTED),
    # whoever proposed something may always take it back: nothing was shown
    Act.WITHDRAW: (Tie.OWN_ACCOUNT, Tie.NOT_PROPOSER),
    Act.RENEW: (*_EVERYWHERE, Tie.NOT_SECOND),
    Act.TAKE_PLACE: (*_EVERYWHERE, Tie.NOT_SENIOR_WITHHELD),
    Act.LIFT: (*_EVERYWHERE, Tie.NOT_SENIOR_WITHHELD),
    Act.UNDO: (*_EVERYWHERE, Tie.NOT_DECIDER),
    Act.REVERT: (*_EVERYWHERE, Tie.NOT_SENIOR_WITHHELD),
    # nobody is asked for a second word there, so the second person is who reverts
    Act.REVERT_VALUES: (Tie.OWN_ACCOUNT, Tie.OWN_EARLIER),
    Act.CANCEL: (*_EVERYWHERE, Tie.NOT_PROPOSER),
    Act.LOOK: (Tie.OWN_ACCOUNT, Tie.OWN_LOOK),
    Act.SETTLE: (Tie.OWN_ACCOUNT, Tie.OWN_LOOK),
}
_WORDS: dict[Tie, str] = {
    Tie.OWN_ACCOUNT: "This is an account of your own.",
    Tie.OWN_DECISION: "The holder contests a decision of your own.",
    Tie.OWN_LISTED: "It lists an account of your own.",
    Tie.DECISION_LISTED: "It lists an account whose holder contests a decision of your own.",
    Tie.OWN_PROPOSAL: "A second person must decide on your proposal.",
    Tie.OWN_LOOK: "You have given your verdict on this already.",
    Tie.OWN_EARLIER: "Somebody else must revert what you decided.",
    Tie.NOT_PROPOSER: "Only the proposer can take it back.",
    Tie.NOT_DECIDER: "Only who decided, or a senior, can take it back.",
    Tie.NOT_SENIOR_WITHHELD: "A withheld label is changed by a senior only.",
    Tie.NOT_SECOND: "A senior other than the proposer renews this.",
}
# A senior may do these in the place of the person whose it is.
_SENIOR_MAY = frozenset({Act.UNDO, Act.CANCEL})


def ties(act: Act, actor: Actor, matter: Matter) -> frozenset[Tie]:
    """How this person is tied to this matter. A program of ours is tied to nothing."""
    me = actor.staff_id
    if me is None:
        return frozenset()
    senior = actor.may(Permission.CORRECTION_APPROVE)
    stands_in = senior and act in _SENIOR_MAY
    held = {
        Tie.OWN_ACCOUNT: matter.account_id in actor.own_accounts,
        Tie.OWN_DECISION: me in matter.contested,
        Tie.OWN_LISTED: not actor.own_accounts.isdisjoint(matter.listed),
        Tie.DECISION_LISTED: me in matter.contested,
        Tie.OWN_PROPOSAL: me == matter.proposer,
        Tie.OWN_EARLIER: me == matter.decider,
        Tie.OWN_LOOK: me in (matter.decider, matter.looked),
        Tie.NOT_PROPOSER: me != matter.proposer and not stands_in,
        Tie.NOT_DECIDER: me != matter.decider and not stands_in,
        Tie.NOT_SENIOR_WITHHELD: matter.withheld and not senior,
        Tie.NOT_SECOND: matter.two_made and (me == matter.proposer or not senior),
    }
    return frozenset(tie for tie, holds in held.items() if holds)


def barred(act: Act, actor: Actor, matter: Matter) -> Tie | None:
    """Why this person may not do this, or None; pages hide what acts refuse."""
    found = ties(act, actor, matter)
    return next((tie for tie in BARS[act] if tie in found), None)


def check(act: Act, actor: Actor, matter: Matter) -> None:
    """Raise NotAllowed where the person is too close to the matter."""
    tie = barred(act, actor, matter)
    if tie is not None:
        raise NotAllowed(tie.value, _WORDS[tie])


def can_undo(*, at: datetime, now: datetime, two_made: bool) -> bool:
    """Whether a decision can still be taken back as if it had not been."""
    return not two_made and now - at < UNDO_FOR


def check_undo(*, at: datetime, now: datetime, two_made: bool) -> None:
    """Raise Refused where a decision stands and can only be reverted by another."""
    if two_made:
        raise Refused("undo-two", "Two people decided this: revert it instead.")
    if now - at >= UNDO_FOR:
        raise Refused("undo-over", "The ten minutes are over: revert it instead.")


def sampled(digest: bytes, share: float) -> bool:
    """Whether a decision with this keyed hash is among the `share` that is looked at twice."""
    return int.from_bytes(digest[:8], "big") < share * 2**64
