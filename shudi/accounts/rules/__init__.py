"""What account information may look like, and what of it a person must look at. Pure."""

from shudi.accounts.rules.catalogue import (
    ARTICLE,
    PENDING,
    REFUSED,
    AcceptReason,
    Finding,
    Rule,
    Term,
    check_accept_reason,
    check_rule,
)
from shudi.accounts.rules.information import (
    BIO_MOST,
    IDENTIFIER_MOST,
    NAME_MOST,
    URL_MOST,
    URL_PATTERN,
    AccountInfo,
    Verdict,
    check_identifier,
    check_info,
    fold_page_key,
    search_key,
)
from shudi.accounts.rules.screening import FIELDS, REFUSAL_STANDS, Screen

__all__ = [
    "ARTICLE",
    "BIO_MOST",
    "FIELDS",
    "IDENTIFIER_MOST",
    "NAME_MOST",
    "PENDING",
    "REFUSAL_STANDS",
    "REFUSED",
    "URL_MOST",
    "URL_PATTERN",
    "AcceptReason",
    "AccountInfo",
    "Finding",
    "Rule",
    "Screen",
    "Term",
    "Verdict",
    "check_accept_reason",
    "check_identifier",
    "check_info",
    "check_rule",
    "fold_page_key",
    "search_key",
]
