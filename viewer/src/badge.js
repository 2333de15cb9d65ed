// The badge beside a name: a button with text and an icon in its own shadow root.
// Imports nothing (see loader.js); content.js hands it what it needs.

/** @typedef {import("./types").Label} Label */
/** @typedef {import("./types").Welcome} Welcome */
/** @typedef {{words: typeof import("./words"), style: typeof import("./style"), card: typeof import("./card"), browser: typeof import("./browser")}} Parts */

export const HOST = "shudi-badge";

const SVG = "http://www.w3.org/2000/svg";
/** 16 x 16 outlines. */
const ICONS = {
  labelled: "M8 1.5a4.7 4.7 0 0 0-4.7 4.7C3.3 9.7 8 14.5 8 14.5s4.7-4.8 4.7-8.3A4.7 4.7 0 0 0 8 1.5Zm0 6.4a1.8 1.8 0 1 1 0-3.6 1.8 1.8 0 0 1 0 3.6Z",
  uncertain: "M5.2 6a2.8 2.8 0 1 1 4.3 2.4C8.6 9 8 9.5 8 10.5M8 13.2v.3",
  withheld: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM4.5 8h7",
};

/** @param {Label["state"]} state */
function icon(state) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[state]);
  path.setAttribute("fill", state === "labelled" ? "currentColor" : "none");
  path.setAttribute("fill-rule", "evenodd");
  if (state !== "labelled") {
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "1.6");
    path.setAttribute("stroke-linecap", "round");
  }
  svg.append(path);
  return svg;
}

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
  button.append(icon(label.state), span("words", text), ...marks.map((mark) => span("mark", mark)));
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
