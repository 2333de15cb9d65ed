"""What readers would see after a decision that is not taken yet."""

import dataclasses

from shudi.errors import ShudiError
from shudi.labels import rules
from shudi.labels.queries.desk import LabelView
from shudi.labels.rules import CorrectionKind, InForce, Resolved, State
from shudi.regions.rules import Granularity, Vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """A label as far as readers see it."""

    state: State
    region: str | None
    corrected: bool
    disputed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """Now and after; `refusal` is the code of why there can be no such «after»."""

    now: Seen
    after: Seen | None = None
    refusal: str = ""


def seen(label: LabelView | None) -> Seen:
    """What readers see now."""
    if label is None or label.hidden:
        return Seen(State.NONE, None, corrected=False, disputed=False)
    return Seen(label.state, label.region, label.corrected, label.disputed)


def foresee(
    label: LabelView | None,
    *,
    verdict: str,
    kind: str,
    region: str,
    vocabulary: Vocabulary,
    granularity: Granularity,
) -> Outcome:
    """The label now, and after `verdict`; without `after` where nothing was chosen yet."""
    now = seen(label)
    if label is None:
        return Outcome(now)
    if verdict in ("keep", "dismiss"):
        return Outcome(now, dataclasses.replace(now, disputed=False))
    if verdict in ("lift", "restore"):
        return Outcome(now, _shown(Resolved(label.resolved_state, label.resolved_region), None))
    chosen = verdict == "correct" and kind in [*CorrectionKind]
    if not chosen or (kind == CorrectionKind.REPLACE and not region):
        return Outcome(now)
    try:
        placed = rules.corrected_region(
            CorrectionKind(kind),
            shown=label.region,
            wanted=region or None,
            vocabulary=vocabulary,
            granularity=granularity,
        )
    except ShudiError as error:
        return Outcome(now, refusal=error.code)
    force = InForce(CorrectionKind(kind), placed)
    return Outcome(now, _shown(Resolved(label.state, label.region), force))


def _shown(resolved: Resolved, force: InForce | None) -> Seen:
    result = rules.displayed(resolved, force, hidden=False)
    return Seen(result.state, result.region, result.corrected, disputed=False)
