"""How well labels and decisions hold: overturned, confirmed, in force, agreed by the sources.

By place only as a share, with no number of decisions beside it
(docs/decisions/0012-numbers-per-region.md).
"""

from datetime import date, timedelta

from flask_babel import format_date, gettext, ngettext

from console import words
from console.charts import (
    Cell,
    Chart,
    Row,
    count,
    from_per_mille,
    per_cent,
    span_row,
    spans,
    week_row,
)
from console.present import place, word
from shudi.cases.queries.statistics import Statistics
from shudi.cases.rules import CaseKind
from shudi.cases.rules.figures import (
    ENDLESS,
    FEWEST,
    LATER,
    PAST,
    WEEKS_AHEAD,
    Figure,
    share,
)
from shudi.labels.rules import CorrectionKind


def _overall(found: Statistics) -> str:
    value = found.figures.get((Figure.OVERTURNED, "", ""))
    if value is None:
        return str(gettext("Fewer than %(least)d labels were judged in these days.", least=FEWEST))
    return str(gettext("Of all labels that were judged, %(share)d %% were changed.", share=value))


def overturned_by_region(found: Statistics) -> Chart:
    """The share of judged labels that was changed, by the place that activity had shown."""
    parts = found.parts(Figure.OVERTURNED_REGION)
    rows = [
        Row(part, place(part), (per_cent(found.of(Figure.OVERTURNED_REGION, part)),))
        for part in parts
    ]
    return Chart(
        key="overturned-by-region",
        title=gettext("Labels changed on review, by place"),
        finding=_period(found),
        drawing="bars",
        head=gettext("Place"),
        columns=(gettext("Changed"),),
        rows=tuple(sorted(rows, key=lambda row: row.name)),
        percent=True,
        note=gettext(
            "Places with fewer than %(least)d judged accounts are left out, and so is what would"
            " give them away. A share says how reliable labels of a place are; how many accounts"
            " are there is counted nowhere.",
            least=FEWEST,
        ),
    )


def _period(found: Statistics) -> str:
    if found.places_as_of is None:
        return str(gettext("Figures by place come once in four weeks. None have come yet."))
    return str(
        gettext(
            "Of the four weeks that ended on %(day)s, whatever is chosen above. The next come when"
            " four more are over.",
            day=format_date(found.places_as_of - timedelta(days=1), "long"),
        )
    )


def overturned_by_source(found: Statistics) -> Chart:
    """The same by geo source: of the labels that rested on its answer."""
    figure = Figure.OVERTURNED_SOURCE
    rows = [
        Row(part, part, (per_cent(found.figures.get((figure, part, ""))),))
        for part in found.parts(figure)
    ]
    return Chart(
        key="overturned-by-source",
        title=gettext("Labels changed on review, by source"),
        finding=gettext("%(all)s %(each)s", all=_overall(found), each=_each(rows)),
        drawing="bars",
        head=gettext("Source"),
        columns=(gettext("Changed"),),
        rows=tuple(rows),
        percent=True,
        note=gettext("Of the labels that showed the place which this source had given."),
    )


def _each(rows: list[Row]) -> str:
    if not rows:
        return str(gettext("No label that a source had placed was judged in these days."))
    return _listed(
        [gettext("%(name)s: %(share)s", name=row.name, share=row.cells[0].text) for row in rows]
    )


def _listed(said: list[str]) -> str:
    return str(gettext("%(list)s.", list=gettext("; ").join(said)))


def agreement(found: Statistics) -> Chart:
    """How often the second person confirmed what was proposed."""
    rows = []
    for kind in CorrectionKind:
        yes, no = found.of(Figure.CONFIRMED, kind), found.of(Figure.REFUSED, kind)
        cells = (count(yes), count(no), per_cent(share(yes, yes + no)))
        rows.append(Row(kind, word(words.CORRECTION_KIND, kind), cells))
    yes, no = found.total(Figure.CONFIRMED), found.total(Figure.REFUSED)
    said = share(yes, yes + no)
    return Chart(
        key="agreement",
        title=gettext("Second person: proposals confirmed"),
        finding=gettext("Fewer than %(least)d proposals were decided.", least=FEWEST)
        if said is None
        else gettext("The second person confirmed %(share)d %% of the proposals.", share=said),
        drawing="bars-stacked",
        head=gettext("Kind of correction"),
        columns=(gettext("Confirmed"), gettext("Refused"), gettext("Share confirmed")),
        drawn=2,
        rows=tuple(rows),
        note=gettext(
            "Agreement here is the share of second-person decisions that confirmed the proposal."
            " The second person saw the proposal; second looks beside it are taken blind."
        ),
    )


_LOOKED = (Figure.LOOKED_ALIKE, Figure.LOOKED_FIRST, Figure.LOOKED_SECOND, Figure.LOOKED_OPEN)


def second_looks(found: Statistics) -> Chart:
    """How often two people who do not know of each other decide the same case alike."""
    kinds = [kind for kind in CaseKind if any(found.of(one, kind) for one in _LOOKED)]
    rows = []
    for kind in kinds:
        counts = [found.of(one, kind) for one in _LOOKED]
        alike = per_cent(share(counts[0], sum(counts)))
        rows.append(Row(kind, word(words.CASE_KIND, kind), (*map(count, counts), alike)))
    said = share(found.total(Figure.LOOKED_ALIKE), sum(map(found.total, _LOOKED)))
    return Chart(
        key="second-looks",
        title=gettext("Second looks: decided alike"),
        finding=gettext("Fewer than %(least)d second looks were taken.", least=FEWEST)
        if said is None
        else gettext("Two people decided alike in %(share)d %% of second looks.", share=said),
        drawing="bars-stacked",
        head=gettext("Kind of case"),
        columns=(
            gettext("Alike"),
            gettext("First verdict right"),
            gettext("Second verdict right"),
            gettext("Not settled yet"),
            gettext("Share alike"),
        ),
        drawn=4,
        rows=tuple(rows),
        note=gettext(
            "A share of decisions is drawn and taken again by somebody who knows neither the first"
            " verdict nor whose it was. Where they differ, a senior says which is right."
        ),
    )


def in_force(found: Statistics) -> Chart:
    """Corrections in force, by kind."""
    rows = [
        Row(kind, word(words.CORRECTION_KIND, kind), (count(found.of(Figure.IN_FORCE, kind)),))
        for kind in CorrectionKind
    ]
    total = found.total(Figure.IN_FORCE)
    return Chart(
        key="in-force",
        title=gettext("Corrections in force"),
        finding=ngettext(
            "%(num)s correction is in force.", "%(num)s corrections are in force.", total
        ),
        drawing="bars",
        head=gettext("Kind of correction"),
        columns=(gettext("In force"),),
        rows=tuple(rows),
    )


def ending(found: Statistics, today: date) -> Chart:
    """When corrections in force come to their end."""

    def cells(slot: str) -> tuple[Cell, ...]:
        return (count(found.of(Figure.ENDING, slot=slot)),)

    weeks = [
        week_row(str(week), today + timedelta(days=7 * week), cells(str(week)))
        for week in range(WEEKS_AHEAD)
    ]
    others = [
        (PAST, gettext("Past the end")),
        (LATER, gettext("Later")),
        (ENDLESS, gettext("No end")),
    ]
    past, *rest = (Row(code, name, cells(code)) for code, name in others)
    return Chart(
        key="ending",
        title=gettext("When corrections end"),
        finding=gettext(
            "Ending within a week: %(soon)s. Past their end and waiting for a decision: %(past)s.",
            soon=found.of(Figure.ENDING, slot="0"),
            past=found.of(Figure.ENDING, slot=PAST),
        ),
        drawing="columns",
        head=gettext("Ends"),
        columns=(gettext("Corrections"),),
        rows=(past, *weeks, *rest),
    )


def drift(found: Statistics) -> Chart:
    """For how many accounts a source stands alone or gives no place, day by day."""
    sources = found.parts(Figure.SOURCE_DIFFERS)
    columns, rows = [], []
    for source in sources:
        columns.append(gettext("%(source)s: stands alone", source=source))
        columns.append(gettext("%(source)s: no answer", source=source))
    for span in spans(found.calendar):
        cells = [
            from_per_mille(_last(found, figure, source, span))
            for source in sources
            for figure in (Figure.SOURCE_DIFFERS, Figure.SOURCE_SILENT)
        ]
        rows.append(span_row(span, tuple(cells)))
    return Chart(
        key="source-drift",
        title=gettext("Where the sources drift apart"),
        finding=_latest(found, sources),
        drawing="lines",
        head=gettext("Days (UTC)"),
        columns=tuple(columns),
        rows=tuple(rows) if sources else (),
        percent=True,
        note=gettext(
            "The share of accounts whose latest activity only this source places there, or does"
            " not place at all. A jump after an update deserves a look."
        ),
    )


def _last(found: Statistics, figure: Figure, source: str, span: list[date]) -> int | None:
    """The newest value within the span."""
    days = found.by_day.get((figure, source), {})
    return next((days[day] for day in reversed(span) if day in days), None)


def _latest(found: Statistics, sources: list[str]) -> str:
    if not sources:
        return str(gettext("Nothing was counted yet."))
    said = [
        gettext(
            "%(source)s stands alone for %(share)s",
            source=source,
            share=from_per_mille(_last(found, Figure.SOURCE_DIFFERS, source, found.calendar)).text,
        )
        for source in sources
    ]
    return _listed(said)
