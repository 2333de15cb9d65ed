"""Who may open which page. Silence is refusal: an endpoint that declares nothing answers 403.

This is the first gate; the act's own question about the object is the real one.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, Rule

from console import reading, sessions, step_up
from shudi.errors import NotAllowed
from shudi.staff.queries import SignedIn
from shudi.staff.rules import Permission

View = TypeVar("View", bound=Callable[..., object])
_MARK = "shudi_access"
_DANGEROUS = "shudi_dangerous"
_UNATTENDED = "shudi_unattended"
_OWN_RECORD = "shudi_own_record"
_START = "shudi_start"
_READS = frozenset({"GET", "HEAD"})
_DIGITS = 12  # of an id that may be carried through the sign-in


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """What an endpoint declares: nobody needs to sign in, anybody who did, or a permission; and
    whether it shows or changes personal data, for which the agreement has to be accepted first.
    """

    public: bool = False
    permission: Permission | None = None
    personal: bool = False


def public(view: View) -> View:
    """Anybody may open this."""
    setattr(view, _MARK, Access(public=True))
    return view


def signed_in(view: View) -> View:
    """Any member of staff may open this, whatever their role: it is about themselves only."""
    setattr(view, _MARK, Access())
    return view


def requires(permission: Permission, *, personal: bool = True) -> Callable[[View], View]:
    """Those may open this whose role grants `permission`, and who accepted the agreement on
    personal data unless the view says that it holds none.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, Access(permission=permission, personal=personal))
        return view

    return mark


def dangerous(view: View) -> View:
    """A second factor must have been given lately; if not, it is asked for, and nothing typed is
    lost.
    """
    setattr(view, _DANGEROUS, True)
    return view


def unattended(view: View) -> View:
    """Pages ask for this by themselves: it keeps no session alive that nobody uses."""
    setattr(view, _UNATTENDED, True)
    return view


def on_own_record(view: View) -> View:
    """It puts on record itself what it shows, each time: the gate need not."""
    setattr(view, _OWN_RECORD, True)
    return view


def start(view: View) -> View:
    """Where the bare address leads: whoever may not open it is sent to where their work begins."""
    setattr(view, _START, True)
    return view


def declared(endpoint: str) -> Access | None:
    """What `endpoint` declares, if anything."""
    if endpoint == "static":
        return Access(public=True)
    return getattr(current_app.view_functions.get(endpoint), _MARK, None)


def guard() -> ResponseReturnValue | None:
    """Let the request pass, send a stranger to the sign-in page, or raise NotAllowed."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    access = declared(request.endpoint)
    if access is None:
        raise NotAllowed("undeclared", "This page says nothing about who may open it.")
    if access.public:
        return None
    found = sessions.current()
    if found is None:
        if request.method not in _READS:
            raise NotAllowed("sign-in-needed", "Please sign in first.")
        return redirect(url_for("sign_in.password", **wanted()), 303)
    if access.permission is not None:
        if _is_marked(_START) and not found.actor().may(access.permission):
            return redirect(landing(), 303)
        found.actor().require(access.permission)
    if access.personal and not found.agreed:
        return _ask_first()
    return _let_in(access, found)


def _let_in(access: Access, found: SignedIn) -> ResponseReturnValue | None:
    """Note that they came, and ask again for the second factor where it must be fresh."""
    if access.personal and not (_is_unattended() or _is_marked(_OWN_RECORD)):
        reading.put_on_record(found)
    if not _is_unattended():
        sessions.keep_alive()
    if _is_marked(_DANGEROUS):
        return step_up.pass_or_ask(found)
    return None


def _ask_first() -> ResponseReturnValue:
    """Send a page's reader to the agreement; whatever is no page is refused."""
    if request.method not in _READS or not _opens_a_page():
        raise NotAllowed("agreement-needed", "Accept the agreement on personal data first.")
    return redirect(url_for("agreement.index", **wanted()), 303)


def _opens_a_page() -> bool:
    """Whether the answer would be what the person sees next: no part, no data for a script."""
    return (
        not _is_unattended()
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
        and request.accept_mimetypes.best != "application/json"
    )


def _is_unattended() -> bool:
    return _is_marked(_UNATTENDED)


def _is_marked(mark: str) -> bool:
    return hasattr(current_app.view_functions[request.endpoint or ""], mark)


def wanted() -> dict[str, Any]:
    """The page asked for as the sign-in page carries it: an endpoint and its ids, never a URL."""
    if request.endpoint is None or _may_return_to(request.endpoint) is None:
        return {}
    ids = {name: str(value) for name, value in (request.view_args or {}).items()}
    return {"to": request.endpoint, **ids}


def carried() -> dict[str, Any]:
    """What the query carries of `wanted()`, checked; empty if it names nothing that may be."""
    endpoint = request.args.get("to", "")
    names = _may_return_to(endpoint)
    if names is None:
        return {}
    ids = {name: request.args.get(name, "") for name in names}
    if not all(value.isascii() and value.isdigit() for value in ids.values()):
        return {}
    if any(len(value) > _DIGITS for value in ids.values()):
        return {}
    return {"to": endpoint, **ids}


def destination() -> str:
    """Where to go after signing in: the page that was wanted, or where work begins."""
    return address_of(carried()) or landing()


def continue_to() -> str:
    """The wanted page again, if another site sent the browser here: it did not send the cookie.

    Empty where that cannot be why nobody is signed in.
    """
    if request.headers.get("Sec-Fetch-Site") != "cross-site" or sessions.token():
        return ""
    return address_of(carried()) or url_for("profile.index")


def landing() -> str:
    """The overview; for supervisors what they inspect; else the profile."""
    found = sessions.current()
    if found is None or found.actor().may(Permission.OVERVIEW_READ):
        return url_for("overview.index")
    if found.actor().may(Permission.INSPECTION_LOOK):
        return url_for("oversight.index")
    return url_for("profile.index")


def address_of(asked: dict[str, Any]) -> str:
    """The address of the page that `wanted()` said; empty if it said none."""
    if not asked:
        return ""
    ids: dict[str, Any] = {name: int(value) for name, value in asked.items() if name != "to"}
    return url_for(asked["to"], **ids)


def _may_return_to(endpoint: str) -> list[str] | None:
    """Names of the ids of `endpoint`, if it is a page for staff that needs nothing but ids."""
    access = declared(endpoint)
    if access is None or access.public:
        return None
    for rule in current_app.url_map.iter_rules(endpoint) if access else ():
        if _is_plain_page(rule):
            return sorted(rule.arguments)
    return None


def _is_plain_page(rule: Rule) -> bool:
    converters = rule._converters  # noqa: SLF001 -- Werkzeug has no public name for them
    return "GET" in (rule.methods or ()) and all(
        isinstance(converters[name], IntegerConverter) for name in rule.arguments
    )
