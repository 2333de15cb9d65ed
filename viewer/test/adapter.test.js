import assert from "node:assert/strict";
import { test } from "node:test";

import { AdapterRefused, checkAdapter, checkPattern, extractKey, matchesPattern, watchedAttributes } from "../src/adapter.js";

const rule = (change = {}) => ({
  element: "a.author",
  key: { from: "attribute", name: "data-account" },
  place: "after",
  ...change,
});
const adapter = (...account) => ({ version: 1, account });
const href = (pattern) => adapter(rule({ key: { from: "href", pattern } }));

/** The three things of an element that keys are read from. */
const element = ({ attributes = {}, text = "" }) => ({
  getAttribute: (name) => attributes[name] ?? null,
  textContent: text,
});

test("an adapter of each kind of key is taken as it is", () => {
  const whole = adapter(
    rule(),
    rule({ key: { from: "href", pattern: "/u/([^/?#]+)" } }),
    rule({ key: { from: "text", strip: "@" }, place: "inside" }),
    rule({ key: { from: "text" } }),
  );
  assert.deepEqual(checkAdapter(whole), whole);
});

test("anything outside the closed schema is refused", () => {
  const bad = [
    null,
    [],
    { version: 2, account: [rule()] },
    { ...adapter(rule()), script: "x" },
    adapter(),
    adapter(...Array(21).fill(rule())),
    adapter(rule({ hide: true })),
    adapter(rule({ place: "over" })),
    adapter(rule({ element: "a:has(img)" })),
    adapter(rule({ element: "" })),
    adapter(rule({ element: "a".repeat(201) })),
    adapter(rule({ key: { from: "attribute", name: "on click" } })),
    adapter(rule({ key: { from: "attribute", name: "href", pattern: "x" } })),
    adapter(rule({ key: { from: "script", code: "x" } })),
    adapter(rule({ key: { from: "text", strip: "x".repeat(17) } })),
    adapter(rule({ key: null })),
  ];
  for (const data of bad) assert.throws(() => checkAdapter(data), AdapterRefused, JSON.stringify(data));
});

test("patterns are a small, cheap part of regular expressions", () => {
  for (const good of ["/u/([^/?#]+)", "^/user/(\\w+)$", "/space/(\\d{1,12})/?", "/@([A-Za-z0-9_.-]+)"]) {
    checkAdapter(href(good));
  }
  const bad = ["(a+)+", "(a|b)", "([a-z]+", "/u/[^/]+", "(a)(b)", "(?:x)(y)", "(.*).*", "[a]*[a]*(b)", "(\\1)", "(?=x)(y)", "", "(" + "a".repeat(100) + ")"];
  for (const pattern of bad) assert.throws(() => checkAdapter(href(pattern)), AdapterRefused, pattern);
});

test("keys come from attribute, address and text", () => {
  const take = (key, parts) => extractKey(element(parts), key);
  assert.equal(take({ from: "attribute", name: "data-account" }, { attributes: { "data-account": "lin" } }), "lin");
  assert.equal(take({ from: "href", pattern: "/u/([^/?#]+)" }, { attributes: { href: "/u/%E6%9E%97?x=1" } }), "林");
  assert.equal(take({ from: "text", strip: "@" }, { text: "\n  @lin " }), "lin");
});

test("what carries no usable key gives none", () => {
  const take = (key, parts) => extractKey(element(parts), key);
  assert.equal(take({ from: "attribute", name: "data-account" }, {}), null);
  assert.equal(take({ from: "href", pattern: "/u/([^/?#]+)" }, { attributes: { href: "/tags/tea" } }), null);
  assert.equal(take({ from: "href", pattern: "/u/([^/?#]+)" }, { attributes: { href: "/u/%E6%9" } }), null);
  assert.equal(take({ from: "href", pattern: "/u/(.+)" }, { attributes: { href: `/u/${"x".repeat(2046)}` } }), null);
  assert.equal(take({ from: "text" }, { text: "x".repeat(129) }), null);
  assert.equal(take({ from: "text" }, { text: "𝒳".repeat(128) }), "𝒳".repeat(128));
});

test("a page pattern names one host; never every host, never plain http elsewhere", () => {
  for (const good of ["https://tea.example.org/*", "https://*.example.org/t/*", "http://127.0.0.1:8001/*", "http://localhost/*"]) {
    checkPattern(good);
  }
  const bad = ["<all_urls>", "https://*/*", "*://tea.example.org/*", "http://tea.example.org/*", "https://*.org/*", "file:///*", "https://tea.example.org", 5];
  for (const pattern of bad) assert.throws(() => checkPattern(pattern), AdapterRefused, String(pattern));
});

test("pages are matched by scheme, host, port and path", () => {
  assert.ok(matchesPattern("http://127.0.0.1:8001/*", "http://127.0.0.1:8001/t/1?p=2#x"));
  assert.ok(!matchesPattern("http://127.0.0.1:8001/*", "http://127.0.0.1:8000/"));
  assert.ok(matchesPattern("https://tea.example.org/t/*", "https://tea.example.org/t/1"));
  assert.ok(!matchesPattern("https://tea.example.org/t/*", "https://tea.example.org/login"));
  assert.ok(matchesPattern("https://*.example.org/*", "https://a.b.example.org/"));
  assert.ok(matchesPattern("https://*.example.org/*", "https://example.org/"));
  assert.ok(!matchesPattern("https://*.example.org/*", "https://badexample.org/"));
  assert.ok(!matchesPattern("https://tea.example.org/*", "not an address"));
});

test("attributes that can change an element's account are watched", () => {
  const names = watchedAttributes(checkAdapter(adapter(rule({ element: "a[data-who]", key: { from: "href", pattern: "/(.+)" } }))));
  for (const name of ["href", "data-who", "class", "id"]) assert.ok(names.includes(name));
});
