// Says that this case's page is open, and shows who else has it open and whether it has moved.
// The page works without this file.
"use strict";

const BEAT_EVERY = 25 * 1000;

function presence() {
  const box = document.querySelector("[data-presence]");
  const token = box?.querySelector("[name='csrf_token']")?.value;
  if (!box || !token) return;
  let timer = 0;
  const form = () => {
    const data = new FormData();
    data.set("csrf_token", token);
    return data;
  };
  const beat = async () => {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(box.dataset.presence, { method: "POST", body: form(), redirect: "manual" });
    } catch {
      return; // offline for a moment
    }
    if (!answer.ok) {
      if (answer.status < 500) clearInterval(timer);
      return;
    }
    const { here, mark } = await answer.json();
    const words = box.querySelector("[data-here]");
    if (words.textContent !== here) words.textContent = here;
    box.querySelector("[data-moved]").hidden = mark === box.dataset.mark;
  };
  timer = setInterval(beat, BEAT_EVERY);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => navigator.sendBeacon(box.dataset.leave, form()));
  addEventListener("pageshow", (event) => event.persisted && beat());
  beat();
}

presence();
