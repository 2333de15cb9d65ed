// The card behind a badge: what the label says, how far to trust it, and "report as wrong".
// Imports nothing (see loader.js).

/** @typedef {import("./types").Label} Label */
/** @typedef {import("./types").Welcome} Welcome */
/** @typedef {import("./badge").Parts} Parts */
/** @typedef {{name: string, label: Label, text: string, marks: string[], button: HTMLButtonElement}} Subject */

const GAP = 6;
const EDGE = 8;
const LEAST_HEIGHT = 160;

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string)} content
 */
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/**
 * @param {Parts} parts
 * @param {Welcome} welcome
 * @param {Subject} subject
 * @returns {{toggle: () => void}}
 */
export function createCard(parts, welcome, subject) {
  const say = (/** @type {string} */ key, /** @type {string[]} */ ...values) =>
    parts.words.say(welcome.catalogue, key, ...values);
  const title = make("h2", "", subject.text);
  title.id = "title";
  const close = make("button", "close", "×");
  close.type = "button";
  close.setAttribute("aria-label", say("card_close"));
  const card = make("div", "card", make("div", "top", title, close));
  card.append(make("p", "who", make("bdi", "", subject.name)), ...meaning(say, subject));
  card.append(facts(parts, say, welcome, subject), reportForm(parts, say, welcome, subject));
  card.setAttribute("popover", "auto");
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-labelledby", "title");
  card.tabIndex = -1;
  subject.button.after(card);
  close.addEventListener("click", () => card.hidePopover());
  keepToItself(card);
  card.addEventListener("toggle", () => opened(card, subject.button));
  card.addEventListener("beforetoggle", (event) => {
    // The browser would give the focus back to the badge's host, which cannot take it.
    const inside = card.contains(/** @type {ShadowRoot} */ (card.getRootNode()).activeElement);
    if (/** @type {ToggleEvent} */ (event).newState === "closed" && inside) subject.button.focus();
  });
  // Pressing the badge of an open card already closes it, before the click is heard.
  let pressedOpen = false;
  subject.button.addEventListener("pointerdown", () => {
    pressedOpen = card.matches(":popover-open");
  });
  const toggle = () => {
    const wasOpen = pressedOpen || card.matches(":popover-open");
    pressedOpen = false;
    if (wasOpen) card.hidePopover();
    else show(card, subject.button);
  };
  return { toggle };
}

/**
 * @param {HTMLElement} card
 * @param {HTMLButtonElement} button
 */
function show(card, button) {
  card.showPopover();
  place(card, button);
  card.focus();
}

/**
 * Say whether the card is open, and follow the badge while it is.
 * @param {HTMLElement} card
 * @param {HTMLButtonElement} button
 */
function opened(card, button) {
  const open = card.matches(":popover-open");
  button.setAttribute("aria-expanded", String(open));
  if (!open) return;
  const leave = new AbortController();
  const options = { capture: true, passive: true, signal: leave.signal };
  const follow = () => place(card, button);
  addEventListener("scroll", follow, options);
  addEventListener("resize", follow, options);
  card.addEventListener("toggle", () => leave.abort(), { once: true });
}

/**
 * Below the badge, above it where there is more room there; never over it, never outside the
 * window: a card too tall scrolls.
 * @param {HTMLElement} card
 * @param {HTMLElement} button
 */
function place(card, button) {
  const badge = button.getBoundingClientRect();
  card.style.maxHeight = "";
  const { width, height } = card.getBoundingClientRect();
  const below = innerHeight - badge.bottom - GAP - EDGE;
  const above = badge.top - GAP - EDGE;
  const under = height <= below || below >= above;
  const left = Math.min(badge.left, document.documentElement.clientWidth - width - EDGE);
  card.style.maxHeight = `${Math.max(under ? below : above, LEAST_HEIGHT)}px`;
  card.style.top = under ? `${badge.bottom + GAP}px` : "auto";
  card.style.bottom = under ? "auto" : `${innerHeight - badge.top + GAP}px`;
  card.style.left = `${Math.max(EDGE, left)}px`;
}

/**
 * A page's shortcuts and links must not hear what is typed or clicked in the card.
 * @param {HTMLElement} card
 */
function keepToItself(card) {
  for (const type of ["click", "mousedown", "keypress", "keyup", "keydown", "input", "beforeinput"]) {
    card.addEventListener(type, (event) => event.stopPropagation());
  }
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    card.hidePopover();
  });
}

/**
 * @param {(key: string, ...values: string[]) => string} say
 * @param {Subject} subject
 */
function meaning(say, { label }) {
  const blocks = [make("p", "", say(`meaning_${label.state}`))];
  const notes = [];
  if (label.corrected) notes.push(say("meaning_corrected"));
  if (label.disputed) notes.push(say("meaning_disputed"));
  if (notes.length > 0) blocks.push(make("p", "notes", notes.join(" ")));
  return blocks;
}

/**
 * @param {Parts} parts
 * @param {(key: string, ...values: string[]) => string} say
 * @param {Welcome} welcome
 * @param {Subject} subject
 */
function facts(parts, say, welcome, { label }) {
  const list = make("dl", "");
  const add = (/** @type {string} */ key, /** @type {string} */ value) => {
    if (value) list.append(make("dt", "", say(key)), make("dd", "", value));
  };
  add("card_state", say(`state_${label.state}`));
  if (label.precision !== "none") add("card_precision", say(`precision_${label.precision}`));
  add("card_as_of", parts.words.showDate(welcome.language, welcome.asOf));
  add("card_server", welcome.server);
  add("card_source", welcome.attribution.join("\n"));
  return list;
}

/**
 * @param {Parts} parts
 * @param {(key: string, ...values: string[]) => string} say
 * @param {Welcome} welcome
 * @param {Subject} subject
 */
function reportForm(parts, say, welcome, subject) {
  const act = (/** @type {string} */ kind, /** @type {string} */ key) => {
    const button = make("button", kind, say(key));
    button.type = "button";
    return button;
  };
  const begin = act("act", "report_open");
  const confirm = act("act main", "report_confirm");
  const cancel = act("act", "report_cancel");
  const caption = make("label", "", say("report_note"));
  caption.htmlFor = "note";
  const note = make("textarea", "");
  note.id = "note";
  note.maxLength = 500;
  const warning = make("p", "warning", say("report_warning", subject.name, welcome.server));
  warning.id = "warning";
  confirm.setAttribute("aria-describedby", "warning");
  const form = make("div", "form", warning, caption, note, make("div", "acts", confirm, cancel));
  form.hidden = true;
  const status = make("p", "status");
  status.setAttribute("role", "status");
  const ask = (/** @type {boolean} */ asking) => {
    form.hidden = !asking;
    begin.hidden = asking;
    (asking ? note : begin).focus();
  };
  begin.addEventListener("click", (event) => event.isTrusted && ask(true));
  cancel.addEventListener("click", () => ask(false));
  confirm.addEventListener("click", async (event) => {
    // Nothing but the reader's own second click sends anything.
    if (!event.isTrusted || confirm.disabled) return;
    confirm.disabled = true;
    const sent = await send(parts, say, subject.name, note.value, status);
    confirm.disabled = false;
    if (sent) form.hidden = true;
    if (sent) status.focus();
  });
  status.tabIndex = -1;
  return make("div", "report", make("div", "", begin), form, status);
}

/**
 * @param {Parts} parts
 * @param {(key: string, ...values: string[]) => string} say
 * @param {string} account
 * @param {string} text
 * @param {HTMLElement} status
 * @returns {Promise<boolean>} whether the server took the report
 */
async function send(parts, say, account, text, status) {
  status.dataset["outcome"] = "sending";
  status.textContent = say("report_sending");
  const answer = await parts.browser.ask({ type: "report", account, text });
  const sent = answer?.ok === true;
  status.dataset["outcome"] = sent ? "sent" : "failed";
  const reason = say(`problem_${answer?.problem ?? "offline"}`);
  status.textContent = sent ? say("report_sent") : say("report_failed", reason);
  return sent;
}
