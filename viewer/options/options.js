// The options page: every act here is the reader's, and is carried out by the background.

import * as browser from "../src/browser.js";
import { PERIODS } from "../src/settings.js";
import { languageTag, say as sayIn, showDate } from "../src/words.js";
import { byId, make } from "./dom.js";
import { serverView } from "./server.js";
import { sitesView } from "./sites.js";

/** @typedef {import("../src/types").State} State */
/** @typedef {import("../src/types").Site} Site */

/** @type {{state: State, language: import("../src/types").Language, catalogue: import("../src/types").Catalogue} | null} */
let shown = null;
/** Acts under way: the page is drawn anew after the last of them. */
let busy = 0;

/**
 * @param {string} key
 * @param {...(string | number)} values
 */
function say(key, ...values) {
  return sayIn(shown?.catalogue ?? {}, key, ...values);
}

/**
 * @param {string} outcome
 * @param {string} text
 */
function tell(outcome, text) {
  const line = byId("outcome");
  line.dataset["outcome"] = outcome;
  line.textContent = text;
}

/**
 * Let the background act, say how it went, draw anew.
 * @param {{type: string, [field: string]: unknown}} message
 */
async function act(message) {
  busy += 1;
  tell("working", say("working"));
  const answer = await browser.ask(message);
  busy -= 1;
  if (answer?.ok && busy === 0) tell("done", "");
  if (!answer?.ok) tell("failed", say("act_failed", say(`problem_${answer?.problem ?? "bad_answer"}`)));
  if (message.type !== "inspect" && busy === 0) await draw();
  return answer;
}

/** @param {Site} site */
async function turnOn(site) {
  // Straight from the click, before anything is awaited: browsers insist on it.
  const granted = await browser.requestHosts(site.match);
  if (granted) await act({ type: "enableSite", site: site.site });
  else tell("failed", say("act_failed", say("problem_no_permission")));
}

/**
 * @param {State} state
 * @returns {Promise<Set<string>>} keys of sites whose pages the browser lets us read
 */
async function permittedSites(state) {
  const held = new Set();
  for (const { site, match } of state.payload?.sites ?? []) {
    if (await browser.holdsHosts(match)) held.add(site);
  }
  return held;
}

async function draw() {
  const answer = await browser.ask({ type: "overview" });
  if (!answer?.ok) return;
  shown = answer;
  const { state, language } = answer;
  const held = await permittedSites(state);
  document.documentElement.lang = languageTag(language);
  document.title = say("options_title");
  for (const element of document.querySelectorAll("[data-say]")) {
    element.textContent = say(/** @type {HTMLElement} */ (element).dataset["say"] ?? "");
  }
  const focused = document.activeElement?.id ?? "";
  const date = (/** @type {string} */ instant) => showDate(language, instant, true);
  byId("server").replaceChildren(...serverView(state, { say, act, date }));
  const turnOff = (/** @type {Site} */ { site }) => void act({ type: "disableSite", site });
  const permitted = (/** @type {string} */ site) => held.has(site);
  byId("sites").replaceChildren(...sitesView(state, { say, turnOn, turnOff, permitted }));
  drawPreferences(state);
  drawAttribution(state);
  if (focused) document.getElementById(focused)?.focus();
}

/** @param {State} state */
function drawPreferences({ preferences }) {
  const language = /** @type {HTMLSelectElement} */ (byId("language"));
  const period = /** @type {HTMLSelectElement} */ (byId("period"));
  language.value = preferences.language;
  period.replaceChildren(
    ...PERIODS.map((seconds) => {
      const option = make("option", "", say(`period_${seconds}`));
      option.value = String(seconds);
      return option;
    }),
  );
  period.value = String(preferences.periodSeconds);
}

/** @param {State} state */
function drawAttribution({ payload }) {
  const lines = payload?.attribution ?? [];
  const items = lines.length > 0 ? lines : [say("attribution_empty")];
  byId("attribution").replaceChildren(...items.map((text) => make("li", "", text)));
}

function savePreferences() {
  const language = /** @type {HTMLSelectElement} */ (byId("language")).value;
  const period = /** @type {HTMLSelectElement} */ (byId("period")).value;
  void act({ type: "setPreferences", preferences: { language, periodSeconds: Number(period) } });
}

byId("language").addEventListener("change", savePreferences);
byId("period").addEventListener("change", savePreferences);
browser.onStored(
  ["status", "health", "payload", "server"],
  // What the reader has typed must outlive a timed update.
  () => void (busy > 0 || shown?.state.server === null || draw()),
  new AbortController().signal,
);
await draw();
