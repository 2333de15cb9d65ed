"""What a source's record means: a region of the vocabulary, or a kind of network."""

import csv
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

from shudi.regions.rules import Vocabulary

PLACE_FIELDS: Final = frozenset({"country", "country_code", "subdivisions", "state1", "region"})
NETWORK_FIELDS: Final = frozenset(
    {
        "autonomous_system_number",
        "autonomous_system_organization",
        "asn",
        "as_name",
        "name",
        "is_anonymous_vpn",
        "is_hosting_provider",
        "is_public_proxy",
        "is_residential_proxy",
        "is_tor_exit_node",
    }
)
_VPN_FLAGS: Final = (
    "is_anonymous_vpn",
    "is_public_proxy",
    "is_residential_proxy",
    "is_tor_exit_node",
)
_TABLE: Final = Path(__file__).with_name("hosting_asns.csv")
_ISO_LENGTH: Final = 2


def region_of(vocabulary: Vocabulary, country: str, names: Iterable[str]) -> str | None:
    """The finest region for a country (code or name) and its division's code and names.

    A division we do not know gives the country; a country we do not know gives None.
    """
    code = country if country in vocabulary else vocabulary.find_country(country)
    if code is None:
        return None
    found = (vocabulary.find_subdivision(code, name) for name in names if name)
    return next((one for one in found if one is not None), code)


class Fields(Protocol):
    """The fields of a record; asking for one may cost its decoding."""

    def get(self, field: str, /) -> Any: ...


def place_meaning(vocabulary: Vocabulary) -> Callable[[Fields], str | None]:
    """Reads GeoLite2, GeoIP2 and DB-IP records, and flat ones (country_code, state1, region)."""

    def meaning(record: Fields) -> str | None:
        country = record.get("country_code") or record.get("country")
        if isinstance(country, dict):
            country = country.get("iso_code")
        if not isinstance(country, str):
            return None
        code = region_of(vocabulary, country, ())
        if code is None or not vocabulary.is_divided(code):
            return code
        names = [record.get("state1"), record.get("region")]
        for division in record.get("subdivisions") or ():
            names += [division.get("iso_code"), *(division.get("names") or {}).values()]
        return region_of(vocabulary, code, [one for one in names if isinstance(one, str)])

    return meaning


def xdb_meaning(vocabulary: Vocabulary, text: str) -> str | None:
    """Reads `国家|省份|城市|ISP|iso2` and the older `国家|区域|省份|城市|ISP`; "0" is no value."""
    parts = ["" if part.strip() == "0" else part.strip() for part in text.split("|")]
    parts += [""] * (5 - len(parts))
    last = parts[-1]
    newer = len(last) == _ISO_LENGTH and last.isascii() and last.isupper()
    country = last if newer and last in vocabulary else parts[0]
    return region_of(vocabulary, country, parts[1:3])


@lru_cache(maxsize=1)
def _networks() -> tuple[dict[int, str], tuple[tuple[str, str], ...]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = {int(row["value"]): row["kind"] for row in rows if row["match"] == "asn"}
    words = tuple((row["value"], row["kind"]) for row in rows if row["match"] == "word")
    return numbers, words


def network_meaning(record: Fields) -> str | None:
    """For an ASN or anonymous-network record: "hosting", "vpn", or None for an ordinary network."""
    if any(record.get(flag) is True for flag in _VPN_FLAGS):
        return "vpn"
    if record.get("is_hosting_provider") is True:
        return "hosting"
    number = record.get("autonomous_system_number") or record.get("asn") or 0
    numbers, words = _networks()
    digits = str(number).upper().removeprefix("AS")
    if digits.isdecimal() and int(digits) in numbers:
        return numbers[int(digits)]
    organisation = record.get("autonomous_system_organization") or record.get("as_name")
    name = f" {organisation or record.get('name') or ''} ".casefold()
    return next((kind for word, kind in words if word in name), None)
