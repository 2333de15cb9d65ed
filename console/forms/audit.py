"""What the audit log's address may say."""

import dataclasses

from werkzeug.datastructures import MultiDict

from console.log_words import AUDIT, TARGET

_DIGITS = 18  # what a 64-bit id has at most


@dataclasses.dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are shown. `target` is (type, id), or None for all."""

    action: str
    actor_id: str
    target: tuple[str, str] | None
    before: int | None

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return bool(self.action or self.actor_id or self.target)


def read_filter(args: MultiDict[str, str]) -> AuditFilter:
    """The filter; what means nothing is ignored."""
    action, kind, number = args.get("action", ""), args.get("type", ""), args.get("id", "")
    number = number.replace("\0", "").strip()
    before = args.get("before", "")
    return AuditFilter(
        action=action if action in AUDIT else "",
        actor_id=args.get("actor", "").replace("\0", "").strip()[:80],
        target=(kind, number[:80]) if kind in TARGET and number else None,
        before=int(before)
        if before.isascii() and before.isdigit() and len(before) <= _DIGITS
        else None,
    )
