"""The few ways in which an act can say no. Each door words them for its own users."""


class ShudiError(Exception):
    """A refusal with a stable `code` (kebab-case) and a plain English `message`.

    Neither ever contains input, so both may be shown and logged.
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts


class NotFound(ShudiError):
    """There is no such thing, or none that this actor may know of."""


class NotAllowed(ShudiError):
    """The actor may not do this to this object."""


class Refused(ShudiError):
    """A rule of the domain forbids it, whoever asks."""


class Stale(ShudiError):
    """Somebody else was first. `facts` carry what stands now, so that both can be shown."""


class Invalid(ShudiError):
    """The input means nothing here; `code` says which rule it breaks."""


class Unavailable(ShudiError):
    """The store, or something it needs, does not answer; trying again later may help."""
