// How far a running batch is, while somebody looks; once it has ended, the page as it is then.
// The page works without this file: "Look again" is a link.
"use strict";

const ASK_EVERY = 1500;

/** Put what the page says now where it stood; what somebody has the focus on stays reachable. */
async function show() {
  const answer = await fetch(location.href, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, next] = [document.querySelector("#main"), page.querySelector("#main")];
  if (!now || !next) return;
  const lost = now.contains(document.activeElement);
  now.replaceChildren(...next.childNodes);
  if (lost) now.focus({ preventScroll: true });
}

function follow() {
  const box = document.querySelector("[data-progress]");
  if (!box) return;
  const [bar, words] = [box.querySelector("progress"), box.querySelector("[data-words]")];
  const timer = setInterval(async () => {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" }, redirect: "manual" });
    } catch {
      return; // offline for a moment
    }
    if (!answer.ok) {
      if (answer.status < 500) clearInterval(timer); // signed out, or no longer allowed
      return;
    }
    const found = await answer.json();
    bar.value = found.worked;
    if (words.textContent !== found.words) words.textContent = found.words;
    if (found.state !== "running") {
      clearInterval(timer);
      show().catch(() => location.reload());
    }
  }, ASK_EVERY);
}

follow();
