"""How far somebody's work reaches, in words."""

from collections.abc import Mapping

from babel.lists import format_list
from flask_babel import get_locale, gettext, ngettext

from console.present import language, place
from shudi.staff.rules.scopes import Scope

_NAMED = 3  # names before «and others»


def sites_in_words(scope: Scope, names: Mapping[int, str], most: int = _NAMED) -> str:
    """«All sites», or the names of these; of many, the first and how many more."""
    if scope.sites is None:
        return str(gettext("All sites"))
    known = sorted(names[one] for one in scope.sites if one in names)
    if not known:
        return str(gettext("No site that there is"))
    return _listed(known, most)


def regions_in_words(scope: Scope, most: int = _NAMED) -> str:
    """«All regions», or the names of these."""
    if scope.regions is None:
        return str(gettext("All regions"))
    return _listed([place(code, language()) for code in sorted(scope.regions)], most)


def _listed(names: list[str], most: int) -> str:
    more = len(names) - most
    if more <= 0:
        return format_list(names, locale=get_locale())
    return str(
        ngettext(
            "%(names)s and %(num)d more",
            "%(names)s and %(num)d more",
            more,
            names=format_list(names[:most], "unit-short", locale=get_locale()),
        )
    )
