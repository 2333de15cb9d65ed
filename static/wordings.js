// While words of a notice are typed, the server says how they will read. The page works without.
"use strict";

const PAUSE = 300;

function follow() {
  const form = document.querySelector("form[data-wording]");
  const button = form?.querySelector("[data-wording-preview]");
  const title = document.querySelector("[data-wording-title]");
  const text = document.querySelector("[data-wording-text]");
  const problem = document.querySelector("[data-wording-problem]");
  if (!form || !button || !title || !text || !problem) return;
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const number = ++asked;
    try {
      const answer = await fetch(button.formAction, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (!answer.ok || number !== asked) return;
      const seen = await answer.json();
      title.textContent = seen.title;
      text.textContent = seen.text;
      problem.hidden = seen.problem === "";
      problem.querySelector("div").textContent = seen.problem;
    } catch {
      // Offline: the preview stays as it was, and the button still asks the server.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
}

follow();
