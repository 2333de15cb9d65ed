// Reminds of a break after so many minutes of work. How long somebody works stays in this browser:
// the server knows only after how many minutes they want to be reminded.
"use strict";

const STORE = "shudi-work"; // since when, and when last; shared by the tabs
const REST = 5 * 60 * 1000; // so long without a sign of work is a break
const LOOK_EVERY = 15 * 1000;

function remind() {
  const box = document.querySelector("[data-break]");
  const words = document.getElementById("break-words");
  if (!box || !words) return;
  const length = Number(box.dataset.break) * 60 * 1000;
  const read = () => {
    try {
      const { since, last } = JSON.parse(localStorage.getItem(STORE));
      if (Date.now() - last < REST) return { since, last };
    } catch {
      // nothing kept yet
    }
    return { since: Date.now(), last: Date.now() };
  };
  const keep = (since) =>
    localStorage.setItem(STORE, JSON.stringify({ since, last: Date.now() }));
  const look = () => {
    const { since } = read();
    const due = Date.now() - since >= length;
    if (due && !box.firstChild) box.append(words.content.cloneNode(true));
    if (!due) box.replaceChildren();
  };
  let worked = true; // to open a page is work
  for (const kind of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(kind, () => (worked = true), { passive: true });
  }
  const beat = () => {
    if (worked) keep(read().since);
    worked = false;
    look();
  };
  box.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dismiss]")) return;
    keep(Date.now());
    box.replaceChildren();
  });
  setInterval(beat, LOOK_EVERY);
  beat();
}

remind();
