"""What programs and researchers look for at well-known addresses."""

from flask import Blueprint, Response, url_for

from console import access
from console.parts import settings
from shudi import clock
from shudi.errors import NotFound

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/.well-known/security.txt")
@access.public
def security() -> Response:
    """Where to tell of a weakness (RFC 9116); nothing once that is not promised any more."""
    known = settings()
    expires = known.security_expires
    if expires is None or expires <= clock.now():
        raise NotFound("not-found", "There is nothing here.")
    lines = (
        f"Contact: {known.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, zh",
        f"Canonical: {known.base_url.rstrip('/')}{url_for('well_known.security')}",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
