"""Ways to be reached that are written into a name or bio, and text hidden in a name (R8(6)).

The article forbids them for harm or improper gain, which no pattern can tell, so what matches
waits for a person. Each wait is somebody's, so each pattern asks for more than a hint: a number of
a telephone's length, an id with a digit behind a service's name, a known end of a domain.
Every pattern starts at a border and cannot run back, so the longest bio costs little.
"""

import dataclasses
import re
from typing import Final

from shudi.accounts.rules.catalogue import Rule

# Shown as nothing, and needed by no script inside a name. Joiners, variation selectors and the
# tags of flags have honest uses and are looked at where they stand.
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"
# Letters that no joiner ever stands between.
_PLAIN = "0-9A-Za-z\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
INVISIBLE: Final = re.compile(f"[{_UNSEEN}{_JOINERS}{_SELECTORS}{_TAGS}\u200e\u200f]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,10}\U000e007f")
_HIDDEN = re.compile(
    f"[{_UNSEEN}{_TAGS}]|[{_SELECTORS}]{{2,}}|(?<=[{_PLAIN}])[{_JOINERS}]+(?=[{_PLAIN}])"
)
_SEEN = re.compile(f"[^\\s{_UNSEEN}{_JOINERS}{_SELECTORS}{_TAGS}\u200e\u200f\u2800]")

# Chinese numerals stand for digits where a number of that length leaves no other reading.
DIGITS: Final = str.maketrans(
    "零〇○一二三四五六七八九壹贰貳叁叄肆伍陆陸柒捌玖幺",
    "0001234567891223345667891",
)

_LINK = r"""
    https?:/ | hxxps?:/ | (?<![a-z0-9])www[.。点][a-z0-9]
  | (?<![a-z0-9.])(?:t\.me|wa\.me|line\.me|discord\.gg|bit\.ly|dwz\.cn|url\.cn)/[a-z0-9+_-]
  | (?<![a-z0-9@-])(?!(?:ado|asp|ml|paint|vb)\.net(?![a-z0-9]))
    (?=[0-9-]{0,20}[a-z])[a-z0-9][a-z0-9-]{1,62}+(?:\.|。|点|\ dot\ )
    (?:com|cn|net|org|top|xyz|vip|shop|club|online|cc)(?![a-z0-9])
"""
_EMAIL = r"""
    (?<![a-z0-9._%+@-])[a-z0-9._%+-]{1,64}+@
    [a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24}(?![a-z0-9])
"""
_PHONE = r"""
    (?<![0-9a-z])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ .-]?[0-9]{4}){2}(?![0-9a-z])
  | (?<![0-9a-z])1([ .-])[3-9](?:\1[0-9]){9}(?![ .-]?[0-9a-z])
  | (?<![0-9])\+[1-9][0-9]{0,2}(?:[ .()-]{0,2}[0-9]){7,12}(?![0-9])
  | (?:电话|電話|手机|手機|热线|熱線|(?<![a-z])(?:tel|phone|hotline))号?[ :.]{0,3}
    (?:0[0-9]{2,3}[ -]?)?[0-9]{3,4}[ -]?[0-9]{4}(?![0-9])
"""
_ID = r"(?=[a-z-]{0,19}[0-9_])[a-z][a-z0-9_-]{5,19}(?![a-z0-9])"
_CONTACT = rf"""
    (?:(?<![a-z0-9])qq|扣扣|企鹅|q群)(?:号码?|群号?)?[ :]{{0,3}}[1-9][0-9]{{4,10}}(?![0-9a-z])
  | (?:微信|威信|薇信|v信)(?:号|群)?[ :@]{{0,3}}{_ID}
  | (?<!\+)[加+][我个]?[ ]?(?:微信|威信|薇信|v信|(?:vx?|wx|wechat)(?=[号 :]))号?[ :]{{0,3}}
    [a-z][a-z0-9_-]{{5,19}}(?![a-z0-9])
  | (?<![a-z0-9])(?:wechat|weixin|vx|wx|telegram|tg|whatsapp|line|qq)(?:[ ]?id)?[ ]?:[ ]?
    (?:@[a-z0-9_]{{4,}}|{_ID})
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """A way to be reached. `form` of the text as in `screening`; without what it `needs`
    nothing can match, and most texts have nothing of it.
    """

    rule: Rule
    form: str
    needs: re.Pattern[str]
    pattern: re.Pattern[str]


WAYS: Final = tuple(
    Way(rule, form, re.compile(needs), re.compile(text, re.VERBOSE))
    for rule, form, needs, text in (
        (Rule.EMAIL, "plain", "@", _EMAIL),
        (Rule.LINK, "plain", "[.。点/]|dot|hxxp", _LINK),
        (Rule.PHONE, "digits", "[0-9]", _PHONE),
        (Rule.CONTACT, "digits", "[0-9_@加+]", _CONTACT),
    )
)


def hidden(name: str) -> tuple[int, int] | None:
    """Where `name` hides text, (start, end); the whole of one that shows nothing; else None."""
    if name.isascii():
        return None
    if not _SEEN.search(name):
        return 0, len(name)
    flagless = _FLAG.sub(lambda flag: "*" * len(flag[0]), name)
    found = _HIDDEN.search(flagless)
    return found.span() if found else None
