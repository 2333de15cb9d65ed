"""What 1,000 names on a page cost: `python -m tests.viewer.measure`.

Main-thread time is Chromium's own `TaskDuration` for the page, with labels on minus the same page
and the same acts with labels off, so layout and paint of the badges count too. The ratio to the
page's own time decides; milliseconds are for orientation.
"""

import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from tests.viewer.label_server import running, value
from tests.viewer.profile import Viewer, launch_with_viewer

NAMES = 1000
ROUNDS = 5
PAGE = """<!doctype html><meta charset=utf-8><title>Names</title>
<style>body { font: 14px sans-serif } .all p { display: inline; margin: 0 2px; font-size: 2px }</style>
<main></main><script>
  window.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
    .observe({entryTypes: ['longtask']});
  document.body.className = location.search.slice(1);
  const rows = Array.from({length: 1000}, (_, i) => { const p = document.createElement('p');
    const a = document.createElement('a'); a.dataset.account = 'reader' + i; a.textContent = 'reader' + i;
    p.append(a, ' says that the tea is good today'); return p; });
  setTimeout(() => document.querySelector('main').append(...rows), 500);
</script>"""


def cost(viewer: Viewer, address: str, *, scroll: bool) -> tuple[float, float, int]:
    """Milliseconds of main thread, longest task over 50 ms (or 0), badges shown."""
    page = viewer.context.new_page()
    page.goto(address)
    page.wait_for_timeout(300)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before = task_time(session)
    page.wait_for_timeout(1500)
    if scroll:
        for _ in range(40):
            page.evaluate("scrollBy(0, 800)")
            page.wait_for_timeout(60)
    page.wait_for_timeout(1500)
    spent = task_time(session) - before
    longest = page.evaluate("Math.max(0, ...tasks)")
    shown = page.locator("shudi-badge").count()
    page.close()
    return spent * 1000, longest, shown


def task_time(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(entry["value"] for entry in metrics if entry["name"] == "TaskDuration"))


def main() -> None:
    labels = {f"reader{number}": value() for number in range(NAMES)}
    found = {}
    cases = {
        "first screen": ("", False),
        "scrolled through": ("", True),
        "all in view": ("all", False),
    }
    rounds: dict[str, dict[str, list[tuple[float, float, int]]]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        running(labels, PAGE) as server,
        launch_with_viewer(Path(folder), [f"{server.pages}/*"], playwright=playwright) as viewer,
    ):
        options = viewer.options()
        viewer.add_server(options, server.address)
        for labels_on in (False, True):
            if labels_on:
                viewer.turn_on(options, "teahouse")
            for name, (query, scroll) in cases.items():
                address = f"{server.pages}/?{query}"
                results = [cost(viewer, address, scroll=scroll) for _ in range(ROUNDS)]
                rounds.setdefault(name, {})["on" if labels_on else "off"] = results
    for name, both in rounds.items():
        off, on = (statistics.median(result[0] for result in both[key]) for key in ("off", "on"))
        found[name] = {
            "badges": both["on"][-1][2],
            "page_ms": round(off, 1),
            "viewer_ms": round(on - off, 1),
            "ratio": round(on / off, 2),
            "longest_task_over_50_ms": [
                round(max(result[1] for result in both[key]), 1) for key in ("off", "on")
            ],
        }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
