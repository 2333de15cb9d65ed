"""What a provider signed: whether it is theirs, for us, now, and an answer to what was asked.

Authlib and joserfc read and check; which algorithms and which key are ours to say.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from shudi.errors import Refused
from shudi.staff.rules.single_sign_on import LEEWAY

# Signatures that only the provider can make. `none` is no signature; with HS256 whoever knows our
# secret, or is believed to hold a public key for one, could make it.
ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
AGE: Final = timedelta(minutes=10)  # an ID token that we have just been given is not older
LOGOUT_AGE: Final = timedelta(minutes=2)
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST = 16 * 1024
_SUBJECT = 255  # ASCII letters, as OpenID Connect Core says

Keys = Callable[[bool], list[Any]]  # the provider's keys; True: asked for anew


def untrue(why: str) -> Refused:
    """A token that is not to be believed; `why` is a word for the log, not for who sent it."""
    return Refused("sso-refused", "This sign-in was not accepted.", why=why)


def signed(token: Any, keys: Keys) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that one of `keys` signed. Refused otherwise."""
    if not isinstance(token, str) or len(token) > _LONGEST or token.count(".") != 2:  # noqa: PLR2004
        raise untrue("form")
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") not in ALGORITHMS:
            raise untrue("algorithm")
        found = jwt.decode(token, _key(header, keys), algorithms=list(ALGORITHMS))
    except Refused:
        raise
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise untrue("signature") from error
    if not isinstance(found.claims, dict):
        raise untrue("form")
    return dict(found.header), found.claims


def _key(header: Mapping[str, Any], keys: Keys) -> Any:
    """The key that the header names; where it is unknown, the provider may have a new one."""
    for anew in (False, True):
        fitting = [
            one
            for one in keys(anew)
            if (one.kid == header["kid"] if "kid" in header else True)
            and one.get("use") in (None, "sig")
            and one.get("alg") in (None, header["alg"])
        ]
        if len(fitting) == 1 or (fitting and "kid" in header):
            return fitting[0]
    raise untrue("key")


def read_keys(said: Mapping[str, Any]) -> list[Any]:
    """The asymmetric keys of a JWK set; one that we cannot read costs only itself."""
    found = []
    given = said.get("keys")
    for one in given if isinstance(given, list) else ():
        if not isinstance(one, dict) or one.get("kty") not in ("RSA", "EC"):
            continue
        try:
            found.append(jwk.import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def check_id_token(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client: str,
    nonce: str,
    access_token: str,
    now: datetime,
) -> None:
    """Refused unless it says who signed in at `issuer`, for us, just now, as we asked."""
    _common(claims, issuer=issuer, client=client, now=now, age=AGE)
    checked = CodeIDToken(
        dict(claims),
        dict(header),
        options={"exp": {"essential": True}},
        params={"nonce": nonce, "client_id": client, "access_token": access_token},
    )
    try:
        checked.validate(int(now.timestamp()), int(LEEWAY.total_seconds()))
    except (JoseError, ValueError, TypeError) as error:
        raise untrue(str(getattr(error, "claim", "") or "claims")[:30]) from error
    if not nonce or claims.get("nonce") != nonce:
        raise untrue("nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT:
        raise untrue("sub")


def check_logout_token(
    header: Mapping[str, Any], claims: Mapping[str, Any], *, issuer: str, client: str, now: datetime
) -> None:
    """Refused unless it is a logout token for us (OpenID Connect Back-Channel Logout 1.0, 2.6)."""
    _common(claims, issuer=issuer, client=client, now=now, age=LOGOUT_AGE)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise untrue("events")
    if "nonce" in claims or header.get("typ", "logout+jwt").lower() not in ("logout+jwt", "jwt"):
        raise untrue("kind")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    if not named or not all(isinstance(one, str) and one for one in named):
        raise untrue("sub")
    if not isinstance(claims.get("jti"), str):
        raise untrue("jti")


def _common(
    claims: Mapping[str, Any], *, issuer: str, client: str, now: datetime, age: timedelta
) -> None:
    if claims.get("iss") != issuer:
        raise untrue("iss")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client not in audiences:
        raise untrue("aud")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client:
        raise untrue("azp")
    issued = _instant(claims.get("iat"))
    if issued is None or not now - age - LEEWAY <= issued <= now + LEEWAY:
        raise untrue("iat")
    expires = _instant(claims.get("exp"))
    if expires is None or expires <= now - LEEWAY:
        raise untrue("exp")


def _instant(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def instant_of(claims: Mapping[str, Any], name: str) -> datetime | None:
    """The instant that a claim names, if it names one."""
    return _instant(claims.get(name))
