"""People who work here, in words: their state, their devices."""

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from console.words import Words
from shudi.staff.codec.devices import Browser, System
from shudi.staff.store import StaffState

STATE: Words = {
    StaffState.INVITED: _("Invited"),
    StaffState.ACTIVE: _("Active"),
    StaffState.DISABLED: _("Disabled"),
}
ERROR: Words = {
    "let-in-lately": _(
        "One of you let the other in less than a week ago. Another administrator has to decide"
        " this, or you wait until then."
    ),
    "proposal-over": _("This proposal does not wait any more."),
    "proposal-unknown": _("There is no such proposal."),
    "proposal-waits": _("A proposal about this person waits already."),
    "rank": _("Nobody grants what they do not have themselves."),
    "role-alone": _("This role takes no second person."),
    "role-by-two": _("Another administrator has to confirm this role."),
    "role-held": _("This person has this role already."),
    "scope": _("This is of all sites, and your work is limited to some."),
    "scope-empty": _("Choose at least one site."),
    "scope-held": _("They work on exactly this already."),
    "scope-regions": _("Only a supervisor is limited to regions."),
    "scope-regions-empty": _("Choose at least one region."),
    "scope-wider": _("Nobody gives sites that they do not have themselves."),
    "session-over": _("This session is over already."),
    "staff-enabled": _("This person is not disabled."),
    "staff-exists": _("There is a person of this name already."),
    "staff-moved": _("Somebody changed this person meanwhile. Look at how it is now."),
    "staff-name": _("A name has 1 to 64 characters, none of them invisible."),
    "staff-not-active": _("This person has yet to set password and second factor."),
}
_BROWSER: dict[Browser, LazyString | str] = {
    Browser.EDGE: "Edge",
    Browser.OPERA: "Opera",
    Browser.SAMSUNG: "Samsung Internet",
    Browser.WECHAT: _("WeChat"),
    Browser.QQ: _("QQ Browser"),
    Browser.UC: _("UC Browser"),
    Browser.FIREFOX: "Firefox",
    Browser.CHROME: "Chrome",
    Browser.SAFARI: "Safari",
    Browser.OTHER: _("A browser not known"),
}
_SYSTEM: dict[System, LazyString | str] = {
    System.IOS: "iOS",
    System.HARMONY: _("HarmonyOS"),
    System.ANDROID: "Android",
    System.WINDOWS: "Windows",
    System.CHROMEOS: "ChromeOS",
    System.MACOS: "macOS",
    System.LINUX: "Linux",
}


def device(browser: Browser, system: System) -> str:
    """«Firefox on Linux», or only the browser where the system is not known."""
    if system not in _SYSTEM:
        return str(_BROWSER[browser])
    return str(
        gettext("%(browser)s on %(system)s", browser=_BROWSER[browser], system=_SYSTEM[system])
    )
