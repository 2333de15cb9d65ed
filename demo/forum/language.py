"""The forum's words in English and Chinese."""

from datetime import timedelta

LANGUAGES = ("en", "zh")
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)

# In English, in Chinese.
_WORDS: dict[str, tuple[str, str]] = {
    "brand": ("Teahouse", "茶馆"),
    "tagline": ("A slow place to talk about tea", "慢慢聊茶的地方"),
    "invented": (
        "Everybody here is invented: this community exists to show Shudi.",
        "这里的人都是编的：这个社区是为了演示属地而做的。",
    ),
    "skip": ("Skip to content", "跳到正文"),
    "all": ("All", "全部"),
    "brewing": ("Brewing", "冲泡"),
    "teaware": ("Teaware", "茶器"),
    "places": ("Places", "去处"),
    "chat": ("Small talk", "闲聊"),
    "sections": ("Sections", "版块"),
    "threads": ("Threads", "话题"),
    "pinned": ("Pinned", "置顶"),
    "replies": ("{} replies", "{} 条回复"),
    "posts": ("{} posts", "{} 条帖子"),
    "started": ("started by", "发起人"),
    "latest": ("latest by", "最后回复"),
    "in_reply_to": ("in reply to", "回复"),
    "more": ("Show more", "显示更多"),
    "loading": ("Loading…", "加载中……"),
    "failed": ("That did not load. Try again?", "没有加载出来，再试一次？"),
    "end": ("That is all for now. The kettle is on.", "到底了，水还热着。"),
    "likes": ("{} cups", "{} 杯"),
    "member_since": ("Member for {}", "加入 {}"),
    "recent": ("Recent posts", "最近发言"),
    "no_posts": ("Nothing written yet.", "还没有发言。"),
    "own_page": ("Your own page", "我的属地页"),
    "own_page_hint": (
        "For this account's holder: what is shown, why, how to contest it. In the demo, anybody.",
        "只给登录了这个账号的本人：显示了什么、为什么、如何提出异议。演示中谁都可以点。",
    ),
    "own_page_gone": (
        "The label desk does not answer right now. Please try again in a minute.",
        "属地服务暂时没有回应，请稍后再试。",
    ),
    "not_found": ("There is nothing here", "这里什么也没有"),
    "back": ("Back to the front page", "回到首页"),
    "location": ("IP location", "IP属地"),
    "labelled": ("{}", "{}"),
    "uncertain": ("{} (uncertain)", "{}（不确定）"),
    "uncertain_nowhere": ("uncertain", "不确定"),
    "withheld": ("withheld", "不予显示"),
    "none": ("unknown", "未知"),
    "unavailable": ("not available right now", "暂时无法显示"),
    "corrected": ("corrected after review", "经复核更正"),
    "disputed": ("disputed by the holder", "本人有异议"),
    "now": ("just now", "刚刚"),
    "minutes": ("{} min ago", "{} 分钟前"),
    "hours": ("{} h ago", "{} 小时前"),
    "days": ("{} d ago", "{} 天前"),
    "year_long": ("{} years", "{} 年"),
    "day_long": ("{} days", "{} 天"),
    "a_year_long": ("a year", "1 年"),
    "a_day_long": ("a day", "1 天"),
}


def words(language: str) -> dict[str, str]:
    """Every word in that language."""
    at = LANGUAGES.index(language)
    return {name: pair[at] for name, pair in _WORDS.items()}


def tag(language: str) -> str:
    """The `lang` of a page."""
    return "zh-Hans" if language == "zh" else "en"


def since(ago: timedelta, language: str) -> str:
    """How long ago, roughly."""
    said = words(language)
    if ago < timedelta(minutes=2):
        return said["now"]
    if ago < 2 * _HOUR:
        return said["minutes"].format(ago // timedelta(minutes=1))
    if ago < 2 * _DAY:
        return said["hours"].format(ago // _HOUR)
    return said["days"].format(ago // _DAY)


def length(days: int, language: str) -> str:
    """A span of days, roughly."""
    count, unit = (days // 365, "year_long") if days >= 365 else (days, "day_long")  # noqa: PLR2004
    said = words(language)
    return said[f"a_{unit}"] if count == 1 else said[unit].format(count)
