// How a site's pages name an account: data in a closed schema, never code.
// Also loaded into pages, so it imports nothing.

/** @typedef {import("./types").Adapter} Adapter */
/** @typedef {import("./types").AccountRule} AccountRule */
/** @typedef {import("./types").KeyRule} KeyRule */

const MAX_RULES = 20;
const MAX_KEY_LENGTH = 128;
const MAX_SOURCE_LENGTH = 2048;
const ATTRIBUTE = /^[a-z][a-z0-9-]{0,63}$/;
/** Tags, classes, ids, attributes and combinators; no pseudo-class. */
const SELECTOR = /^[A-Za-z0-9_\-.#*[\]="'/ >+~,^$|@]{1,200}$/;
const PATTERN = /^(https?):\/\/([^/*:]+|\*\.[^/*:]+)(:\d{1,5})?(\/[^\s]*)$/;

/**
 * @param {unknown} truth
 * @param {string} detail
 * @returns {asserts truth}
 */
function insist(truth, detail) {
  if (!truth) throw new AdapterRefused(detail);
}

/** An adapter, or an address pattern, outside the closed schema. */
export class AdapterRefused extends Error {}

/**
 * @param {any} data
 * @param {string[]} fields
 */
function insistFields(data, fields) {
  insist(data !== null && typeof data === "object" && !Array.isArray(data), "object expected");
  const unknown = Object.keys(data).filter((field) => !fields.includes(field));
  insist(unknown.length === 0, `unknown field ${unknown[0]}`);
}

/**
 * @param {any} data
 * @returns {Adapter}
 */
export function checkAdapter(data) {
  insistFields(data, ["version", "account"]);
  insist(data.version === 1, "unknown adapter version");
  insist(Array.isArray(data.account), "account rules expected");
  insist(data.account.length > 0 && data.account.length <= MAX_RULES, "number of account rules");
  return { version: 1, account: data.account.map(checkRule) };
}

/**
 * @param {any} rule
 * @returns {AccountRule}
 */
function checkRule(rule) {
  insistFields(rule, ["element", "key", "place"]);
  insist(typeof rule.element === "string" && SELECTOR.test(rule.element), "selector");
  insist(rule.place === "after" || rule.place === "inside", "place");
  return { element: rule.element, key: checkKey(rule.key), place: rule.place };
}

/**
 * @param {any} key
 * @returns {KeyRule}
 */
function checkKey(key) {
  if (key?.from === "attribute") {
    insistFields(key, ["from", "name"]);
    insist(typeof key.name === "string" && ATTRIBUTE.test(key.name), "attribute name");
    return { from: "attribute", name: key.name };
  }
  if (key?.from === "href") {
    insistFields(key, ["from", "pattern"]);
    checkExpression(key.pattern);
    return { from: "href", pattern: key.pattern };
  }
  insistFields(key, ["from", "strip"]);
  insist(key.from === "text", "unknown key source");
  insist(key.strip === undefined || (typeof key.strip === "string" && key.strip.length <= 16), "strip");
  return key.strip === undefined ? { from: "text" } : { from: "text", strip: key.strip };
}

/**
 * A small part of regular expressions in which matching takes at most the square of the
 * source's length: characters, classes and escapes, one of them repeated, up to three optional,
 * and one capturing group that is neither.
 * @param {unknown} pattern
 */
function checkExpression(pattern) {
  insist(typeof pattern === "string" && pattern.length > 0 && pattern.length <= 100, "pattern length");
  const piece = /\[\^?(?:[^\]\\[]|\\.)+\]|\\[/.?+*()[\]{}^$|\\wds-]|[^\\[\](){}?*+|^$]|[()^$]/.source;
  const repeat = /\?|\+|\*|\{\d{1,3}(?:,\d{1,3})?\}/.source;
  const token = new RegExp(`(${piece})(${repeat})?`, "y");
  let groups = 0;
  let repeats = 0;
  let optional = 0;
  while (token.lastIndex < pattern.length) {
    const found = token.exec(pattern);
    insist(found, "pattern outside the allowed part");
    const [, text, repeated] = found;
    if (text === "(") groups += 1;
    if (repeated === "?") optional += 1;
    else if (repeated) repeats += 1;
    insist(!(repeated && /^[()^$]$/.test(/** @type {string} */ (text))), "repeated group or anchor");
  }
  insist(groups === 1 && repeats <= 1 && optional <= 3, "one group, one repeat, three options");
  try {
    new RegExp(pattern, "u");
  } catch {
    insist(false, "pattern does not compile");
  }
}

/**
 * A page address pattern: one named host, perhaps with its subdomains; never every host.
 * @param {unknown} pattern
 */
export function checkPattern(pattern) {
  insist(typeof pattern === "string" && pattern.length <= 300, "page pattern");
  const parts = PATTERN.exec(pattern);
  insist(parts, "page pattern");
  const [, scheme, host] = /** @type {string[]} */ (/** @type {unknown} */ (parts));
  const loopback = host === "127.0.0.1" || host === "localhost";
  insist(scheme === "https" || loopback, "plain http is for this machine only");
  insist(loopback || /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(String(host)), "host of page pattern");
}

/**
 * @param {string} pattern checked
 * @param {string} address
 */
export function matchesPattern(pattern, address) {
  const parts = PATTERN.exec(pattern);
  if (!parts || !URL.canParse(address)) return false;
  const [, scheme, host = "", port, path = ""] = parts;
  const url = new URL(address);
  if (url.protocol !== `${scheme}:`) return false;
  const domain = host.replace(/^\*\./, "");
  const under = host.startsWith("*.") && url.hostname.endsWith(`.${domain}`);
  if (url.hostname !== domain && !under) return false;
  if (port !== undefined && new URL(`${scheme}://h${port}`).port !== url.port) return false;
  const glob = path.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${glob.join(".*")}$`).test(url.pathname + url.search);
}

/**
 * @param {Element} element
 * @param {KeyRule} key
 * @returns {string | null} the account's page key; null where the element carries none
 */
export function extractKey(element, key) {
  const source = sourceOf(element, key);
  // Cut short, it might name another account.
  if (source.length > MAX_SOURCE_LENGTH) return null;
  if (key.from !== "href") return bounded(source);
  const found = new RegExp(key.pattern, "u").exec(source);
  if (!found?.[1]) return null;
  try {
    return bounded(decodeURIComponent(found[1]));
  } catch {
    return null;
  }
}

/**
 * @param {Element} element
 * @param {KeyRule} key
 */
function sourceOf(element, key) {
  if (key.from === "attribute") return element.getAttribute(key.name) ?? "";
  if (key.from === "href") return element.getAttribute("href") ?? "";
  const text = (element.textContent ?? "").trim();
  const strip = key.strip ?? "";
  return strip && text.startsWith(strip) ? text.slice(strip.length) : text;
}

/** @param {string} text */
function bounded(text) {
  const length = Array.from(text).length;
  return length > 0 && length <= MAX_KEY_LENGTH ? text : null;
}

/**
 * Attributes whose change can change which account an element names.
 * @param {Adapter} adapter
 */
export function watchedAttributes(adapter) {
  const names = new Set(["class", "id"]);
  for (const { element, key } of adapter.account) {
    if (key.from === "attribute") names.add(key.name);
    if (key.from === "href") names.add("href");
    for (const [, name] of element.matchAll(/\[([a-zA-Z0-9-]+)/g)) names.add(String(name));
  }
  return [...names];
}
