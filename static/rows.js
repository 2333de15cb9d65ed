// The rows of a list by keys: one of them has the focus, and Tab passes the others over.

const all = () => [...document.querySelectorAll("main [data-row]")].filter((row) => row.querySelector("a[href]"));
const main = (row) => row.querySelector("a.cell-main[href], a[href]");
const current = () => all().find((row) => row.contains(document.activeElement)) ?? document.querySelector("main [data-row][data-active]");

export const any = () => all().length > 0;
export const claimable = () => document.querySelector("main tr[data-case]") !== null;

/** Mark the row, and let Tab stop at it alone; only in the queue, whose rows have one link each. */
function mark(row) {
  for (const one of all()) {
    one.toggleAttribute("data-active", one === row);
    if (one.dataset.case) main(one).tabIndex = one === row ? 0 : -1;
  }
}

function focus(row) {
  mark(row);
  main(row).focus();
  row.scrollIntoView({ block: "nearest" });
}

/** Go on by so many rows; from nowhere, to the first or last one. */
export function walk(step) {
  const rows = all();
  const at = rows.indexOf(current());
  const next = at === -1 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  focus(rows[Math.min(Math.max(next, 0), rows.length - 1)]);
}

/** The arrows, once a row has the focus; before, they scroll. Whether that was so. */
export function arrow(key) {
  const rows = all();
  if (!rows.some((row) => main(row) === document.activeElement)) return false;
  if (key === "ArrowDown" || key === "ArrowUp") walk(key === "ArrowDown" ? 1 : -1);
  else if (key === "Home" || key === "End") focus(rows.at(key === "Home" ? 0 : -1));
  else return false;
  return true;
}

export function open() {
  const row = current();
  if (row) main(row).click();
}

/** Claim the case of the row that has the focus; whether there is such a row. */
export function claim() {
  const link = current()?.dataset.case && main(current());
  const token = document.querySelector("[name='csrf_token']")?.value;
  if (!link || !token) return false;
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${link.pathname}/claim`;
  form.hidden = true;
  for (const [name, value] of [["csrf_token", token], ...new URL(link.href).searchParams]) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  return true;
}

export function skip() {
  const link = current()?.dataset.case && main(current());
  if (link) location.assign(`${link.pathname}/hand-over${link.search}#pass`);
}

/** The button that puts what has changed in its place, or the page anew. */
export function refresh() {
  const button = document.querySelector("[data-pulse-show]:not([hidden])");
  if (button) button.click();
  else location.reload();
}

function keep() {
  const list = document.querySelector("[data-list]");
  if (!list) return;
  const settle = () => mark(current() ?? all()[0]);
  const unmarked = () => {
    settle();
    if (!list.contains(document.activeElement)) all().forEach((row) => row.removeAttribute("data-active"));
  };
  list.addEventListener("focusin", settle);
  new MutationObserver(unmarked).observe(list, { childList: true });
  unmarked();
}

keep();
