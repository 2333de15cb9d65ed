"""How much a program asks, by day."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext, ngettext

from console.charts import Chart, count, span_row


def requests(days: Sequence[date], counts: Sequence[int]) -> Chart:
    """Requests a day, the last day being today."""
    total, most = sum(counts), max(counts, default=0)
    finding = (
        gettext("No request in these days.")
        if total == 0
        else ngettext(
            "%(all)s request in these days; the busiest day had %(most)s.",
            "%(all)s requests in these days; the busiest day had %(most)s.",
            total,
            all=count(total).text,
            most=count(most).text,
        )
    )
    rows = [span_row([day], (count(number),)) for day, number in zip(days, counts, strict=True)]
    return Chart(
        key="requests",
        title=gettext("Requests by day"),
        finding=finding,
        drawing="columns",
        head=gettext("Day"),
        columns=(gettext("Requests"),),
        rows=tuple(rows),
        note=gettext("What was asked is not kept. Today's figure is up to a minute old."),
    )
