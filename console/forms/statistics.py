"""How far the statistics look back: one of a few windows, whatever the address says."""

from werkzeug.datastructures import MultiDict

from shudi.cases.rules.figures import USUAL, WINDOWS


def read_window(args: MultiDict[str, str]) -> int:
    """The days asked for, or the usual ones."""
    asked = {str(days): days for days in WINDOWS}
    return asked.get(args.get("days", ""), USUAL)
