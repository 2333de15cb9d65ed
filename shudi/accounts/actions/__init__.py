"""Acts on account information."""

from shudi.accounts.actions.information import Put, erase_account, put_account
from shudi.accounts.actions.submissions import (
    accept_submission,
    forget_refused,
    refuse_submission,
)

__all__ = [
    "Put",
    "accept_submission",
    "erase_account",
    "forget_refused",
    "put_account",
    "refuse_submission",
]
