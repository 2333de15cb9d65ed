"""Screening names and bios before they are shown.

What is looked for, and what is not yet, is written down in
docs/decisions/0009-screening-first-form.md.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from shudi.accounts.rules import contacts
from shudi.accounts.rules.catalogue import PENDING, REFUSED, Finding, Rule, Term
from shudi.accounts.rules.information import AccountInfo

# What a person refused is refused at once, without a case, when it is sent again so soon.
REFUSAL_STANDS = timedelta(days=30)
FIELDS = ("name", "handle", "bio")
_SEPARATOR = re.compile(r"[\W_\u115f\u1160]")
_Forms = Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class _Hit:
    """`start` and `end` count in the text's form of that name."""

    rule: Rule
    verdict: str
    form: str
    start: int
    end: int


class Screen:
    """The rules with their words, compiled once."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = {term.text: term for term in terms}
        self._words = {
            # Chinese words are found through whatever stands between their characters.
            "bare": _pattern([term for term in terms if not term.text.isascii()], "{}"),
            "spaced": _pattern(
                [term for term in terms if term.text.isascii()], "(?<![a-z0-9])(?:{})(?![a-z0-9])"
            ),
        }

    def screen(self, info: AccountInfo, old: AccountInfo) -> Finding | None:
        """The first finding that refuses, else the first that makes a person look, else None.

        Only what differs from the live values `old` counts.
        """
        first: Finding | None = None
        for field in FIELDS:
            text = getattr(info, field) or ""
            if not text or text == (getattr(old, field) or ""):
                continue
            for hit in self._hits(field, text, _forms(text)):
                if hit.verdict == REFUSED:
                    return Finding(field, hit.rule, hit.verdict)
                first = first or Finding(field, hit.rule, hit.verdict)
        return first

    def marks(self, field: str, text: str) -> list[tuple[int, int]]:
        """Where in `text` the rules find something: (start, end), in order, none overlapping."""
        forms, origins = _traced(text)
        spans = []
        for hit in self._hits(field, text, forms):
            places = origins[hit.form]
            spans.append((places[hit.start], places[hit.end - 1] + 1))
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _hits(self, field: str, text: str, forms: _Forms) -> Iterator[_Hit]:
        """A handle may look like an address where handles do; a bio may speak of anything."""
        if field != "bio":
            span = contacts.hidden(text)
            if span:
                yield _Hit(Rule.HIDDEN_TEXT, REFUSED, "text", *span)
            for form, pattern in self._words.items():
                for match in pattern.finditer(forms[form]):
                    term = self._terms.get(re.sub(" +", " ", match[0]))
                    if term is not None:  # else a word that only holds one
                        yield _Hit(term.rule, term.verdict, form, *match.span())
        if field != "handle":
            for way in contacts.WAYS:
                if way.needs.search(forms[way.form]):
                    for match in way.pattern.finditer(forms[way.form]):
                        yield _Hit(way.rule, PENDING, way.form, *match.span())


def _pattern(terms: Sequence[Term], around: str) -> re.Pattern[str]:
    """All terms in one pattern; the words that excuse one are tried first and match themselves."""
    words = {word for term in terms for word in (term.text, *term.unless)}
    tried = sorted(words, key=lambda word: (-len(word), word))
    texts = [re.escape(word).replace(r"\ ", " +") for word in tried]
    return re.compile(around.format("|".join(texts) or "(?!)"))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _forms(text: str) -> _Forms:
    """The text as the rules compare it; see `_traced` for where its characters come from."""
    folded = _fold(text)
    plain = contacts.INVISIBLE.sub("", folded)
    return {
        "bare": _SEPARATOR.sub("", folded),
        "spaced": _SEPARATOR.sub(" ", folded),
        "plain": plain,
        "digits": plain.translate(contacts.DIGITS),
    }


def _traced(text: str) -> tuple[_Forms, Mapping[str, list[int]]]:
    """The same forms, and for each of their characters its place in `text`."""
    folded = [(piece, at) for at, letter in enumerate(text) for piece in _fold(letter)]

    def kept(keep: Callable[[str], object]) -> tuple[str, list[int]]:
        chosen = [(piece, at) for piece, at in folded if keep(piece)]
        return "".join(piece for piece, _ in chosen), [at for _, at in chosen]

    whole, all_places = kept(lambda _: True)
    bare, bare_places = kept(lambda piece: not _SEPARATOR.match(piece))
    plain, plain_places = kept(lambda piece: not contacts.INVISIBLE.match(piece))
    forms = {
        "bare": bare,
        "spaced": _SEPARATOR.sub(" ", whole),
        "plain": plain,
        "digits": plain.translate(contacts.DIGITS),
    }
    origins = {
        "text": list(range(len(text))),
        "bare": bare_places,
        "spaced": all_places,
        "plain": plain_places,
        "digits": plain_places,
    }
    return forms, origins
