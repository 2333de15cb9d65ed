"""Ready words for the demo's moderators, in the three languages of the labels."""

import functools
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from demo.stage import SENIOR, Stage
from shudi.cases.actions.reasons import add

# decision: language: (name, text)
WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "keep": {
        "en": (
            "Sources agree",
            "All databases place the latest activity there, and so do the months before.",
        ),
        "zh-Hans": ("来源一致", "各数据库对最近活动的判断一致，前几个月也是如此。"),
        "zh-Hant": ("來源一致", "各資料庫對最近活動的判斷一致，前幾個月也是如此。"),
    },
    "dismiss": {
        "en": ("Not about the label", "The report is about what was said, not about the place."),
        "zh-Hans": ("与属地无关", "举报针对的是发言内容，与展示的属地无关。"),
    },
    "coarsen": {
        "en": (
            "Sources differ on the province",
            "The databases agree on the country and differ on the province.",
        ),
        "zh-Hans": ("省份不一致", "各数据库对国家判断一致，对省份判断不一。"),
    },
    "mark_uncertain": {
        "en": (
            "Shared network",
            "Activity comes from a shared network, so it does not show where the person is.",
        ),
        "zh-Hans": ("共享网络", "活动来自共享网络，不能说明本人所在地。"),
    },
    "withhold": {
        "en": ("Risk to the person", "Showing the place would put the person at risk."),
        "zh-Hans": ("保护本人", "展示属地会给本人带来风险。"),
    },
}


def write(stage: Stage) -> None:
    """A senior wrote them before the community opened its desk."""
    for kind, languages in WORDS.items():
        for language, (title, text) in languages.items():
            words = {"kind": kind, "language": language, "title": title, "text": text}
            stage.at(timedelta(days=25), functools.partial(_add, stage=stage, words=words))


def _add(session: Session, now: datetime, *, stage: Stage, words: dict[str, str]) -> None:
    add(session, actor=stage.staff[SENIOR], now=now, **words)
