// Jumping: the dialog asks the search page as somebody types, and adds the pages of the navigation.

const DEBOUNCE_MS = 150;
const PAGES_MOST = 5;
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role='listbox']");
const count = dialog?.querySelector("[data-count]");
let active = -1;
let timer = 0;
let asking = null;
let shownFor = null; // what the list answers

/** Open it; whether there is one. */
export function openPalette() {
  if (!dialog || document.querySelector("dialog[open]:not(#palette)")) return false;
  if (!dialog.open) {
    input.value = "";
    dialog.showModal();
    offer("", []);
  }
  input.select();
  return true;
}

/** Pages of the navigation whose names hold the text. */
function pages(text) {
  const wanted = text.toLocaleLowerCase();
  return [...document.querySelectorAll(".side .nav a[href], .side a.me-who")]
    .map((link) => ({ text: (link.querySelector("bdi") ?? link).textContent.trim(), sub: dialog.dataset.page, url: link.href }))
    .filter((one) => one.text.toLocaleLowerCase().includes(wanted))
    .slice(0, text ? PAGES_MOST : undefined);
}

function option(hit, index) {
  const row = document.createElement("li");
  row.id = `palette-${index}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  row.dataset.url = hit.url;
  for (const [name, text] of [["hit", hit.text], ["sub", hit.sub]]) {
    const part = document.createElement("bdi");
    part.className = name;
    part.textContent = text;
    row.append(part);
  }
  return row;
}

function offer(text, hits) {
  const found = [...hits, ...pages(text)];
  list.replaceChildren(...found.map(option));
  shownFor = text;
  input.setAttribute("aria-expanded", String(found.length > 0));
  const { one, many, none } = dialog.dataset;
  count.textContent = found.length === 0 ? none : found.length === 1 ? one : many.replace("{count}", String(found.length));
  select(text === "" ? -1 : 0);
}

function select(index) {
  const rows = [...list.children];
  active = rows.length === 0 || index < 0 ? -1 : (index + rows.length) % rows.length;
  rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === active)));
  if (active === -1) input.removeAttribute("aria-activedescendant");
  else {
    input.setAttribute("aria-activedescendant", rows[active].id);
    rows[active].scrollIntoView({ block: "nearest" });
  }
}

/** Ask the server; an answer to what is no longer wanted is dropped. */
async function ask(text) {
  asking?.abort();
  asking = new AbortController();
  const url = new URL(dialog.querySelector("form").action);
  url.searchParams.set("q", text);
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error", signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    offer(text, (await answer.json()).hits);
  } catch (error) {
    if (error.name === "AbortError") return;
    offer(text, []);
    count.textContent = dialog.dataset.failed;
  }
}

function typed(event) {
  if (event.isComposing) return; // the words are not there yet
  const text = input.value.trim();
  clearTimeout(timer);
  asking?.abort();
  if (text === "") return offer("", []);
  timer = setTimeout(() => ask(text), DEBOUNCE_MS);
}

function key(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    if (active === -1) select(steps[event.key] > 0 ? 0 : list.children.length - 1);
    else select(active + steps[event.key]);
  } else if (event.key === "Enter" && active !== -1 && shownFor === input.value.trim()) {
    event.preventDefault();
    location.assign(list.children[active].dataset.url);
  } // else the form goes to the search page with what was typed
}

function follow() {
  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.addEventListener("keydown", key);
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-url]");
    if (row) location.assign(row.dataset.url);
  });
  list.addEventListener("pointermove", (event) => {
    const row = event.target.closest("[data-url]");
    if (row) select([...list.children].indexOf(row));
  });
  dialog.addEventListener("close", () => asking?.abort());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      openPalette();
    });
  }
}

if (dialog) follow();
