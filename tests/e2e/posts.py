"""Pages that only a form leads to: what is refused, what is to be confirmed, what is previewed.

Each is sent as its form would send it, and changes nothing: all languages see the same.
"""

import dataclasses

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from shudi.cases.store import Case
from shudi.cases.store.batches import Batch
from shudi.labels.store import Label
from shudi.sites.store import Site
from tests.console.pages import numbers

STALE = "99999"  # a version that nothing has
_SEND = """([action, fields]) => {
  const token = document.querySelector("[name=csrf_token]").value;
  const form = Object.assign(document.createElement("form"), {method: "post", action});
  for (const [name, value] of Object.entries({csrf_token: token, ...fields})) {
    form.append(Object.assign(document.createElement("textarea"), {name, value}));
  }
  document.body.append(form);
  form.submit();
}"""


@dataclasses.dataclass(frozen=True, slots=True)
class Post:
    """What is sent from a page, and the status of the page that it leads to."""

    page: str
    action: str
    status: int
    fields: dict[str, str]

    def __str__(self) -> str:
        return f"POST {self.action} ({self.status})"

    def send(self, page: Page, base: str) -> None:
        """Open the form's page and send it; the page that it leads to is there afterwards."""
        page.goto(base + self.page)
        with page.expect_navigation() as navigation:
            page.evaluate(_SEND, [base + self.action, self.fields])
        assert navigation.value.status == self.status, f"{self}: {navigation.value.status}"


def of_a_senior(session: Session) -> list[Post]:
    """What demo-senior sends about the cases that they hold, and about lists and proposals."""
    known = numbers(session)
    case = session.get_one(Case, known["report"])
    label = session.get_one(Label, case.account_id)
    seen = {"version": str(case.version), "label_version": str(label.version)}
    keep = {"verdict": "keep", "keep_reason": "evidence_agrees", "text": "As it is."}
    replace = {
        "verdict": "correct", "kind": "replace", "region": "CN-SH" if label.region != "CN-SH" else
        "CN-BJ", "reason": "travel", "evidence": "Posts from there for months, ticket 4711.",
    }  # fmt: skip
    listed = {
        "uid": "0" * 32, "site": "", "act": "coarsen", "reason": "carrier_egress", "days": "30",
        "text": "Ticket 4711", "at_expiry": "requeue", "accounts": label.account,
    }  # fmt: skip
    page, decide = f"/cases/{case.id}", f"/cases/{case.id}/decide"
    proposal, batch = f"/approvals/{known['proposal']}", f"/batches/{known['batch']}"
    version = str(session.get_one(Batch, known["batch"]).version)
    brake, decision = f"/brakes/{known['brake']}", f"/decisions/{known['decision']}"
    site = _site_key(session, label.site_id)
    return [
        Post(page, decide, 200, seen | replace),  # to be confirmed
        Post(page, decide, 422, seen | {"verdict": "keep"}),
        Post(page, decide, 409, {"version": STALE, "label_version": STALE} | keep),
        Post(page, decide, 409, seen | {"label_version": STALE} | replace),
        Post("/batches/new", "/batches/preview", 200, listed | {"site": site}),
        Post("/batches/new", "/batches/preview", 422, listed | {"accounts": "a,b,c\n<b>,1,2"}),
        Post("/batches/new", "/batches/new", 200, {}),  # nothing was ticked
        Post(batch, f"{batch}/cancel", 409, {"version": version}),
        Post(batch, f"{batch}/back", 422, {"version": version, "act": "revert", "uid": "0" * 32}),
        Post(proposal, f"{proposal}/refuse", 422, {"version": "1", "text": ""}),
        Post(proposal, f"{proposal}/approve", 409, {"version": STALE, "label_version": "1"}),
        Post(brake, f"{brake}/accept", 409, {"version": STALE, "waive_hours": "1"}),
        Post(decision, f"{decision}/undo", 409, {"version": STALE, "text": "No"}),
        Post("/ready-words", "/ready-words", 422, {}),
        Post("/batches/new", "/batches/preview", 403, listed | {"csrf_token": "x"}),
    ]


def of_an_admin(known: dict[str, int]) -> list[Post]:
    """What demo-admin sends about inspections, people, programs and receivers."""
    return [*_of_inspections(known["inspection"]), *_of_people(known)]


def _of_people(known: dict[str, int]) -> list[Post]:
    person, key = f"/people/{known['colleague']}", f"/api-keys/{known['key']}"
    stale = {"version": STALE}
    taken = {"name": "demo-senior", "role": "senior", "reach": "all", "everywhere": "all"}
    return [
        Post("/people/invite", "/people/invite", 422, {}),
        Post("/people/invite", "/people/invite", 422, {"name": "x" * 65, "role": "moderator"}),
        Post("/people/invite", "/people/invite", 409, taken),
        Post(person, f"{person}/role", 409, stale | {"role": "auditor"}),
        Post(person, f"{person}/role", 422, {"role": "none"}),
        Post(person, f"{person}/reset", 409, stale),
        Post(person, f"{person}/disable", 409, stale),
        Post("/api-keys/new", "/api-keys/new", 422, {}),
        Post(key, f"{key}/rotate", 422, {"overlap": "-1"}),
        Post("/receivers", f"/receivers/{known['site']}", 422, {"url": "http://tea.example"}),
    ]


def _of_inspections(inspection: int) -> list[Post]:
    page = f"/inspections/{inspection}"
    asked = {
        "authority": "Invented Office", "number": "1", "dated": "2026-01-01", "basis": "r21",
        "purpose": "x", "sites": "1", "reach": "named", "accounts": "nobody-of-that-name",
        "since": "2026-01-01", "until": "2026-01-02", "kinds": "labels", "days": "7",
        "telling": "never", "supervisors": "99999",
    }  # fmt: skip
    return [
        Post("/inspections/new", "/inspections/new", 422, {}),
        Post("/inspections/new", "/inspections/new", 422, asked | {"untold_because": "Order 1."}),
        Post(page, f"{page}/stop", 409, {"version": STALE, "text": "It is over."}),
        Post(page, f"{page}/longer", 422, {"version": STALE, "text": "It is over."}),
    ]


def _site_key(session: Session, site_id: int) -> str:
    return session.get_one(Site, site_id).key
