"""The places a person may choose from, in the words and order of their language."""

import functools

from flask_babel import gettext

from console.parts import settings, vocabulary
from console.present import language
from shudi.regions.rules import Vocabulary

Choices = list[tuple[str, list[tuple[str, str]]]]


def choices() -> Choices:
    """Groups of (code, name); divisions only where labels may be that fine."""
    divisions, countries = _named(vocabulary(), language())
    groups: Choices = [(gettext("Countries and areas"), countries)]
    if settings().granularity == "subdivision":
        groups.insert(0, (gettext("Mainland China: provinces"), divisions))
    return groups


@functools.lru_cache(maxsize=8)
def _named(known: Vocabulary, lang: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    named = [(region.parent, (region.code, region.names[lang])) for region in known]
    # Divisions stand in the order of the standard, which readers of Chinese know.
    divisions = [one for parent, one in named if parent is not None]
    countries = [one for parent, one in named if parent is None]
    return divisions, sorted(countries, key=lambda one: (one[0] != "CN", one[1]))
