// What moves in the queue while somebody looks: names of holders and of who else is there are
// written into their places, anything else is announced and waits for the button. Fields, and the
// row that has the focus, are left alone. The page works without this file.
"use strict";

const ASK_EVERY = 20 * 1000;

/** The rows on the page by their case. */
function listed() {
  return new Map([...document.querySelectorAll("tr[data-case]")].map((row) => [row.dataset.case, row]));
}

function write(row, name, words) {
  const place = row.querySelector(name);
  if (place && place.textContent.trim() !== words) place.textContent = words;
}

/** Compare with what the server says now: how many are new, changed and gone. */
function compare(found) {
  const rows = listed();
  const count = { fresh: 0, moved: 0, gone: 0 };
  for (const one of found) {
    const row = rows.get(String(one.id));
    if (row === undefined) {
      count.fresh += 1;
      continue;
    }
    rows.delete(String(one.id));
    row.removeAttribute("data-gone");
    if (row.dataset.mark !== one.mark) count.moved += 1;
    if (row.contains(document.activeElement)) continue;
    write(row, "[data-held]", one.held);
    write(row, "[data-here]", one.here);
  }
  for (const row of rows.values()) row.setAttribute("data-gone", "");
  count.gone = rows.size;
  return count;
}

/** Say it, once each time it changes. */
function announce(box, count) {
  const parts = ["fresh", "moved", "gone"]
    .filter((kind) => count[kind] > 0)
    .map((kind) => box.dataset[kind].replace("#", String(count[kind])));
  const words = box.querySelector("[data-pulse-words]");
  const text = parts.join(" · ");
  if (words.textContent !== text) words.textContent = text;
  box.querySelector("[data-pulse-show]").hidden = parts.length === 0;
}

/** Put the list and the tabs as they are now where they stood; fields stay as they are. */
async function show(box) {
  const answer = await fetch(location.href, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const kept = document.activeElement?.closest("tr[data-case]")?.dataset.case;
  const asked = document.activeElement === box.querySelector("[data-pulse-show]");
  for (const name of ["[data-list]", "[data-tabs]"]) {
    const [now, next] = [document.querySelector(name), page.querySelector(name)];
    if (now && next) now.replaceChildren(...next.childNodes);
  }
  announce(box, { fresh: 0, moved: 0, gone: 0 });
  if (kept) document.querySelector(`tr[data-case="${CSS.escape(kept)}"] a`)?.focus();
  else if (asked) document.querySelector("[data-list]")?.focus({ preventScroll: true });
}

function pulse() {
  const box = document.querySelector("[data-pulse]");
  if (!box) return;
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    box.querySelector("[data-pulse-words]").textContent = box.dataset.off;
    box.querySelector("[data-pulse-show]").hidden = true;
  };
  const ask = async () => {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(box.dataset.pulse, { headers: { Accept: "application/json" }, redirect: "manual" });
    } catch {
      return; // offline for a moment
    }
    if (answer.ok) announce(box, compare((await answer.json()).rows));
    else if (answer.status < 500) stop(); // signed out, or no longer allowed
  };
  timer = setInterval(ask, ASK_EVERY);
  document.addEventListener("visibilitychange", ask);
  box.querySelector("[data-pulse-show]").addEventListener("click", () => show(box).catch(stop));
}

pulse();
