"""Labels as JSON bytes. Everything but the account's name is made once per distinct label."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from extension_api.wire import LabelRow, Names
from shudi.labels.queries.served import Shown
from shudi.regions.rules import Vocabulary

_REMEMBERED_MOST = 100_000
_encode = msgspec.json.Encoder().encode


def names_of(words: Mapping[str, str]) -> Names:
    """A region's names as they travel."""
    return Names(words["en"], words["zh-Hans"], words["zh-Hant"])


class Rows:
    """Renders labels with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tails: dict[Shown, bytes] = {}

    def row(self, account: str, shown: Shown) -> LabelRow:
        """The row as a shape."""
        known = shown.region if shown.region in self._vocabulary else None
        return LabelRow(
            account=account,
            state=shown.state,  # type: ignore[arg-type]
            region=known,
            names=names_of(self._vocabulary.get(known).on_labels) if known else None,
            precision=self._vocabulary.precision(known),
            basis=shown.basis,  # type: ignore[arg-type]
            corrected=shown.corrected,
            disputed=shown.disputed,
            since=shown.since,
            version=shown.version,
        )

    def tail(self, shown: Shown) -> bytes:
        """A row's JSON after the account's value."""
        tail = self._tails.get(shown)
        if tail is None:
            if len(self._tails) >= _REMEMBERED_MOST:
                self._tails.clear()
            tail = _encode(self.row("", shown)).removeprefix(b'{"account":""')
            self._tails[shown] = tail
        return tail


def labels_body(as_of: datetime | None, accounts: Iterable[str], tails: Iterable[bytes]) -> bytes:
    """The whole answer of a lookup."""
    rows = [
        b'{"account":' + _encode(account) + tail
        for account, tail in zip(accounts, tails, strict=True)
    ]
    return b'{"as_of":' + _encode(as_of) + b',"labels":[' + b",".join(rows) + b"]}"
