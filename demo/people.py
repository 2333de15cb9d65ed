"""The invented members of Teahouse: the same ones for the forum and for the seed, every time."""

import dataclasses
import functools
import random

from demo import words

CAST = 400  # the first members always take part: stories are told about them
_SHARES = {"zh-Hans": 36, "en": 26, "zh-Hant": 10, "ja": 9, "es": 8, "ru": 6, "ar": 5}


def _weights(text: str) -> dict[str, int]:
    """`CN-GD=14 US=2` as a mapping."""
    return {region: int(weight) for region, weight in (item.split("=") for item in text.split())}


# Where members who write a language mostly are.
_PLACES = {
    "zh-Hans": _weights(
        "CN-GD=14 CN-ZJ=9 CN-JS=9 CN-BJ=8 CN-SH=8 CN-SD=6 CN-SC=6 CN-FJ=5 CN-HB=4 CN-HN=4"
        " CN-HA=4 CN-AH=3 CN-LN=3 CN-CQ=3 CN-YN=3 CN-SN=2 CN-HE=2 CN-JX=2 CN-GX=2 CN-TJ=2"
        " CN-HL=1 CN-JL=1 CN-SX=1 CN-GZ=1 CN-HI=1 CN-XJ=1 CN-GS=1 CN-NM=1 CN-NX=1 CN-QH=1"
        " CN-XZ=1 US=2 SG=2 CA=1 AU=1 JP=1"
    ),
    "zh-Hant": _weights("TW=50 HK=32 MO=4 CA=6 US=5 MY=3"),
    "en": _weights("US=36 GB=18 CA=10 AU=9 IN=8 SG=4 IE=3 NZ=3 ZA=3 DE=3 NL=2 KE=1"),
    "ja": _weights("JP=94 US=4 DE=2"),
    "es": _weights("ES=34 MX=26 AR=14 CO=10 CL=8 PE=5 US=3"),
    "ru": _weights("RU=66 KZ=14 BY=8 DE=6 RS=3 GE=3"),
    "ar": _weights("EG=34 SA=22 AE=16 MA=14 JO=8 FR=6"),
}
REGIONS = frozenset(region for places in _PLACES.values() for region in places)


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """One member. `account` is the platform's opaque id, `handle` what pages show and link."""

    number: int
    account: str
    handle: str
    name: str
    bio: str
    language: str
    region: str
    elsewhere: str  # where they are after `moved_days` days ago; "" for those who stay
    moved_days: int
    joined_days: int
    activity: str  # "posts", "reads" (signs in only), "silent"
    protection: str


@functools.lru_cache(maxsize=4)
def members(count: int = 5000) -> tuple[Person, ...]:
    """The first `count` members; more of them never change the ones before."""
    taken: set[str] = set()
    return tuple(_person(number, taken) for number in range(count))


def _person(number: int, taken: set[str]) -> Person:
    chance = random.Random(f"teahouse member {number}")
    language = _weighted(chance, _SHARES)
    name, latin = _name(chance, language, number)
    region = _weighted(chance, _PLACES[language])
    moves = chance.random() < 0.12  # noqa: PLR2004 - about one in eight
    elsewhere = _weighted(chance, _PLACES[language]) if moves else ""
    return Person(
        number=number,
        account=f"m{(number + 1) * 2654435761 % 2**32:08x}",  # odd factor: no two are the same
        handle=_handle(chance, name, latin, taken),
        name=name,
        bio=chance.choice(words.BIOS[language]),
        language=language,
        region=region,
        elsewhere="" if elsewhere == region else elsewhere,
        moved_days=chance.randrange(3, 60),
        joined_days=chance.randrange(90, 2400) if number < CAST else chance.randrange(1, 2400),
        activity="posts" if number < CAST else _activity(chance),
        protection="none" if number < CAST else _protection(chance),
    )


def _weighted(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _activity(chance: random.Random) -> str:
    return _weighted(chance, {"posts": 90, "reads": 3, "silent": 7})


def _protection(chance: random.Random) -> str:
    return _weighted(chance, {"none": 985, "minor": 10, "protected": 5})


def _name(chance: random.Random, language: str, number: int) -> tuple[str, str]:
    """(as shown, in Latin letters)."""
    first, second = chance.choice(words.FIRST[language]), chance.choice(words.SECOND[language])
    latin = (first[1] + "_" + second[1]).lower()
    if number % 97 == 41:  # noqa: PLR2004 - one in a hundred tests every layout
        return words.LONG_NAMES[language], latin
    shown = words.JOINT.get(language, "").join((first[0], second[0])).replace("_", " ")
    if chance.random() < 0.06:  # noqa: PLR2004
        shown += " " + chance.choice(words.EMOJI)
    return shown, latin


def _handle(chance: random.Random, name: str, latin: str, taken: set[str]) -> str:
    """Unique without regard to case, as the site compares them."""
    native = "".join(letter for letter in name if letter.isalnum())[:24]
    style = chance.randrange(4)
    wanted = (latin, latin.replace("_", ""), native, latin.title().replace("_", ""))[style]
    handle = wanted
    while handle.casefold() in taken:
        handle = f"{wanted}{chance.randrange(2, 9999)}"
    taken.add(handle.casefold())
    return handle
