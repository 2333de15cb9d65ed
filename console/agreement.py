"""What everybody accepts before they see personal data.

The text belongs to one version: who changes it, in either language, gives
`shudi.staff.rules.AGREEMENT` a new value, and everybody is asked anew. A test holds both together.
"""

from flask_babel import LazyString, lazy_gettext

_ = lazy_gettext

POINTS: tuple[tuple[str, LazyString, LazyString], ...] = (
    (
        "search",
        _("Only for your work"),
        _(
            "Use what you see to review labels and account information and to answer those who"
            " object. Open a case or an account only when your work asks for it."
        ),
    ),
    (
        "shield",
        _("Nothing leaves the desk"),
        _(
            "Copy nothing out: no screenshots, no photographs, no notes elsewhere. A file that"
            " the desk makes goes only to those whom it was made for."
        ),
    ),
    (
        "people",
        _("Keep it to yourself"),
        _(
            "The regulation on account information (article 16) and the law on the protection of"
            " personal information oblige you to confidentiality. That does not end with your"
            " work here."
        ),
    ),
    (
        "globe",
        _("Nothing finer than the label"),
        _(
            "A label names a province, a country or an area. Do not try to find out more"
            " precisely where somebody is, or who they are elsewhere."
        ),
    ),
    (
        "audit",
        _("Reading may be on record"),
        _(
            "Every act is recorded in a log that nobody can change, and so is what auditors read,"
            " and every export. Seniors, auditors and administrators read this log."
        ),
    ),
)
