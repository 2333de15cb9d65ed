"""What the document says of the strings in requests. Decoding does not ask for it: the domain
refuses what breaks its rules, with a code of its own. Schemathesis compares the two
(tests/extension_api/test_document.py).
"""

from typing import Annotated, Any

from msgspec import Meta

from shudi.accounts.rules import BIO_MOST, IDENTIFIER_MOST, NAME_MOST, URL_MOST, URL_PATTERN
from shudi.cases.rules import REPORT_TEXT_MOST, ReportKind

ACCOUNTS_MOST = 100


def _told(description: str = "", **schema: Any) -> Meta:
    told = {"description": description} if description else {}
    return Meta(extra_json_schema=told | schema)


# No control character, and none that turns the words around it.
_SHOWABLE = r"[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]"
_LINES = rf"^({_SHOWABLE}|\r?\n)*$"

ACCOUNT = {"minLength": 1, "maxLength": IDENTIFIER_MOST, "pattern": f"^{_SHOWABLE}+$"}
Account = Annotated[str, _told("compared exactly, in NFC", **ACCOUNT)]
Accounts = Annotated[list[Account], _told(minItems=1, maxItems=ACCOUNTS_MOST)]
Handle = Annotated[str, _told(maxLength=IDENTIFIER_MOST, pattern=f"^{_SHOWABLE}*$")]
Name = Annotated[str, _told(maxLength=NAME_MOST, pattern=f"^{_SHOWABLE}*$")]
AvatarURL = Annotated[
    str, _told("http or https, or empty", maxLength=URL_MOST, pattern=URL_PATTERN)
]
Bio = Annotated[str, _told(maxLength=BIO_MOST, pattern=_LINES)]
Protection = Annotated[str, _told(enum=["none", "protected", "minor"])]
ReportKindName = Annotated[str, _told(enum=[kind.value for kind in ReportKind])]
ReportText = Annotated[
    str,
    _told(
        maxLength=REPORT_TEXT_MOST,
        pattern=r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$",
    ),
]
