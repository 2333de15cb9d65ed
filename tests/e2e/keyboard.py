"""A person who has a keyboard and nothing else, and who must see where the focus is."""

import re

from playwright.sync_api import Page, expect

# Where the focus is and what hides it. The ring may be the label's, where that is what one sees.
_STOP = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const at = document.activeElement;
  if (!at || at === document.body) return {name: '(nothing)', faults: ['the focus is lost']};
  const name = at.tagName.toLowerCase() + (at.id ? '#' + at.id : '') + ' ' +
    (at.getAttribute('name') ?? at.getAttribute('href') ?? at.textContent.trim().slice(0, 30));
  const luminance = (rgb) => rgb.slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const colour = (text) => { const all = text.match(/[\\d.]+/g).map(Number); return all[3] === 0 ? null : all; };
  const ground = (one) => { for (let up = one; up; up = up.parentElement) {
    const found = colour(getComputedStyle(up).backgroundColor); if (found) return found; }
    return [255, 255, 255]; };
  const contrast = (one, other) => { const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05); };
  const ringed = [at, at.closest('label')].filter(Boolean).find((one) => {
    const style = getComputedStyle(one); const line = colour(style.outlineColor);
    return style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2 && line
      && contrast(line, ground(one.parentElement)) >= 3; });
  const faults = ringed ? [] : ['no ring of 2 px and a contrast of 3'];
  const box = (ringed ?? at).getClientRects()[0];
  if (!box || box.width < 2 || box.height < 2) return {name, faults: [...faults, 'it has no size']};
  const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
  const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
  if (right <= left || bottom <= top) return {name, faults: [...faults, 'outside the window']};
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const seen = (ringed ?? at).contains(over);
  return {name, faults: seen ? faults : [...faults, 'covered by ' + over?.outerHTML.slice(0, 80)]};
}"""
_MOST_STOPS = 90


class Keyboard:
    """Presses keys on `page`. Every stop of the focus is checked; `stops` counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def look(self) -> str:
        """What has the focus. Fails where it is lost or cannot be seen."""
        stop = self.page.evaluate(_STOP)
        assert stop["faults"] == [], f"{self.page.url}: {stop}"
        self.stops += 1
        return str(stop["name"])

    def at(self, selector: str) -> bool:
        """Whether the focus is on it."""
        return bool(
            self.page.evaluate("selector => document.activeElement.matches(selector)", selector)
        )

    def tab(self, selector: str, key: str = "Tab") -> None:
        """Go on to it, stop by stop."""
        passed = []
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press(key)
            passed.append(self.look())
            if self.at(selector):
                return
        raise AssertionError(f"{selector} cannot be reached on {self.page.url}: {passed}")

    def into_content(self) -> None:
        """Past the navigation, by the link that every page begins with."""
        self.tab("a.skip")
        self.page.keyboard.press("Enter")
        assert self.at("main")

    def follow(self, selector: str | None = None) -> None:
        """Press Enter on it (or on what has the focus) and wait for the page it leads to."""
        if selector:
            self.tab(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, selector: str, text: str) -> None:
        """Go on to a field and type."""
        if not self.at(selector):
            self.tab(selector)
        self.look()
        self.page.keyboard.type(text)
        expect(self.page.locator(selector)).to_have_value(text)

    def pick(self, name: str, value: str) -> None:
        """Go on to a group of radio buttons and choose one, as the arrows go."""
        self.tab(f"input[type=radio][name={name}]")
        for _ in range(_MOST_STOPS):
            if self.at(f"[value={value}]"):
                self.page.keyboard.press("Space")
                break
            self.page.keyboard.press("ArrowDown")
            self.look()
        expect(self.page.locator(f"input[name={name}][value={value}]")).to_be_checked()

    def choose(self, selector: str, value: str) -> None:
        """Go on to a list and choose, as the arrows go."""
        if not self.at(selector):
            self.tab(selector)
        self.look()
        field = self.page.locator(selector)
        for _ in range(len(field.locator("option").all())):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        expect(field).to_have_value(value)

    def expect_path(self, pattern: str) -> None:
        """The page is at this path."""
        expect(self.page).to_have_url(re.compile(f"^https?://[^/]+{pattern}$"))
