// The case's page works without this file. It adds: a preview in every language and width that
// follows the form, ready words without a round trip, and names that a click puts into a note.
"use strict";

const DECIDES = "[name='kind'], [name='region'], [name='verdict']";

/** The form's choices that the preview depends on. */
function choices(form) {
  const chosen = new FormData(form);
  return ["verdict", "kind", "region"].map((name) => [name, String(chosen.get(name) ?? "")]);
}

function widePreview(form) {
  const place = document.querySelector("[data-preview-wide]");
  if (!place) return;
  let asked = 0;
  form.addEventListener("change", async (event) => {
    if (!event.target.matches(DECIDES)) return;
    const url = new URL(place.dataset.previewWide, location.href);
    for (const [name, value] of choices(form)) url.searchParams.set(name, value);
    const turn = ++asked;
    try {
      const answer = await fetch(url);
      if (!answer.ok || turn !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...page.body.childNodes);
    } catch {
      // Offline: the preview stays as it was, and the button still asks the server.
    }
  });
}

/** Which ready words fit what is chosen; all of them until something is. */
function fitting(form) {
  const chosen = Object.fromEntries(choices(form));
  return chosen.verdict === "correct" ? chosen.kind : chosen.verdict;
}

function readyWords(form) {
  const select = form.querySelector("[data-ready]");
  const button = form.querySelector("button[value='insert']");
  if (!select || !button) return;
  const narrow = () => {
    const kind = fitting(form);
    for (const group of select.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = kind !== "" && group.dataset.kindOf !== kind;
    }
    if (select.selectedOptions[0]?.parentElement?.disabled) select.value = "";
  };
  form.addEventListener("change", narrow);
  narrow();
  button.addEventListener("click", (event) => {
    const words = select.selectedOptions[0]?.dataset.text;
    const verdict = form.querySelector("[name='verdict']:checked")?.value;
    if (!words || !verdict) return; // the server chooses the decision they are for
    const box = form.elements.namedItem(verdict === "correct" ? "evidence" : "text");
    const whole = [box.value.trimEnd(), words].filter(Boolean).join("\n");
    if (whole.length > box.maxLength) return; // the server says so
    event.preventDefault();
    box.value = whole;
    box.focus();
    box.setSelectionRange(whole.length, whole.length);
  });
}

/** Names become buttons that write themselves where the note's cursor is. */
function calls() {
  const note = document.querySelector("textarea#note");
  if (!note) return;
  for (const name of document.querySelectorAll("[data-colleagues] [data-call]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = name.className;
    button.textContent = name.textContent;
    button.addEventListener("click", () => {
      const before = note.value.slice(0, note.selectionStart);
      const gap = before === "" || /\s$/.test(before) ? "" : " ";
      note.setRangeText(`${gap}@${name.dataset.call} `, note.selectionStart, note.selectionEnd, "end");
      note.focus();
    });
    name.replaceWith(button);
  }
}

const form = document.querySelector("form.decide");
if (form) {
  widePreview(form);
  readyWords(form);
}
calls();
