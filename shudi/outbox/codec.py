"""The words of notices as shipped: `wordings/<language>.toml`, written and reviewed by people.

Each language has every notice in its own right, zh-Hant too; where a site changes the words of
one language, the others keep theirs.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

from shudi.outbox.rules import WORDED, Channel, Topic, Wording, check_wording

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant")
_FOLDER: Final = Path(__file__).with_name("wordings")


@lru_cache(maxsize=len(LANGUAGES))
def shipped(language: str) -> dict[tuple[Topic, Channel], Wording]:
    """Every notice's words in `language`; ValueError where the file does not have just those."""
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        table = tomllib.load(file)
    found = {
        (Topic(topic), Channel(channel)): check_wording(
            Topic(topic), Channel(channel), Wording(words["title"], words["text"])
        )
        for topic, channels in table["notices"].items()
        for channel, words in channels.items()
    }
    if found.keys() != WORDED.keys():
        raise ValueError(f"wordings/{language}.toml has not the notices that there are")
    return found


@lru_cache(maxsize=len(LANGUAGES))
def no_place(language: str) -> str:
    """What stands for {place} where the label shows none."""
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return str(tomllib.load(file)["no_place"])
