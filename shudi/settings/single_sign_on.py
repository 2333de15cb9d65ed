"""The form of what is set for single sign-on (`SHUDI_OIDC_…`)."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from shudi.settings import Settings

# As shudi.staff.rules names them, which stands above settings; a test compares the two.
ROLES = ("moderator", "senior", "auditor", "admin", "supervisor")
_HERE = ("localhost", "127.0.0.1", "::1")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def group_roles(text: str) -> tuple[tuple[str, str], ...]:
    """(group, role) pairs of `group=role; group=role`, in order. Raises ValueError.

    A group may hold `=`, commas and spaces, as a distinguished name does.
    """
    pairs = []
    for part in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        group, _, role = (word.strip() for word in part.rpartition("="))
        if not group or role not in ROLES:
            raise ValueError
        pairs.append((group, role))
    return tuple(pairs)


def problem(settings: "Settings") -> str:
    """What is wrong with these together, in a sentence; empty if nothing is."""
    issuer = settings.oidc_issuer
    given = [bool(issuer), bool(settings.oidc_client_id), bool(settings.oidc_client_secret)]
    if not any(given):
        return ""
    wrong = {
        "SHUDI_OIDC_ISSUER, SHUDI_OIDC_CLIENT_ID and SHUDI_OIDC_CLIENT_SECRET go together.": (
            not all(given)
        ),
        "SHUDI_OIDC_ISSUER must be https (http to this machine only), without a query.": (
            not is_safe_url(issuer) or bool(urlsplit(issuer).query)
        ),
        "SHUDI_BASE_URL must be https (or this machine) where people sign in by OIDC.": (
            not is_safe_url(settings.base_url)
        ),
        "SHUDI_OIDC_SCOPES must name openid.": "openid" not in settings.oidc_scopes,
        "SHUDI_OIDC_CREATE needs SHUDI_OIDC_ROLES: a new person's role comes from groups.": (
            settings.oidc_create and not settings.oidc_roles
        ),
    }
    return next((sentence for sentence, is_so in wrong.items() if is_so), "")


def is_safe_url(url: str) -> bool:
    """Whether what is sent there is encrypted, or stays on this machine."""
    if _CONTROL.search(url):
        return False
    parts = urlsplit(url)
    if parts.username is not None or parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
