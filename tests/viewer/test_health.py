"""The options page says how well the last page could be read, with that page's own numbers.

«12 of 40 names found» counts names whose key the site's adapter could read (a layout that has
changed makes it fall); beside it stands how many of them have a label in the dataset.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.viewer.label_server import LabelServer, value
from tests.viewer.profile import Viewer
from tests.viewer.test_viewer import reading, visit

IN_DATASET = [f"tea{number}" for number in range(12)]
STRANGERS = [f"guest{number}" for number in range(28)]
LABELS: dict[str, dict[str, Any]] = {name: value() for name in IN_DATASET}
SAID = {
    "en": "{} of 40 names found on the last page, 12 labels shown",
    "zh_CN": "上次页面找到 {} / 40 个名称，显示 12 个标签",
}


def in_both_languages(options: Page, found: int) -> None:
    """The site's line, as each language says it."""
    for language, text in SAID.items():
        options.select_option("#language", language)
        expect(options.locator("[data-site=teahouse] .health")).to_have_text(text.format(found))


def shown(viewer: Viewer, server: LabelServer) -> Page:
    """A page of forty names, the twelve of the dataset among them, first and last."""
    page = visit(viewer, server, *IN_DATASET[:6], *STRANGERS, *IN_DATASET[6:])
    page.set_viewport_size(
        {"width": 1000, "height": 2400}
    )  # all in sight: others are not asked for
    expect(page.locator("a[data-account]")).to_have_count(40)
    expect(page.locator("shudi-badge")).to_have_count(12)
    return page


@pytest.mark.browser
def test_forty_names_of_which_twelve_are_in_the_dataset(tmp_path: Path) -> None:
    with reading(tmp_path, LABELS) as (server, viewer, options):
        shown(viewer, server)
        in_both_languages(options, 40)


@pytest.mark.browser
def test_twelve_of_forty_names_found_when_the_layout_of_the_others_changed(tmp_path: Path) -> None:
    with reading(tmp_path, LABELS) as (server, viewer, options):
        page = shown(viewer, server)
        # The element is still there, its key is not: what a redesign does.
        page.evaluate(
            "names => names.forEach((name) => { link(name).dataset.account = ''; })", STRANGERS
        )
        in_both_languages(options, 12)
