"""What a region code means: its names, its parent, how coarse a label may be.

The vocabulary is closed: 31 mainland province-level divisions (ISO 3166-2:CN) and the 249
countries and areas of ISO 3166-1. HK, MO and TW are areas without a parent, so that no rule ever
merges them into CN or CN into them. Codes that ISO has not assigned (XK) are not in it: a source
that answers one is taken to have answered nothing.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from shudi.errors import Invalid

Granularity = Literal["subdivision", "country"]
Precision = Literal["subdivision", "country", "none"]

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant")
GRANULARITIES: Final[tuple[Granularity, ...]] = ("subdivision", "country")
# Sources list these three both as countries and as divisions of CN; here they are areas only.
AREAS: Final = ("HK", "MO", "TW")


@dataclass(frozen=True, slots=True)
class Region:
    """One place of the vocabulary. `names` and `short` have a value for each of LANGUAGES."""

    code: str
    parent: str | None
    names: Mapping[str, str]
    short: Mapping[str, str]

    @property
    def on_labels(self) -> Mapping[str, str]:
        """The names that labels carry: «广东», as platforms write it, but a country's full name."""
        return self.names if self.parent is None else self.short


def fold(name: str) -> str:
    """The key under which spellings of one name meet: no case, accents, spaces, punctuation."""
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed if letter.isalnum()).casefold()


class Vocabulary:
    """All regions, with their names as this deployment words them.

    `version` is a short hash of the whole content: it changes with any name, alias or override.
    """

    def __init__(self, regions: Iterable[Region], aliases: Mapping[str, Iterable[str]]) -> None:
        """Index the regions; ValueError where one spelling would name two places."""
        self._regions = {region.code: region for region in regions}
        self._subdivisions: dict[str, dict[str, str]] = {}
        self._countries: dict[str, str] = {}
        spellings = {code: tuple(aliases.get(code, ())) for code in self._regions}
        for region in self._regions.values():
            self._index(region, spellings[region.code])
        self.codes: tuple[str, ...] = tuple(self._regions)
        self.version: str = _digest(self._regions.values(), spellings)

    def _index(self, region: Region, aliases: tuple[str, ...]) -> None:
        names = {*region.names.values(), *region.short.values(), *aliases, region.code}
        if region.parent is None:
            _add(self._countries, names, region.code)
            if region.code in AREAS:
                _add(self._subdivisions.setdefault("CN", {}), names, region.code)
            return
        names.add(region.code.partition("-")[2])
        _add(self._subdivisions.setdefault(region.parent, {}), names, region.code)

    def __contains__(self, code: object) -> bool:
        return code in self._regions

    def __iter__(self) -> Iterator[Region]:
        return iter(self._regions.values())

    def __len__(self) -> int:
        return len(self._regions)

    def get(self, code: str) -> Region:
        """The region of that code; Invalid("region-unknown") where there is none."""
        try:
            return self._regions[code]
        except KeyError:
            raise Invalid("region-unknown", "That is not a region of the vocabulary.") from None

    def parent(self, code: str) -> str | None:
        """The code of the region it lies in, or None for a country or area."""
        return self.get(code).parent

    def name(self, code: str, language: str, *, short: bool = False) -> str:
        """The reviewed name; Invalid("language-unknown") outside LANGUAGES."""
        region = self.get(code)
        try:
            return (region.short if short else region.names)[language]
        except KeyError:
            raise Invalid("language-unknown", "There are no names in that language.") from None

    def find_country(self, name: str) -> str | None:
        """The country or area that a source spells so (code, English or Chinese name), or None."""
        return self._countries.get(fold(name))

    def find_subdivision(self, country_code: str, name: str) -> str | None:
        """The code of a division as sources spell it, or None for a name we do not know.

        Under "CN", a name of Hong Kong, Macao or Taiwan gives the area's own code.
        """
        known = self._subdivisions.get(country_code)
        return None if known is None else known.get(fold(name))

    def is_divided(self, code: str) -> bool:
        """Whether the vocabulary has subdivisions of that country."""
        return code in self._subdivisions

    def coarsen(self, code: str, granularity: Granularity) -> str:
        """The code itself, or its country where the granularity allows no subdivision."""
        if granularity not in GRANULARITIES:
            raise ValueError("granularity is subdivision or country")
        region = self.get(code)
        return code if granularity == "subdivision" else region.parent or code

    def common_parent(self, a: str, b: str) -> str | None:
        """The nearest place that holds both (CN for CN-GD and CN-ZJ, itself for one), or None."""
        if a == b:
            return self.get(a).code
        above_a, above_b = self.parent(a) or a, self.parent(b) or b
        return above_a if above_a == above_b else None

    def precision(self, code: str | None) -> Precision:
        """How fine a code is; "none" for no region."""
        if code is None:
            return "none"
        return "country" if self.parent(code) is None else "subdivision"


def _add(table: dict[str, str], names: Iterable[str], code: str) -> None:
    for name in sorted(names):
        if table.setdefault(fold(name), code) != code:
            raise ValueError(f"{name!r} names both {table[fold(name)]} and {code}")


def _digest(regions: Iterable[Region], aliases: Mapping[str, tuple[str, ...]]) -> str:
    whole = sha256()
    for region in sorted(regions, key=lambda one: one.code):
        words = [region.code, region.parent or ""]
        words += [names[one] for names in (region.names, region.short) for one in LANGUAGES]
        whole.update("\x1f".join([*words, *aliases[region.code], "\n"]).encode())
    return whole.hexdigest()[:12]
