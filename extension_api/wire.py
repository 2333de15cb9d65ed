"""Requests and answers as they travel: frozen shapes, from which OpenAPI is generated.

Requests refuse fields they do not know, so that a misspelt one is not silently ignored. Strings
are not narrowed here: what they may mean is the domain's to say, with a code of its own. The
document still tells it (`told`), so that who reads only the document sends nothing in vain.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from extension_api.told import (
    Account,
    Accounts,
    AvatarURL,
    Bio,
    Handle,
    Name,
    Protection,
    ReportKindName,
    ReportText,
)

LINES_MOST = 10_000
CHANGES_MOST = 1000
BODY_MOST = 16 * 1024
BULK_BODY_MOST = 8 * 1024 * 1024


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """What a program sends."""


class Names(Struct, frozen=True, rename={"zh_hans": "zh-Hans", "zh_hant": "zh-Hant"}):
    """A place in the three languages."""

    en: str
    zh_hans: str
    zh_hant: str


StateName = Literal["labelled", "uncertain", "withheld", "none", "not_covered"]
Precision = Literal["subdivision", "country", "none"]
BasisName = Literal["activity", "correction", "none"]


class LabelRow(Struct, frozen=True):
    """The label of one account. An unknown account answers like one without activity."""

    account: str
    state: StateName
    region: str | None
    names: Names | None
    precision: Precision
    basis: BasisName
    corrected: bool
    disputed: bool
    since: Annotated[str, Meta(description="UTC date of the last displayed change")] | None
    version: Annotated[int, Meta(description="counts displayed changes")]


class Labels(Struct, frozen=True):
    """Labels in the order asked. `as_of` is null for a site that is not covered."""

    as_of: datetime | None
    labels: list[LabelRow]


class LookupQuery(Request, frozen=True):
    """GET /labels: `account` repeats, 1 to 100 times."""

    site: str
    account: Accounts


class Lookup(Request, frozen=True):
    """POST /labels/query: 1 to 100 accounts."""

    site: str
    accounts: Accounts


class ChangesQuery(Request, frozen=True):
    """GET /changes: continue after seq `after`, at most `limit` rows."""

    site: str
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, Meta(ge=1, le=CHANGES_MOST)] = 500


class ChangedLabel(LabelRow, frozen=True):
    """The latest label of an account that changed; `deleted`: forget its label."""

    seq: int
    deleted: bool


class Changes(Struct, frozen=True):
    """One latest row an account, in order of `seq`. Pass `next` as `after` to continue."""

    as_of: datetime
    changes: list[ChangedLabel]
    next: int


class Sighting(Request, frozen=True):
    """One activity of an account. `at` has an offset; `ip` is located and dropped."""

    site: str
    account: str
    ip: str
    at: str
    kind: Annotated[str, Meta(description="post, comment, reply, vote or sign_in")]


class Sightings(Request, frozen=True):
    """A batch; NDJSON has one sighting a line instead."""

    sightings: Annotated[list[Sighting], Meta(max_length=LINES_MOST)]


class LineError(Struct, frozen=True):
    """What is wrong with the line of that index (0-based). The other lines were taken."""

    index: int
    code: str


class Taken(Struct, frozen=True):
    """What became of a batch."""

    accepted: int
    rejected: int
    errors: list[LineError]


class AccountInformation(Request, frozen=True):
    """What the platform says of an account."""

    handle: Handle | None = None
    name: Name = ""
    avatar_url: AvatarURL = ""
    bio: Bio = ""
    protection: Protection = "none"


class AccountLine(AccountInformation, frozen=True, kw_only=True):
    """One line of POST /accounts."""

    site: str
    account: str


class Verdict(Struct, frozen=True):
    """`pending` and `refused`: the live values stay. Both name the rule and its article."""

    verdict: Literal["accepted", "pending", "refused"]
    rule: Annotated[str, Meta(description="empty if accepted; see the decision record 0009")]
    article: Annotated[
        str, Meta(description="of the 2022 regulation, e.g. R8(6); empty if accepted")
    ]


class LineVerdict(Verdict, frozen=True):
    """The verdict on one line that was not simply accepted."""

    index: int


class AccountsTaken(Struct, frozen=True):
    """What became of a batch of account information."""

    accepted: int
    pending: int
    refused: int
    rejected: int
    verdicts: list[LineVerdict]
    errors: list[LineError]


class Deleted(Struct, frozen=True):
    """Whether there was something to delete. Only the id stays, as a tombstone."""

    deleted: bool


class Report(Request, frozen=True):
    """A reader says that a label is wrong. `account` as the page shows it, or the id."""

    site: str
    account: Account
    kind: ReportKindName
    text: ReportText = ""


class Received(Struct, frozen=True):
    """Says only that the request was understood: the same for an account nobody knows."""

    received: bool = True


class HolderLinkWanted(Request, frozen=True):
    """Whose page the link opens."""

    site: str
    account: Account


class HolderLink(Struct, frozen=True):
    """Opens the account holder's own page once. Give it to the holder and nobody else."""

    url: str


class RegionRow(Struct, frozen=True):
    """A place labels may name. `parent` is null for a country or area."""

    code: str
    parent: str | None
    names: Names
    short: Names


class Regions(Struct, frozen=True):
    """The whole vocabulary. `version` changes with any name."""

    version: str
    granularity: Literal["subdivision", "country"]
    regions: list[RegionRow]


class PageKey(Struct, frozen=True):
    """What a page shows beside a name, and how it compares."""

    kind: Literal["id", "handle"]
    fold: Literal["exact", "casefold"]


class SiteRow(Struct, frozen=True):
    """A community that is covered, and how its pages name accounts."""

    site: str
    name: str
    match: list[str]
    page_key: PageKey
    adapter: dict[str, Any]


class Sites(Struct, frozen=True):
    """All communities."""

    sites: list[SiteRow]


class SigningKey(Struct, frozen=True):
    """Ed25519; `id` is the start of the SHA-256 of the raw key."""

    id: str
    public: str


class Manifest(Struct, frozen=True):
    """The signed list of dataset files. `payload` is base64 of JSON; docs/dataset.md has both."""

    payload: str
    signature: str
    key: SigningKey


class Health(Struct, frozen=True):
    """`checks` says which part is not ready."""

    status: Literal["ok", "not-ready"]
    checks: dict[str, str] = {}


class Problem(Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `code` is the end of `type`; no input is ever repeated."""

    type: str
    title: str
    status: int
    code: str
    field: str | None = None
    index: int | None = None


class ProblemKind(Struct, frozen=True):
    """What a problem's type says."""

    type: str
    status: int | None
    title: str
