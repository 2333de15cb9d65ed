"""Acts on inspections, and looking by them."""

from shudi.oversight.actions.deciding import approve, refuse, stop, tell, withdraw
from shudi.oversight.actions.extending import approve_longer, drop_longer, propose_longer
from shudi.oversight.actions.looking import enter, note_export, note_look
from shudi.oversight.actions.proposing import propose
from shudi.oversight.actions.upkeep import end_overdue

__all__ = [
    "approve",
    "approve_longer",
    "drop_longer",
    "end_overdue",
    "enter",
    "note_export",
    "note_look",
    "propose",
    "propose_longer",
    "refuse",
    "stop",
    "tell",
    "withdraw",
]
