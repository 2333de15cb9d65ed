// The badge beside a name: a button with text and an icon (see style.js) in its own shadow root.
// Imports nothing (see loader.js); content.js hands it what it needs.

/** @typedef {import("./types").Label} Label */
/** @typedef {import("./types").Welcome} Welcome */
/** @typedef {{words: typeof import("./words"), style: typeof import("./style"), card: typeof import("./card"), browser: typeof import("./browser")}} Parts */

export const HOST = "shudi-badge";

/**
 * @param {string} className
 * @param {string} text
 */
function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/**
 * @param {Label} label
 * @param {Welcome} welcome
 * @param {Parts["words"]} words
 * @returns {string[]} "corrected", "disputed" in the reader's language, where they apply
 */
function marksOf(label, welcome, words) {
  const marks = [];
  if (label.corrected) marks.push(words.say(welcome.catalogue, "mark_corrected"));
  if (label.disputed) marks.push(words.say(welcome.catalogue, "mark_disputed"));
  return marks;
}

/**
 * @param {Parts} parts
 * @param {Welcome} welcome
 * @param {string} name the account's page key
 * @param {Label} label
 * @returns {HTMLElement} the host, to be placed beside the name
 */
export function createBadge(parts, welcome, name, label) {
  const { words, style, card } = parts;
  const text = words.badgeText(welcome.catalogue, label);
  const marks = marksOf(label, welcome, words);
  const host = document.createElement(HOST);
  host.lang = words.languageTag(welcome.language);
  host.dir = "ltr";
  const root = host.attachShadow({ mode: "open" });
  style.dress(root);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "badge";
  button.dataset["state"] = label.state;
  button.title = [text, ...marks].join(" · ");
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  const whole = [text, ...marks].join(", ");
  button.setAttribute("aria-label", words.say(welcome.catalogue, "badge_hint", whole, name));
  button.append(span("words", text), ...marks.map((mark) => span("mark", mark)));
  root.append(button);
  let sheet = /** @type {ReturnType<typeof card.createCard> | null} */ (null);
  button.addEventListener("click", (event) => {
    // A name is often a link, and a page's script may click: only the reader opens a card.
    event.preventDefault();
    event.stopPropagation();
    if (!event.isTrusted) return;
    sheet ??= card.createCard(parts, welcome, { name, label, text, marks, button });
    sheet.toggle();
  });
  return host;
}

/**
 * @param {HTMLElement} host
 * @returns {boolean} whether the reader has this badge's card open
 */
export function isOpen(host) {
  return host.shadowRoot?.querySelector("button")?.getAttribute("aria-expanded") === "true";
}
