"""How a community's own profile page says a label: the words of the demo community's row.

They are the demo's (a test compares them); the traditional form is ours, as the demo has none.
"""

from flask import Flask

from console.outcome import Seen
from console.parts import vocabulary
from shudi.labels.rules import State

PROFILE: dict[str, dict[str, str]] = {
    "en": {
        "location": "IP location",
        "labelled": "{}",
        "uncertain": "{} (uncertain)",
        "uncertain_nowhere": "uncertain",
        "withheld": "withheld",
        "none": "unknown",
        "corrected": "corrected after review",
        "disputed": "disputed by the holder",
    },
    "zh-Hans": {
        "location": "IP属地",
        "labelled": "{}",
        "uncertain": "{}（不确定）",
        "uncertain_nowhere": "不确定",
        "withheld": "不予显示",
        "none": "未知",
        "corrected": "经复核更正",
        "disputed": "本人有异议",
    },
    "zh-Hant": {
        "location": "IP屬地",
        "labelled": "{}",
        "uncertain": "{}（不確定）",
        "uncertain_nowhere": "不確定",
        "withheld": "不予顯示",
        "none": "未知",
        "corrected": "經複核更正",
        "disputed": "本人有異議",
    },
}


def register(app: Flask) -> None:
    """Give templates the profile's words."""
    app.jinja_env.globals.update(profile_words=PROFILE, profile_place=profile_place)


def profile_place(shown: Seen, lang: str) -> str:
    """What the profile's row says in `lang`."""
    texts = PROFILE[lang]
    if shown.state in (State.LABELLED, State.UNCERTAIN) and shown.region:
        return texts[shown.state.value].format(vocabulary().get(shown.region).on_labels[lang])
    if shown.state is State.UNCERTAIN:
        return texts["uncertain_nowhere"]
    return texts["withheld" if shown.state is State.WITHHELD else "none"]
