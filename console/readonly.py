"""A desk that shows everything and takes nothing in: `SHUDI_READ_ONLY`.

Signing in and out go on, as without them nobody could read: sessions end after half an hour, and
attempts have to be counted. So does the record of what was looked at. Decision record 0020.
"""

from flask import request

from console.csrf import SAFE
from console.parts import settings
from shudi.errors import Unavailable

CODE = "read-only"
_OPEN = frozenset(
    {"holder.leave", "passkeys.challenge", "sso.again", "sso.begin", "sso.finish", "sso.logged_out"}
)
_RETRY_SECONDS = 300


def refuse() -> None:
    """Refuse whatever would change something. Raises Unavailable."""
    if not settings().read_only or request.method in SAFE or request.routing_exception is not None:
        return
    if request.blueprint == "sign_in" or request.endpoint in _OPEN:
        return
    raise Unavailable(CODE, "Nothing can be changed at the moment.", retry_after=_RETRY_SECONDS)
