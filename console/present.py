"""Instants, places and codes as words: what templates call."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from babel.numbers import format_compact_decimal
from flask import Flask, request, url_for
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    format_time,
    format_timedelta,
    get_locale,
    gettext,
    ngettext,
)
from markupsafe import Markup

from console import access, log_words, messages, people_words, sessions, words
from console.language import timezone
from console.parts import locator, vocabulary
from shudi import clock
from shudi.accounts.rules import ARTICLE
from shudi.errors import Unavailable
from shudi.labels.rules import State
from shudi.regions.rules import LANGUAGES

# The viewer's own words (viewer/_locales; a test compares them), so that a preview shows
# exactly what readers will see in each of their languages.
BADGE: dict[str, dict[str, str]] = {
    "en": {
        "labelled": "IP location: {place}",
        "uncertain_place": "IP location: {place} (uncertain)",
        "uncertain": "IP location: uncertain",
        "withheld": "IP location: not shown",
        "corrected": "corrected",
        "disputed": "disputed",
    },
    "zh-Hans": {
        "labelled": "IP属地：{place}",
        "uncertain_place": "IP属地：{place}（不确定）",
        "uncertain": "IP属地：不确定",
        "withheld": "IP属地：不展示",
        "corrected": "已更正",
        "disputed": "有异议",
    },
    "zh-Hant": {
        "labelled": "IP屬地：{place}",
        "uncertain_place": "IP屬地：{place}（不確定）",
        "uncertain": "IP屬地：不確定",
        "withheld": "IP屬地：不展示",
        "corrected": "已更正",
        "disputed": "有異議",
    },
}
_KIB = 1024
_LONG = 100_000
TONES: dict[str, str] = {
    "labelled": "good", "uncertain": "warn", "withheld": "odd", "none": "", "not_covered": "",
    "open": "info", "awaiting": "odd", "closed": "",
    "proposed": "odd", "in_force": "good", "refused": "bad", "withdrawn": "", "lifted": "",
    "reverted": "", "superseded": "", "scheduled": "info", "undone": "", "cancelled": "",
    "returned": "warn",
    "held": "bad", "accepted": "good", "rejected": "",
    "ok": "good", "missing": "bad", "truncated": "bad", "swapped": "bad", "outdated": "warn",
    "silent": "bad", "waiting": "warn",
}  # fmt: skip


def language() -> str:
    """The reader's language as the vocabulary names it."""
    locale = get_locale()
    if locale is None or locale.language != "zh":
        return "en"
    return "zh-Hant" if locale.script == "Hant" else "zh-Hans"


def place(code: str | None, lang: str | None = None) -> str:
    """A region's short name in the reader's language (or in `lang`)."""
    if not code:
        return str(gettext("No place"))
    if code not in vocabulary():
        return code
    return vocabulary().name(code, lang or language(), short=True)


def word(table: Mapping[Any, Any], code: Any) -> str:
    """The words for `code`; the code itself where the table has none (an older store's value)."""
    return str(table.get(code, code))


def article(code: str) -> str:
    """An article of the account-information regulation: `R8(6)` as words."""
    number, _, item = code.removeprefix("R").rstrip(")").partition("(")
    if not item:
        return str(gettext("Article %(number)s", number=number))
    return str(gettext("Article %(number)s (%(item)s)", number=number, item=item))


def badge(state: str, region: str | None, lang: str) -> str | None:
    """The words of the badge beside a name, or None where readers see none."""
    if state in (State.NONE, State.NOT_COVERED):
        return None
    texts = BADGE[lang]
    if state == State.WITHHELD:
        return texts["withheld"]
    if region is None:
        return texts["uncertain"]
    key = "labelled" if state == State.LABELLED else "uncertain_place"
    return texts[key].format(place=vocabulary().get(region).on_labels[lang])


def exact(instant: datetime) -> str:
    """The whole instant in the reader's zone."""
    return str(format_datetime(instant, "medium"))


def relative(instant: datetime) -> str:
    """«3 hours ago», «in 2 days»."""
    return str(format_timedelta(instant - clock.now(), add_direction=True))


def when(instant: datetime | None) -> Markup:
    """A <time> with relative words, and the exact instant in the reader's zone as its title."""
    if instant is None:
        return Markup("")
    return _time(instant.isoformat(), exact(instant), relative(instant))


def on(instant: datetime | date | None) -> Markup:
    """A <time> with the date; an instant's exact time is its title."""
    if instant is None:
        return Markup("")
    title = exact(instant) if isinstance(instant, datetime) else ""
    return _time(instant.isoformat(), title, format_date(instant, "medium"))


def _time(machine: str, title: str, text: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, title, text)


def clock_time(instant: datetime) -> str:
    """The time of day in the reader's zone."""
    return str(format_time(instant, "short"))


def parse_instant(text: str) -> datetime:
    """The instant that an audit row holds as text."""
    return datetime.fromisoformat(text)


def target(kind: str, number: str) -> str:
    """What an audit row is about: «Case 12»."""
    if kind == "page":
        return word(log_words.PAGE, number)
    if kind not in log_words.TARGET:
        return f"{kind} {number}".strip()
    return str(log_words.TARGET[kind]) % {"id": number}


def hits(after: str) -> str:
    """What an audit row says that a search showed: «Account 3, Account 7, Case 12»."""
    shown = json.loads(after)
    between: str = gettext(", ")
    return between.join(target(kind, str(one)) for kind, ids in shown.items() for one in ids)


def left(until: datetime) -> str:
    """How long a lease still runs, in minutes."""
    minutes = max(0, int((until - clock.now()).total_seconds() // 60))
    return str(ngettext("%(num)d minute left", "%(num)d minutes left", minutes))


def capped(count: int, cap: int = 1000) -> str:
    """A count that stopped at `cap`."""
    return f"{cap - 1}+" if count >= cap else str(count)


def file_size(count: int) -> str:
    """A number of bytes as people say it."""
    if count < _KIB:
        return str(gettext("%(count)s bytes", count=count))
    if count < _KIB * _KIB:
        return f"{format_decimal(round(count / _KIB))} KiB"
    return f"{format_decimal(round(count / _KIB / _KIB, 1))} MiB"


def short_count(count: int) -> str:
    """A count as people say it where its last digits mean nothing."""
    if count < _LONG:
        return str(format_decimal(count))
    return str(format_compact_decimal(count, locale=get_locale() or "en", fraction_digits=1))


def percent(share: float) -> str:
    """A share of a whole; one that is not nothing is never said to be."""
    least = 0.001
    if 0 < share < least:
        return f"< {format_percent(least, '#,##0.0%')}"
    return str(format_percent(share, "#,##0.0%" if share < 1 else "#,##0%"))


def is_past(instant: datetime | None) -> bool:
    """Whether it lies behind."""
    return instant is not None and instant < clock.now()


def is_soon(instant: datetime | None, hours: int = 24) -> bool:
    """Whether it comes within `hours`."""
    return instant is not None and instant < clock.now() + timedelta(hours=hours)


def who() -> sessions.StaffUser | None:
    """Whoever is signed in; nobody where the store does not answer, so that pages still come."""
    try:
        found = sessions.current()
    except Unavailable:
        return None
    return sessions.StaffUser(found) if found else None


def attributions() -> tuple[str, ...]:
    """The credits that the geo databases ask for."""
    return locator().attributions()


def language_url(code: str) -> str:
    """The same page in another language."""
    if request.endpoint is None or request.method != "GET":
        return f"?lang={code}"
    # `_scheme` and its like mean something to url_for
    asked = {name: text for name, text in request.args.items() if not name.startswith("_")}
    arguments: dict[str, Any] = {**(request.view_args or {}), **asked}
    return url_for(request.endpoint, **{**arguments, "lang": code})


def register(app: Flask) -> None:
    """Give templates the words."""
    for function in (when, on, left, capped, place, clock_time, percent, short_count):
        app.add_template_filter(function)
    app.add_template_filter(parse_instant, "instant")
    app.add_template_filter(format_decimal, "decimal")
    app.jinja_env.globals.update(
        article=article,
        articles=ARTICLE,
        target=target,
        hits=hits,
        words=words,
        people_words=people_words,
        device=people_words.device,
        log_words=log_words,
        messages=messages,
        word=word,
        badge=badge,
        file_size=file_size,
        badge_words=BADGE,
        badge_languages=LANGUAGES,
        is_past=is_past,
        is_soon=is_soon,
        tones=TONES,
        page_language=language,
        who=who,
        landing=access.landing,
        attributions=attributions,
        language_url=language_url,
        time_zone=timezone,
    )
