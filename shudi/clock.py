"""The one source of now."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000  # microseconds


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def microseconds(value: datetime) -> int:
    """Whole microseconds from 1970 to this instant; ValueError for a naive one."""
    if value.tzinfo is None:
        raise ValueError("a naive datetime is no instant")
    return (value - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The UTC instant that many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=value)
