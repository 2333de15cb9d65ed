// Deciding by keys: one key chooses a decision with its usual reason and shows it, a second one
// (the same, or Enter on the button that has the focus now) sends it. One key alone sends nothing.

const words = document.getElementById("keys")?.dataset ?? {};
const form = document.querySelector("form.decide");
const bar = form?.querySelector("[data-armed]");
const button = form?.querySelector("button.btn-primary[type='submit']");
const preview = form ? document.querySelector("[data-preview]") : null;
// For each command the choices it makes, on a label and on account information.
const CHOICES = {
  keep: [{ verdict: "keep" }, { verdict: "accept" }],
  withhold: [{ verdict: "correct", kind: "withhold" }, { verdict: "refuse" }],
  dismiss: [{ verdict: "dismiss" }],
};
const REASON = { keep: "keep_reason", dismiss: "keep_reason", correct: "reason", accept: "accept_reason", refuse: "rule" };
let armed = "";
let told = "";
let sent = false;

export const held = () => form !== null;
const claimFirst = () => document.querySelector("button[data-command~='case.claim']");
const radio = (name, value) => form?.querySelector(`input[name='${name}'][value='${value}']`) ?? null;
const choices = (name) => CHOICES[name].find((one) => Object.entries(one).every(([field, value]) => radio(field, value)));

/** On a case that one holds; on one that can be claimed, the key says so. */
export const applies = (name) => (form ? choices(name) !== undefined : claimFirst() !== null);

/** Say it where a screen reader hears it, whatever is on the page. */
function say(text) {
  const said = document.querySelector("[data-said]");
  if (said) said.textContent = text;
}

function choose_(one) {
  for (const [field, value] of Object.entries(one)) {
    const input = radio(field, value);
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** Choose, bring the usual reason along, show both; the second press of the same key sends. */
export function arm(name) {
  if (!form) {
    claimFirst()?.focus();
    return say(words.unclaimed);
  }
  if (armed === name && document.activeElement === button) return send();
  const wanted = choices(name);
  if (!wanted) return;
  choose_(wanted);
  const reason = form.elements.namedItem(REASON[wanted.verdict]);
  if (reason && reason.value === "" && wanted.verdict !== "dismiss") reason.value = words[name] ?? "";
  const chosen = reason?.value ? reason.selectedOptions[0].textContent.trim() : "";
  armed = name;
  if (chosen === "") {
    show(words.reason);
    reason?.focus();
    return;
  }
  const answer = form.elements.namedItem("answer");
  if (answer?.value.trim() === "") {
    show(words.answer);
    answer.focus();
    return;
  }
  const last = Object.entries(wanted).at(-1);
  const title = radio(...last).closest("label").querySelector("strong") ?? radio(...last).closest("label");
  told = words.armed.replace("{decision}", title.textContent.trim()).replace("{reason}", chosen);
  show(told);
  button.focus();
}

// What the preview says of a second person belongs to what one is about to confirm.
preview?.addEventListener("previewed", () => {
  const effect = preview.querySelector("input[name='shown']") && preview.querySelector("[data-effect]");
  if (armed && effect && document.activeElement === button) {
    show(`${told} ${[...effect.children].map((one) => one.textContent.trim()).join(" ")}`);
  }
});

function show(text) {
  bar.hidden = false;
  bar.textContent = text;
  say(text);
  bar.scrollIntoView({ block: "nearest" });
}

function send() {
  if (!sent) form.requestSubmit(button);
}

/** Leave what was chosen; whether there was something. The choice stays on the form, unsent. */
export function disarm() {
  if (armed === "") return false;
  armed = "";
  bar.hidden = true;
  button.blur();
  say(words.left);
  return true;
}

/** The nth of the decisions, then of the kinds of correction. */
export function choose(number) {
  const shown = [...form.querySelectorAll("input[name='verdict'], input[name='kind']")].filter((one) => one.checkVisibility());
  const input = shown[number - 1];
  if (!input) return false;
  disarm();
  choose_({ [input.name]: input.value });
  input.focus();
  return true;
}

/** Into the field that explains what is chosen. */
export function explain() {
  const field = [...form.querySelectorAll("textarea")].find((one) => one.checkVisibility());
  (field ?? radio("verdict", "keep"))?.focus();
}

form?.addEventListener("submit", (event) => {
  if (event.submitter !== button) return;
  if (sent) event.preventDefault();
  else if (preview?.ariaBusy === "true") {
    // not before what the decision does stands beside it
    event.preventDefault();
    preview.addEventListener("previewed", () => form.requestSubmit(button), { once: true });
    return;
  }
  sent = true;
});
// Another choice by mouse is not what was armed.
form?.addEventListener("pointerdown", (event) => {
  if (armed && event.target !== button) {
    armed = "";
    bar.hidden = true;
  }
});
addEventListener("pageshow", () => (sent = false));
