// The console works without this file. It adds: a lease that is renewed while somebody works,
// its countdown, a preview that follows the form, and a focus that stays in the window.
"use strict";

const RENEW_EVERY = 4 * 60 * 1000;

/** Send a form without leaving the page; its answer, or null. */
async function send(form) {
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function lease() {
  const box = document.querySelector("[data-lease]");
  const form = box?.querySelector("form[data-renew]");
  const words = box?.querySelector("[data-left]");
  if (!box || !form || !words) return;
  let until = Date.parse(box.dataset.lease);
  let active = false;
  for (const kind of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(kind, () => (active = true), { passive: true });
  }
  const show = () => {
    const minutes = Math.max(0, Math.floor((until - Date.now()) / 60000));
    const shape = minutes === 1 ? words.dataset.one : words.dataset.many;
    words.textContent = minutes === 0 ? words.dataset.over : shape.replace("#", String(minutes));
    box.classList.toggle("is-short", minutes < 5);
  };
  setInterval(show, 15000);
  setInterval(async () => {
    if (!active || document.hidden) return;
    active = false;
    const answer = await send(form);
    if (answer) until = Date.parse(answer.until);
    show();
  }, RENEW_EVERY);
}

function preview() {
  const place = document.querySelector("[data-preview]");
  const form = document.querySelector("form.decide");
  if (!place || !form) return;
  let asked = 0;
  form.addEventListener("change", async (event) => {
    if (!event.target.matches("[name='kind'], [name='region'], [name='verdict']")) return;
    const turn = ++asked;
    place.setAttribute("aria-busy", "true"); // decision.js waits for what it will say
    const chosen = new FormData(form);
    const query = new URLSearchParams();
    for (const name of ["verdict", "kind", "region"]) query.set(name, chosen.get(name) ?? "");
    try {
      const answer = await fetch(`${place.dataset.preview}?${query}`);
      if (!answer.ok || turn !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = event.target.getBoundingClientRect().top;
      place.replaceChildren(...page.body.childNodes);
      // The preview stands above the form: what grows there must not push away what one is at.
      window.scrollBy(0, event.target.getBoundingClientRect().top - before);
    } catch {
      // Offline: the preview stays as it was, and the button still asks the server.
    } finally {
      if (turn === asked) {
        place.removeAttribute("aria-busy");
        place.dispatchEvent(new Event("previewed"));
      }
    }
  });
}

/**
 * Bring what has the focus into view: Chromium does not scroll to a radio button that arrow keys
 * chose, nor sideways in a row of tabs. Only for keys: what a mouse is at must not move.
 */
function follow() {
  const kinds = "a:focus-visible, button:focus-visible, input[type='radio']:focus-visible";
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches(kinds)) return;
    (target.closest("label") ?? target).scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

lease();
follow();
preview();
