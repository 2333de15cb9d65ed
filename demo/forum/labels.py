"""The platform's side of the label API: the member's label, and the link to their own page."""

import dataclasses
from pathlib import Path
from typing import Any

import requests

from demo.activity import SITE

_SECONDS = (0.5, 1.5)  # to connect, to answer: a profile never waits for its label
_UNAVAILABLE = "unavailable"
_STATES = ("labelled", "uncertain", "withheld", "none")


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What a profile says. `state` is the API's, or `unavailable`; `names` by language."""

    state: str
    names: dict[str, str]
    corrected: bool = False
    disputed: bool = False


NOT_AVAILABLE = Shown(_UNAVAILABLE, {})


class LabelDesk:
    """The keyed label API, as a community's back end uses it."""

    def __init__(self, address: str, key_file: Path) -> None:
        self.address, self._key_file = address.rstrip("/"), key_file

    def label(self, account: str) -> Shown:
        """The account's label; `unavailable` where the desk does not answer as it should."""
        query = {"site": SITE, "account": account}
        answer = self._ask("GET", "/api/v1/labels", params=query)
        try:
            row = answer["labels"][0]
            state = row["state"] if row["state"] in _STATES else "none"
            return Shown(state, row["names"] or {}, bool(row["corrected"]), bool(row["disputed"]))
        except (KeyError, IndexError, TypeError):
            return NOT_AVAILABLE

    def own_page(self, account: str) -> str | None:
        """A one-time link to the holder's own page; None where the desk gives none."""
        wanted = {"site": SITE, "account": account}
        link = self._ask("POST", "/api/v1/holder-links", json=wanted).get("url")
        return link if isinstance(link, str) and link.startswith(self.address + "/") else None

    def _ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        """The answer's JSON object, or an empty one."""
        try:
            key = self._key_file.read_text(encoding="utf-8").strip()
            with requests.Session() as session:
                session.trust_env = False  # this machine, past no proxy
                answer = session.request(
                    method,
                    self.address + path,
                    headers={"Authorization": f"Bearer {key}"},
                    timeout=_SECONDS,
                    allow_redirects=False,
                    **sent,
                )
            found = answer.json() if answer.ok else {}
        except (OSError, ValueError):  # requests' own errors are OSErrors
            return {}
        return found if isinstance(found, dict) else {}
