"""The forum's own small data set: who wrote what, when. The same after each start."""

import dataclasses
import functools
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from demo.forum import phrases
from demo.forum.threads import OUTLINES
from demo.people import CAST, Person, members

_OTHERS = {"zh-Hans": ("zh-Hant", "en"), "zh-Hant": ("zh-Hans", "en"), "en": ("zh-Hans", "es")}
_ANYBODY = ("en", "zh-Hans")


@dataclasses.dataclass(frozen=True, slots=True)
class Post:
    """One message. `reply_to` is its number in the thread, or 0."""

    number: int
    author: Person
    text: str
    language: str
    ago: timedelta
    likes: int
    reply_to: int


@dataclasses.dataclass(frozen=True, slots=True)
class Thread:
    """A conversation; `posts[0]` starts it."""

    id: int
    section: str
    title: str
    language: str
    pinned: bool
    posts: tuple[Post, ...]

    @property
    def latest(self) -> Post:
        """The last message."""
        return self.posts[-1]


@functools.cache
def threads() -> tuple[Thread, ...]:
    """All threads: what is pinned, then what was written to last."""
    made = [_thread(number) for number in range(len(OUTLINES))]
    return tuple(sorted(made, key=lambda one: (not one.pinned, one.latest.ago)))


@functools.cache
def by_handle() -> dict[str, Person]:
    """Members by handle, without regard to case."""
    return {person.handle.casefold(): person for person in members()}


@functools.cache
def posts_of() -> dict[str, tuple[tuple[Thread, Post], ...]]:
    """What each account wrote, newest first."""
    found: dict[str, list[tuple[Thread, Post]]] = {}
    for thread in threads():
        for post in thread.posts:
            found.setdefault(post.author.account, []).append((thread, post))
    return {
        account: tuple(sorted(posts, key=lambda one: one[1].ago))
        for account, posts in found.items()
    }


@functools.cache
def _writers(language: str) -> tuple[Sequence[Person], Sequence[int]]:
    """Members who write a language, and how often: a few write most."""
    people = [one for one in members() if one.language == language and one.activity == "posts"]
    return people, [
        60 if one.number < CAST // 4 else 8 if one.number < CAST else 1 for one in people
    ]


def _thread(number: int) -> Thread:
    section, language, title, start, count = OUTLINES[number]
    chance = random.Random(f"teahouse thread {number}")
    last = timedelta(minutes=4 + chance.randrange(30) + number * number * 9)
    first = last + timedelta(hours=count * (0.6 + 1.4 * chance.random()))
    people, weights = _writers(language)
    author = chance.choices(people, weights)[0]
    posts = [Post(1, author, start, language, first, chance.randrange(8, 90), 0)]
    for at in range(2, count + 1):
        ago = first - (first - last) * ((at - 1) / (count - 1)) ** 0.8
        posts.append(_post(chance, at, language, ago))
    return Thread(number + 1, section, title, language, number == 0, tuple(posts))


def _post(chance: random.Random, number: int, language: str, ago: timedelta) -> Post:
    if chance.random() < 0.2:  # noqa: PLR2004 - one in five writes another language
        language = chance.choice(_OTHERS.get(language, _ANYBODY))
    people, weights = _writers(language)
    return Post(
        number=number,
        author=chance.choices(people, weights)[0],
        text=_text(chance, language),
        language=language,
        ago=ago,
        likes=int(chance.expovariate(0.35)) // 2 * 2,
        reply_to=chance.randrange(max(1, number - 9), number) if chance.random() < 0.25 else 0,  # noqa: PLR2004
    )


def _text(chance: random.Random, language: str) -> str:
    middle = chance.choice(phrases.MIDDLES[language])
    begins, ends = chance.random() < 0.55, chance.random() < 0.35  # noqa: PLR2004
    begin = chance.choice(phrases.BEGINNINGS[language]) if begins else ""
    if begin[-1:] in ("", ".", "!", "?", "。", "！"):
        middle = middle[:1].upper() + middle[1:]
    gap = "" if language.startswith("zh") or language == "ja" else " "
    end = chance.choice(phrases.ENDINGS[language]) if ends else ""
    return gap.join(part for part in (begin, middle, end) if part)


def written_at(post: Post, now: datetime) -> datetime:
    """The instant of a message, for a page made at `now`."""
    return now - post.ago
