import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

// The seam looks for the browser when it is loaded; here there is none to find.
globalThis.chrome = /** @type {any} */ ({ runtime: { getURL: (path) => `chrome-extension://x/${path}` } });
const { FLOOR_SECONDS, PERIODS, checkPreferences, checkServerAddress, nextDelay } = await import("../src/settings.js");
const { badgeText, chooseLanguage, flatten, placeName, say } = await import("../src/words.js");

const folder = new URL("..", import.meta.url);
const messages = (language) => JSON.parse(readFileSync(new URL(`_locales/${language}/messages.json`, folder), "utf8"));

test("server addresses are https, or this machine", () => {
  assert.equal(checkServerAddress(" labels.example.org/ "), "https://labels.example.org");
  assert.equal(checkServerAddress("https://example.org/shudi/"), "https://example.org/shudi");
  assert.equal(checkServerAddress("http://localhost:8000"), "http://localhost:8000");
  for (const bad of ["", "http://example.org", "ftp://example.org", "https://a:b@example.org", "https://example.org/?x", "javascript:alert(1)"]) {
    assert.throws(() => checkServerAddress(bad), { code: "bad_address" }, bad);
  }
});

test("no choice and no chance brings two fetches closer than 30 seconds", () => {
  assert.equal(checkPreferences({ periodSeconds: 1 }).periodSeconds, FLOOR_SECONDS);
  for (const period of [1, ...PERIODS]) {
    for (const chance of [0, 0.5, 1]) assert.ok(nextDelay(period, chance) >= 30);
  }
});

test("the time between fetches varies around the period", () => {
  assert.equal(nextDelay(1800, 0.5), 1800);
  assert.ok(nextDelay(1800, 0) < 1800 && nextDelay(1800, 1) > 1800);
});

test("unknown preferences fall back", () => {
  assert.deepEqual(checkPreferences({ language: "xx", periodSeconds: "soon" }), { language: "auto", periodSeconds: 1800 });
});

test("languages follow the browser unless chosen", () => {
  assert.equal(chooseLanguage("auto", "zh-Hant-HK"), "zh_TW");
  assert.equal(chooseLanguage("auto", "zh-CN"), "zh_CN");
  assert.equal(chooseLanguage("auto", "de"), "en");
  assert.equal(chooseLanguage("zh_CN", "en"), "zh_CN");
});

test("badges say what the design says", () => {
  const label = (change) => ({ state: "labelled", place: "广东", precision: "subdivision", corrected: false, disputed: false, ...change });
  const zh = flatten(messages("zh_CN"));
  const en = flatten(messages("en"));
  assert.equal(badgeText(zh, label({})), "IP属地：广东");
  assert.equal(badgeText(en, label({ place: "Guangdong" })), "IP location: Guangdong");
  assert.equal(badgeText(zh, label({ state: "uncertain", place: "中国" })), "IP属地：中国（不确定）");
  assert.equal(badgeText(zh, label({ state: "uncertain", place: null })), "IP属地：不确定");
  assert.equal(badgeText(en, label({ state: "withheld", place: null })), "IP location: not shown");
});

test("places are named in the reader's language, or by their code", () => {
  const names = { "CN-GD": { en: "Guangdong", "zh-Hans": "广东", "zh-Hant": "廣東" } };
  assert.equal(placeName(names, "CN-GD", "zh_TW"), "廣東");
  assert.equal(placeName(names, "FR", "en"), "FR");
  assert.equal(placeName(names, null, "en"), null);
});

test("a value put into a sentence is not read as a place for another", () => {
  assert.equal(say({ greeting: "$1 and $2" }, "greeting", "$2", "b"), "$2 and b");
});

test("all languages have the same messages with the same values", () => {
  const en = messages("en");
  for (const language of ["zh_CN", "zh_TW"]) {
    const other = messages(language);
    assert.deepEqual(Object.keys(other), Object.keys(en));
    for (const [key, entry] of Object.entries(en)) {
      assert.deepEqual(Object.keys(other[key].placeholders ?? {}), Object.keys(entry.placeholders ?? {}), key);
    }
  }
});

test("only the seam and the loader before it name the browser; nothing parses HTML", () => {
  for (const part of ["src/", "options/"]) {
    for (const name of readdirSync(new URL(part, folder)).filter((file) => file.endsWith(".js"))) {
      const code = readFileSync(new URL(part + name, folder), "utf8").replace(/^\s*\/\/.*$/gm, "");
      assert.doesNotMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/, name);
      if (["browser.js", "loader.js"].includes(name)) continue;
      assert.doesNotMatch(code, /\b(chrome|browser)\.(runtime|storage|alarms|scripting|permissions|i18n|action|tabs)\b/, name);
    }
  }
});

test("what runs in pages makes no request and imports nothing", () => {
  for (const name of ["loader", "words", "adapter", "style", "card", "badge", "watch", "content"]) {
    const code = readFileSync(new URL(`src/${name}.js`, folder), "utf8");
    assert.doesNotMatch(code, /\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|new Image/, name);
    assert.doesNotMatch(code, /^import\s/m, name);
  }
});

test("the manifest asks for three permissions and no host", () => {
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8"));
  assert.deepEqual(manifest.permissions, ["storage", "alarms", "scripting"]);
  assert.equal(manifest.host_permissions, undefined);
  assert.equal(manifest.content_scripts, undefined);
});
