"""What may be the matter with account information, and which article says so.

"R" and a number is an article of the account-information regulation of 2022.
"""

import dataclasses
import enum

from shudi.errors import Invalid

PENDING, REFUSED = "pending", "refused"


class Rule(enum.StrEnum):
    """What may be the matter. The last two are found by people only."""

    STRICT_WORD = "strict_word"
    NEWS_NAME = "news_name"
    STATE_ORGAN = "state_organ"
    STATE_NAME = "state_name"
    REGION_OFFICE = "region_office"
    OFFICIAL_CLAIM = "official_claim"
    LINK = "embedded_link"
    EMAIL = "embedded_email"
    PHONE = "embedded_phone"
    CONTACT = "embedded_contact"
    HIDDEN_TEXT = "hidden_text"
    MISMATCH = "identity_mismatch"
    MISLEADING = "misleading"


ARTICLE: dict[Rule, str] = {
    Rule.STRICT_WORD: "R10",
    Rule.NEWS_NAME: "R8(4)",
    Rule.STATE_ORGAN: "R8(2)",
    Rule.STATE_NAME: "R8(3)",
    Rule.REGION_OFFICE: "R8(5)",
    Rule.OFFICIAL_CLAIM: "R8(2)",
    Rule.LINK: "R8(6)",
    Rule.EMAIL: "R8(6)",
    Rule.PHONE: "R8(6)",
    Rule.CONTACT: "R8(6)",
    Rule.HIDDEN_TEXT: "R8(6)",
    Rule.MISMATCH: "R7",
    Rule.MISLEADING: "R8(7)",
}


class AcceptReason(enum.StrEnum):
    """Why a person lets values become live although a rule found something in them."""

    AUTHORISED = "authorised"
    NO_CLAIM = "no_claim"
    PART_OF_WORD = "part_of_word"
    HARMLESS_CONTACT = "harmless_contact"
    REVERTED = "reverted"  # the decision that refused them was wrong; no choice on the form


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """A word that names are screened for. `unless`: words that hold it and mean another thing."""

    text: str
    rule: Rule
    verdict: str
    unless: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a submitted field ran into; `verdict` is `pending` or `refused`."""

    field: str
    rule: Rule
    verdict: str

    @property
    def article(self) -> str:
        """The article behind the rule."""
        return ARTICLE[self.rule]


def check_rule(code: str) -> Rule:
    """The rule for which a person refuses; Invalid if it is none."""
    try:
        return Rule(code)
    except ValueError:
        raise Invalid("reason-needed", "Choose a reason.") from None


def check_accept_reason(code: str) -> AcceptReason:
    """The reason code for letting values become live; Invalid if it is none."""
    try:
        reason = AcceptReason(code)
    except ValueError:
        raise Invalid("reason-needed", "Choose a reason.") from None
    if reason is AcceptReason.REVERTED:
        raise Invalid("reason-needed", "Choose a reason.")
    return reason
