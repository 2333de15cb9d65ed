// Shortcuts. The page works without this file. Which commands there are, their keys and their
// words stand in the page's own list (components/keys.html); a command applies where its element is.
import * as decision from "./decision.js";
import { openPalette } from "./palette.js";
import * as rows from "./rows.js";

const SEQUENCE_MS = 1200;
const list = document.getElementById("keys");

const find = (selector) => document.querySelector(selector);
const element = (id) => find(`[data-command~="${id}"]`);

/** Press the element that a command is about, or go into it if it is a field. */
function press(target) {
  if (target.matches("summary")) {
    target.closest("details").open = true;
    target.closest("details").querySelector("select, textarea, input:not([type='hidden'])")?.focus();
  } else if (target.matches("a, button")) {
    target.focus();
    target.click();
  } else target.focus();
}

const down = () => rows.walk(1);
const up = () => rows.walk(-1);

/** What does more than press its element: whether it applies here, and what it does. */
const SPECIAL = {
  help: { here: () => true, act: showList },
  search: { here: () => true, act: () => (find("main input[type='search']") ?? { focus: openPalette }).focus() },
  "list.next": { here: rows.any, act: down },
  "list.previous": { here: rows.any, act: up },
  "list.open": { here: rows.any, act: rows.open },
  "list.arrows": { here: rows.any },
  "list.claim": { here: () => element("list.claim") !== null || rows.claimable(), act: () => rows.claim() || press(element("list.claim")) },
  "list.skip": { here: rows.claimable, act: rows.skip },
  "list.refresh": { here: () => find("[data-list]") !== null, act: rows.refresh },
  "list.filter": { here: () => find("main form.filters") !== null, act: () => find("main form.filters").querySelector("select, input:not([type='hidden'])").focus() },
  "list.onward": { here: () => find(".pager a[rel='next']") !== null, act: () => find(".pager a[rel='next']").click() },
  "list.first": { here: () => find(".pager a:not([rel])") !== null, act: () => find(".pager a:not([rel])").click() },
  "list.tab": { here: () => find("[data-tabs]") !== null },
  "case.keep": { here: () => decision.applies("keep"), act: (key) => decision.arm("keep", key) },
  "case.withhold": { here: () => decision.applies("withhold"), act: (key) => decision.arm("withhold", key) },
  "case.dismiss": { here: () => decision.applies("dismiss"), act: (key) => decision.arm("dismiss", key) },
  "case.explain": { here: decision.held, act: decision.explain },
  "case.choose": { here: decision.held },
};

/** The commands of this page by their keys. */
function bindings() {
  const found = new Map();
  for (const item of list.querySelectorAll("[data-bind]")) {
    const { bind: id, keys, go } = item.dataset;
    const special = SPECIAL[id];
    const target = element(id);
    const act = special?.act ?? (go ? () => location.assign(go) : () => press(target));
    item.hidden = special ? !special.here() : !go && target === null;
    if (!item.hidden && keys && act) found.set(keys, act);
  }
  for (const part of list.querySelectorAll("[data-part]")) {
    part.hidden = part.querySelector("dl > div:not([hidden])") === null;
  }
  return found;
}

function showList() {
  bindings();
  list.showModal();
}

/** Whether keys belong to a field just now. */
function typing(target) {
  return target instanceof Element && target.closest("input:not([type='radio'], [type='checkbox']), select, textarea, [contenteditable]:not([contenteditable='false'])") !== null;
}

/** Nothing of ours: a chord, a field, a composition (229 is what older input methods send). */
function ignored(event) {
  const chord = event.ctrlKey || event.metaKey || event.altKey;
  const composing = event.isComposing || event.keyCode === 229;
  return chord || composing || event.defaultPrevented || typing(event.target) || find("dialog[open]") !== null;
}

/** Full-width letters of an input method that is not composing are the keys they stand on. */
const plain = (key) => key.normalize("NFKC");

function digit(key) {
  if (!/^[1-9]$/.test(key)) return false;
  if (decision.held()) return decision.choose(Number(key));
  const tab = document.querySelectorAll("[data-tabs] a")[Number(key) - 1];
  tab?.click();
  return tab !== undefined;
}

function shortcuts() {
  let first = "";
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (openPalette()) event.preventDefault();
      return;
    }
    if (ignored(event)) return;
    if (event.key === "Escape" && decision.disarm()) return event.preventDefault();
    if (rows.arrow(event.key)) return event.preventDefault();
    if ("off" in list.dataset || event.key.length > 2) return;
    const known = bindings();
    const key = plain(event.key);
    const wanted = first ? `${first} ${key}` : key;
    // A key that is held down walks on and does nothing else: it must not decide by itself.
    if (event.repeat && ![down, up].includes(known.get(wanted))) return;
    clearTimeout(waiting);
    first = "";
    if (known.has(wanted)) {
      event.preventDefault();
      known.get(wanted)(key);
    } else if ([...known.keys()].some((one) => one.startsWith(`${wanted} `))) {
      event.preventDefault();
      first = wanted;
      waiting = setTimeout(() => (first = ""), SEQUENCE_MS);
    } else if (digit(wanted)) event.preventDefault();
  });
}

if (list) {
  shortcuts();
  for (const one of document.querySelectorAll("[data-open='keys']")) {
    one.hidden = false;
    one.addEventListener("click", showList);
  }
}
