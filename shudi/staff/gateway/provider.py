"""A provider of OpenID Connect: where it is asked, what it is sent, and what its answers say."""

import base64
import dataclasses
import threading
import time
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import get_well_known_url

from shudi.settings import Settings
from shudi.settings.single_sign_on import is_safe_url
from shudi.staff.gateway import tokens
from shudi.staff.gateway.fetching import ask, down
from shudi.staff.rules.single_sign_on import Identified, Ticket

_FRESH: Final = 600.0  # seconds for which what the provider says of itself holds
_ANEW: Final = 30.0  # seconds between two looks for new keys
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_NAMES: Final = ("preferred_username", "name")


@dataclasses.dataclass(frozen=True, slots=True)
class LoggedOut:
    """Whose session at the provider is over: of a subject, or one session, or both."""

    subject: str
    session: str


class Provider:
    """The one that the settings name. Nothing is asked of it before somebody wants to sign in."""

    def __init__(self, settings: Settings, *, redirect_uri: str) -> None:
        self.issuer = settings.oidc_issuer
        self._client, self._secret = settings.oidc_client_id, settings.oidc_client_secret
        self._scope = " ".join(settings.oidc_scopes)
        self._groups, self._factors = settings.oidc_groups_claim, settings.oidc_factors
        self._redirect_uri = redirect_uri
        self._lock = threading.Lock()
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, list[Any]] | None = None

    def address(self, ticket: Ticket, *, fresh: bool = False) -> str:
        """Where a browser is sent; `fresh`: they prove themselves anew. Raises Unavailable."""
        metadata = self._metadata()
        extra = {"prompt": "login", "max_age": "0"} if fresh else {}
        known = metadata.get("acr_values_supported")
        wanted = [one for one in self._factors if isinstance(known, list) and one in known]
        if wanted:
            extra["acr_values"] = " ".join(wanted)
        return str(
            prepare_grant_uri(
                metadata["authorization_endpoint"],
                client_id=self._client,
                response_type="code",
                redirect_uri=self._redirect_uri,
                scope=self._scope,
                state=ticket.state,
                nonce=ticket.nonce,
                code_challenge=create_s256_code_challenge(ticket.verifier),
                code_challenge_method="S256",
                **extra,
            )
        )

    def identify(self, *, code: str, issuer: str, ticket: Ticket, now: datetime) -> Identified:
        """Who came back with `code`. Refused `sso-refused` for whatever is not as it must be (its
        fact `why` is for the log); Unavailable where the provider does not answer.

        `issuer` is what the answer said of itself (RFC 9207), if it did.
        """
        metadata = self._metadata()
        told = metadata.get("authorization_response_iss_parameter_supported") is True
        if (issuer or told) and issuer != self.issuer:
            raise tokens.untrue("iss")
        given = self._exchange(metadata, code, ticket.verifier)
        access = given.get("access_token")
        access = access if isinstance(access, str) else ""
        header, claims = tokens.signed(given.get("id_token"), self._signing_keys)
        tokens.check_id_token(
            header,
            claims,
            issuer=self.issuer,
            client=self._client,
            nonce=ticket.nonce,
            access_token=access,
            now=now,
        )
        if self._groups not in claims and access:
            claims = self._more(metadata, access, claims["sub"]) | claims
        return self._identified(claims)

    def logged_out(self, token: str, *, now: datetime) -> LoggedOut:
        """Whose session is over, as a logout token says. Refused, Unavailable as `identify`."""
        header, claims = tokens.signed(token, self._signing_keys)
        tokens.check_logout_token(header, claims, issuer=self.issuer, client=self._client, now=now)
        return LoggedOut(claims.get("sub", ""), claims.get("sid", ""))

    def _identified(self, claims: dict[str, Any]) -> Identified:
        names = [claims[name] for name in _NAMES if isinstance(claims.get(name), str)]
        groups = claims.get(self._groups)
        return Identified(
            issuer=self.issuer,
            subject=claims["sub"],
            name=names[0] if names else "",
            groups=_words(groups) if groups is not None else None,
            acr=claims["acr"] if isinstance(claims.get("acr"), str) else "",
            amr=_words(claims.get("amr")),
            authenticated_at=tokens.instant_of(claims, "auth_time"),
            session=claims["sid"] if isinstance(claims.get("sid"), str) else "",
        )

    def _exchange(self, metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=verifier
        )
        headers: dict[str, str] = {}
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in ways:
            headers["Authorization"] = _basic(self._client, self._secret)
        else:
            body += "&" + urlencode({"client_id": self._client, "client_secret": self._secret})
        reply = ask(metadata["token_endpoint"], body=body, headers=headers)
        if reply.status >= 500:  # noqa: PLR2004
            raise down()
        if reply.status != 200:  # noqa: PLR2004
            # a code that was used or is not ours, or a secret that is wrong
            raise tokens.untrue("client" if reply.status == 401 else "code")  # noqa: PLR2004
        return reply.said

    def _more(self, metadata: dict[str, Any], access: str, subject: str) -> dict[str, Any]:
        """What the provider says of this subject besides, where it keeps that apart."""
        url = metadata.get("userinfo_endpoint")
        if not isinstance(url, str):
            return {}
        reply = ask(url, headers={"Authorization": f"Bearer {access}"})
        if reply.status != 200:  # noqa: PLR2004
            raise down()
        if reply.said.get("sub") != subject:
            raise tokens.untrue("userinfo")
        return {name: reply.said[name] for name in (self._groups, *_NAMES) if name in reply.said}

    def _metadata(self) -> dict[str, Any]:
        with self._lock:
            if self._found is not None and time.monotonic() - self._found[0] < _FRESH:
                return self._found[1]
        reply = ask(get_well_known_url(self.issuer, external=True))
        said = reply.said
        if reply.status != 200 or said.get("issuer") != self.issuer:  # noqa: PLR2004
            raise down()
        if not all(is_safe_url(str(said.get(name, ""))) for name in _ENDPOINTS):
            raise down()
        with self._lock:
            self._found = (time.monotonic(), said)
        return said

    def _signing_keys(self, anew: bool) -> list[Any]:
        with self._lock:
            age = time.monotonic() - self._keys[0] if self._keys else _FRESH
            if self._keys and age < (_ANEW if anew else _FRESH):
                return self._keys[1]
        reply = ask(self._metadata()["jwks_uri"])
        if reply.status != 200:  # noqa: PLR2004
            raise down()
        found = tokens.read_keys(reply.said)
        with self._lock:
            self._keys = (time.monotonic(), found)
        return found


def _words(given: Any) -> frozenset[str]:
    """A claim that is one word or a list of them."""
    many = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return frozenset(one for one in many if isinstance(one, str))


def _basic(client: str, secret: str) -> str:
    """RFC 6749, 2.3.1: both encoded as in a form before they are joined."""
    joined = f"{quote_plus(client)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(joined.encode()).decode()
